"""The header of a clinical document: the document, its participations, the roles and entities they name.

Source: HL7 CDA R2 (2005), POCD_MT000040; sdtc, lab and ps3-20 elements where the CI-SIS puts them.
"""

from __future__ import annotations

from typing import Final

from validators.cda.structure._notation import Complex, clinical

_ORGANISATION: Final = "classCode=ORG determinerCode=INSTANCE"
_PERSON: Final = "classCode=PSN determinerCode=INSTANCE"
_CONTACT: Final = "addr:AD* telecom:TEL*"
_OP: Final = "contextControlCode=OP"
_BORN: Final = (
    "administrativeGenderCode:CE? birthTime:TS? sdtc/deceasedInd? sdtc/deceasedTime? sdtc/multipleBirthInd? "
    "sdtc/multipleBirthOrderNumber?"
)

_DOCUMENT: Final = (
    clinical(
        "ClinicalDocument",
        "realmCode:CS* typeId:InfrastructureRoot.typeId templateId:II* id:II code:CE title:ST? effectiveTime:TS "
        "confidentialityCode:CE languageCode:CS? setId:II? versionNumber:INT? copyTime:TS? "
        "recordTarget:RecordTarget+ author:Author+ dataEnterer:DataEnterer? informant:Informant12* "
        "custodian:Custodian informationRecipient:InformationRecipient* legalAuthenticator:LegalAuthenticator? "
        "authenticator:Authenticator* participant:Participant1* inFulfillmentOf:InFulfillmentOf* "
        "documentationOf:DocumentationOf* relatedDocument:RelatedDocument* authorization:Authorization* "
        "componentOf:Component1? component:Component2 sdtc/statusCode?",
        "classCode=DOCCLIN moodCode=EVN",
        root=False,
    ),
    Complex(
        "InfrastructureRoot.typeId", "", "root:uid=2.16.840.1.113883.1.3! extension:st!", "II", narrows=True
    ),
)  # fmt: skip

_PARTICIPATIONS: Final = (
    clinical("RecordTarget", "patientRole:PatientRole", f"typeCode=RCT {_OP}"),
    clinical("Author", "functionCode:CE? time:TS assignedAuthor:AssignedAuthor", f"typeCode=AUT {_OP}"),
    clinical("DataEnterer", "time:TS? assignedEntity:AssignedEntity", f"typeCode=ENT {_OP}"),
    clinical(
        "Informant12", "(assignedEntity:AssignedEntity | relatedEntity:RelatedEntity)", f"typeCode=INF {_OP}"
    ),
    clinical("Custodian", "assignedCustodian:AssignedCustodian", "typeCode=CST"),
    clinical("InformationRecipient", "intendedRecipient:IntendedRecipient", "typeCode:x_InformationRecipient"),
    clinical(
        "LegalAuthenticator", "time:TS signatureCode:CS sdtc/signatureText? assignedEntity:AssignedEntity",
        f"typeCode=LA {_OP}",
    ),
    clinical(
        "Authenticator", "time:TS signatureCode:CS assignedEntity:AssignedEntity sdtc/signatureText?",
        "typeCode=AUTHEN",
    ),
    clinical(
        "Participant1", "functionCode:CE? time:IVL_TS? associatedEntity:AssociatedEntity",
        f"typeCode:ParticipationType! {_OP}",
    ),
    clinical(
        "Performer1", "functionCode:CE? time:IVL_TS? assignedEntity:AssignedEntity",
        "typeCode:x_ServiceEventPerformer!",
    ),
    clinical(
        "EncounterParticipant", "time:IVL_TS? assignedEntity:AssignedEntity", "typeCode:x_EncounterParticipant!"
    ),
    clinical("ResponsibleParty", "assignedEntity:AssignedEntity", "typeCode=RESP"),
    clinical("Location", "healthCareFacility:HealthCareFacility", "typeCode=LOC"),
)  # fmt: skip

_RELATIONS: Final = (
    clinical("Component1", "encompassingEncounter:EncompassingEncounter", "typeCode=COMP"),
    clinical("DocumentationOf", "serviceEvent:ServiceEvent", "typeCode=DOC"),
    clinical("InFulfillmentOf", "order:Order", "typeCode=FLFS"),
    clinical("RelatedDocument", "parentDocument:ParentDocument", "typeCode:x_ActRelationshipDocument!"),
    clinical("Authorization", "consent:Consent", "typeCode=AUTH"),
    clinical(
        "EncompassingEncounter",
        "id:II* code:CE? effectiveTime:IVL_TS dischargeDispositionCode:CE? responsibleParty:ResponsibleParty? "
        "encounterParticipant:EncounterParticipant* location:Location?",
        "classCode=ENC moodCode=EVN",
    ),
    clinical(
        "ServiceEvent", "id:II* code:CE? lab/statusCode? effectiveTime:IVL_TS? performer:Performer1*",
        "classCode:ActClass moodCode=EVN",
    ),
    clinical(
        "Order", "id:II+ code:CE? priorityCode:CE? ps3-20/accessionNumber*", "classCode:ActClass moodCode=RQO"
    ),
    clinical(
        "ParentDocument", "id:II+ code:CD? text:ED? setId:II? versionNumber:INT?", "classCode=DOCCLIN moodCode=EVN"
    ),
    clinical("Consent", "id:II* code:CE? statusCode:CS", "classCode=CONS moodCode=EVN"),
)  # fmt: skip

_ROLES: Final = (
    clinical(
        "PatientRole", f"id:II+ {_CONTACT} patient:Patient? providerOrganization:Organization?", "classCode=PAT"
    ),
    clinical(
        "AssignedAuthor",
        f"id:II+ code:CE? {_CONTACT} (assignedPerson:Person? | assignedAuthoringDevice:AuthoringDevice?) "
        "representedOrganization:Organization?",
        "classCode=ASSIGNED",
    ),
    clinical(
        "AssignedEntity",
        f"id:II+ code:CE? {_CONTACT} assignedPerson:Person? representedOrganization:Organization? sdtc/patient?",
        "classCode=ASSIGNED",
    ),
    clinical(
        "AssignedCustodian", "representedCustodianOrganization:CustodianOrganization", "classCode=ASSIGNED"
    ),
    clinical(
        "AssociatedEntity",
        f"id:II* code:CE? {_CONTACT} associatedPerson:Person? scopingOrganization:Organization?",
        "classCode:cs!",
    ),
    clinical(
        "RelatedEntity", f"code:CE? {_CONTACT} effectiveTime:IVL_TS? relatedPerson:Person?",
        "classCode:RoleClassMutualRelationship!",
    ),
    clinical(
        "IntendedRecipient",
        f"id:II* {_CONTACT} informationRecipient:Person? receivedOrganization:Organization?",
        "classCode:x_InformationRecipientRole",
    ),
    clinical(
        "HealthCareFacility", "id:II* code:CE? location:Place? serviceProviderOrganization:Organization?",
        "classCode:RoleClassServiceDeliveryLocation",
    ),
    clinical(
        "Guardian",
        f"id:II* code:CE? {_CONTACT} (guardianPerson:Person | guardianOrganization:Organization)",
        "classCode=GUARD",
    ),
    clinical("Birthplace", "place:Place", "classCode=BIRTHPL"),
    clinical("MaintainedEntity", "effectiveTime:IVL_TS? maintainingPerson:Person", "classCode=MNT"),
    clinical(
        "OrganizationPartOf",
        "id:II* code:CE? statusCode:CS? effectiveTime:IVL_TS? wholeOrganization:Organization?", "classCode=PART",
    ),
)  # fmt: skip

_ENTITIES: Final = (
    clinical(
        "Patient",
        f"id:II? name:PN* sdtc/desc? {_BORN} maritalStatusCode:CE? religiousAffiliationCode:CE? raceCode:CE? "
        "sdtc/raceCode* ethnicGroupCode:CE? sdtc/ethnicGroupCode* guardian:Guardian* birthplace:Birthplace? "
        "languageCommunication:LanguageCommunication*",
        _PERSON,
    ),
    clinical("Person", "name:PN* sdtc/desc? sdtc/asPatientRelationship?", _PERSON),
    clinical(
        "SubjectPerson", f"sdtc/id* name:PN* sdtc/desc? {_BORN} sdtc/raceCode* sdtc/ethnicGroupCode*", _PERSON
    ),
    clinical(
        "LanguageCommunication", "languageCode:CS? modeCode:CE? proficiencyLevelCode:CE? preferenceInd:BL?"
    ),
    clinical(
        "Organization",
        "id:II* name:ON* telecom:TEL* addr:AD* standardIndustryClassCode:CE? "
        "asOrganizationPartOf:OrganizationPartOf?",
        _ORGANISATION,
    ),
    clinical("CustodianOrganization", "id:II+ name:ON? telecom:TEL? addr:AD?", _ORGANISATION),
    clinical("Place", "name:EN? addr:AD?", "classCode=PLC determinerCode=INSTANCE"),
    clinical(
        "AuthoringDevice",
        "code:CE? manufacturerModelName:SC? softwareName:SC? asMaintainedEntity:MaintainedEntity*",
        "classCode=DEV determinerCode=INSTANCE",
    ),
)  # fmt: skip

HEADER: Final[tuple[Complex, ...]] = (*_DOCUMENT, *_PARTICIPATIONS, *_RELATIONS, *_ROLES, *_ENTITIES)
"""The classes of the header; the body uses some of them too."""
