"""A PDF with its metadata becomes a level 1 CDA R2 (CI-SIS structuration minimale, IHE XDS-SD): what the DMP takes.

The metadata are a JSON object of a fixed shape, `Metadata`; what is wrong in it is said with its place.
"""

from __future__ import annotations

import base64
from datetime import date, datetime
from typing import Any

import msgspec
from lxml import etree

from fhir_server.ids import PARIS
from validators.documents import registry

_V3 = "urn:hl7-org:v3"

_NAMESPACES: dict[Any, str] = {None: _V3}

LEVEL_1 = "1.3.6.1.4.1.19376.1.2.20"
PROFESSIONAL, STRUCTURE = "1.2.250.1.71.4.2.1", "1.2.250.1.71.4.2.2"


class MetadataError(ValueError):
    """The metadata are not what a level 1 document needs; the message gives the place (`$.patient.sex`)."""


class Identifier(msgspec.Struct, forbid_unknown_fields=True):
    """An OID and a value under it."""

    oid: str
    value: str


class Patient(msgspec.Struct, forbid_unknown_fields=True):
    """Identity: the INS (absent when it is not qualified), the local identifier, the five traits."""

    family: str
    given: list[str]
    sex: str
    birth_date: date
    ipp: Identifier
    ins: Identifier | None = None
    birth_place: str | None = None


class Author(msgspec.Struct, forbid_unknown_fields=True):
    """A professional: national id with its type digit (8 + RPPS)."""

    id: str
    family: str
    given: str


class Establishment(msgspec.Struct, forbid_unknown_fields=True):
    """The site: geographic FINESS, name, sector (JDV_J02) and setting (JDV_J04)."""

    finess: str
    name: str
    sector: str = "SA01"
    setting: str = "ETABLISSEMENT"


class Stay(msgspec.Struct, forbid_unknown_fields=True):
    """The stay: its number under the establishment's OID, and when it began and ended (with a time zone)."""

    oid: str
    number: str
    admitted: datetime
    discharged: datetime | None = None


class Metadata(msgspec.Struct, forbid_unknown_fields=True):
    """What is said of a PDF. `type` is a code of JDV_J07; `unique_id`, `set_id` and `replaces` are OIDs."""

    type: str
    title: str
    created: datetime
    unique_id: str
    patient: Patient
    author: Author
    establishment: Establishment
    stay: Stay
    set_id: str | None = None
    version: int = 1
    replaces: str | None = None


def read_metadata(data: bytes) -> Metadata:
    """Metadata from JSON.

    Raises:
        MetadataError: naming the place and what was expected there.
    """
    try:
        found = msgspec.json.decode(data, type=Metadata)
    except msgspec.DecodeError as error:
        raise MetadataError(str(error)) from error
    if registry().type(found.type) is None:
        raise MetadataError("not a code of JDV_J07 - at `$.type`")
    if not found.patient.given:
        raise MetadataError("at least one given name - at `$.patient.given`")
    for name, moment in (("created", found.created), ("stay.admitted", found.stay.admitted)):
        if moment.tzinfo is None:
            raise MetadataError(f"a time zone is missing - at `$.{name}`")
    return found


def level1_cda(pdf: bytes, metadata: Metadata) -> bytes:
    """The CDA that carries the PDF.

    Raises:
        MetadataError: the bytes are no PDF.
    """
    if not pdf.startswith(b"%PDF-"):
        raise MetadataError("the file is not a PDF")
    root = _e(
        "ClinicalDocument", *_document(metadata), _patient(metadata.patient), *_people(metadata), *_context(metadata)
    )
    payload = _e("text", base64.b64encode(pdf).decode(), mediaType="application/pdf", representation="B64")
    root.append(_e("component", _e("nonXMLBody", payload)))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _e(tag: str, *content: etree._Element | str, **attributes: str) -> etree._Element:
    """An element of CDA with its children or text."""
    element = etree.Element(f"{{{_V3}}}{tag}", attributes, nsmap=_NAMESPACES)
    for part in content:
        if isinstance(part, str):
            element.text = part
        else:
            element.append(part)
    return element


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(PARIS).strftime("%Y%m%d%H%M%S%z") if moment is not None else ""


def _document(m: Metadata) -> list[etree._Element]:
    known = registry().type(m.type)
    assert known is not None
    return [
        _e("realmCode", code="FR"),
        _e("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
        *(_e("templateId", root=oid) for oid in ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", LEVEL_1)),
        _e("id", root=m.unique_id),
        _e("code", code=m.type, codeSystem=known.system, displayName=known.name_fr),
        _e("title", m.title),
        _e("effectiveTime", value=_moment(m.created)),
        _e("confidentialityCode", code="N", codeSystem="2.16.840.1.113883.5.25", displayName="Normal"),
        _e("languageCode", code="fr-FR"),
        _e("setId", root=m.set_id or m.unique_id),
        _e("versionNumber", value=str(m.version)),
    ]


def _patient(p: Patient) -> etree._Element:
    ids = [_e("id", root=i.oid, extension=i.value) for i in (p.ins, p.ipp) if i is not None]
    name = _e("name",
        _e("family", p.family, qualifier="BR"), _e("given", " ".join(p.given)), _e("given", p.given[0], qualifier="BR")
    )  # fmt: skip
    words = {"M": "Masculin", "F": "Féminin"}
    person = _e(
        "patient",
        name,
        _e(
            "administrativeGenderCode",
            code=p.sex,
            codeSystem="2.16.840.1.113883.5.1",
            displayName=words.get(p.sex, "Inconnu"),
        ),
        _e("birthTime", value=p.birth_date.strftime("%Y%m%d")),
    )
    if p.birth_place:
        person.append(_e("birthplace", _e("place", _e("addr", _e("county", p.birth_place)))))
    nowhere = (_e("addr", nullFlavor="NAV"), _e("telecom", nullFlavor="NAV"))
    return _e("recordTarget", _e("patientRole", *ids, *nowhere, person))


def _organization(e: Establishment, tag: str, *more: etree._Element) -> etree._Element:
    """A structure by its national id (1 + FINESS)."""
    return _e(tag, _e("id", root=STRUCTURE, extension=f"1{e.finess}"), _e("name", e.name), *more)


def _contact() -> tuple[etree._Element, etree._Element]:
    return _e("telecom", nullFlavor="NAV"), _e("addr", nullFlavor="NAV")


def _people(m: Metadata) -> list[etree._Element]:
    number = {"root": PROFESSIONAL, "extension": m.author.id}
    telecom, addr = _contact()

    def person() -> etree._Element:
        return _e("assignedPerson", _e("name", _e("family", m.author.family), _e("given", m.author.given)))

    author = _e("assignedAuthor",
        _e("id", **number), addr, telecom, person(), _organization(m.establishment, "representedOrganization")
    )  # fmt: skip
    custodian = _organization(m.establishment, "representedCustodianOrganization", *_contact())
    telecom, addr = _contact()
    signer = _e(
        "assignedEntity",
        _e("id", **number),
        addr,
        telecom,
        person(),
        _organization(m.establishment, "representedOrganization", *_contact()),
    )
    time = _moment(m.created)
    return [
        _e("author", _e("time", value=time), author),
        _e("custodian", _e("assignedCustodian", custodian)),
        _e("legalAuthenticator", _e("time", value=time), _e("signatureCode", code="S"), signer),
    ]


def _context(m: Metadata) -> list[etree._Element]:
    setting = _e(
        "standardIndustryClassCode",
        code=m.establishment.setting,
        codeSystem="1.2.250.1.213.1.1.4.9",
        displayName=m.establishment.setting,
    )
    telecom, addr = _contact()
    performer = _e("performer",
        _e("assignedEntity",
            _e("id", root=PROFESSIONAL, extension=m.author.id), addr, telecom,
            _e("assignedPerson", _e("name", _e("family", m.author.family), _e("given", m.author.given))),
            _organization(m.establishment, "representedOrganization", *_contact(), setting),
        ),
        typeCode="PRF",
    )  # fmt: skip
    event = _e("serviceEvent", _e("effectiveTime", *_bounds(m.stay)), performer, classCode="ACT")
    facility = _e("code",
        code=m.establishment.sector, codeSystem="1.2.250.1.71.4.2.4", displayName=m.establishment.sector
    )  # fmt: skip
    encounter = _e("encompassingEncounter",
        _e("id", root=m.stay.oid, extension=m.stay.number), _e("effectiveTime", *_bounds(m.stay)),
        _e("location", _e("healthCareFacility", facility)),
    )  # fmt: skip
    replaced = (
        [_e("relatedDocument", _e("parentDocument", _e("id", root=m.replaces)), typeCode="RPLC")] if m.replaces else []
    )
    return [_e("documentationOf", event), *replaced, _e("componentOf", encounter)]


def _bounds(stay: Stay) -> list[etree._Element]:
    high = [_e("high", value=_moment(stay.discharged))] if stay.discharged is not None else []
    return [_e("low", value=_moment(stay.admitted)), *high]
