"""People, institutions and patients of XDS as FHIR resources, and the way back (PDSm A3, B6; FR Core).

The shapes are those of the ITI-65 bundle that a CDA header becomes. What a resource has no element for is left to
`_kept`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from validators.ins import INS_DEMO, INS_NIA, INS_NIR, INS_OIDS, INS_TEST
from validators.mhd.bundle import dicts
from validators.xds._datatypes import Composite, Cx, Xcn, Xon, dtm_to_fhir, fhir_to_dtm
from validators.xds._model import Author, PatientField

Json = dict[str, Any]

FR_CORE: Final = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
FR_TYPES: Final = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
HL7_TYPES: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"
BIRTH_PLACE: Final = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
GIVEN_LIST: Final = f"{FR_CORE}fr-core-patient-birth-list-given-name"
INSEE: Final = f"{FR_CORE}fr-core-address-insee-code"
STRUCTURES: Final = "1.2.250.1.71.4.2.2"
FINESS: Final = "https://finess.esante.gouv.fr"
_INS_TYPES: Final = {INS_NIR: "INS-NIR", INS_NIA: "INS-NIA", INS_TEST: "INS-NIR-TEST", INS_DEMO: "INS-NIR-DEMO"}
_GENDERS: Final = {"M": "male", "F": "female", "U": "unknown", "O": "other"}
_SEXES: Final = {gender: sex for sex, gender in _GENDERS.items()}
_DEVICE, _PATIENT = "RI", ("NH", "PI")


def system_of_oid(oid: str) -> str:
    """An OID as the system of an Identifier."""
    return f"urn:oid:{oid}"


def oid_of(identifier: Mapping[str, Any]) -> str | None:
    """The OID of an Identifier's system, or the system itself when it is none."""
    system = identifier.get("system")
    return system.removeprefix("urn:oid:") if isinstance(system, str) and system else None


def text(value: object) -> str | None:
    """A text that is not empty."""
    return value if isinstance(value, str) and value else None


def _typed(code: str, system: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _type_of(identifier: Mapping[str, Any]) -> str | None:
    concept = identifier.get("type")
    codings = dicts(concept.get("coding")) if isinstance(concept, Mapping) else []
    return next((code for coding in codings if (code := text(coding.get("code")))), None)


def clean(node: Any) -> Any:
    """The same without what is empty: FHIR has no empty text, list or object."""
    if isinstance(node, dict):
        return {name: found for name, value in node.items() if _said(found := _inside(value))}
    if isinstance(node, list | tuple):
        return [found for item in node if _said(found := _inside(item))]
    return node


def _inside(value: Any) -> Any:
    """Texts, which most values are, need no look inside."""
    return value if type(value) is str else clean(value)


def _said(value: Any) -> bool:
    """Whether a value says something; zero and false do."""
    return bool(value) or value == 0


# -- patients ------------------------------------------------------------------------------------------------------


def patient_identifier(cx: Cx) -> Json:
    """An identifier of the patient: an INS by its type of FR Core, any other as a local one."""
    ins = _INS_TYPES.get(cx.oid)
    kind = _typed(ins, FR_TYPES) if ins else _typed(cx.kind or "PI", HL7_TYPES)
    made = {"use": "official" if ins else "usual", "type": kind, "system": system_of_oid(cx.oid) if cx.oid else None}
    found: Json = clean({**made, "value": cx.id})
    return found


def cx_of(identifier: Mapping[str, Any]) -> Cx | None:
    """The CX of a patient's identifier: NH for an INS, its type else."""
    value, oid = text(identifier.get("value")), oid_of(identifier)
    if value is None:
        return None
    return Cx.make(value, oid, "NH" if oid in INS_OIDS else _type_of(identifier) or "PI")


def _fields_of(fields: Sequence[PatientField], name: str) -> list[str]:
    return [repeat for field in fields if field.name == name for repeat in field.value.split("~") if repeat]


def patient_ids(fields: Sequence[PatientField]) -> list[Cx]:
    """PID-3."""
    return [Cx.parse(repeat) for repeat in _fields_of(fields, "PID-3")]


def patient_resource(fields: Sequence[PatientField], more: Sequence[Cx] = ()) -> Json:
    """A Patient from sourcePatientInfo, with identifiers given elsewhere after its own."""
    ids = patient_ids(fields)
    known = {(cx.id, cx.oid) for cx in ids}
    ids += [cx for cx in dict.fromkeys(more) if (cx.id, cx.oid) not in known]
    born = next(iter(_fields_of(fields, "PID-7")), "")
    sex = next(iter(_fields_of(fields, "PID-8")), "")
    resource = {
        "resourceType": "Patient",
        "identifier": [patient_identifier(cx) for cx in ids],
        "name": [_human_name(Composite.parse(repeat)) for repeat in _fields_of(fields, "PID-5")],
        "gender": _GENDERS.get(sex),
        "birthDate": dtm_to_fhir(born[:8]),
        "extension": [_birth_place(code) for code in _birth_places(fields)],
    }
    found: Json = clean(resource)
    return found


def _human_name(xpn: Composite) -> Json:
    """XPN: family^first given^all given^suffix^prefix^^type; `D` is the name in use, anything else that at birth."""
    whole = xpn.part(3)
    listed = [{"url": GIVEN_LIST, "valueString": whole}] if whole else []
    return {"use": "usual" if xpn.part(7) == "D" else "official", "family": xpn.part(1),
            "given": [xpn.part(2)], "suffix": [xpn.part(4)], "prefix": [xpn.part(5)], "extension": listed}  # fmt: skip


def _birth_places(fields: Sequence[PatientField]) -> list[str]:
    """The COG of the birth place: XAD-9 of the address of type BDL (IHE PAM, French extension)."""
    addresses = (Composite.parse(repeat) for repeat in _fields_of(fields, "PID-11"))
    return [code for xad in addresses if xad.part(7) == "BDL" and (code := xad.part(9))][:1]


def _birth_place(code: str) -> Json:
    name = "TRE_R20-Pays" if code.startswith("99") else "TRE_R13-CommuneOM"
    coding = {"system": f"https://mos.esante.gouv.fr/NOS/{name}/FHIR/{name.replace('_', '-')}", "code": code}
    return {"url": BIRTH_PLACE, "valueAddress": {"extension": [{"url": INSEE, "valueCoding": coding}]}}


def patient_fields(patient: Mapping[str, Any]) -> tuple[PatientField, ...]:
    """sourcePatientInfo of a Patient."""
    ids = [cx.text for item in dicts(patient.get("identifier")) if (cx := cx_of(item)) is not None]
    names = [_xpn(name).text for name in dicts(patient.get("name"))]
    found = {
        "PID-3": "~".join(ids), "PID-5": "~".join(names), "PID-7": fhir_to_dtm(patient.get("birthDate")),
        "PID-8": _SEXES.get(str(patient.get("gender"))), "PID-11": _bdl(patient),
    }  # fmt: skip
    return tuple(PatientField(name, value) for name, value in found.items() if value)


def _xpn(name: Mapping[str, Any]) -> Composite:
    listed = (e.get("valueString") for e in dicts(name.get("extension")) if e.get("url") == GIVEN_LIST)

    def first(key: str) -> str | None:
        values = name.get(key)
        return next((t for t in values if text(t)), None) if isinstance(values, list) else None

    kind = "D" if name.get("use") == "usual" else "L"
    whole = next((found for item in listed if (found := text(item))), None)
    return Composite.of({1: text(name.get("family")), 2: first("given"), 3: whole, 4: first("suffix"),
                         5: first("prefix"), 7: kind})  # fmt: skip


def _bdl(patient: Mapping[str, Any]) -> str | None:
    for extension in dicts(patient.get("extension")):
        address = extension.get("valueAddress")
        if extension.get("url") == BIRTH_PLACE and isinstance(address, Mapping):
            for insee in dicts(address.get("extension")):
                coding = insee.get("valueCoding")
                code = text(coding.get("code")) if isinstance(coding, Mapping) else None
                if code is not None:
                    return Composite.of({7: "BDL", 9: code}).text
    return None


# -- authors -------------------------------------------------------------------------------------------------------


def author_resources(author: Author, prefix: str, *, person: bool = False) -> tuple[list[Json], str]:
    """The contained resources of an author, and the id to refer to.

    A professional is a PractitionerRole with its Practitioner; a device or a patient stands for itself unless only a
    `person` will do.
    """
    organization = [_organization(xon, f"{prefix}-org") for xon in author.institutions[:1]]
    kind = "Practitioner" if person or author.person is None else _kind(author.person)
    link = {"reference": f"#{prefix}-org"} if organization else None
    if kind == "Patient" and author.person is not None:
        return [clean(_as_patient(author.person, f"{prefix}-patient"))], f"#{prefix}-patient"
    if kind == "Device" and author.person is not None:
        device = _device(author.person, f"{prefix}-device") | {"owner": link}
        return clean([*organization, device]), f"#{prefix}-device"
    practitioner = [_practitioner(author.person, f"{prefix}-ps")] if author.person is not None else []
    role = {
        "resourceType": "PractitionerRole", "id": f"{prefix}-role",
        "practitioner": {"reference": f"#{prefix}-ps"} if practitioner else None, "organization": link,
        "code": [{"text": name} for name in author.roles], "specialty": [_specialty(s) for s in author.specialties],
    }  # fmt: skip
    return clean([*practitioner, *organization, role]), f"#{prefix}-role"


def _kind(person: Xcn) -> str:
    if person.oid in INS_OIDS or person.kind in _PATIENT:
        return "Patient"
    return "Device" if person.kind == _DEVICE or person.part(10) == "U" else "Practitioner"


def _identifier(person: Xcn, default: str) -> list[Json]:
    if not person.id:
        return []
    system = system_of_oid(person.oid) if person.oid else None
    return [{"type": _typed(person.kind or default, FR_TYPES), "system": system, "value": person.id}]


def _practitioner(person: Xcn, name: str) -> Json:
    human = {"family": person.family, "given": [person.given, person.part(4)], "suffix": [person.part(5)],
             "prefix": [person.part(6)]}  # fmt: skip
    return {"resourceType": "Practitioner", "id": name, "identifier": _identifier(person, "IDNPS"), "name": [human]}


def _device(person: Xcn, name: str) -> Json:
    named = [{"name": person.given, "type": "user-friendly-name"}] if person.given else []
    return {"resourceType": "Device", "id": name, "identifier": _identifier(person, _DEVICE), "deviceName": named,
            "modelNumber": person.family}  # fmt: skip


def _as_patient(person: Xcn, name: str) -> Json:
    identifier = patient_identifier(Cx.make(person.id, person.oid or None, person.kind or None))
    human = {"use": "official", "family": person.family, "given": [person.given]}
    return {"resourceType": "Patient", "id": name, "identifier": [identifier], "name": [human]}


def _organization(xon: Xon, name: str) -> Json:
    """By its number as it stands, and a FINESS of a site also alone, as the national directory writes it."""
    system = system_of_oid(xon.oid) if xon.oid else None
    identifiers = [{"type": _typed(xon.kind or "IDNST", FR_TYPES), "system": system, "value": xon.id}] if xon.id else []
    if xon.oid == STRUCTURES and xon.id[:1] == "1" and len(xon.id) == 10:
        identifiers.append({"type": _typed("FINEG", FR_TYPES), "system": FINESS, "value": xon.id[1:]})
    return {"resourceType": "Organization", "id": name, "identifier": identifiers, "name": xon.name}


def _specialty(raw: str) -> Json:
    """`code^words^OID` (CI-SIS, authorSpecialty), or the text."""
    parts = raw.split("^")
    if len(parts) == 3 and all(parts):
        return {"coding": [{"system": system_of_oid(parts[2]), "code": parts[0], "display": parts[1]}]}
    return {"text": raw}


# -- and back ------------------------------------------------------------------------------------------------------


def author_of(reference: object, contained: Mapping[str, Mapping[str, Any]]) -> Author:
    """The author behind a reference to a contained resource."""
    link = reference.get("reference") if isinstance(reference, Mapping) else None
    resource = contained.get(str(link), {})
    if resource.get("resourceType") != "PractitionerRole":
        return Author(_xcn(resource), _institutions(resource.get("owner"), contained))
    practitioner = resource.get("practitioner")
    behind = contained.get(str(practitioner.get("reference")), {}) if isinstance(practitioner, Mapping) else {}
    roles = (text(concept.get("text")) for concept in dicts(resource.get("code")))
    specialties = (_specialty_text(concept) for concept in dicts(resource.get("specialty")))
    return Author(
        _xcn(behind), _institutions(resource.get("organization"), contained),
        tuple(filter(None, roles)), tuple(filter(None, specialties)),
    )  # fmt: skip


def _specialty_text(concept: Mapping[str, Any]) -> str | None:
    for coding in dicts(concept.get("coding")):
        return "^".join((str(coding.get("code") or ""), str(coding.get("display") or ""), oid_of(coding) or ""))
    return text(concept.get("text"))


def _first(resource: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return next(iter(dicts(resource.get(key))), {})


def _given(name: Mapping[str, Any], key: str, at: int = 0) -> str | None:
    values = name.get(key)
    found = values[at] if isinstance(values, list) and len(values) > at else None
    return text(found)


def _xcn(resource: Mapping[str, Any]) -> Xcn | None:
    """A Practitioner, Patient or Device as a person; None when it says nothing."""
    kind, identifier = resource.get("resourceType"), _first(resource, "identifier")
    value, oid = text(identifier.get("value")), oid_of(identifier)
    if kind == "Device":
        named = text(_first(resource, "deviceName").get("name"))
        found = Xcn.make(value, oid, text(resource.get("modelNumber")), named, _type_of(identifier), "U")
        return found if value or named else None
    name = _first(resource, "name")
    code = _type_of(identifier)
    code = "NH" if kind == "Patient" and oid in INS_OIDS else code
    family, given = text(name.get("family")), _given(name, "given")
    if not (value or family):
        return None
    base = {4: _given(name, "given", 1), 5: _given(name, "suffix"), 6: _given(name, "prefix")}
    authority = ("", oid, "ISO") if oid and value else None
    return Xcn.of({1: value, 2: family, 3: given, **base, 9: authority, 10: "D", 13: code if value else None})


def _institutions(link: object, contained: Mapping[str, Mapping[str, Any]]) -> tuple[Xon, ...]:
    """The organisation; of its identifiers the one of the structure, not the bare FINESS beside it."""
    resource = contained.get(str(link.get("reference")), {}) if isinstance(link, Mapping) else {}
    if not resource:
        return ()
    identifiers = sorted(dicts(resource.get("identifier")), key=lambda item: item.get("system") == FINESS)
    first = next(iter(identifiers), {})
    value, oid = text(first.get("value")), oid_of(first)
    if value is not None and first.get("system") == FINESS:
        value, oid = f"1{value}", STRUCTURES
    kind = _type_of(first) if first.get("system") != FINESS else "IDNST"
    made = Xon.make(text(resource.get("name")), value, oid if value else None, kind if value else None)
    return (made,) if made.parts else ()
