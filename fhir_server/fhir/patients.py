"""The id of a Patient: it follows from (legal entity, identity), so that one identity has one resource (policy)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fhir_server.ids import Pseudonyms
from validators.ins import identity_from_fhir, is_ins_identifier


def patient_id(patient: Mapping[str, Any], at: str, owner: str, keys: Pseudonyms) -> str | None:
    """By the INS before any local identifier, so that their order does not make two Patients of one person.

    None for a Patient without an identifier of a system; `at` is where it stands.
    """
    identity = identity_from_fhir(patient, at)
    known = sorted((not is_ins_identifier(i), f"{i.oid}|{i.value}") for i in identity.identifiers if i.oid and i.value)
    return keys.stable("patient-resource", owner, known[0][1]) if known else None
