"""A patient's identity as a document or a resource states it, with the place of each part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from validators.ins._matricule import INS_OIDS

TRAITS: Final = ("birth_family", "birth_given_first", "birth_given_list", "birth_date", "sex", "birth_place")
"""The traits that go with an INS (référentiel INS; CI-SIS header, recordTarget)."""

NSS_TYPE: Final = "NH"
"""In FHIR a social-security number shares the OID of the INS-NIR: only its type (HL7 v2-0203 NH) tells them apart."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was read: FHIRPath or XPath, and the line in XML."""

    location: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class PatientIdentifier:
    """One identifier of the patient; `oid` is the bare OID, or the system as written when it is not an OID."""

    oid: str
    value: str | None
    place: Place
    use: str | None = None
    type_code: str | None = None
    null_flavor: str | None = None

    @property
    def location(self) -> str:
        """The location, without the line."""
        return self.place.location


@dataclass(frozen=True, slots=True)
class PatientIdentity:
    """What is stated of a patient.

    A trait is None when nothing states it and empty when it is stated without a value. `sex` is `male`, `female`,
    `unknown` (CDA `UN`), `other`, or the code as written when it is none of those. `status` is the reliability of a
    FHIR identity (VALI, PROV…), always None in CDA. `places` gives the place of each trait, or the place where a
    missing one is expected; `place` is the patient's own.
    """

    place: Place
    identifiers: tuple[PatientIdentifier, ...] = ()
    birth_family: str | None = None
    birth_given_first: str | None = None
    birth_given_list: str | None = None
    birth_date: str | None = None
    sex: str | None = None
    birth_place: str | None = None
    status: str | None = None
    places: Mapping[str, Place] = field(default_factory=dict)

    def trait(self, name: str) -> str | None:
        """The trait's value by its name (see `TRAITS`)."""
        value: str | None = getattr(self, name)
        return value

    def place_of(self, name: str) -> Place:
        """Where the trait is, or where it is expected."""
        return self.places.get(name, self.place)

    def __repr__(self) -> str:
        # Names and numbers must not reach a log through a traceback.
        return f"PatientIdentity({self.place.location}, {len(self.identifiers)} identifiers)"


def is_ins_identifier(identifier: PatientIdentifier) -> bool:
    """True for a current identifier that claims to be an INS: one of the four OIDs, not a billing number, not old."""
    return (
        identifier.oid in INS_OIDS
        and identifier.null_flavor is None
        and identifier.type_code != NSS_TYPE
        and identifier.use != "old"
    )
