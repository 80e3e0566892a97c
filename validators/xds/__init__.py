"""XDS metadata (IHE ITI TF-3, CI-SIS Partage de documents): ebRIM, plain values and FHIR, each way between them.

Bytes or values in, values and findings out: no HTTP, no database, no settings; nothing of the envelope that carries it.
"""

from __future__ import annotations

from validators.xds._bundle import Provision, derived_uuid, from_bundle, to_bundle
from validators.xds._check import check_metadata
from validators.xds._datatypes import Composite, Cx, Xcn, Xon, dtm_to_fhir, fhir_to_dtm, is_oid
from validators.xds._kept import KEPT
from validators.xds._model import (
    Association,
    Author,
    Code,
    DocumentEntry,
    Folder,
    Metadata,
    PatientField,
    Slot,
    SubmissionSet,
    Thing,
)
from validators.xds._objects import request_in
from validators.xds._places import Tracer
from validators.xds._provided import Judged, Terms, differences, judge_documents
from validators.xds._read import read_metadata, read_request
from validators.xds._reference import from_reference, to_reference, unique_identifier
from validators.xds._schemes import (
    APPROVED,
    ARCHIVED,
    DEPRECATED,
    HAS_MEMBER,
    LCM,
    ON_DEMAND,
    REPLACING,
    RIM,
    STABLE,
)
from validators.xds._write import request_element, write_metadata, xml_text

__all__ = [
    "APPROVED",
    "ARCHIVED",
    "DEPRECATED",
    "HAS_MEMBER",
    "KEPT",
    "LCM",
    "ON_DEMAND",
    "REPLACING",
    "RIM",
    "STABLE",
    "Association",
    "Author",
    "Code",
    "Composite",
    "Cx",
    "DocumentEntry",
    "Folder",
    "Judged",
    "Metadata",
    "PatientField",
    "Provision",
    "Slot",
    "SubmissionSet",
    "Terms",
    "Thing",
    "Tracer",
    "Xcn",
    "Xon",
    "check_metadata",
    "derived_uuid",
    "differences",
    "dtm_to_fhir",
    "fhir_to_dtm",
    "from_bundle",
    "from_reference",
    "is_oid",
    "judge_documents",
    "read_metadata",
    "read_request",
    "request_element",
    "request_in",
    "to_bundle",
    "to_reference",
    "unique_identifier",
    "write_metadata",
    "xml_text",
]
