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
from validators.xds._places import Tracer
from validators.xds._read import read_metadata, read_request
from validators.xds._reference import from_reference, to_reference
from validators.xds._schemes import HAS_MEMBER, REPLACING
from validators.xds._write import request_element, write_metadata

__all__ = [
    "HAS_MEMBER",
    "KEPT",
    "REPLACING",
    "Association",
    "Author",
    "Code",
    "Composite",
    "Cx",
    "DocumentEntry",
    "Folder",
    "Metadata",
    "PatientField",
    "Provision",
    "Slot",
    "SubmissionSet",
    "Thing",
    "Tracer",
    "Xcn",
    "Xon",
    "check_metadata",
    "derived_uuid",
    "dtm_to_fhir",
    "fhir_to_dtm",
    "from_bundle",
    "from_reference",
    "is_oid",
    "read_metadata",
    "read_request",
    "request_element",
    "to_bundle",
    "to_reference",
    "write_metadata",
]
