"""The identity that a FHIR Patient states (FR Core, fr-core-patient-ins); anything may be missing or wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from validators.ins._identity import PatientIdentifier, PatientIdentity, Place
from validators.ins._matricule import strip_oid

_FR: Final = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
GIVEN_LIST: Final = f"{_FR}fr-core-patient-birth-list-given-name"
INSEE_CODE: Final = f"{_FR}fr-core-address-insee-code"
RELIABILITY: Final = f"{_FR}fr-core-identity-reliability"
BIRTH_PLACE: Final = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"


def identity_from_fhir(patient: Mapping[str, Any], location: str) -> PatientIdentity:
    """Read a Patient; `location` is its FHIRPath (`Patient`, `DocumentReference.contained[0]`…). Never raises.

    The birth name is the name of use `official`, else the first name without a use; a usual name is no birth name.
    """
    index, name = _birth_name(patient)
    name_at = location if index is None else f"{location}.name[{index}]"
    given = [text for item in _list(name, "given") if (text := _text(item)) is not None]
    traits: dict[str, str | None] = {
        "birth_family": _text(name.get("family")),
        "birth_given_first": given[0] if given else None,
        "birth_given_list": _given_list(name, given),
        "birth_date": _text(patient.get("birthDate")),
        "sex": _text(patient.get("gender")),
        "birth_place": _birth_place(patient),
    }
    places = {
        "birth_family": f"{name_at}.family" if traits["birth_family"] is not None else name_at,
        "birth_given_first": f"{name_at}.given[0]" if given else name_at,
        "birth_given_list": name_at,
        "birth_date": f"{location}.birthDate" if traits["birth_date"] is not None else location,
        "sex": f"{location}.gender" if traits["sex"] is not None else location,
        "birth_place": f"{location}.extension" if traits["birth_place"] is not None else location,
    }
    return PatientIdentity(
        Place(location),
        tuple(_identifiers(patient, location)),
        status=_status(patient),
        places={trait: Place(where) for trait, where in places.items()},
        **traits,
    )


def _list(node: Mapping[str, Any], key: str) -> list[Any]:
    """The repeating element `key`, empty when it is absent or not a list."""
    value = node.get(key)
    return value if isinstance(value, list) else []


def _objects(node: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of a repeating element with their index; what is not an object is somebody else's error."""
    return ((i, item) for i, item in enumerate(_list(node, key)) if isinstance(item, Mapping))


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) else None


def _child(node: object, key: str) -> Mapping[str, Any]:
    value = node.get(key) if isinstance(node, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _identifiers(patient: Mapping[str, Any], location: str) -> Iterator[PatientIdentifier]:
    for i, item in _objects(patient, "identifier"):
        codes = [code for _, coding in _objects(_child(item, "type"), "coding") if (code := _text(coding.get("code")))]
        value = _text(item.get("value"))
        absent = value is None and bool(_child(item, "_value"))
        yield PatientIdentifier(
            strip_oid(_text(item.get("system")) or ""),
            # Kept as written: a blank inside or around a matricule is a fault to be seen.
            item["value"] if value is not None else None,
            Place(f"{location}.identifier[{i}]"),
            _text(item.get("use")),
            codes[0] if codes else None,
            "data-absent" if absent else None,
        )


def _birth_name(patient: Mapping[str, Any]) -> tuple[int | None, Mapping[str, Any]]:
    names = list(_objects(patient, "name"))
    for wanted in ("official", None):
        for index, name in names:
            if name.get("use") == wanted:
                return index, name
    return None, {}


def _extensions(node: Mapping[str, Any], url: str) -> Iterator[Mapping[str, Any]]:
    return (item for _, item in _objects(node, "extension") if item.get("url") == url)


def _given_list(name: Mapping[str, Any], given: list[str]) -> str | None:
    """All birth given names: the French extension, else several `given` (which FR Core forbids but R4 allows)."""
    for extension in _extensions(name, GIVEN_LIST):
        return _text(extension.get("valueString"))
    return " ".join(given) if len(given) > 1 else None


def _birth_place(patient: Mapping[str, Any]) -> str | None:
    for extension in _extensions(patient, BIRTH_PLACE):
        for insee in _extensions(_child(extension, "valueAddress"), INSEE_CODE):
            return _text(_child(insee, "valueCoding").get("code"))
        return ""
    return None


def _status(patient: Mapping[str, Any]) -> str | None:
    for reliability in _extensions(patient, RELIABILITY):
        for status in _extensions(reliability, "identityStatus"):
            return _text(_child(status, "valueCoding").get("code"))
    return None
