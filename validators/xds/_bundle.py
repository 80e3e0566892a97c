"""Metadata and bytes as the ITI-65 transaction they would be, and the metadata of a transaction (PDSm A2, A4, MHD).

What XDS says that FHIR has no element for stays on the resources (`_kept`). The other way, what FHIR says and XDS has
no attribute for is lost: the custodian, and every coding of a concept but the first.
"""

from __future__ import annotations

import base64
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from validators.mhd.bundle import PDSM, dicts
from validators.sniffing import sniff
from validators.xds._datatypes import dtm_to_fhir, fhir_to_dtm
from validators.xds._kept import kept, kept_associations, restored, restored_associations
from validators.xds._model import Association, Author, DocumentEntry, Folder, Metadata, Slot, SubmissionSet, Thing
from validators.xds._people import Json, author_of, author_resources, clean, patient_identifier, patient_resource, text
from validators.xds._reference import (
    RFC_3986,
    archived,
    code_of,
    concept_of,
    contained_of,
    entry_uuid,
    entry_uuid_of,
    from_reference,
    status_of,
    subject,
    subject_of,
    to_reference,
    unique_identifier,
    unique_of,
)
from validators.xds._schemes import APND, HAS_MEMBER, RELATIONS, REPLACING, RPLC, SIGNS, XFRM

MHD: Final = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/"
DESIGNATION: Final = f"{MHD}ihe-designationType"
SOURCE_ID: Final = f"{MHD}ihe-sourceId"
LIST_TYPES: Final = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes"
_NAMESPACE: Final = uuid.UUID("b6e4c6b1-5b7c-5d0e-8a57-2f7d1d6f3c90")
_ORIGINAL: Final = Slot("SubmissionSetStatus", ("Original",))
_CODES: Final = {"replaces": RPLC, "appends": APND, "transforms": XFRM, "signs": SIGNS}


@dataclass(frozen=True, slots=True)
class Provision:
    """The transaction, and of each of its entries the object it comes from (None: the bytes or the patient)."""

    bundle: Json
    origins: tuple[Thing | Association | bytes | None, ...]


def derived_uuid(unique: str) -> str:
    """The entryUUID of a document that has none yet: the same whoever derives it from the unique id."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, unique)}"


# -- there ---------------------------------------------------------------------------------------------------------


def to_bundle(
    metadata: Metadata, contents: Mapping[str, bytes], names: Mapping[str, str] | None = None
) -> Provision | None:
    """The transaction that provides `contents` (by document id); None without a submission set.

    A document without content is left out. `names` are unique ids of documents outside, by their entryUUID: what is
    replaced is best known by its unique id.
    """
    found = metadata.submission_set
    if found is None:
        return None
    return _Maker(metadata, found, contents, names or {}).made()


class _Maker:
    """One transaction in the making."""

    def __init__(
        self, metadata: Metadata, found: SubmissionSet, contents: Mapping[str, bytes], names: Mapping[str, str]
    ) -> None:
        self._metadata, self._set, self._contents, self._names = metadata, found, contents, names
        self._documents = [d for d in metadata.documents if d.id in contents]
        things: Iterable[Thing] = (found, *self._documents, *metadata.folders)
        self._urls = {thing.id: self._url(thing.id) for thing in things}
        self._said: set[Association] = set()
        self._gone = {d.id for d in metadata.documents} - self._urls.keys()
        self._ties: dict[str, list[Association]] = defaultdict(list)
        for association in metadata.associations:
            self._ties[association.source].append(association)
        self._person, self._person_url = self._patient()

    def made(self) -> Provision:
        """The bundle in the order of MHD: set, documents each with its bytes, folders, patient, status changes."""
        rows: list[tuple[Json, Thing | Association | bytes | None]] = []
        for document in self._documents:
            rows += [(self._document(document), document), (self._binary(document), self._contents[document.id])]
        rows += [(self._folder(folder), folder) for folder in self._metadata.folders]
        rows.insert(0, (self._submission_set(), self._set))
        if self._person is not None:
            rows.append((self._person, None))
        rows += [(self._patch(a), a) for a in self._metadata.associations if a.kind in REPLACING and self._is_ours(a)]
        meta = {"profile": [f"{PDSM}pdsm-comprehensive-provide-document-bundle"]}
        bundle = {"resourceType": "Bundle", "meta": meta, "type": "transaction", "entry": [entry for entry, _ in rows]}
        return Provision(bundle, tuple(origin for _, origin in rows))

    def _url(self, name: str) -> str:
        if name.startswith("urn:uuid:"):
            return name
        return f"urn:uuid:{uuid.uuid5(_NAMESPACE, f'{self._set.unique_id}|{name}')}"

    def _post(self, url: str, resource: Json) -> Json:
        return {"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}

    # -- documents -------------------------------------------------------------------------------------------------

    def _document(self, document: DocumentEntry) -> Json:
        resource = to_reference(document, self._url(f"binary|{document.id}"), self._person_url)
        relations = [self._relation(a) for a in self._ties[document.id] if self._is_ours(a)]
        return self._post(self._urls[document.id], {**resource, "relatesTo": relations} if relations else resource)

    def _is_ours(self, association: Association) -> bool:
        return association.kind in RELATIONS and association.source in self._urls

    def _relation(self, association: Association) -> Json:
        if association.kind in _CODES.values():
            self._said.add(replace(association, documentation=None, slots=()))
        return {"code": RELATIONS[association.kind], "target": self._target(association.target)}

    def _target(self, name: str) -> Json:
        """A document of the bundle by reference; one outside by its unique id, else by its entryUUID."""
        if name in self._urls:
            return {"type": "DocumentReference", "reference": self._urls[name]}
        unique = self._names.get(name)
        if unique is None:
            return {"type": "DocumentReference", "identifier": {"use": "official", "system": RFC_3986, "value": name}}
        known = {key: value for key, value in unique_identifier(unique).items() if key != "use"}
        return {"type": "DocumentReference", "identifier": known}

    def _binary(self, document: DocumentEntry) -> Json:
        data = self._contents[document.id]
        encoded = base64.b64encode(data).decode()
        resource = {"resourceType": "Binary", "contentType": document.mime_type or sniff(data), "data": encoded}
        return self._post(self._url(f"binary|{document.id}"), resource)

    def _patch(self, association: Association) -> Json:
        """The status change of MHD, addressed by identifier: the sender may not know our ids."""
        target = self._target(association.target)
        parts = [{"name": "type", "valueCode": "replace"}, {"name": "path", "valueString": "DocumentReference.status"},
                 {"name": "value", "valueCode": "superseded"}]  # fmt: skip
        resource = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
        named = target.get("identifier")
        url = _searched("DocumentReference", named) if named else str(target["reference"])
        return {"resource": resource, "request": {"method": "PATCH", "url": url}}

    # -- set, folders, patient -------------------------------------------------------------------------------------

    def _submission_set(self) -> Json:
        found = self._set
        resource = self._list(found, "submissionset", "pdsm-submissionset-comprehensive", found.submission_time)
        author = found.authors[0] if found.authors else None
        people, link = author_resources(author, "author") if author is not None else ([], "")
        source = {"system": RFC_3986, "value": f"urn:oid:{found.source_id}"} if found.source_id else None
        extensions = [
            {"url": DESIGNATION, "valueCodeableConcept": concept_of(found.content_type)},
            {"url": SOURCE_ID, "valueIdentifier": source},
        ]
        made = clean({**resource, "contained": people, "source": {"reference": link},
                      "extension": [e for e in extensions if len(clean(e)) > 1]})  # fmt: skip
        missing = tuple(a for a in self._metadata.associations if a not in self._said and not self._is_left_out(a))
        more = [*archived(found.status), *kept(found, _set_from(made, {})), *kept_associations(missing)]
        return self._post(self._urls[found.id], {**made, "extension": [*made.get("extension", []), *more]})

    def _is_left_out(self, association: Association) -> bool:
        """A tie to a document of this request that has no content says nothing any more."""
        return association.source in self._gone or association.target in self._gone

    def _folder(self, folder: Folder) -> Json:
        when = folder.last_update or self._set.submission_time
        resource = self._list(folder, "folder", "pdsm-folder-comprehensive", when)
        codes = [{"url": DESIGNATION, "valueCodeableConcept": concept_of(code)} for code in folder.codes]
        made = clean({**resource, "extension": codes})
        more = [*archived(folder.status), *kept(folder, _folder_from(made, {}))]
        return self._post(self._urls[folder.id], {**made, "extension": [*made.get("extension", []), *more]})

    def _list(self, thing: Thing, code: str, profile: str, when: str | None) -> Json:
        items = []
        for association in self._ties[thing.id]:
            if association.kind == HAS_MEMBER and association.target in self._urls:
                self._said.add(_membership(thing, association.target))
                items.append({"item": {"reference": self._urls[association.target]}})
        return {
            "resourceType": "List", "meta": {"profile": [PDSM + profile]},
            "identifier": [*([unique_identifier(thing.unique_id)] if thing.unique_id else []), *entry_uuid(thing.id)],
            "status": "current", "mode": "working", "title": thing.title,
            "code": {"coding": [{"system": LIST_TYPES, "code": code}]},
            "subject": subject(thing.patient_id, self._person_url), "date": dtm_to_fhir(when),
            "note": [{"text": thing.comments}] if thing.comments else [], "entry": items,
        }  # fmt: skip

    def _patient(self) -> tuple[Json | None, str | None]:
        """The patient as the first document knows it, by the identifier of the submission before any other."""
        first = self._documents[0] if self._documents else None
        fields = first.source_patient if first is not None else ()
        local = [first.source_patient_id] if first is not None and first.source_patient_id else []
        named = self._set.patient_id or (first.patient_id if first is not None else None)
        resource = patient_resource(fields, [*([named] if named else []), *local])
        identifiers = resource.get("identifier", [])
        if not identifiers:
            return None, None
        main = patient_identifier(named) if named is not None else identifiers[0]
        url = self._url("patient")
        request = {"method": "PUT", "url": _searched("Patient", main)}
        return {"fullUrl": url, "resource": resource, "request": request}, url


def _membership(container: Thing, target: str) -> Association:
    slots = (_ORIGINAL,) if isinstance(container, SubmissionSet) else ()
    return Association(kind=HAS_MEMBER, source=container.id, target=target, slots=slots)


def _searched(type_name: str, identifier: Mapping[str, Any]) -> str:
    value = quote(str(identifier.get("value", "")), safe=":")
    return f"{type_name}?identifier={identifier.get('system', '')}|{value}"


# -- back ----------------------------------------------------------------------------------------------------------


def from_bundle(bundle: Mapping[str, Any]) -> Metadata:
    """The metadata of an ITI-65 transaction, for what is in it. Never raises.

    A document without entryUUID gets the one derived from its unique id, and so does a document outside that is known
    by its unique id alone: a registry that numbered it otherwise will not know it.
    """
    return _Reader(bundle).read()


class _Reader:
    """One transaction being read."""

    def __init__(self, bundle: Mapping[str, Any]) -> None:
        self._rows = [
            (str(entry.get("fullUrl") or ""), entry["resource"])
            for entry in dicts(bundle.get("entry"))
            if isinstance(entry.get("resource"), Mapping)
        ]
        self._patients = {url: r for url, r in self._rows if r.get("resourceType") == "Patient"}
        self._ids: dict[str, str] = {}

    def read(self) -> Metadata:
        """Everything; ids first, so that ties can name them."""
        documents = [self._named(url, from_reference(r, self._patients)) for url, r in self._of("DocumentReference")]
        folders, sets, lists = [], [], []
        for url, resource in self._of("List"):
            kind = code_of(resource.get("code"))
            if kind is not None and kind.code == "folder":
                folders.append(self._named(url, _folder_from(resource, self._patients)))
                lists.append((folders[-1].id, resource, False))
            else:
                sets.append(self._named(url, _set_from(resource, self._patients)))
                lists.append((sets[-1].id, resource, True))
        ties = [tie for row in lists for tie in self._members(*row)]
        relations = [tie for _, r in self._of("DocumentReference") for tie in self._relations(r)]
        whole = [tie for _, r, _ in lists for tie in restored_associations(r)]
        told = {(tie.source, tie.target) for tie in whole}
        said = [tie for tie in (*ties, *relations) if (tie.source, tie.target) not in told]
        return Metadata(tuple(sets), tuple(documents), tuple(folders), (*said, *whole))

    def _of(self, kind: str) -> list[tuple[str, Mapping[str, Any]]]:
        return [(url, r) for url, r in self._rows if r.get("resourceType") == kind]

    def _named(self, url: str, thing: Any) -> Any:
        """With an id, whatever the resource carries: its own, the one that follows from the unique id, its URL."""
        name = thing.id or (derived_uuid(thing.unique_id) if thing.unique_id else url)
        self._ids[url] = name
        return replace(thing, id=name)

    def _members(self, container: str, resource: Mapping[str, Any], original: bool) -> list[Association]:
        found = []
        for entry in dicts(resource.get("entry")):
            item = entry.get("item")
            target = self._ids.get(str(item.get("reference"))) if isinstance(item, Mapping) else None
            if target is not None:
                slots = (_ORIGINAL,) if original else ()
                found.append(Association(kind=HAS_MEMBER, source=container, target=target, slots=slots))
        return found

    def _relations(self, resource: Mapping[str, Any]) -> list[Association]:
        source = next((self._ids[url] for url, r in self._rows if r is resource), "")
        found = []
        for relation in dicts(resource.get("relatesTo")):
            kind, target = _CODES.get(str(relation.get("code"))), self._target(relation.get("target"))
            if kind is not None and target is not None:
                found.append(Association(kind=kind, source=source, target=target))
        return found

    def _target(self, target: object) -> str | None:
        if not isinstance(target, Mapping):
            return None
        literal = text(target.get("reference"))
        if literal is not None:
            return self._ids.get(literal)
        identifier = target.get("identifier")
        if isinstance(identifier, Mapping) and identifier.get("use") == "official":
            return text(identifier.get("value"))
        unique = unique_of(identifier)
        return derived_uuid(unique) if unique else None


def _set_from(resource: Mapping[str, Any], patients: Mapping[str, Mapping[str, Any]]) -> SubmissionSet:
    by_url = {str(e.get("url")): e for e in dicts(resource.get("extension"))}
    source = by_url.get(SOURCE_ID, {}).get("valueIdentifier")
    author = author_of(resource.get("source"), contained_of(resource))
    made = SubmissionSet(
        **_common(resource, patients), submission_time=fhir_to_dtm(resource.get("date")),
        authors=(author,) if author != Author() else (), source_id=unique_of(source),
        content_type=code_of(by_url.get(DESIGNATION, {}).get("valueCodeableConcept")),
    )  # fmt: skip
    return restored(made, resource)


def _folder_from(resource: Mapping[str, Any], patients: Mapping[str, Mapping[str, Any]]) -> Folder:
    codes = (
        code_of(e.get("valueCodeableConcept")) for e in dicts(resource.get("extension")) if e.get("url") == DESIGNATION
    )
    made = Folder(
        **_common(resource, patients), last_update=fhir_to_dtm(resource.get("date")),
        codes=tuple(code for code in codes if code is not None),
    )  # fmt: skip
    return restored(made, resource)


def _common(resource: Mapping[str, Any], patients: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    usual = (i for i in dicts(resource.get("identifier")) if i.get("use") == "usual")
    note = next(iter(dicts(resource.get("note"))), {})
    return {
        "id": entry_uuid_of(resource) or "", "status": status_of(resource), "title": text(resource.get("title")),
        "comments": text(note.get("text")), "patient_id": subject_of(resource, patients),
        "unique_id": unique_of(next(usual, None)),
    }  # fmt: skip
