"""What the synthetic country is made of: plain immutable values, no generation here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

INS_NIR_TEST = "1.2.250.1.213.1.4.10"
"""Authority of test identities: the only one this package ever writes on a patient."""

OWN_ARC = "1.2.250.1.999"
"""Fictitious arc under which every local identifier and document lives; 999 is attributed to nobody."""


@dataclass(frozen=True, slots=True)
class Region:
    """A region by its INSEE code (COG): `11` Île-de-France, `53` Bretagne, `04` La Réunion."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Ght:
    """A territorial hospital group: `support` is the legal FINESS of its support establishment, also in `members`."""

    name: str
    support: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address in structured particles, as the header of a CDA wants it."""

    number: str
    street: str
    postal_code: str
    city: str


@dataclass(frozen=True, slots=True)
class LegalEntity:
    """An entité juridique. `status` is `public`, `private` or `ebnl`; `ght` the name of its group."""

    finess: str
    name: str
    region: str
    status: str
    ght: str | None = None


@dataclass(frozen=True, slots=True)
class Professional:
    """A practitioner with a fictitious RPPS of the range kept for tests (997…), Luhn key right."""

    rpps: str
    family: str
    given: str
    civility: str
    title: str
    specialty: str
    specialty_name: str

    @property
    def idnps(self) -> str:
        """National identifier as CDA carries it: type digit 8, then the RPPS (root 1.2.250.1.71.4.2.1)."""
        return "8" + self.rpps


@dataclass(frozen=True, slots=True)
class Establishment:
    """An entité géographique. `sector` is `health` or `esms`; `legal_entity` is the FINESS of its legal entity."""

    finess: str
    legal_entity: str
    name: str
    region: str
    department: str
    status: str
    sector: str
    ght: str | None
    city: str
    address: Address
    telephone: str
    mailbox: str
    professionals: tuple[Professional, ...] = field(repr=False)

    @property
    def idnst(self) -> str:
        """National identifier of structures: type digit 1, then the FINESS (root 1.2.250.1.71.4.2.2)."""
        return "1" + self.finess

    @property
    def oid(self) -> str:
        """The establishment's own arc. An OID arc never starts with 0 (XSD type `oid`): `042…` becomes `42…`."""
        return f"{OWN_ARC}.{int(self.finess)}"

    @property
    def stay_root(self) -> str:
        """Root of its stay numbers (IEP)."""
        return f"{self.oid}.1"

    @property
    def ipp_root(self) -> str:
        """Root of its permanent patient numbers (IPP)."""
        return f"{self.oid}.2"


@dataclass(frozen=True, slots=True)
class Patient:
    """A test identity. `birth_place` is the COG code of the matricule; `ipps` maps a FINESS to the local number."""

    matricule: str
    birth_family: str
    birth_givens: tuple[str, ...]
    used_family: str
    used_given: str
    sex: str
    birth_date: date
    birth_place: str
    birth_city: str
    address: Address
    telephone: str
    physician: Professional = field(repr=False)
    ipps: Mapping[str, str] = field(repr=False, hash=False, compare=False)
    oid: str = INS_NIR_TEST

    def ipp(self, establishment: Establishment) -> str:
        """Permanent number of the patient in this establishment."""
        return self.ipps[establishment.finess]


@dataclass(frozen=True, slots=True)
class PlannedDocument:
    """A document the demonstration sends: `kind` LDL, ORD, CRO, BIO or IMG, deposited at `when` (Paris).

    `variant`: `normal`; `late` (after its month's end); `without_ins` (local identity only); `replaced` (version 1,
    followed by) `replacing` (a later version of the same set); `refused` (a fault that no server may accept).
    """

    kind: str
    when: datetime
    variant: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay: `id` is the establishment's number (IEP), instants are Paris local, `plan` may be empty (no letter)."""

    id: str
    establishment: Establishment
    patient: Patient
    physician: Professional
    admitted: datetime
    discharged: datetime | None
    operated: bool
    excluded: bool
    plan: tuple[PlannedDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class Country:
    """Everything, for one seed and one day. `stays` are in order of admission."""

    seed: int
    today: date
    regions: tuple[Region, ...]
    ghts: tuple[Ght, ...]
    legal_entities: tuple[LegalEntity, ...]
    establishments: tuple[Establishment, ...]
    patients: tuple[Patient, ...] = field(repr=False)
    stays: tuple[Stay, ...] = field(repr=False)

    @property
    def professionals(self) -> tuple[Professional, ...]:
        """Hospital practitioners by establishment, then the physicians of the patients, each once."""
        hospital = [person for place in self.establishments for person in place.professionals]
        return tuple(dict.fromkeys([*hospital, *(patient.physician for patient in self.patients)]))

    def establishment(self, finess: str) -> Establishment:
        """The establishment of this geographic FINESS."""
        return next(place for place in self.establishments if place.finess == finess)

    def legal_entity(self, finess: str) -> LegalEntity:
        """The legal entity of this FINESS."""
        return next(entity for entity in self.legal_entities if entity.finess == finess)

    def stays_of(self, finess: str) -> tuple[Stay, ...]:
        """The stays of one geographic establishment."""
        return tuple(stay for stay in self.stays if stay.establishment.finess == finess)
