"""The header every document shares: HL7 France and CI-SIS structuration minimale (cda.md A1 to A5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from testdata._oids import document_id, document_set
from testdata._xml import coded, tag, words
from testdata.model import PARIS, Address, Establishment, Patient, Professional, Stay

LOINC = "2.16.840.1.113883.6.1"
ACT_CODE = "2.16.840.1.113883.5.4"
PROFESSIONALS = "1.2.250.1.71.4.2.1"
STRUCTURES = "1.2.250.1.71.4.2.2"
HL7_FRANCE = "2.16.840.1.113883.2.8.2.1"
CI_SIS = "1.2.250.1.213.1.1.1.1"

NORMAL = ("N", "2.16.840.1.113883.5.25", "Normal")
MASKED = ("MASQUE_PS", "1.2.250.1.213.1.1.4.13", "Masqué aux professionnels de santé")
HOSPITALISATION = ("IMP", ACT_CODE, "Hospitalisation (établissement, y compris HAD)")
ATTENDING = ("PCP", "2.16.840.1.113883.5.88", "Médecin traitant")
PRACTICE_SETTING = ("ETABLISSEMENT", "1.2.250.1.213.1.1.4.9", "Etablissement de santé")
SECTOR_SYSTEM = "1.2.250.1.71.4.2.4"
FACILITIES = {
    "public": ("SA01", SECTOR_SYSTEM, "Etablissement public de santé"),
    "ebnl": ("SA03", SECTOR_SYSTEM, "Etablissement privé PSPH"),
    "private": ("SA04", SECTOR_SYSTEM, "Etablissement privé non PSPH"),
}
GENDERS = {
    "F": ("F", "2.16.840.1.113883.5.1", "Féminin"),
    "M": ("M", "2.16.840.1.113883.5.1", "Masculin"),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """What distinguishes one document from another in its header."""

    stay: Stay
    kind: str
    code: tuple[str, str, str]
    title: str
    template: tuple[str, str | None]
    act: tuple[str, str, str]
    when: datetime
    version: int = 1
    unique: str | None = None
    replaces: str | None = None
    set_id: str | None = None
    without_ins: bool = False
    masked: bool = False

    @property
    def document(self) -> str:
        """The document's unique identifier."""
        return document_id(self.stay, self.kind, version=self.version, unique=self.unique)

    @property
    def series(self) -> str:
        """The identifier its versions share."""
        return self.set_id or document_set(self.stay, self.kind, self.unique)


def stamp(instant: datetime) -> str:
    """HL7 TS to the second with its zone, in Paris time; a naive instant would depend on the machine and is refused."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return instant.astimezone(PARIS).strftime("%Y%m%d%H%M%S%z")


def header(heading: Heading) -> str:
    """All elements before `component`, in the order of the CDA R2 schema."""
    parts = (
        *_identification(heading),
        _record_target(heading.stay, heading.without_ins),
        *_participants(heading.stay, stamp(heading.when)),
        _documentation(heading),
        *_related(heading.replaces),
        _encounter(heading.stay),
    )
    return "\n".join(parts)  # a line for each element, so that a finding's line number says something


def _identification(heading: Heading) -> tuple[str, ...]:
    template, extension = heading.template
    model = tag("templateId", root=template, extension=extension) if extension else tag("templateId", root=template)
    return (
        tag("realmCode", code="FR"),
        tag("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
        tag("templateId", root=HL7_FRANCE),
        tag("templateId", root=CI_SIS),
        model,
        tag("id", root=heading.document),
        coded(heading.code),
        words("title", heading.title),
        tag("effectiveTime", value=stamp(heading.when)),
        coded(MASKED if heading.masked else NORMAL, name="confidentialityCode"),
        tag("languageCode", code="fr-FR"),
        tag("setId", root=heading.series),
        tag("versionNumber", value=str(heading.version)),
    )


def _record_target(stay: Stay, without_ins: bool) -> str:
    patient, place = stay.patient, stay.establishment
    ins = "" if without_ins else tag("id", root=patient.oid, extension=patient.matricule)
    return tag(
        "recordTarget",
        tag(
            "patientRole",
            ins,
            tag("id", root=place.ipp_root, extension=patient.ipp(place)),
            address(patient.address),
            tag("telecom", value=f"tel:{patient.telephone}", use="H"),
            _traits(patient),
        ),
    )


def _traits(patient: Patient) -> str:
    """The strict traits: birth family name, birth given names and the first of them, birth date, sex, COG code."""
    return tag(
        "patient",
        tag(
            "name",
            words("family", patient.birth_family, qualifier="BR"),
            words("given", " ".join(patient.birth_givens)),
            words("given", patient.birth_givens[0], qualifier="BR"),
            words("family", patient.used_family, qualifier="CL"),
            words("given", patient.used_given, qualifier="CL"),
        ),
        coded(GENDERS[patient.sex], name="administrativeGenderCode"),
        tag("birthTime", value=f"{patient.birth_date:%Y%m%d}"),
        tag(
            "birthplace",
            tag("place", tag("addr", words("county", patient.birth_place), words("city", patient.birth_city))),
        ),
    )


@lru_cache(maxsize=4096)
def address(where: Address) -> str:
    """A structured address."""
    return tag(
        "addr",
        words("houseNumber", where.number),
        words("streetName", where.street),
        words("postalCode", where.postal_code),
        words("city", where.city),
    )


@lru_cache(maxsize=4096)
def _name(person: Professional) -> str:
    return tag(
        "name",
        words("prefix", person.civility),
        words("given", person.given),
        words("family", person.family),
        words("suffix", person.title),
    )


@lru_cache(maxsize=1024)
def _organisation(place: Establishment, name: str) -> str:
    """The establishment as an organisation, under the element name its role gives it."""
    return tag(
        name,
        tag("id", root=STRUCTURES, extension=place.idnst),
        words("name", place.name),
        tag("telecom", value=f"tel:{place.telephone}", use="WP"),
        address(place.address),
        coded(PRACTICE_SETTING, name="standardIndustryClassCode"),
    )


@lru_cache(maxsize=4096)
def _assigned(person: Professional, place: Establishment) -> str:
    """What author, authenticator, performer and encounter have in common: who, speciality, where."""
    return (
        tag("id", root=PROFESSIONALS, extension=person.idnps)
        + coded(_specialty(person))
        + address(place.address)
        + tag("telecom", value=f"tel:{place.telephone}", use="WP")
        + tag("assignedPerson", _name(person))
        + _organisation(place, "representedOrganization")
    )


def _specialty(person: Professional) -> tuple[str, str, str]:
    return person.specialty, "1.2.250.1.213.1.1.4.5", person.specialty_name


def _participants(stay: Stay, instant: str) -> tuple[str, ...]:
    place = stay.establishment
    assigned = _assigned(stay.physician, place)
    signature = tag("signatureCode", code="S")
    return (
        tag("author", tag("time", value=instant), tag("assignedAuthor", assigned)),
        _relative(stay.patient),
        _custodian(place),
        _recipient(stay.patient.physician),
        tag("legalAuthenticator", tag("time", value=instant), signature, tag("assignedEntity", assigned)),
        _attending(stay.patient.physician),
    )


def _relative(patient: Patient) -> str:
    """The person to call; the same family name is all the demonstration needs to know of them."""
    return tag(
        "informant",
        tag(
            "relatedEntity",
            coded(("SIS", "2.16.840.1.113883.5.111", "Soeur")),
            tag("addr", nullFlavor="NAV"),
            tag("telecom", value=f"tel:{patient.telephone}", use="MC"),
            tag("relatedPerson", tag("name", words("family", patient.birth_family), words("given", "MARIE-FICTIVE"))),
            classCode="ECON",
        ),
    )


@lru_cache(maxsize=256)
def _custodian(place: Establishment) -> str:
    organisation = tag(
        "representedCustodianOrganization",
        tag("id", root=STRUCTURES, extension=place.idnst),
        words("name", place.name),
        tag("telecom", value=f"tel:{place.telephone}", use="WP"),
        address(place.address),
    )
    return tag("custodian", tag("assignedCustodian", organisation))


@lru_cache(maxsize=1024)
def _recipient(physician: Professional) -> str:
    return tag(
        "informationRecipient",
        tag(
            "intendedRecipient",
            tag("id", root=PROFESSIONALS, extension=physician.idnps),
            tag("informationRecipient", _name(physician)),
        ),
    )


@lru_cache(maxsize=1024)
def _attending(physician: Professional) -> str:
    """The médecin traitant: participant INF with function PCP, as letters announce it."""
    return tag(
        "participant",
        coded(ATTENDING, name="functionCode"),
        tag("time", nullFlavor="NA"),
        tag(
            "associatedEntity",
            tag("id", root=PROFESSIONALS, extension=physician.idnps),
            coded(_specialty(physician)),
            tag("addr", nullFlavor="NAV"),
            tag("telecom", nullFlavor="NAV"),
            tag("associatedPerson", _name(physician)),
            classCode="PROV",
        ),
        typeCode="INF",
    )


def interval(stay: Stay) -> str:
    """Admission to discharge; no `high` while the patient is still there."""
    low = tag("low", value=stamp(stay.admitted))
    high = tag("high", value=stamp(stay.discharged)) if stay.discharged else ""
    return tag("effectiveTime", low, high)


def _documentation(heading: Heading) -> str:
    stay = heading.stay
    performer = tag(
        "performer",
        tag("time", tag("low", value=stamp(stay.admitted))),
        tag("assignedEntity", _assigned(stay.physician, stay.establishment)),
        typeCode="PRF",
    )
    return tag("documentationOf", tag("serviceEvent", coded(heading.act), interval(stay), performer))


def _related(replaces: str | None) -> tuple[str, ...]:
    if replaces is None:
        return ()
    return (tag("relatedDocument", tag("parentDocument", tag("id", root=replaces)), typeCode="RPLC"),)


def _encounter(stay: Stay) -> str:
    place = stay.establishment
    return tag(
        "componentOf",
        tag(
            "encompassingEncounter",
            tag("id", root=place.stay_root, extension=stay.id),
            coded(HOSPITALISATION),
            interval(stay),
            tag("responsibleParty", tag("assignedEntity", _assigned(stay.physician, place))),
            tag(
                "location",
                tag(
                    "healthCareFacility",
                    tag("id", root=STRUCTURES, extension=place.idnst),
                    coded(FACILITIES[place.status]),
                ),
            ),
        ),
    )
