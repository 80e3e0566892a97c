"""A document entry as a DocumentReference, and the way back (PDSm A3; the shape of our ITI-65 wrap)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from validators.mhd.bundle import IS_ARCHIVED, PDSM, dicts
from validators.xds._datatypes import Cx, dtm_to_fhir, fhir_to_dtm
from validators.xds._kept import kept, restored
from validators.xds._model import Author, Code, DocumentEntry, PatientField
from validators.xds._people import (
    Json,
    author_of,
    author_resources,
    clean,
    cx_of,
    oid_of,
    patient_fields,
    patient_ids,
    patient_resource,
    system_of_oid,
    text,
)
from validators.xds._schemes import APPROVED, ARCHIVED, DEPRECATED, ENCOUNTER, scheme_of, system_of

RFC_3986: Final = "urn:ietf:rfc:3986"
_PROFILE: Final = f"{PDSM}pdsm-comprehensive-document-reference"
_PATIENT: Final = "source-patient"
_SIZE: Final = re.compile(r"[0-9]{1,9}")  # FHIR: an unsignedInt


# -- pieces that sets and folders use too ----------------------------------------------------------------------------


def unique_identifier(unique: str) -> Json:
    """A unique id: `urn:oid:` or `urn:uuid:`, and the extension of a CDA id as the value under its root."""
    root, bar, extension = unique.partition("^")
    prefix = "" if root.startswith("urn:") else "urn:uuid:" if "-" in root else "urn:oid:"
    if bar:
        return {"use": "usual", "system": prefix + root, "value": extension}
    return {"use": "usual", "system": RFC_3986, "value": prefix + root}


def unique_of(identifier: object) -> str | None:
    """The unique id of an Identifier, as XDS writes it."""
    if not isinstance(identifier, Mapping):
        return None
    system, value = text(identifier.get("system")), text(identifier.get("value"))
    if value is None:
        return None
    if system in (None, RFC_3986):
        return value.removeprefix("urn:oid:").removeprefix("urn:uuid:")
    return f"{system.removeprefix('urn:oid:').removeprefix('urn:uuid:')}^{value}"


def entry_uuid(identifier: str) -> list[Json]:
    """The entryUUID as an official identifier; a symbolic id is none."""
    return [{"use": "official", "system": RFC_3986, "value": identifier}] if identifier.startswith("urn:uuid:") else []


def entry_uuid_of(resource: Mapping[str, Any]) -> str | None:
    """The entryUUID that a resource carries."""
    official = (i for i in dicts(resource.get("identifier")) if i.get("use") == "official")
    return next((value for i in official if (value := text(i.get("value")))), None)


def coding_of(code: Code | None) -> Json | None:
    """A code as a Coding."""
    return None if code is None else {"system": system_of(code.scheme), "code": code.code, "display": code.display}


def concept_of(code: Code | None) -> Json | None:
    """A code as a CodeableConcept."""
    coding = coding_of(code)
    return None if coding is None else {"coding": [coding]}


def code_of(concept: object) -> Code | None:
    """The code of a CodeableConcept or Coding: its first that has one."""
    if not isinstance(concept, Mapping):
        return None
    codings = dicts(concept.get("coding")) if "coding" in concept else [concept]
    for coding in codings:
        code = text(coding.get("code"))
        if code is not None:
            return Code(code, scheme_of(text(coding.get("system")) or ""), text(coding.get("display")))
    return None


def codes_of(concepts: object) -> tuple[Code, ...]:
    """The codes of several concepts."""
    return tuple(code for concept in dicts(concepts) if (code := code_of(concept)) is not None)


def subject(patient: Cx | None, url: str | None) -> Json | None:
    """The patient: by reference where the bundle has it, and by its identifier."""
    if patient is None:
        return None
    return {"reference": url, "identifier": {"system": system_of_oid(patient.oid), "value": patient.id}}


def subject_of(resource: Mapping[str, Any], patients: Mapping[str, Mapping[str, Any]]) -> Cx | None:
    """patientId: the identifier of the subject, else the first of the patient it refers to."""
    found = resource.get("subject")
    if not isinstance(found, Mapping):
        return None
    identifier = found.get("identifier")
    if isinstance(identifier, Mapping):
        return cx_of(identifier)
    behind = patients.get(str(found.get("reference")), {})
    return next((cx for item in dicts(behind.get("identifier")) if (cx := cx_of(item)) is not None), None)


def status_of(resource: Mapping[str, Any]) -> str:
    """availabilityStatus: superseded is Deprecated; archived is a state of its own in France."""
    if resource.get("status") in ("superseded", "retired"):
        return DEPRECATED
    marks = [e.get("valueBoolean") for e in dicts(resource.get("extension")) if e.get("url") == IS_ARCHIVED]
    return ARCHIVED if True in marks else APPROVED


def archived(status: str) -> list[Json]:
    """The extension of what is archived."""
    return [{"url": IS_ARCHIVED, "valueBoolean": True}] if status == ARCHIVED else []


def contained_of(resource: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The contained resources by the reference that leads to them."""
    return {f"#{item['id']}": item for item in dicts(resource.get("contained")) if isinstance(item.get("id"), str)}


# -- there ---------------------------------------------------------------------------------------------------------


def to_reference(entry: DocumentEntry, url: str | None = None, patient: str | None = None) -> Json:
    """The DocumentReference of an entry: `url` leads to its bytes, `patient` to the patient in the bundle."""
    resource = _elements(entry, url, patient)
    extensions = [*archived(entry.status), *kept(entry, from_reference(resource, {}))]
    return {**resource, "extension": extensions} if extensions else resource


def _elements(entry: DocumentEntry, url: str | None, patient: str | None) -> Json:
    people, authors, authenticator = _people(entry)
    source = patient_resource(entry.source_patient, [entry.source_patient_id] if entry.source_patient_id else [])
    known = bool(entry.source_patient or entry.source_patient_id)
    resource = {
        "resourceType": "DocumentReference", "meta": {"profile": [_PROFILE]},
        "contained": [*people, *([{**source, "id": _PATIENT}] if known else [])],
        "masterIdentifier": unique_identifier(entry.unique_id) if entry.unique_id else None,
        "identifier": entry_uuid(entry.id),
        "status": "superseded" if entry.status == DEPRECATED else "current",
        "type": concept_of(entry.type_code), "category": [concept_of(entry.class_code)],
        "subject": subject(entry.patient_id, patient), "date": _instant(entry.creation_time),
        "author": [{"reference": name} for name in authors],
        "authenticator": {"reference": authenticator} if authenticator else None,
        "description": entry.comments,
        "securityLabel": [concept_of(code) for code in entry.confidentiality],
        "content": [{"attachment": _attachment(entry, url), "format": coding_of(entry.format_code)}],
        "context": _context(entry, known),
    }  # fmt: skip
    found: Json = clean(resource)
    return found


def _instant(dtm: str | None) -> str | None:
    written = dtm_to_fhir(dtm)
    return written if written is not None and len(written) > 10 else None


def _people(entry: DocumentEntry) -> tuple[list[Json], list[str], str | None]:
    """Authors and authenticator as contained resources; one who is both is there once."""
    resources: list[Json] = []
    names: list[str] = []
    for number, author in enumerate(entry.authors, 1):
        made, name = author_resources(author, "author" if number == 1 else f"author-{number}")
        resources += made
        names.append(name)
    signer = entry.legal_authenticator
    if signer is None:
        return resources, names, None
    for author, name in zip(entry.authors, names, strict=True):
        if author.person == signer and name.endswith("-role"):
            return resources, names, name
    made, name = author_resources(Author(signer), "authenticator", person=True)
    return [*resources, *made], names, name


def _attachment(entry: DocumentEntry, url: str | None) -> Json:
    return {
        "contentType": entry.mime_type, "language": entry.language, "url": url,
        "size": int(entry.size) if entry.size and _SIZE.fullmatch(entry.size) else None,
        "hash": _base64(entry.hash), "title": entry.title, "creation": dtm_to_fhir(entry.creation_time),
    }  # fmt: skip


def _base64(digest: str | None) -> str | None:
    """The hexadecimal hash of XDS in the base64 of FHIR."""
    try:
        return base64.b64encode(bytes.fromhex(digest)).decode() if digest else None
    except ValueError:
        return None


def _context(entry: DocumentEntry, known: bool) -> Json:
    stays = [cx for cx in entry.reference_ids if cx.kind == ENCOUNTER]
    others = [cx for cx in entry.reference_ids if cx.kind != ENCOUNTER]
    return {
        "encounter": [{"type": "Encounter", "identifier": _plain(cx)} for cx in stays],
        "event": [concept_of(code) for code in entry.events],
        "period": {"start": dtm_to_fhir(entry.service_start), "end": dtm_to_fhir(entry.service_stop)},
        "facilityType": concept_of(entry.facility), "practiceSetting": concept_of(entry.setting),
        "sourcePatientInfo": {"reference": f"#{_PATIENT}"} if known else None,
        "related": [{"identifier": {"type": {"coding": [{"system": RFC_3986, "code": cx.kind}]}, **_plain(cx)}}
                    for cx in others],
    }  # fmt: skip


def _plain(cx: Cx) -> Json:
    """A reference id: under its authority, or an OID that is unique by itself."""
    if cx.oid:
        return {"system": system_of_oid(cx.oid), "value": cx.id}
    return {"system": RFC_3986, "value": f"urn:oid:{cx.id}"}


# -- back ----------------------------------------------------------------------------------------------------------


def from_reference(resource: Mapping[str, Any], patients: Mapping[str, Mapping[str, Any]]) -> DocumentEntry:
    """The entry of a DocumentReference; `patients` are those it may refer to, by URL. Never raises."""
    contained = contained_of(resource)
    content = next(iter(dicts(resource.get("content"))), {})
    attachment, context = _part(content, "attachment"), _part(resource, "context")
    source = contained.get(str(_part(context, "sourcePatientInfo").get("reference")), {})
    fields = patient_fields(source)
    unique = unique_of(resource.get("masterIdentifier"))
    period, size = _part(context, "period"), attachment.get("size")
    made = DocumentEntry(
        id=entry_uuid_of(resource) or "", status=status_of(resource), title=text(attachment.get("title")),
        comments=text(resource.get("description")), patient_id=subject_of(resource, patients), unique_id=unique,
        mime_type=text(attachment.get("contentType")), hash=_hex(attachment.get("hash")),
        creation_time=fhir_to_dtm(attachment.get("creation")) or fhir_to_dtm(resource.get("date")),
        size=None if isinstance(size, bool) or size is None else str(size), language=text(attachment.get("language")),
        legal_authenticator=author_of(resource.get("authenticator"), contained).person,
        service_start=fhir_to_dtm(period.get("start")), service_stop=fhir_to_dtm(period.get("end")),
        source_patient=fields, source_patient_id=_source_id(fields), reference_ids=tuple(_references(context)),
        authors=tuple(author_of(link, contained) for link in dicts(resource.get("author"))),
        class_code=next(iter(codes_of(resource.get("category"))), None), type_code=code_of(resource.get("type")),
        format_code=code_of(content.get("format")), facility=code_of(context.get("facilityType")),
        setting=code_of(context.get("practiceSetting")), events=codes_of(context.get("event")),
        confidentiality=codes_of(resource.get("securityLabel")),
    )  # fmt: skip
    return restored(made, resource)


def _part(node: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = node.get(key)
    return found if isinstance(found, Mapping) else {}


def _hex(encoded: object) -> str | None:
    try:
        return base64.b64decode(encoded, validate=True).hex() if isinstance(encoded, str) else None
    except (binascii.Error, ValueError):
        return None


def _source_id(fields: tuple[PatientField, ...]) -> Cx | None:
    """sourcePatientId: the first local identifier, else the INS (CI-SIS)."""
    ids = patient_ids(fields)
    return next((cx for cx in ids if cx.kind != "NH"), ids[0] if ids else None)


def _references(context: Mapping[str, Any]) -> list[Cx]:
    found = [_reference(_part(stay, "identifier"), ENCOUNTER) for stay in dicts(context.get("encounter"))]
    for related in dicts(context.get("related")):
        identifier = _part(related, "identifier")
        kind = code_of(identifier.get("type"))
        found.append(_reference(identifier, kind.code if kind else None))
    return [cx for cx in found if cx is not None]


def _reference(identifier: Mapping[str, Any], kind: str | None) -> Cx | None:
    value = text(identifier.get("value"))
    if value is None:
        return None
    if identifier.get("system") == RFC_3986:
        return Cx.make(value.removeprefix("urn:oid:"), None, kind)
    return Cx.make(value, oid_of(identifier), kind)
