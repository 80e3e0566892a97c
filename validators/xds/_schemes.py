"""The fixed names of ebRIM in XDS (IHE ITI TF-3, 4.2.5): schemes, associations, states; and the code systems."""

from __future__ import annotations

from typing import Final

RIM: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
LCM: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"

STABLE: Final = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
ON_DEMAND: Final = "urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248"
SET_NODE: Final = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
FOLDER_NODE: Final = "urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2"

DOCUMENT_CODES: Final = {
    "class_code": "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a",
    "type_code": "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983",
    "format_code": "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d",
    "facility": "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
    "setting": "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead",
    "confidentiality": "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f",
    "events": "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4",
}
SET_CODES: Final = {"content_type": "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"}
FOLDER_CODES: Final = {"codes": "urn:uuid:1ba97051-7806-41a8-a48b-8fce7af683c5"}
REPEATED: Final = frozenset({"confidentiality", "events", "codes"})
"""The coded attributes that may be given more than once."""

DOCUMENT_AUTHOR: Final = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
SET_AUTHOR: Final = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
DOCUMENTATION: Final = "urn:uuid:abd807a3-4432-4053-87b4-fd82c643d1f3"
"""The classification of an association that says how a transformation was made."""

DOCUMENT_IDS: Final = {
    "patient_id": "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427",
    "unique_id": "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab",
}
SET_IDS: Final = {
    "patient_id": "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446",
    "unique_id": "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8",
    "source_id": "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832",
}
FOLDER_IDS: Final = {
    "patient_id": "urn:uuid:f64ffdf0-4b97-4e06-b79f-a52b38ec2f8a",
    "unique_id": "urn:uuid:75df8f67-9973-4fbe-a900-df66cefecc5a",
}

DOCUMENT_SLOTS: Final = {
    "creation_time": "creationTime", "hash": "hash", "size": "size", "uri": "URI", "language": "languageCode",
    "legal_authenticator": "legalAuthenticator", "service_start": "serviceStartTime",
    "service_stop": "serviceStopTime", "source_patient_id": "sourcePatientId",
    "source_patient": "sourcePatientInfo", "repository": "repositoryUniqueId",
    "availability": "documentAvailability", "reference_ids": "urn:ihe:iti:xds:2013:referenceIdList",
}  # fmt: skip
SET_SLOTS: Final = {"submission_time": "submissionTime", "recipients": "intendedRecipient"}
FOLDER_SLOTS: Final = {"last_update": "lastUpdateTime"}
AUTHOR_SLOTS: Final = {
    "person": "authorPerson", "institutions": "authorInstitution", "roles": "authorRole",
    "specialties": "authorSpecialty", "telecoms": "authorTelecommunication",
}  # fmt: skip

XDS_NAMES: Final = {
    "class_code": "classCode", "type_code": "typeCode", "format_code": "formatCode",
    "facility": "healthcareFacilityTypeCode", "setting": "practiceSettingCode",
    "confidentiality": "confidentialityCode", "events": "eventCodeList", "content_type": "contentTypeCode",
    "codes": "codeList", "patient_id": "patientId", "unique_id": "uniqueId", "source_id": "sourceId",
    "authors": "author", "title": "title", "comments": "comments", "mime_type": "mimeType", "status": "status",
    "id": "entryUUID", "reference_ids": "referenceIdList",
}  # fmt: skip
"""What IHE calls an attribute that is no slot, or a slot with an address for a name."""

_IHE: Final = "urn:ihe:iti:2007:AssociationType:"
HAS_MEMBER: Final = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
RPLC, APND, XFRM, XFRM_RPLC = (_IHE + name for name in ("RPLC", "APND", "XFRM", "XFRM_RPLC"))
SIGNS: Final = _IHE + "signs"
RELATIONS: Final = {RPLC: "replaces", XFRM_RPLC: "replaces", APND: "appends", XFRM: "transforms", SIGNS: "signs"}
"""Associations between documents, as DocumentReference.relatesTo calls them (MHD)."""
REPLACING: Final = frozenset({RPLC, XFRM_RPLC})
ASSOCIATIONS: Final = frozenset({
    HAS_MEMBER, *RELATIONS, _IHE + "IsSnapshotOf",
    "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus",
    "urn:ihe:iti:2010:AssociationType:SubmitAssociation",
})  # fmt: skip

APPROVED: Final = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED: Final = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
ARCHIVED: Final = "urn:asip:ci-sis:2010:StatusType:Archived"
DELETED: Final = "urn:asip:ci-sis:2010:StatusType:Deleted"
STATES: Final = frozenset({APPROVED, DEPRECATED, ARCHIVED, DELETED})
"""JDV_J52: the states of IHE and the two of the national guide."""

ENCOUNTER: Final = "urn:ihe:iti:xds:2015:encounterId"
"""The kind of reference id that names the stay."""


def xds_name(field: str) -> str:
    """What IHE calls an attribute of the model."""
    slots = DOCUMENT_SLOTS | SET_SLOTS | FOLDER_SLOTS | AUTHOR_SLOTS
    return XDS_NAMES.get(field) or slots.get(field, field)


# -- code systems --------------------------------------------------------------------------------------------------

_NOS: Final = {
    "1.2.250.1.71.4.2.4": "TRE_R02-SecteurActivite", "1.2.250.1.213.1.1.4.9": "TRE_A01-CadreExercice",
    "1.2.250.1.213.1.1.4.6": "TRE_A00-ProducteurDocNonPS", "1.2.250.1.213.1.1.4.12": "TRE_A05-TypeDocComplementaire",
    "1.2.250.1.213.1.1.4.1": "TRE_A03-ClasseDocument", "1.2.250.1.213.1.1.4.13": "TRE_A07-StatutVisibiliteDocument",
    "1.2.250.1.213.1.1.4.2.282": "TRE_A06-FormatCodeComplementaire", "1.3.6.1.4.1.19376.1.2.3": "TRE_A11-IheFormatCode",
    "1.2.840.10008.2.6.1": "TRE_A09-DICOMuidRegistry",
}  # fmt: skip
_SYSTEMS: Final = {
    "2.16.840.1.113883.6.1": "http://loinc.org",
    "2.16.840.1.113883.5.25": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    **{oid: f"https://mos.esante.gouv.fr/NOS/{n}/FHIR/{n.replace('_', '-')}" for oid, n in _NOS.items()},
}
_SCHEMES: Final = {url: oid for oid, url in _SYSTEMS.items()}


def system_of(scheme: str) -> str:
    """The FHIR address of a coding scheme: known OIDs by their canonical, others as `urn:oid:`, texts as they are."""
    known = _SYSTEMS.get(scheme)
    return known or (f"urn:oid:{scheme}" if scheme[:2] in ("0.", "1.", "2.") else scheme)


def scheme_of(system: str) -> str:
    """The coding scheme of a FHIR code system: the way back of `system_of`."""
    return _SCHEMES.get(system) or system.removeprefix("urn:oid:")
