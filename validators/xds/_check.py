"""What XDS metadata must say, and how (IHE ITI TF-3, 4.2.3 and 4.3.1; CI-SIS, volet Partage de documents de santé).

Codes are not judged here: they become FHIR codes and meet the tables of ITI-65. No finding quotes a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from validators.messages import rule
from validators.report import Report, Severity
from validators.xds._datatypes import Cx, dtm_to_fhir, is_oid
from validators.xds._model import Author, Code, DocumentEntry, Metadata, SubmissionSet, Thing
from validators.xds._schemes import ASSOCIATIONS, HAS_MEMBER, ON_DEMAND, STABLE, STATES, xds_name

_DOCUMENT: Final = (
    "authors", "class_code", "confidentiality", "creation_time", "format_code", "hash", "facility", "language",
    "legal_authenticator", "mime_type", "patient_id", "setting", "service_start", "size", "source_patient_id",
    "source_patient", "title", "type_code", "unique_id",
)  # fmt: skip
_SET: Final = ("authors", "content_type", "patient_id", "source_id", "submission_time", "unique_id")
_FOLDER: Final = ("codes", "patient_id", "unique_id")
_TIMES: Final = ("creation_time", "service_start", "service_stop", "submission_time", "last_update")
_HASH: Final = re.compile(r"[0-9a-fA-F]{40}")
_SIZE: Final = re.compile(r"[0-9]{1,18}")
_FIELD: Final = re.compile(r"PID-[1-9][0-9]?")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ENTRY: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def check_metadata(metadata: Metadata, report: Report) -> None:
    """Check a request: one set, every attribute that is asked for, in its form, and what ties the objects together."""
    if len(metadata.sets) != 1:
        place = metadata.sets[1].place() if len(metadata.sets) > 1 else None
        where, line = (place.location, place.line) if place else ("/SubmitObjectsRequest", None)
        report.add(rule("XDS-SET-COUNT"), where, line=line, count=len(metadata.sets))
    for item in metadata.sets:
        _require(item, _SET, report)
        _check_set(item, report)
    for document in metadata.documents:
        _require(document, _DOCUMENT, report)
        _check_document(document, report)
    for folder in metadata.folders:
        _require(folder, _FOLDER, report)
    for thing in (*metadata.sets, *metadata.documents, *metadata.folders):
        _check_common(thing, report)
    _check_patients(metadata, report)
    _check_associations(metadata, report)
    _check_members(metadata, report)


def _say(report: Report, rule_id: str, thing: Thing, name: str, severity: Severity | None = None) -> None:
    place = thing.place(name)
    report.add(rule(rule_id), place.location, line=place.line, severity=severity, element=xds_name(name))


def _require(thing: Thing, names: Iterable[str], report: Report) -> None:
    for name in names:
        if not getattr(thing, name):
            _say(report, "XDS-MISSING", thing, name)


def _check_common(thing: Thing, report: Report) -> None:
    """Ids, times, codes and states, wherever they stand."""
    if thing.id.startswith("urn:") and not _ENTRY.fullmatch(thing.id):
        _say(report, "XDS-ENTRY-UUID", thing, "id")
    if thing.patient_id is not None and not thing.patient_id.well_formed:
        _say(report, "XDS-CX", thing, "patient_id")
    if thing.unique_id is not None and not _is_unique(thing.unique_id, extension=isinstance(thing, DocumentEntry)):
        _say(report, "XDS-OID", thing, "unique_id")
    for name in _TIMES:
        value = getattr(thing, name, None)
        if value is not None and dtm_to_fhir(value) is None:
            _say(report, "XDS-TIME", thing, name)
    for name in ("class_code", "type_code", "format_code", "facility", "setting", "confidentiality", "events",
                 "content_type", "codes"):  # fmt: skip
        found = getattr(thing, name, None)
        if any(not c.code or not c.scheme for c in ((found,) if isinstance(found, Code) else found or ())):
            _say(report, "XDS-CODE", thing, name)
    if thing.status not in STATES:
        _say(report, "XDS-STATUS", thing, "status")


def _is_unique(text: str, *, extension: bool) -> bool:
    """An OID; of a document also `OID^extension` (at most 16 characters) or the UUID of its CDA."""
    root, bar, more = text.partition("^")
    if not extension or not bar:
        bare = text.removeprefix("urn:oid:").removeprefix("urn:uuid:")
        return is_oid(text) or (extension and (is_oid(bare) or _UUID.fullmatch(bare) is not None))
    return bool(more) and (is_oid(root) or _UUID.fullmatch(root) is not None)


def _check_set(item: SubmissionSet, report: Report) -> None:
    if item.source_id is not None and not is_oid(item.source_id):
        _say(report, "XDS-OID", item, "source_id")
    _check_authors(item, item.authors, report)


def _check_document(entry: DocumentEntry, report: Report) -> None:
    if entry.object_type not in (STABLE, ON_DEMAND):
        _say(report, "XDS-OBJECT", entry, "")
    _check_authors(entry, entry.authors, report)
    if entry.legal_authenticator is not None and not entry.legal_authenticator.well_formed:
        _say(report, "XDS-XCN", entry, "legal_authenticator")
    if entry.source_patient_id is not None and not entry.source_patient_id.well_formed:
        _say(report, "XDS-CX", entry, "source_patient_id")
    if any(not reference.is_reference for reference in entry.reference_ids):
        _say(report, "XDS-CX", entry, "reference_ids")
    if entry.hash is not None and not _HASH.fullmatch(entry.hash):
        _say(report, "XDS-HASH", entry, "hash")
    if entry.size is not None and not _SIZE.fullmatch(entry.size):
        _say(report, "XDS-SIZE", entry, "size")
    if entry.repository is not None and not is_oid(entry.repository):
        _say(report, "XDS-OID", entry, "repository")
    _check_source_patient(entry, report)


def _check_authors(thing: Thing, authors: Iterable[Author], report: Report) -> None:
    """Each author is a person, a device or at least an institution, in the form of its data type."""
    listed = list(authors)
    institutions = [xon for author in listed for xon in author.institutions]
    if any(author.person is None and not author.institutions for author in listed):
        _say(report, "XDS-AUTHOR", thing, "authors")
    if any(author.person is not None and not author.person.well_formed for author in listed):
        _say(report, "XDS-XCN", thing, "authors")
    if not all(xon.well_formed for xon in institutions):
        # Its number says who it is; a name alone is missing in many systems.
        known = all(xon.id and xon.oid for xon in institutions)
        _say(report, "XDS-XON", thing, "authors", Severity.WARNING if known else None)


def _check_source_patient(entry: DocumentEntry, report: Report) -> None:
    """`PID-n|value` with PID-5; identifiers in PID-3 as CX (TF-3, 4.2.3.2.23; CI-SIS, sourcePatientInfo)."""
    if not entry.source_patient:
        return
    names = [field.name for field in entry.source_patient]
    ids = (text for field in entry.source_patient if field.name == "PID-3" for text in field.value.split("~"))
    right = all(_FIELD.fullmatch(name) for name in names) and "PID-5" in names
    if not right or any(not Cx.parse(text).well_formed for text in ids):
        _say(report, "XDS-PATIENT-INFO", entry, "source_patient")


def _check_patients(metadata: Metadata, report: Report) -> None:
    """One submission, one patient (TF-3, 4.2.2.2.1)."""
    things = [t for t in (*metadata.sets, *metadata.documents, *metadata.folders) if t.patient_id is not None]
    for thing in things[1:]:
        if _person(thing) != _person(things[0]):
            _say(report, "XDS-PATIENT", thing, "patient_id")


def _person(thing: Thing) -> tuple[str, str] | None:
    return (thing.patient_id.id, thing.patient_id.oid) if thing.patient_id is not None else None


def _check_associations(metadata: Metadata, report: Report) -> None:
    ids = {thing.id for thing in (*metadata.sets, *metadata.documents, *metadata.folders)}
    for item in metadata.associations:
        if item.kind not in ASSOCIATIONS or not item.source or not item.target:
            report.add(rule("XDS-ASSOCIATION"), item.place.location, line=item.place.line)
        elif item.source not in ids and not _ENTRY.fullmatch(item.source):
            report.add(rule("XDS-REFERENCE"), item.place.location, line=item.place.line, element="sourceObject")
        elif item.target not in ids and not _ENTRY.fullmatch(item.target):
            report.add(rule("XDS-REFERENCE"), item.place.location, line=item.place.line, element="targetObject")


def _check_members(metadata: Metadata, report: Report) -> None:
    """The set holds every document and folder of the request (TF-3, 4.2.1.4)."""
    sets = {item.id for item in metadata.sets}
    held = {a.target for a in metadata.associations if a.kind == HAS_MEMBER and a.source in sets}
    for thing in (*metadata.documents, *metadata.folders):
        if sets and thing.id not in held:
            report.add(rule("XDS-MEMBER"), thing.place().location, line=thing.place().line)
