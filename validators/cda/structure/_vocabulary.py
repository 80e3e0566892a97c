"""Closed lists of codes that attributes take: HL7 v3 structural vocabulary, as CDA R2 (2005) froze it.

A domain that HL7 left open (RoleClassAssociative, RoleClassRoot, CalendarCycle) is not a list: any code is legal there.
"""

from __future__ import annotations

from typing import Final


def _codes(*parts: str | tuple[str, ...]) -> tuple[str, ...]:
    """Codes written as words and lists already known, in order, once each."""
    words = (word for part in parts for word in (part.split() if isinstance(part, str) else part))
    return tuple(dict.fromkeys(words))


_INTENT: Final = _codes("INT APT ARQ PRMS PRP RQO SLOT")
_ACT_MOOD: Final = _codes("DEF EVN", _INTENT, "EVN.CRT GOL OPT PERM PERMRQ")
_OBSERVATION: Final = _codes(
    "OBS ALRT CLNTRL CNOD DGIMG INVSTG SPCOBS COND CASE OUTB OBSSER OBSCOR ROIBND ROIOVL"
)  # fmt: skip
_DOCUMENT: Final = _codes("DOC DOCCLIN CDALVLONE")
_ACT_CLASS: Final = _codes(
    "ACT ACCM ACCT ACSN ADJUD CONS CONTREG CTTEVENT DISPACT ENC INC INFRM INVE LIST MPROT PCPR PROC REG REV SBADM "
    "SPCTRT SUBST TRNS VERIF XACT CNTRCT FCNTRCT COV CACT ACTN INFO STC SPLY DIET FOLDER COMPOSITION ENTRY BATTERY "
    "CLUSTER EXTRACT EHR ORGANIZER CATEGORY DOCBODY DOCSECT TOPIC",
    _DOCUMENT,
    _OBSERVATION,
)
_DEVICE: Final = _codes("DEV CER MODDV")
_CONTAINER: Final = _codes("CONT HOLD")
_MANUFACTURED: Final = _codes("MMAT", _CONTAINER, _DEVICE)
_ORGANISATION: Final = _codes("ORG PUB STATE NAT")
_ADDRESS_USE: Final = _codes("H HP HV WP DIR PUB BAD TMP")
_REPRESENTATION: Final = _codes("ABC IDE SYL")
_CONTACT: Final = _codes("CON ECON NOK")
_ASSIGNED: Final = _codes("ASSIGNED COMPAR SGNOFF", _CONTACT)

VOCABULARY: Final[dict[str, tuple[str, ...]]] = {
    # Data types
    "NullFlavor": _codes("NI NA MSK UNK NASK ASKU NAV TRC OTH NINF PINF NP"),
    "BinaryDataEncoding": _codes("B64 TXT"),
    "CompressionAlgorithm": _codes("DF GZ Z ZL"),
    "IntegrityCheckAlgorithm": _codes("SHA-1 SHA-256"),
    "SetOperator": _codes("A E H I P"),
    "ProbabilityDistributionType": _codes("B E F G LN N T U X2"),
    "TimingEvent": _codes("AC ACD ACM ACV C CD CM CV HS IC ICD ICM ICV PC PCD PCM PCV WAKE"),
    "TelecommunicationAddressUse": _codes(_ADDRESS_USE, "AS EC MC PG"),
    "PostalAddressUse": _codes(_ADDRESS_USE, _REPRESENTATION, "PHYS PST"),
    "EntityNameUse": _codes("L C A ASGN I P R SRCH PHON SNDX", _REPRESENTATION),
    "EntityNamePartQualifier": _codes("LS AC NB PR VV AD BR SP CL IN TITLE"),
    "EntityNamePartType": _codes("DEL FAM GIV PFX SFX"),
    "AddressPartType": _codes(
        "CAR CEN CNT CPA CTY DEL POB PRE STA ZIP ADL UNID UNIT DAL DINST DINSTA DINSTQ DMOD DMODID SAL DIR BNR BNN "
        "BNS STR STB STTYP"
    ),
    # Acts
    "ActClass": _ACT_CLASS,
    "ActClassObservation": _OBSERVATION,
    "ActClassDocument": _DOCUMENT,
    "ActClassContract": _codes("CNTRCT FCNTRCT COV"),
    "x_ActClassDocumentEntryAct": _codes("ACT ACCM CONS CTTEVENT INC INFRM PCPR REG SPCTRT"),
    "x_ActClassDocumentEntryOrganizer": _codes("BATTERY CLUSTER"),
    "ActMood": _ACT_MOOD,
    "x_ActMoodDefEvn": _codes("DEF EVN"),
    "x_ActMoodDocumentObservation": _codes("INT DEF EVN GOL PRMS PRP RQO"),
    "x_DocumentActMood": _codes("INT APT ARQ DEF EVN PRMS PRP RQO"),
    "x_DocumentEncounterMood": _codes("INT APT ARQ EVN PRMS PRP RQO"),
    "x_DocumentProcedureMood": _codes("INT APT ARQ DEF EVN PRMS PRP RQO"),
    "x_DocumentSubstanceMood": _codes("INT EVN PRMS PRP RQO"),
    # Relationships between acts
    "x_ActRelationshipDocument": _codes("RPLC APND XFRM"),
    "x_ActRelationshipEntry": _codes("COMP DRIV"),
    "x_ActRelationshipEntryRelationship": _codes("XCRPT COMP RSON SPRT CAUS GEVL MFST REFR SAS SUBJ"),
    "x_ActRelationshipExternalReference": _codes("XCRPT RPLC SPRT ELNK REFR SUBJ"),
    # Participations
    "ParticipationType": _codes(
        "CST RESP ADM ATND CALLBCK CON DIS ESC REF IND BEN COV HLD RCT RCV AUT ENT INF WIT IRCP NOT PRCP REFB REFT "
        "TRC PRF DIST PPRF SPRF DIR BBY CSM DON PRD DEV NRD RDV SBJ SPC LOC DST ELOC ORG RML VIA VRF AUTHEN LA"
    ),
    "ParticipationTargetSubject": _codes("SBJ SPC"),
    "x_EncounterParticipant": _codes("ADM ATND CON DIS REF"),
    "x_InformationRecipient": _codes("PRCP TRC"),
    "x_ServiceEventPerformer": _codes("PRF PPRF SPRF"),
    # Roles
    "RoleClassAssignedEntity": _ASSIGNED,
    "RoleClassDistributedMaterial": _codes("DST RET"),
    "RoleClassIngredientEntity": _codes("INGR ACTI ACTM ADTV BASE IACT COLR FLVR PRSV STBL"),
    "RoleClassIsSpeciesEntity": _codes("GEN GRIC"),
    "RoleClassManufacturedProduct": _codes("MANU THER"),
    "RoleClassMutualRelationship": _codes(
        "CAREGIVER PRS CIT COVPTY CRINV CRSPNSR GUAR PAT PAYEE PAYOR POLHOLD QUAL SPNSR STD UNDWRT LIC NOT PROV AGNT "
        "GUARD EMP MIL INVSBJ CASESBJ RESBJ",
        _ASSIGNED,
    ),
    "RoleClassPart": _codes("PART ACTM"),
    "RoleClassServiceDeliveryLocation": _codes("SDLOC DSDLOC ISDLOC"),
    "x_DocumentSubject": _codes("PAT PRS"),
    "x_InformationRecipientRole": _codes("ASSIGNED HLTHCHRT"),
    # Entities
    "EntityClassContainer": _CONTAINER,
    "EntityClassDevice": _DEVICE,
    "EntityClassManufacturedMaterial": _MANUFACTURED,
    "EntityClassOrganization": _ORGANISATION,
    "EntityClassRoot": _codes(
        "ENT HCE RGRP LIV PSN NLIV ANM MIC PLNT MAT CHEM FOOD PLC CITY COUNTRY COUNTY PROVINCE",
        _MANUFACTURED,
        _ORGANISATION,
    ),
    "EntityClassState": _codes("STATE NAT"),
    "EntityDeterminer": _codes("INSTANCE KIND QUANTIFIED_KIND"),
    # Narrative
    "Align": _codes("left center right justify char"),
    "VerticalAlign": _codes("top middle bottom baseline"),
    "CellScope": _codes("row col rowgroup colgroup"),
    "ListType": _codes("ordered unordered"),
    "Revised": _codes("insert delete"),
    "TableFrame": _codes("void above below hsides lhs rhs vsides box border"),
    "TableRules": _codes("none groups rows cols all"),
    # Laboratory extension (IHE XD-LAB)
    "LabStatus": _codes("active completed"),
    "LabSex": _codes("M F I"),
}
