"""A CDA R2 becomes a conformant ITI-65 bundle: every metadata value is read from its header (CI-SIS, PDSm).

What the header does not state is not invented: the element is left out, and the check says what is missing.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from datetime import datetime
from typing import Any
from urllib.parse import quote

from validators.cda import Header, Identifier, Person
from validators.documents import registry
from validators.ins import INS_DEMO, INS_NIA, INS_NIR, INS_TEST, PatientIdentifier, PatientIdentity, is_ins_identifier
from validators.mhd.bundle import PDSM
from validators.mhd.codes import CONFIDENTIALITY, LOINC

MHD = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/"
LIST_TYPES = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes"
RFC_3986 = "urn:ietf:rfc:3986"
FR_CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
_V2_0203 = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
_UUID = re.compile(r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
_INS_TYPES = {INS_NIR: "INS-NIR", INS_NIA: "INS-NIA", INS_TEST: "INS-NIR-TEST", INS_DEMO: "INS-NIR-DEMO"}
_NOS = {
    "1.2.250.1.71.4.2.4": "TRE_R02-SecteurActivite", "1.2.250.1.213.1.1.4.9": "TRE_A01-CadreExercice",
    "1.2.250.1.213.1.1.4.6": "TRE_A00-ProducteurDocNonPS", "1.2.250.1.213.1.1.4.12": "TRE_A05-TypeDocComplementaire",
    "1.2.250.1.213.1.1.4.1": "TRE_A03-ClasseDocument", "1.2.250.1.213.1.1.4.13": "TRE_A07-StatutVisibiliteDocument",
}  # fmt: skip
_NAMESPACE = uuid.UUID("6d3c1f0a-6f1d-5b6e-9f63-5e6a8d0c2b11")


def system_url(oid: str | None) -> str:
    """The FHIR address of a code system known by OID."""
    if oid == "2.16.840.1.113883.6.1":
        return LOINC
    if oid == "2.16.840.1.113883.5.25":
        return CONFIDENTIALITY
    name = _NOS.get(oid or "")
    return f"https://mos.esante.gouv.fr/NOS/{name}/FHIR/{name.replace('_', '-')}" if name else f"urn:oid:{oid}"


def urn(identifier: Identifier) -> dict[str, str]:
    """A unique id as a FHIR Identifier's system and value."""
    prefix = "urn:uuid:" if _UUID.match(identifier.root) else "urn:oid:"
    if identifier.extension:
        return {"system": prefix + identifier.root, "value": identifier.extension}
    return {"system": RFC_3986, "value": prefix + identifier.root}


def bundle_from_header(header: Header, media_type: str | None, data: bytes, now: datetime) -> dict[str, Any]:
    """The ITI-65 transaction that provides one CDA: set, reference, bytes, patient, and the PATCH of a replacement.

    Ids inside the bundle follow from the bytes, so that the same document gives the same bundle.
    """
    urls = {name: _url(data, name) for name in ("set", "reference", "binary", "patient")}
    reference = _reference(header, media_type, data, urls)
    entries = [
        _post(urls["set"], _submission_set(header, data, urls, now)),
        _post(urls["reference"], reference),
        _post(
            urls["binary"],
            {"resourceType": "Binary", "contentType": "application/xml", "data": base64.b64encode(data).decode()},
        ),
    ]
    if header.patient is not None:
        entries.append(_patient_entry(header.patient, urls["patient"]))
    entries += [_patch(parent) for parent in _replaced(header)]
    return {"resourceType": "Bundle", "meta": {"profile": [PDSM + "pdsm-comprehensive-provide-document-bundle"]},
            "type": "transaction", "entry": entries}  # fmt: skip


def _url(data: bytes, name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, name + hashlib.sha256(data).hexdigest())}"


def _searched(type_name: str, system: str, value: str) -> str:
    """`Type?identifier=system|value`; a value may hold anything, even a blank or a bar."""
    return f"{type_name}?identifier={system}|{quote(value, safe=':')}"


def _post(full_url: str, resource: dict[str, Any]) -> dict[str, Any]:
    return {"fullUrl": full_url, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}


def _replaced(header: Header) -> list[Identifier]:
    return [parent for related in header.related if related.type_code == "RPLC" for parent in related.parents[:1]][:1]


def withdrawal(unique_id: str) -> dict[str, Any]:
    """The entry that withdraws a document, by the unique id it was sent with, when nothing takes its place."""
    root, _, extension = unique_id.removeprefix("urn:oid:").removeprefix("urn:uuid:").partition("^")
    return _patch(Identifier(root, extension or None))


def _patch(parent: Identifier) -> dict[str, Any]:
    """The status change of MHD, addressed by the business identifier: the sender may not know our ids."""
    named = urn(parent)
    parts = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": "DocumentReference.status"},
        {"name": "value", "valueCode": "superseded"},
    ]
    resource = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    url = _searched("DocumentReference", named["system"], named["value"])
    return {"resource": resource, "request": {"method": "PATCH", "url": url}}


def _concept(code: str, system: str | None, display: str | None) -> dict[str, Any]:
    coding = {"system": system_url(system) if system else None, "code": code, "display": display}
    return {"coding": [{name: value for name, value in coding.items() if value}]}


def _instant(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment is not None else None


def _submission_set(header: Header, data: bytes, urls: dict[str, str], now: datetime) -> dict[str, Any]:
    facility = header.facility
    designation = _concept(facility.code, facility.system, facility.display) if facility else {"text": "inconnu"}
    return {
        "resourceType": "List",
        "meta": {"profile": [PDSM + "pdsm-submissionset-comprehensive"]},
        "contained": _author(header),
        "extension": [
            {"url": MHD + "ihe-designationType", "valueCodeableConcept": designation},
            {"url": MHD + "ihe-sourceId", "valueIdentifier": {"system": RFC_3986, "value": _source_id(header)}},
        ],
        "identifier": [{"use": "usual", "system": RFC_3986, "value": set_id(data)}],
        "status": "current", "mode": "working",
        **({"title": header.title} if header.title else {}),
        "code": {"coding": [{"system": LIST_TYPES, "code": "submissionset"}]},
        "subject": _subject(header, urls),
        "date": _instant(now), "source": {"reference": "#author-role"},
        "entry": [{"item": {"reference": urls["reference"]}}],
    }  # fmt: skip


def set_id(data: bytes) -> str:
    """A submission set id under the UUID arc of OIDs (2.25), from the document's bytes."""
    return f"urn:oid:2.25.{uuid.uuid5(_NAMESPACE, 'set-id' + hashlib.sha256(data).hexdigest()).int}"


def _source_id(header: Header) -> str:
    """The sending system: the arc the document was numbered in, for want of one in the header."""
    root = header.set_id.root if header.set_id else header.id.root if header.id else "2.25.0"
    return f"urn:oid:2.25.{uuid.UUID(root).int}" if _UUID.match(root) else f"urn:oid:{root}"


def _subject(header: Header, urls: dict[str, str]) -> dict[str, Any]:
    subject: dict[str, Any] = {"reference": urls["patient"]} if header.patient is not None else {}
    for identifier in _identifiers(header.patient)[:1] if header.patient is not None else ():
        subject["identifier"] = {"system": f"urn:oid:{identifier.oid}", "value": identifier.value}
    return subject


def _author(header: Header) -> list[dict[str, Any]]:
    """The author, its role and its organisation, contained as PDSm asks."""
    person = header.authors[0] if header.authors else Person(None, None, None)
    finess = next(iter(header.author_organisations), None) or header.custodian_finess
    organization = [] if finess is None else [_organization(finess)]
    role = {"resourceType": "PractitionerRole", "id": "author-role", "practitioner": {"reference": "#author-ps"}}
    if organization:
        role["organization"] = {"reference": "#author-org"}
    return [_practitioner(person), *organization, role]


def _practitioner(person: Person) -> dict[str, Any]:
    resource: dict[str, Any] = {"resourceType": "Practitioner", "id": "author-ps"}
    if person.id is not None:
        kind = {"coding": [{"system": _V2_0203, "code": "IDNPS"}]}
        number = person.id.extension or person.id.root
        resource["identifier"] = [{"type": kind, "system": f"urn:oid:{person.id.root}", "value": number}]
    if person.family:
        resource["name"] = [{"family": person.family, **({"given": [person.given]} if person.given else {})}]
    return resource


def _organization(finess: str) -> dict[str, Any]:
    types = {"IDNST": ("urn:oid:1.2.250.1.71.4.2.2", f"1{finess}"), "FINEG": ("https://finess.esante.gouv.fr", finess)}
    identifiers = [
        {"type": {"coding": [{"system": _V2_0203, "code": code}]}, "system": system, "value": value}
        for code, (system, value) in types.items()
    ]
    return {"resourceType": "Organization", "id": "author-org", "identifier": identifiers}


def _reference(header: Header, media_type: str | None, data: bytes, urls: dict[str, str]) -> dict[str, Any]:
    confidentiality = header.confidentiality
    resource: dict[str, Any] = {
        "resourceType": "DocumentReference",
        "meta": {"profile": [PDSM + "pdsm-comprehensive-document-reference"]},
        "contained": [*_author(header), *_source_patient(header)],
        "status": "current",
        "subject": _subject(header, urls),
        "author": [{"reference": "#author-role"}],
        "authenticator": {"reference": "#author-role"},
        "content": [_content(header, media_type, data, urls)],
        "context": _context(header),
    }  # fmt: skip
    if header.id is not None:
        resource["masterIdentifier"] = {"use": "usual", **urn(header.id)}
    if header.type is not None:
        resource["type"] = _concept(header.type.code, header.type.system, header.type.display)
        resource |= _category(header.type.code)
    if header.effective_time is not None:
        resource["date"] = _instant(header.effective_time)
    if header.custodian_finess:
        resource["custodian"] = {
            "identifier": {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": f"1{header.custodian_finess}"}
        }
    if confidentiality is not None:
        resource["securityLabel"] = [_concept(confidentiality.code, confidentiality.system, confidentiality.display)]
    for parent in _replaced(header):
        resource["relatesTo"] = [
            {"code": "replaces", "target": {"type": "DocumentReference", "identifier": urn(parent)}}
        ]
    return resource


def _category(type_code: str) -> dict[str, Any]:
    """The class follows from the type (ASS_X04)."""
    known = registry().type(type_code)
    if known is None or not known.class_code:
        return {}
    return {"category": [_concept(known.class_code, "1.2.250.1.213.1.1.4.1", None)]}


def _content(header: Header, media_type: str | None, data: bytes, urls: dict[str, str]) -> dict[str, Any]:
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    attachment = {
        "contentType": "application/xml", "language": header.language or "fr-FR", "url": urls["binary"],
        "size": len(data), "hash": base64.b64encode(digest).decode(),
        **({"title": header.title} if header.title else {}),
        **({"creation": _instant(header.effective_time)} if header.effective_time else {}),
    }  # fmt: skip
    code = registry().format_code(header.templates, media_type) or "urn:ihe:iti:xds:2017:mimeTypeSufficient"
    name = (
        "TRE_A06-FormatCodeComplementaire"
        if code.startswith(("urn:asip", "urn:ans", "urn:ihe:iti-fr"))
        else "TRE_A11-IheFormatCode"
    )
    system = f"https://mos.esante.gouv.fr/NOS/{name}/FHIR/{name.replace('_', '-')}"
    return {"attachment": attachment, "format": {"system": system, "code": code}}


def _context(header: Header) -> dict[str, Any]:
    start, end = _instant(header.service_start), _instant(header.service_end)
    context: dict[str, Any] = {}
    if header.encounter_ids:
        context["encounter"] = [{"type": "Encounter", "identifier": _plain(i)} for i in header.encounter_ids]
    if header.service_event is not None and header.service_event.code:
        event = header.service_event
        context["event"] = [_concept(event.code, event.system, event.display)]
    if start:
        context["period"] = {"start": start, **({"end": end} if end else {})}
    if header.facility is not None:
        context["facilityType"] = _concept(header.facility.code, header.facility.system, header.facility.display)
    if header.practice_setting is not None:
        setting = header.practice_setting
        context["practiceSetting"] = _concept(setting.code, setting.system, setting.display)
    if header.patient is not None:
        context["sourcePatientInfo"] = {"reference": "#source-patient"}
    return context


def _plain(identifier: Identifier) -> dict[str, str]:
    if identifier.extension:
        return {"system": f"urn:oid:{identifier.root}", "value": identifier.extension}
    return {"system": RFC_3986, "value": f"urn:oid:{identifier.root}"}


# -- patient -------------------------------------------------------------------------------------------------------


def _source_patient(header: Header) -> list[dict[str, Any]]:
    if header.patient is None:
        return []
    return [{**patient_resource(header.patient), "id": "source-patient"}]


def patient_resource(identity: PatientIdentity) -> dict[str, Any]:
    """A FHIR Patient (FR Core) with the identifiers and traits of a CDA header."""
    resource: dict[str, Any] = {
        "resourceType": "Patient", "identifier": [_identifier(i.oid, i.value) for i in _identifiers(identity)],
    }  # fmt: skip
    if identity.birth_family:
        resource["name"] = [_name(identity)]
    if identity.sex in ("male", "female", "unknown", "other"):
        resource["gender"] = identity.sex
    if identity.birth_date:
        resource["birthDate"] = _date(identity.birth_date)
    if identity.birth_place:
        resource["extension"] = [_birth_place(identity.birth_place)]
    return {k: v for k, v in resource.items() if v}


def _identifiers(identity: PatientIdentity) -> list[PatientIdentifier]:
    """The identifiers that have a value, the INS first: it names the patient for everyone."""
    return sorted((i for i in identity.identifiers if i.value), key=lambda item: not is_ins_identifier(item))


def _date(text: str) -> str:
    """An HL7 v3 date (`19790328`, `1979`) as FHIR writes it; anything else as it is, for the check to name."""
    day = text[:8]
    return "-".join(part for part in (day[:4], day[4:6], day[6:8]) if part) if day.isdigit() else text


def _identifier(oid: str, value: str | None) -> dict[str, Any]:
    code = _INS_TYPES.get(oid)
    system = _V2_0203 if code else "http://terminology.hl7.org/CodeSystem/v2-0203"
    return {"use": "official" if code else "usual", "type": {"coding": [{"system": system, "code": code or "PI"}]},
            "system": f"urn:oid:{oid}", "value": value}  # fmt: skip


def _name(identity: PatientIdentity) -> dict[str, Any]:
    name: dict[str, Any] = {"use": "official", "family": identity.birth_family}
    if identity.birth_given_first:
        name["given"] = [identity.birth_given_first]
    if identity.birth_given_list:
        name["extension"] = [
            {"url": FR_CORE + "fr-core-patient-birth-list-given-name", "valueString": identity.birth_given_list}
        ]
    return name


def _birth_place(code: str) -> dict[str, Any]:
    name = "TRE_R20-Pays" if code.startswith("99") else "TRE_R13-CommuneOM"
    system = f"https://mos.esante.gouv.fr/NOS/{name}/FHIR/{name.replace('_', '-')}"
    address = {
        "extension": [{"url": FR_CORE + "fr-core-address-insee-code", "valueCoding": {"system": system, "code": code}}]
    }
    return {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": address}


def _patient_entry(identity: PatientIdentity, full_url: str) -> dict[str, Any]:
    """A conditional PUT by the first identifier: the same person again is the same Patient."""
    entry = _post(full_url, patient_resource(identity))
    for first in _identifiers(identity)[:1]:
        url = _searched("Patient", f"urn:oid:{first.oid}", first.value or "")
        entry["request"] = {"method": "PUT", "url": url}
    return entry
