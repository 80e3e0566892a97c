"""The national health identity (INS): reading, control key, authorities, traits, level and comparison.

Knows FHIR Patient resources and CDA patientRole elements; knows nothing of documents, programmes or transport.
"""

from __future__ import annotations

from validators.ins._cda import identity_from_cda
from validators.ins._check import InsLevel, InsStatus, check_identity
from validators.ins._compare import compare_identities
from validators.ins._fhir import identity_from_fhir
from validators.ins._identity import (
    TRAITS,
    PatientIdentifier,
    PatientIdentity,
    Place,
    is_ins_identifier,
)
from validators.ins._matricule import (
    INS_C_OIDS,
    INS_DEMO,
    INS_NIA,
    INS_NIR,
    INS_OIDS,
    INS_PRODUCTION_OIDS,
    INS_ROOT,
    INS_TEST,
    INS_TEST_OIDS,
    NSS_OIDS,
    Matricule,
    control_key,
    is_citizen_address,
    is_waiting,
    strip_oid,
)
from validators.ins._normalise import normalise

__all__ = [
    "INS_C_OIDS",
    "INS_DEMO",
    "INS_NIA",
    "INS_NIR",
    "INS_OIDS",
    "INS_PRODUCTION_OIDS",
    "INS_ROOT",
    "INS_TEST",
    "INS_TEST_OIDS",
    "NSS_OIDS",
    "TRAITS",
    "InsLevel",
    "InsStatus",
    "Matricule",
    "PatientIdentifier",
    "PatientIdentity",
    "Place",
    "check_identity",
    "compare_identities",
    "control_key",
    "identity_from_cda",
    "identity_from_fhir",
    "is_citizen_address",
    "is_ins_identifier",
    "is_waiting",
    "normalise",
    "strip_oid",
]
