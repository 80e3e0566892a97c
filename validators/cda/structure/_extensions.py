"""Elements of other namespaces that national documents carry, each namespace with its types and global elements.

Sources: HL7 SDWG extensions (sdtc), IHE XD-LAB with the ANS preconditions (lab), DICOM PS3.20, IHE Pharmacy (the
COCT_MT230100UV medication, whose data types live in its own namespace).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from validators.cda.structure._notation import Complex, Simple, clinical


@dataclass(frozen=True, slots=True)
class Extension:
    """One namespace: its global elements (name to type), attributes and types; `own_data_types` repeats HL7's in it."""

    prefix: str
    uri: str
    elements: dict[str, str]
    types: tuple[Complex, ...] = ()
    simple_types: tuple[Simple, ...] = ()
    attributes: dict[str, str] | None = None
    own_data_types: bool = False


SDTC: Final = Extension(
    "sdtc",
    "urn:hl7-org:sdtc",
    {
        "raceCode": "CE", "ethnicGroupCode": "CE", "dischargeDispositionCode": "CE", "id": "II", "deceasedInd": "BL",
        "deceasedTime": "TS", "multipleBirthInd": "BL", "multipleBirthOrderNumber": "INT_POS", "birthTime": "TS",
        "signatureText": "ED", "statusCode": "CS", "desc": "ED", "inFulfillmentOf1": "InFulfillmentOf1",
        "patient": "SdtcPatient", "asPatientRelationship": "AsPatientRelationship", "priorityNumber": "INT",
        "functionCode": "CE", "precondition1": "Precondition1", "text": "ED",
    },
    (
        Complex("INT_POS", "", "value:int_pos", "QTY"),
        clinical(
            "ActReference", "id:II+", "classCode:ActClass! moodCode:x_DocumentActMood! determinerCode=INSTANCE",
            null=False,
        ),
        clinical(
            "InFulfillmentOf1", "actReference:ActReference", "typeCode=FLFS! inversionInd:bl negationInd:bl", null=False
        ),
        Complex("SdtcPatient", "id:II"),
        clinical("AsPatientRelationship", "code:CE", "classCode=PRS! determinerCode=INSTANCE", null=False),
        clinical("Precondition1", "conjunctionCode:CS criterion1:Criterion", "typeCode=PRCN"),
    ),
    (Simple("int_pos", "int", facets='<xs:minInclusive value="1"/>'),),
    {"valueSet": "oid", "valueSetVersion": "st"},
)  # fmt: skip

LAB: Final = Extension(
    "lab",
    "urn:oid:1.3.6.1.4.1.19376.1.3.2",
    {"statusCode": "LabStatusCode", "precondition": "LabPrecondition"},
    (
        Complex("LabStatusCode", "", "code:LabStatus"),
        Complex("LabPrecondition", "criterion:LabCriterion", "typeCode=PRCN"),
        Complex("LabCriterion", "code:LabCode? value:LabValue?", "classCode=COND moodCode=EVN"),
        Complex("LabCode", "", "code:xs.string"),
        Complex("LabValue", "", "value:LabSex"),
    ),
)

DICOM: Final = Extension("ps3-20", "urn:dicom-org:ps3-20", {"accessionNumber": "II"})

_DETERMINED: Final = "determinerCode:EntityDeterminer!"
_MATERIAL: Final = f"classCode:EntityClassManufacturedMaterial! {_DETERMINED}"
_PRODUCT: Final = "name:TN* desc:ED?"
_SUBJECT: Final = "typeCode:ParticipationTargetSubject!"


def _subject(name: str, of: str) -> Complex:
    return clinical(name, of, _SUBJECT)


_MEDICINE: Final = (
    clinical(
        "Medicine",
        f"id:II? code:CE? {_PRODUCT} riskCode:CE? handlingCode:CE? formCode:CE? lotNumberText:ST? "
        "expirationTime:IVL_TS? stabilityTime:IVL_TS? asDistributedProduct:DistributedProduct* "
        "asMedicineManufacturer:MedicineManufacturer* asContent:Content? asSpecializedKind:SpecializedKind* "
        "part:Part* ingredient:Ingredient*",
        _MATERIAL, null=False,
    ),
    clinical(
        "Medication",
        "administerableMedicine:Medicine subjectOf1:SubjectPolicy* subjectOf2:SubjectApproval* "
        "subjectOf3:SubjectCharacteristic* subjectOf4:SubjectGoal* subjectOf5:SubjectItem?",
        "classCode=ADMM!", null=False,
    ),
    clinical(
        "Content",
        "quantity:RTO_QTY_QTY? containerPackagedMedicine:PackagedMedicine subjectOf1:SubjectPolicy* "
        "subjectOf2:SubjectApproval*",
        "classCode=CONT!",
    ),
    clinical(
        "PackagedMedicine",
        "id:II? code:CE? name:TN* formCode:CE? lotNumberText:ST? capacityQuantity:PQ? capTypeCode:CE? "
        "asManufacturedProduct:ManufacturedProduct* asSuperContent:SuperContent? subContent:SubContent?",
        f"classCode:EntityClassContainer! {_DETERMINED}",
    ),
    clinical("SuperContent", "quantity:RTO_QTY_QTY? containerPackagedMedicine:PackagedMedicine", "classCode=CONT!"),
    clinical("SubContent", "quantity:RTO_QTY_QTY? containedPackagedMedicine:PackagedMedicine?", "classCode=CONT!"),
    clinical(
        "SpecializedKind", "code:CE? generalizedMedicineClass:MedicineClass?", "classCode:RoleClassIsSpeciesEntity!"
    ),
    clinical(
        "MedicineClass", f"code:CE {_PRODUCT} formCode:CE?",
        "classCode:EntityClassManufacturedMaterial! determinerCode=KIND",
    ),
    clinical(
        "Part", "quantity:RTO_QTY_QTY? partMedicine:Medicine subjectOf:SubjectCharacteristic*",
        "classCode:RoleClassPart!",
    ),
    clinical(
        "Ingredient", "quantity:v3.RTO? ingredient:Substance?", "classCode:RoleClassIngredientEntity! negationInd:bl"
    ),
    clinical(
        "SubIngredient", "quantity:RTO_QTY_QTY? ingredient:Substance?",
        "classCode:RoleClassIngredientEntity! negationInd:bl",
    ),
    clinical(
        "Substance",
        f"code:CE? {_PRODUCT} lotNumberText:ST? asSubstanceManufacturer:MedicineManufacturer* "
        "subIngredient:SubIngredient*",
        _MATERIAL,
    ),
)  # fmt: skip

_MAKERS: Final = (
    clinical("DistributedProduct", "distributingManufacturer:Manufacturer", "classCode:RoleClassDistributedMaterial!"),
    clinical("MedicineManufacturer", "manufacturer:Manufacturer", "classCode:RoleClassManufacturedProduct!"),
    clinical(
        "ManufacturedProduct",
        "manufacturer:Manufacturer subjectOf1:SubjectCharacteristic* subjectOf2:SubjectPolicy* "
        "subjectOf3:SubjectApproval*",
        "classCode:RoleClassManufacturedProduct!",
    ),
    clinical(
        "Manufacturer", "id:II? name:EN? telecom:TEL? addr:AD? asRelatedManufacturer:RelatedManufacturer*",
        "classCode:EntityClassOrganization! determinerCode=INSTANCE!",
    ),
    clinical(
        "RelatedManufacturer", "id:II* representedManufacturer:Manufacturer?", "classCode:RoleClassAssignedEntity!"
    ),
    clinical("Holder", "role:Role", "typeCode=HLD!"),
    clinical("Role", "playingManufacturer:Manufacturer", "classCode:cs!"),
)  # fmt: skip

_SUBJECTS: Final = (
    _subject("SubjectPolicy", "policy:Policy"),
    _subject("SubjectApproval", "approval:Approval"),
    _subject("SubjectCharacteristic", "characteristic:Characteristic"),
    _subject("SubjectGoal", "observationGoal:ObservationGoal"),
    clinical("SubjectItem", "valuedItem:ValuedItem", "typeCode=SBJ"),
    clinical("Policy", "code:CD? text:ED?", "classCode:ActClass! moodCode=DEF!"),
    clinical(
        "Approval", "id:II code:CD? statusCode:CS? holder:Holder? author:ApprovalAuthor",
        "classCode:ActClassContract! moodCode=EVN!",
    ),
    clinical("ApprovalAuthor", "time:TS? territorialAuthority:TerritorialAuthority", "typeCode=AUT!", null=False),
    clinical("TerritorialAuthority", "territory:Agency? governingCountry:Country?", "classCode=TERR!", null=False),
    clinical("Agency", "id:II? name:ON?", "classCode=PUB! determinerCode=INSTANCE!"),
    clinical("Country", "code:CD name:TN?", "classCode:EntityClassState! determinerCode=INSTANCE!"),
    clinical("Characteristic", "code:CE text:ED? value:ANY?", "classCode:ActClassObservation! moodCode=EVN!"),
    clinical("ObservationGoal", "code:CD? text:ED? value:ANY?", "classCode:ActClassObservation! moodCode=GOL!"),
    clinical(
        "ValuedItem",
        "id:II+ code:CD? effectiveTime:IVL_TS? unitQuantity:RTO_PQ_PQ? unitPriceAmt:RTO_MO_PQ netAmt:MO?",
        "classCode=INVE! moodCode:x_ActMoodDefEvn!", null=False,
    ),
)  # fmt: skip

PHARMACY: Final = Extension(
    "pharm",
    "urn:ihe:pharm:medication",
    {
        "subjectOf1": "SubjectPolicy", "subjectOf2": "SubjectApproval", "subjectOf3": "SubjectCharacteristic",
        "subjectOf4": "SubjectGoal", "subjectOf5": "SubjectItem", "id": "II", "desc": "ED", "riskCode": "CE",
        "handlingCode": "CE", "formCode": "CE", "expirationTime": "IVL_TS", "stabilityTime": "IVL_TS",
        "asDistributedProduct": "DistributedProduct", "asMedicineManufacturer": "MedicineManufacturer",
        "asContent": "Content", "asSpecializedKind": "SpecializedKind", "part": "Part", "ingredient": "Ingredient",
        "medication": "Medication",
    },
    (*_MEDICINE, *_MAKERS, *_SUBJECTS),
    own_data_types=True,
)  # fmt: skip

EXTENSIONS: Final = (SDTC, LAB, DICOM, PHARMACY)
"""The namespaces beside HL7 v3."""
