"""ITI-18: stored queries over what was filed, by whatever door (IHE ITI TF-2, 3.18)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from lxml import etree

from fhir_server.soap.fault import issue
from fhir_server.soap.vihf import Vihf
from fhir_server.store.criteria import Criterion
from fhir_server.xds.entries import Entries
from fhir_server.xds.response import FAILURE, SUCCESS, about, registry_errors
from fhir_server.xds.stored_query import CODED, FIND_DOCUMENTS, QUERY, QueryError, StoredQuery, matches, read_query
from validators.report import Issue
from validators.xds import DEPRECATED, RIM, Cx, DocumentEntry, Metadata, request_element

MOST: Final = 500
"""Entries a query looks at."""
_NSMAP: Final[dict[Any, str]] = {"query": QUERY}
_AT: Final = "/AdhocQueryRequest/AdhocQuery"


def answer_query(root: etree._Element, entries: Entries, vihf: Vihf | None, lang: str) -> etree._Element:
    """The AdhocQueryResponse to an AdhocQueryRequest."""
    try:
        query = read_query(root)
        found = _find(query, entries, vihf) if query.id == FIND_DOCUMENTS else _get(query, entries)
    except QueryError as error:
        return _response(FAILURE, [], error.issue, lang)
    return _response(SUCCESS, _shown(found, query), None, lang)


def _refuse(rule_id: str, **params: Any) -> QueryError:
    return QueryError(issue(rule_id, _AT, **params))


def _find(query: StoredQuery, entries: Entries, vihf: Vihf | None) -> list[DocumentEntry]:
    """FindDocuments: by patient, state and codes in the index, the rest on the entries themselves."""
    patient = Cx.parse(query.one("PatientId") or "")
    if not patient.well_formed:
        raise _refuse("XDSB-QUERY-VALUE", name="$XDSDocumentEntryPatientId", expected="id^^^&OID&ISO")
    if vihf is not None and not vihf.is_about([patient]):
        raise _refuse("VIHF-PATIENT")
    total, found = entries.search(_criteria(query, patient), MOST)
    if total > MOST:
        raise _refuse("XDSB-QUERY-MANY", count=total, limit=MOST)
    return [entry for entry in found if matches(query, entry)]


def _criteria(query: StoredQuery, patient: Cx) -> list[Criterion]:
    """What the index answers: the patient first; codes without their scheme, which it may hold in another form."""
    criteria = [Criterion("patient.identifier", ((f"urn:oid:{patient.oid}", patient.id),))]
    states = {"superseded" if state == DEPRECATED else "current" for state in query.any_of("Status")}
    criteria.append(Criterion("status", tuple((None, state) for state in sorted(states))))
    for name, (_, param) in CODED.items():
        for group in query.values.get(name, ()):
            codes = sorted({value.partition("^^")[0] for value in group})
            criteria.append(Criterion(param, tuple((None, code) for code in codes)))
    return criteria


def _get(query: StoredQuery, entries: Entries) -> list[DocumentEntry]:
    """GetDocuments: by entryUUID or by uniqueId, of one patient."""
    wanted = dict.fromkeys((*query.any_of("EntryUUID"), *query.any_of("UniqueId")))
    if len(wanted) > MOST:
        raise _refuse("XDSB-QUERY-MANY", count=len(wanted), limit=MOST)
    found: list[DocumentEntry] = []
    for name in wanted:
        if "EntryUUID" in query.values:
            found += entries.by_uuid(name)
        elif (entry := entries.by_unique_id(name)) is not None:
            found.append(entry)
    patients = {(entry.patient_id.id, entry.patient_id.oid) for entry in found if entry.patient_id is not None}
    if query.leaf_class and len(patients) > 1:
        raise _refuse("XDSB-QUERY-PATIENTS")
    return found


# -- the answer --------------------------------------------------------------------------------------------------------


def _shown(found: Sequence[DocumentEntry], query: StoredQuery) -> list[etree._Element]:
    """Entries whole, or their ids alone."""
    if not query.leaf_class:
        return [etree.Element(f"{{{RIM}}}ObjectRef", {"id": entry.id}, nsmap={"rim": RIM}) for entry in found]
    written = request_element(Metadata(documents=tuple(found)))
    return list(written[0])


def _response(status: str, objects: Sequence[etree._Element], error: Issue | None, lang: str) -> etree._Element:
    root = etree.Element(f"{{{QUERY}}}AdhocQueryResponse", {"status": status}, nsmap=_NSMAP)
    errors = registry_errors([about(error)], lang) if error is not None else None
    if errors is not None:
        root.append(errors)
    etree.SubElement(root, f"{{{RIM}}}RegistryObjectList", nsmap={"rim": RIM}).extend(objects)
    return root
