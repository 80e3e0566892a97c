"""The body: level 1, sections, and the clinical statements with what they link to.

Source: HL7 CDA R2 (2005), POCD_MT000040; sdtc, lab and pharm elements where the CI-SIS puts them.
"""

from __future__ import annotations

from typing import Final

from validators.cda.structure._notation import Complex, clinical

_STATEMENT: Final = (
    "(act:Act | encounter:Encounter | observation:Observation | observationMedia:ObservationMedia | "
    "organizer:Organizer | procedure:Procedure | regionOfInterest:RegionOfInterest | "
    "substanceAdministration:SubstanceAdministration | supply:Supply)"
)
_WHAT: Final = "subject:Subject? specimen:Specimen*"
_WHO: Final = "performer:Performer2* author:Author* informant:Informant12* participant:Participant2*"
_LINKS: Final = "entryRelationship:EntryRelationship* reference:Reference* precondition:Precondition*"
_CONDUCTED: Final = "typeCode=COMP contextConductionInd:bl=true"
_ORDERED: Final = "sequenceNumber:INT? seperatableInd:BL?"
_DONE: Final = "text:ED? statusCode:CS? effectiveTime:IVL_TS?"
_KIND: Final = "classCode=MMAT determinerCode=KIND"
_INSTANCE: Final = "classCode:EntityClassRoot determinerCode=INSTANCE"

_SECTIONS: Final = (
    clinical("Component2", "(nonXMLBody:NonXMLBody | structuredBody:StructuredBody)", _CONDUCTED),
    clinical("NonXMLBody", "text:ED confidentialityCode:CE? languageCode:CS?", "classCode=DOCBODY moodCode=EVN"),
    clinical(
        "StructuredBody", "confidentialityCode:CE? languageCode:CS? component:Component3+",
        "classCode=DOCBODY moodCode=EVN",
    ),
    clinical("Component3", "section:Section", _CONDUCTED),
    clinical("Component5", "section:Section", _CONDUCTED),
    clinical(
        "Section",
        "id:II? code:CE? title:ST? text:StrucDoc.Text? confidentialityCode:CE? languageCode:CS? subject:Subject? "
        "author:Author* informant:Informant12* entry:Entry* component:Component5*",
        "ID:xs.ID classCode=DOCSECT moodCode=EVN",
    ),
    clinical("Entry", _STATEMENT, "typeCode:x_ActRelationshipEntry contextConductionInd:bl=true"),
    clinical(
        "EntryRelationship", f"{_ORDERED} {_STATEMENT}",
        "typeCode:x_ActRelationshipEntryRelationship! inversionInd:bl contextConductionInd:bl negationInd:bl",
    ),
    clinical("Component4", f"{_ORDERED} sdtc/priorityNumber? {_STATEMENT}", _CONDUCTED),
)  # fmt: skip

_ACTS: Final = (
    clinical(
        "Act",
        f"id:II* code:CD {_DONE} priorityCode:CE? languageCode:CS? {_WHAT} {_WHO} {_LINKS} sdtc/inFulfillmentOf1*",
        "classCode:x_ActClassDocumentEntryAct! moodCode:x_DocumentActMood! negationInd:bl",
    ),
    clinical(
        "Encounter",
        f"id:II* code:CD? {_DONE} sdtc/dischargeDispositionCode? priorityCode:CE? {_WHAT} {_WHO} {_LINKS} "
        "sdtc/inFulfillmentOf1*",
        "classCode:ActClass! moodCode:x_DocumentEncounterMood!",
    ),
    clinical(
        "Observation",
        f"id:II* code:CD derivationExpr:ST? {_DONE} priorityCode:CE? repeatNumber:IVL_INT? languageCode:CS? "
        f"value:ANY* interpretationCode:CE* methodCode:CE* targetSiteCode:CD* {_WHAT} {_WHO} {_LINKS} "
        "referenceRange:ReferenceRange* sdtc/inFulfillmentOf1*",
        "classCode:ActClassObservation! moodCode:x_ActMoodDocumentObservation! negationInd:bl",
    ),
    clinical(
        "ObservationMedia", f"id:II* languageCode:CS? value:ED {_WHAT} {_WHO} {_LINKS}",
        "ID:xs.ID classCode:ActClassObservation! moodCode:ActMood!",
    ),
    clinical(
        "Organizer",
        f"id:II* code:CD? sdtc/text? statusCode:CS effectiveTime:IVL_TS? {_WHAT} {_WHO} reference:Reference* "
        "precondition:Precondition* component:Component4*",
        "classCode:x_ActClassDocumentEntryOrganizer! moodCode:ActMood!",
    ),
    clinical(
        "Procedure",
        f"id:II* code:CD? {_DONE} priorityCode:CE? languageCode:CS? methodCode:CE* approachSiteCode:CD* "
        f"targetSiteCode:CD* {_WHAT} {_WHO} {_LINKS} sdtc/inFulfillmentOf1*",
        "classCode:ActClass! moodCode:x_DocumentProcedureMood! negationInd:bl",
    ),
    clinical(
        "RegionOfInterest", f"id:II+ code:CS value:RegionOfInterest.value+ {_WHAT} {_WHO} {_LINKS}",
        "ID:xs.ID classCode=ROIOVL! moodCode=EVN!",
    ),
    Complex("RegionOfInterest.value", "", "unsorted:xs.boolean", "INT"),
    clinical(
        "SubstanceAdministration",
        "id:II* code:CD? text:ED? statusCode:CS? effectiveTime:SXCM_TS* priorityCode:CE? repeatNumber:IVL_INT? "
        "routeCode:CE? approachSiteCode:CD* doseQuantity:IVL_PQ? rateQuantity:IVL_PQ? maxDoseQuantity:RTO_PQ_PQ? "
        f"administrationUnitCode:CE? {_WHAT} consumable:Consumable {_WHO} {_LINKS} sdtc/inFulfillmentOf1*",
        "classCode=SBADM! moodCode:x_DocumentSubstanceMood! negationInd:bl",
    ),
    clinical(
        "Supply",
        "id:II* code:CD? text:ED? statusCode:CS? effectiveTime:SXCM_TS* priorityCode:CE* repeatNumber:IVL_INT? "
        f"independentInd:BL? quantity:PQ? expectedUseTime:IVL_TS? {_WHAT} product:Product? {_WHO} {_LINKS} "
        "sdtc/inFulfillmentOf1*",
        "classCode=SPLY! moodCode:x_DocumentSubstanceMood!",
    ),
)  # fmt: skip

_REFERENCES: Final = (
    clinical(
        "Reference",
        "seperatableInd:BL? (externalAct:ExternalAct | externalObservation:ExternalObservation | "
        "externalProcedure:ExternalProcedure | externalDocument:ExternalDocument)",
        "typeCode:x_ActRelationshipExternalReference!",
    ),
    clinical("ExternalAct", "id:II* code:CD? text:ED?", "classCode:ActClass moodCode=EVN"),
    clinical("ExternalObservation", "id:II* code:CD? text:ED?", "classCode:ActClassObservation moodCode=EVN"),
    clinical("ExternalProcedure", "id:II* code:CD? text:ED?", "classCode=PROC moodCode=EVN"),
    clinical(
        "ExternalDocument", "id:II* code:CD? text:ED? setId:II? versionNumber:INT?",
        "classCode:ActClassDocument moodCode=EVN",
    ),
    clinical("Precondition", "criterion:Criterion", "typeCode=PRCN"),
    clinical("Criterion", "code:CD? text:ED? value:ANY?", "classCode:ActClassObservation moodCode=EVN.CRT"),
    clinical("ReferenceRange", "observationRange:ObservationRange", "typeCode=REFV"),
    clinical(
        "ObservationRange",
        "code:CD? text:ED? value:ANY? interpretationCode:CE? sdtc/precondition1* lab/precondition*",
        "classCode:ActClassObservation moodCode=EVN.CRT",
    ),
)  # fmt: skip

_PARTICIPANTS: Final = (
    clinical(
        "Performer2", "sdtc/functionCode? time:IVL_TS? modeCode:CE? assignedEntity:AssignedEntity", "typeCode=PRF"
    ),
    clinical(
        "Participant2", "time:IVL_TS? awarenessCode:CE? participantRole:ParticipantRole",
        "typeCode:ParticipationType! contextControlCode=OP",
    ),
    clinical(
        "ParticipantRole",
        # functionCode is no element of HL7's: the national schema lets anything stand in it.
        "functionCode:xs.anyType? id:II* code:CE? addr:AD* telecom:TEL* "
        "(playingDevice:Device? | playingEntity:PlayingEntity?) scopingEntity:Entity?",
        "classCode:cs",
    ),
    clinical(
        "Subject", "awarenessCode:CE? relatedSubject:RelatedSubject", "typeCode=SBJ contextControlCode=OP"
    ),
    clinical(
        "RelatedSubject", "sdtc/id* code:CE? addr:AD* telecom:TEL* subject:SubjectPerson?",
        "classCode:x_DocumentSubject",
    ),
    clinical("Specimen", "specimenRole:SpecimenRole", "typeCode=SPC"),
    clinical("SpecimenRole", "id:II* specimenPlayingEntity:PlayingEntity?", "classCode=SPEC"),
    clinical("PlayingEntity", "code:CE? quantity:PQ* name:PN* sdtc/birthTime? desc:ED?", _INSTANCE),
    clinical("Entity", "id:II* code:CE? desc:ED?", _INSTANCE),
    clinical(
        "Device", "code:CE? manufacturerModelName:SC? softwareName:SC?",
        "classCode:EntityClassDevice determinerCode=INSTANCE",
    ),
)  # fmt: skip

_PRODUCTS: Final = (
    clinical("Consumable", "manufacturedProduct:ManufacturedProduct", "typeCode=CSM"),
    clinical("Product", "manufacturedProduct:ManufacturedProduct", "typeCode=PRD"),
    clinical(
        "ManufacturedProduct",
        "id:II* (manufacturedLabeledDrug:LabeledDrug | manufacturedMaterial:Material) "
        "manufacturerOrganization:Organization? pharm/subjectOf1* pharm/subjectOf2* pharm/subjectOf3* "
        "pharm/subjectOf4* pharm/subjectOf5?",
        "classCode=MANU",
    ),
    clinical("LabeledDrug", "code:CE? name:EN?", _KIND),
    clinical(
        "Material",
        "code:CE? name:EN? pharm/desc? pharm/riskCode? pharm/handlingCode? pharm/formCode? lotNumberText:ST? "
        "pharm/expirationTime? pharm/stabilityTime? pharm/asDistributedProduct* pharm/asMedicineManufacturer* "
        "pharm/asContent? pharm/asSpecializedKind* pharm/part* pharm/ingredient*",
        _KIND,
    ),
)  # fmt: skip

BODY: Final[tuple[Complex, ...]] = (*_SECTIONS, *_ACTS, *_REFERENCES, *_PARTICIPANTS, *_PRODUCTS)
"""The classes of the body."""
