"""The header as plain values, read in one pass; what is missing or wrong reads as None, the rules say why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from lxml import etree

from validators.cda._time import Timestamp, parse_timestamp
from validators.cda._tree import HeaderIndex, text_of
from validators.ins import PatientIdentity, identity_from_cda, strip_oid

STRUCTURE_ROOT: Final = "1.2.250.1.71.4.2.2"
"""Struct_IdNat: identifiers of health structures (1 + FINESS, 2 + SIREN, 3 + SIRET…)."""

PROFESSIONAL_ROOT: Final = "1.2.250.1.71.4.2.1"
"""PS_IdNat: identifiers of health professionals (8 + RPPS, 0 + ADELI…)."""

EVENT: Final = "documentationOf[1]/serviceEvent"
ENCOUNTER: Final = "componentOf/encompassingEncounter"
ORGANISATION_ID: Final = "author/assignedAuthor/representedOrganization/id"
CUSTODIAN_ID: Final = "custodian/assignedCustodian/representedCustodianOrganization/id"
FACILITY: Final = f"{ENCOUNTER}/location/healthCareFacility/code"
SETTING: Final = f"{EVENT}/performer/assignedEntity/representedOrganization/standardIndustryClassCode"

_FINESS: Final = re.compile(r"1([0-9][0-9AB][0-9]{7})")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identifier:
    """An HL7 v3 II: a root (OID or UUID) and, sometimes, an extension."""

    root: str
    extension: str | None = None

    @property
    def text(self) -> str:
        """`root`, or `root^extension`: the XDS form of a unique id."""
        return f"{self.root}^{self.extension}" if self.extension else self.root


@dataclass(frozen=True, slots=True)
class Coded:
    """A code with its system and the words that go with it."""

    code: str
    system: str | None = None
    display: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """An author or the legal authenticator: the professional's identifier and the name."""

    id: Identifier | None
    family: str | None
    given: str | None


@dataclass(frozen=True, slots=True)
class Related:
    """A relatedDocument: how, and to which documents."""

    type_code: str | None
    parents: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a CI-SIS document states. Dates without a zone are read as Europe/Paris."""

    id: Identifier | None
    set_id: Identifier | None
    version_number: int | None
    type: Coded | None
    title: str | None
    effective_time_raw: str | None
    effective_time: datetime | None
    confidentiality: Coded | None
    language: str | None
    templates: tuple[tuple[str, str | None], ...]
    patient: PatientIdentity | None
    author_organisations: tuple[str, ...]
    custodian_finess: str | None
    encounter_ids: tuple[Identifier, ...]
    encounter_start: datetime | None
    encounter_end: datetime | None
    service_event: Coded | None
    service_start: datetime | None
    service_end: datetime | None
    facility: Coded | None
    practice_setting: Coded | None
    related: tuple[Related, ...]
    authors: tuple[Person, ...]
    legal_authenticator: Person | None
    level: Literal[1, 3] | None

    @property
    def unique_id(self) -> str | None:
        """The document's unique id, `root` or `root^extension`."""
        return self.id.text if self.id else None

    @property
    def code(self) -> str | None:
        """The document's type code."""
        return self.type.code if self.type else None

    def same_unique_id(self, identifier: Mapping[str, Any]) -> bool:
        """True when a FHIR Identifier (masterIdentifier) names this document (see `same_unique_id`)."""
        return self.id is not None and same_unique_id(self.id, identifier)


def same_unique_id(document: Identifier, identifier: Mapping[str, Any]) -> bool:
    """True when a FHIR Identifier is the document's id.

    Both forms are accepted: system `urn:ietf:rfc:3986` with value `urn:oid:R` or `urn:uuid:R`, and system `urn:oid:R`
    (or `urn:uuid:R`) with value E where the id has an extension (PDSm, masterIdentifier).
    """
    system, value = identifier.get("system"), identifier.get("value")
    if not isinstance(system, str) or not isinstance(value, str):
        return False
    if system == "urn:ietf:rfc:3986":
        return not document.extension and _same_root(document.root, value)
    return bool(document.extension) and value == document.extension and _same_root(document.root, system)


def _same_root(root: str, urn: str) -> bool:
    prefix = "urn:uuid:" if _UUID.fullmatch(root) else "urn:oid:"
    return urn.lower() == (prefix + root).lower()


def read_header(index: HeaderIndex) -> Header:
    """Read the header of an indexed document. Never raises."""
    effective = index.attribute("effectiveTime", "value")
    title, role = index.first("title"), index.first("recordTarget/patientRole")
    encounter, event = _interval(index, f"{ENCOUNTER}/effectiveTime"), _interval(index, f"{EVENT}/effectiveTime")
    return Header(
        id=_identifier(index.first("id")),
        set_id=_identifier(index.first("setId")),
        version_number=_integer(index.attribute("versionNumber", "value")),
        type=_coded(index.first("code")),
        title=text_of(title) if title is not None else None,
        effective_time_raw=effective,
        effective_time=_start(parse_timestamp(effective)),
        confidentiality=_coded(index.first("confidentialityCode")),
        language=index.attribute("languageCode", "code"),
        templates=tuple((root, item.get("extension")) for item in index.at("templateId") if (root := item.get("root"))),
        patient=identity_from_cda(role) if role is not None else None,
        author_organisations=tuple(code for item in index.at(ORGANISATION_ID) if (code := finess_of(item))),
        custodian_finess=_first_finess(index.at(CUSTODIAN_ID)),
        encounter_ids=_identifiers(index.at(f"{ENCOUNTER}/id")),
        encounter_start=encounter[0],
        encounter_end=encounter[1],
        service_event=_coded(index.first(f"{EVENT}/code")),
        service_start=event[0],
        service_end=event[1],
        facility=_coded(index.first(FACILITY)),
        practice_setting=_coded(index.first(SETTING)),
        related=tuple(_related(item) for item in index.at("relatedDocument")),
        authors=tuple(_person(item, "assignedAuthor") for item in index.at("author")),
        legal_authenticator=_signatory(index),
        level=_level(index),
    )


def finess_of(item: etree._Element) -> str | None:
    """The FINESS of a structure's id: `1` then nine characters under the root of the health structures, or None."""
    if item.get("root") != STRUCTURE_ROOT:
        return None
    match = _FINESS.fullmatch(item.get("extension") or "")
    return match.group(1) if match else None


def _first_finess(items: list[etree._Element]) -> str | None:
    return next((code for item in items if (code := finess_of(item))), None)


def _identifier(item: etree._Element | None) -> Identifier | None:
    root = item.get("root") if item is not None else None
    if item is None or not root or item.get("nullFlavor"):
        return None
    return Identifier(strip_oid(root), item.get("extension") or None)


def _identifiers(items: list[etree._Element]) -> tuple[Identifier, ...]:
    return tuple(identifier for item in items if (identifier := _identifier(item)))


def _coded(item: etree._Element | None) -> Coded | None:
    code = item.get("code") if item is not None else None
    return Coded(code, item.get("codeSystem"), item.get("displayName")) if item is not None and code else None


def _integer(text: str | None) -> int | None:
    # Nine digits are plenty for a version and keep int() cheap.
    return int(text) if text is not None and re.fullmatch(r"-?[0-9]{1,9}", text) else None


def _start(timestamp: Timestamp | None) -> datetime | None:
    return timestamp.start if timestamp else None


def _interval(index: HeaderIndex, path: str) -> tuple[datetime | None, datetime | None]:
    """Low and high of an IVL_TS; a single value is both."""
    value = _start(parse_timestamp(index.attribute(path, "value")))
    low = _start(parse_timestamp(index.attribute(f"{path}/low", "value")))
    high = _start(parse_timestamp(index.attribute(f"{path}/high", "value")))
    return low or value, high or value


def _child(parent: etree._Element | None, *names: str) -> etree._Element | None:
    for name in names:
        parent = None if parent is None else next(parent.iterchildren(f"{{urn:hl7-org:v3}}{name}"), None)
    return parent


def _person(item: etree._Element, role: str) -> Person:
    name = _child(item, role, "assignedPerson", "name")
    family, given = _child(name, "family"), _child(name, "given")
    return Person(
        _identifier(_child(item, role, "id")),
        text_of(family) if family is not None else None,
        text_of(given) if given is not None else None,
    )


def _signatory(index: HeaderIndex) -> Person | None:
    signatory = index.first("legalAuthenticator")
    return _person(signatory, "assignedEntity") if signatory is not None else None


def _related(item: etree._Element) -> Related:
    parents = [_identifier(_child(parent, "id")) for parent in item.iterchildren("{urn:hl7-org:v3}parentDocument")]
    return Related(item.get("typeCode"), tuple(parent for parent in parents if parent))


def _level(index: HeaderIndex) -> Literal[1, 3] | None:
    if index.first("component/structuredBody") is not None:
        return 3
    return 1 if index.first("component/nonXMLBody") is not None else None
