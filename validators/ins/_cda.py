"""The identity that a CDA R2 header states (CI-SIS structuration minimale, recordTarget/patientRole)."""

from __future__ import annotations

from typing import Final, cast

from lxml import etree

from validators.ins._identity import PatientIdentifier, PatientIdentity, Place
from validators.ins._matricule import strip_oid

_V3: Final = "{urn:hl7-org:v3}"
_SEX: Final = {"M": "male", "F": "female", "UN": "unknown"}
_ROLE: Final = "/ClinicalDocument/recordTarget[1]/patientRole[1]"


def identity_from_cda(patient_role: etree._Element, location: str = _ROLE) -> PatientIdentity:
    """Read a `patientRole`, whatever prefix its namespace has. Never raises.

    `location` is the XPath of the element; the traits' places are built from it.
    """
    role = Place(location, _line(patient_role))
    patient = _step(patient_role, role, "patient")
    name = _step(*patient, "name")
    address = _step(*_step(*_step(*patient, "birthplace"), "place"), "addr")
    found = {
        "birth_family": _named(*name, "family", "BR"),
        "birth_given_first": _named(*name, "given", "BR"),
        "birth_given_list": _named(*name, "given", None),
        "birth_date": _attribute(*patient, "birthTime", "value"),
        "sex": _attribute(*patient, "administrativeGenderCode", "code"),
        "birth_place": _county(*address),
    }
    traits = {trait: value for trait, (value, _) in found.items()}
    sex = traits.pop("sex")
    return PatientIdentity(
        role,
        tuple(_identifiers(patient_role, location)),
        sex=sex if sex is None else _SEX.get(sex, sex),
        places={trait: place for trait, (_, place) in found.items()},
        **traits,
    )


def _step(parent: etree._Element | None, place: Place, name: str) -> tuple[etree._Element | None, Place]:
    """The first child `name`; where there is none, the place stays the nearest ancestor that exists."""
    child = None if parent is None else next(parent.iterchildren(_V3 + name), None)
    return (None, place) if child is None else (child, Place(f"{place.location}/{name}[1]", _line(child)))


def _line(element: etree._Element) -> int | None:
    return cast("int | None", element.sourceline)


def _text(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())


def _named(name: etree._Element | None, place: Place, tag: str, qualifier: str | None) -> tuple[str | None, Place]:
    if name is not None:
        for position, part in enumerate(name.iterchildren(_V3 + tag), 1):
            if part.get("qualifier") == qualifier:
                return _text(part), Place(f"{place.location}/{tag}[{position}]", _line(part))
    return None, place


def _attribute(parent: etree._Element | None, place: Place, tag: str, attribute: str) -> tuple[str | None, Place]:
    child, where = _step(parent, place, tag)
    value = None if child is None else child.get(attribute)
    return (None if value is None else value.strip()), where


def _county(address: etree._Element | None, place: Place) -> tuple[str | None, Place]:
    county, where = _step(address, place, "county")
    return (None if county is None else _text(county)), where


def _identifiers(patient_role: etree._Element, location: str) -> list[PatientIdentifier]:
    return [
        PatientIdentifier(
            strip_oid(item.get("root") or ""),
            item.get("extension"),
            Place(f"{location}/id[{position}]", _line(item)),
            null_flavor=item.get("nullFlavor"),
        )
        for position, item in enumerate(patient_role.iterchildren(_V3 + "id"), 1)
    ]
