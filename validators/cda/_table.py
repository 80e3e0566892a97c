"""The header's cardinalities, required attributes and closed lists, as tables: a new rule is a row and a test row.

Source: CI-SIS structuration minimale des documents de santé (header of the document), in the order of the schema.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from validators.cda._header import CUSTODIAN_ID, ENCOUNTER, EVENT, FACILITY, PROFESSIONAL_ROOT, SETTING, STRUCTURE_ROOT

MANY: Final = 10**6
PATIENT: Final = "recordTarget/patientRole/patient"
_CODED: Final = ("code", "codeSystem", "displayName")
_II: Final = ("root", "extension")
_PERFORMER: Final = "documentationOf/serviceEvent/performer"


@dataclass(frozen=True, slots=True)
class Row:
    """Between `low` and `high` elements under each parent that exists, each with the `attributes`.

    `null` says that a nullFlavor is an answer; otherwise an element with one counts as missing.
    """

    path: str
    low: int
    high: int
    attributes: tuple[str, ...] = ()
    null: bool = False


CARDINALITIES: Final = (
    Row("realmCode", 1, 1, ("code",)),
    Row("id", 1, 1, ("root",)),
    Row("code", 1, 1, _CODED),
    Row("title", 1, 1),
    Row("effectiveTime", 1, 1, ("value",)),
    Row("confidentialityCode", 1, 1, _CODED),
    Row("languageCode", 1, 1, ("code",)),
    Row("setId", 1, 1, ("root",)),
    Row("versionNumber", 1, 1, ("value",)),
    Row("recordTarget", 1, 1),
    Row("recordTarget/patientRole", 1, 1),
    Row("recordTarget/patientRole/id", 1, MANY, _II),
    Row(PATIENT, 1, 1),
    Row(f"{PATIENT}/name", 1, 1),
    Row(f"{PATIENT}/name/given", 1, MANY),
    Row(f"{PATIENT}/name/family", 1, MANY, ("qualifier",)),
    Row(f"{PATIENT}/administrativeGenderCode", 1, 1, ("code",)),
    Row(f"{PATIENT}/birthTime", 1, 1, ("value",)),
    Row(f"{PATIENT}/guardian/guardianPerson/name", 1, 1),
    Row(f"{PATIENT}/guardian/guardianPerson/name/family", 1, 3),
    Row(f"{PATIENT}/birthplace", 0, 1),
    Row(f"{PATIENT}/birthplace/place", 1, 1),
    Row("author", 1, MANY),
    Row("author/time", 1, 1, ("value",)),
    Row("author/assignedAuthor", 1, 1),
    Row("author/assignedAuthor/id", 1, MANY, _II),
    Row("author/assignedAuthor/assignedPerson", 0, 1),
    Row("author/assignedAuthor/assignedPerson/name", 1, 1),
    Row("author/assignedAuthor/assignedPerson/name/family", 1, 1),
    Row("author/assignedAuthor/assignedPerson/name/given", 0, 1),
    Row("author/assignedAuthor/assignedAuthoringDevice/manufacturerModelName", 1, 1, null=True),
    Row("author/assignedAuthor/assignedAuthoringDevice/softwareName", 1, 1, null=True),
    Row("dataEnterer", 0, 1),
    Row("informant/relatedEntity/relatedPerson", 1, 1),
    Row("informant/relatedEntity/relatedPerson/name", 1, 1),
    Row("informant/relatedEntity/relatedPerson/name/family", 1, 1),
    Row("custodian", 1, 1),
    Row("custodian/assignedCustodian", 1, 1),
    Row("custodian/assignedCustodian/representedCustodianOrganization", 1, 1),
    Row(CUSTODIAN_ID, 1, 1, ("root",)),
    Row("informationRecipient/intendedRecipient", 1, 1),
    Row("legalAuthenticator", 1, 1),
    Row("legalAuthenticator/time", 1, 1, ("value",)),
    Row("legalAuthenticator/signatureCode", 1, 1, ("code",)),
    Row("legalAuthenticator/assignedEntity", 1, 1),
    Row("legalAuthenticator/assignedEntity/id", 1, 1, _II),
    Row("legalAuthenticator/assignedEntity/assignedPerson", 0, 1),
    Row("legalAuthenticator/assignedEntity/assignedPerson/name", 1, 1),
    Row("legalAuthenticator/assignedEntity/assignedPerson/name/family", 1, 1),
    Row("authenticator/time", 1, 1, ("value",)),
    Row("authenticator/signatureCode", 1, 1, null=True),
    Row("authenticator/assignedEntity", 1, 1),
    Row("participant/time", 1, 1, null=True),
    Row("participant/associatedEntity", 1, 1, ("classCode",)),
    Row("inFulfillmentOf/order", 1, 1),
    Row("inFulfillmentOf/order/id", 1, 1, null=True),
    Row("documentationOf", 1, MANY),
    Row("documentationOf/serviceEvent", 1, 1),
    Row("documentationOf/serviceEvent/effectiveTime/low", 1, 1, ("value",)),
    # Only the first one is the main act: it alone needs a performer and a date.
    Row(f"{EVENT}/effectiveTime", 1, 1, null=True),
    Row(f"{EVENT}/performer", 1, 1),
    Row(_PERFORMER, 0, 1),
    Row(f"{_PERFORMER}/assignedEntity", 1, 1),
    Row(f"{_PERFORMER}/assignedEntity/id", 1, 1, null=True),
    Row(f"{_PERFORMER}/assignedEntity/representedOrganization", 1, 1),
    Row(f"{_PERFORMER}/assignedEntity/representedOrganization/standardIndustryClassCode", 1, 1, _CODED),
    Row("relatedDocument", 0, MANY, ("typeCode",)),
    Row("relatedDocument/parentDocument", 1, 1),
    Row("relatedDocument/parentDocument/id", 1, 1, ("root",)),
    Row("authorization/consent/code", 1, 1, null=True),
    Row("componentOf", 1, 1),
    Row(ENCOUNTER, 1, 1),
    Row(f"{ENCOUNTER}/id", 0, MANY, ("root",), null=True),
    Row(f"{ENCOUNTER}/effectiveTime", 1, 1, null=True),
    Row(f"{ENCOUNTER}/location", 1, 1),
    Row(f"{ENCOUNTER}/location/healthCareFacility", 1, 1),
    Row(FACILITY, 1, 1, _CODED),
    Row("component", 1, 1),
)


@dataclass(frozen=True, slots=True)
class Closed:
    """An attribute (or the text, when `attribute` is empty) that takes only the listed values when it is there."""

    path: str
    attribute: str
    values: frozenset[str]


_SIGNED: Final = frozenset({"S"})
_CIVILITY: Final = frozenset({"M", "MME"})  # JDV_J245
_TITLE: Final = frozenset({"DR", "MC", "MG", "PC", "PG", "PR"})  # JDV_J246
_QUALIFIER: Final = frozenset({"BR", "CL"})
_J04: Final = frozenset({
    "AMBULATOIRE", "AMO", "DEPISTAGE", "ESSMS", "ETABLISSEMENT", "EXP_PATIENT", "HAD", "MAD", "PALLIATIF", "SAD",
    "SAMU_SMUR", "SNR",
})  # fmt: skip
_J02: Final = frozenset({"EXP_PATIENT", "SNR"} | {f"SA{n:02d}" for n in range(1, 70) if n not in (11, 62)})
_J47: Final = frozenset({"CORRE", "PRELV", "ES-REF", "ES-PREF", "ADMPHYS", "ATTPHYS", "DISPHYS", "PCP", "330", "353"})
_J142: Final = frozenset({"IMP", "EMER", "AMB", "FLD", "HH", "VR", "EXTERNE", "SEANCE"})
_J144: Final = frozenset({"REF", "REFB", "INF", "RESP", "PRF", "CON", "VRF"})

_NAMED: Final = (
    "author/assignedAuthor/assignedPerson/name",
    "legalAuthenticator/assignedEntity/assignedPerson/name",
    "authenticator/assignedEntity/assignedPerson/name",
    "participant/associatedEntity/associatedPerson/name",
    "documentationOf/serviceEvent/performer/assignedEntity/assignedPerson/name",
)

CLOSED_LISTS: Final = (
    Closed("realmCode", "code", frozenset({"FR"})),
    Closed(f"{PATIENT}/name/family", "qualifier", _QUALIFIER),
    Closed(f"{PATIENT}/name/given", "qualifier", _QUALIFIER),
    Closed(f"{PATIENT}/administrativeGenderCode", "code", frozenset({"F", "M", "UN"})),  # JDV_J143
    Closed("informant/relatedEntity", "classCode", frozenset(["ECON", "NOK", "CON", "CAREGIVER", "PAT"])),
    Closed(CUSTODIAN_ID, "root", frozenset({STRUCTURE_ROOT, "1.2.250.1.213.4.1"})),
    Closed("legalAuthenticator/signatureCode", "code", _SIGNED),
    Closed("authenticator/signatureCode", "code", _SIGNED),
    Closed("authenticator/assignedEntity/id", "root", frozenset({PROFESSIONAL_ROOT})),
    Closed("participant", "typeCode", _J144),
    Closed("author/functionCode", "code", _J47),
    Closed("participant/functionCode", "code", _J47),
    Closed("participant/associatedEntity", "classCode", frozenset({"PROV", "AGNT"})),
    Closed(f"{_PERFORMER}/assignedEntity/representedOrganization/standardIndustryClassCode", "code", _J04),
    Closed(f"{ENCOUNTER}/code", "code", _J142),
    Closed(FACILITY, "code", _J02),
    *(Closed(f"{name}/prefix", "", _CIVILITY) for name in _NAMED),
    *(Closed(f"{name}/suffix", "", _TITLE) for name in _NAMED),
)

SYSTEMS: Final = {
    SETTING: frozenset({"1.2.250.1.213.1.1.4.9", "1.2.250.1.213.1.1.4.6"}),
    FACILITY: frozenset({"1.2.250.1.71.4.2.4", "1.2.250.1.213.1.1.4.6"}),
}
"""Code systems of the practice setting (TRE_A01, TRE_A00) and of the facility (TRE_R02, TRE_A00)."""
