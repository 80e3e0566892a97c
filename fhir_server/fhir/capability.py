"""The CapabilityStatement, generated from what is wired; a resource of this list without a route would be a lie."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from fhir_server.fhir.measures import PARAMETERS
from fhir_server.fhir.search_index import DOCUMENTS, EXTRACTORS
from indicators.measures import MEASURES
from validators import mssante, stays
from validators.mhd.bundle import PDSM

_VALIDATE = {"name": "validate", "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate"}
CREATED = {"Communication": mssante.PROFILE, "Encounter": stays.PROFILE}
"""What may be posted alone, or in a batch, and the profile it is judged by."""
_TYPES = {"status": "token", "patient": "reference", "date": "date"}


def capability_statement(base: str, readable: Iterable[str], searchable: Iterable[str]) -> dict[str, Any]:
    """What this server does, at this address."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "software": {"name": "segur-fhir", "version": version("segur-fhir")},
        "implementation": {
            "description": "segur-fhir : réception, contrôle et comptage des documents du Ségur",
            "url": base,
        },
        "fhirVersion": "4.0.1",
        "format": ["json", "application/fhir+json"],
        "implementationGuide": ["https://interop.esante.gouv.fr/ig/fhir/pdsm/ImplementationGuide/ans.fhir.fr.pdsm"],
        "rest": [
            {
                "mode": "server",
                "documentation": "ITI-65 POST [base] ; ITI-67 GET [base]/DocumentReference ; ITI-68 GET attachment.url",
                "security": {"description": "Authorization: Bearer (jeton remis par l'exploitant)"},
                "resource": [_resource(kind, kind in set(searchable)) for kind in readable]
                + [_measure(), _measure_report()],
                "interaction": [
                    {"code": "transaction", "documentation": PDSM + "pdsm-comprehensive-provide-document-bundle"},
                    {"code": "batch", "documentation": "Communication, Encounter"},
                ],
                "operation": [_VALIDATE | {"documentation": "POST [base]/$validate ; POST [base]/[type]/$validate"}],
            }
        ],
    }


def _resource(kind: str, searchable: bool) -> dict[str, Any]:
    interactions = [{"code": "read"}, {"code": "vread"}, *([{"code": "search-type"}] if searchable else [])]
    interactions += [{"code": "create"}] if kind in CREATED else []
    found: dict[str, Any] = {"type": kind, "interaction": interactions, "versioning": "versioned",
                             "operation": [_VALIDATE]}  # fmt: skip
    if kind in CREATED:
        found["profile"] = CREATED[kind]
    if searchable:
        names = [*EXTRACTORS[kind], *(["date", "patient.identifier"] if kind in DOCUMENTS else [])]
        found["searchParam"] = [{"name": name, "type": _TYPES.get(name, "token")} for name in sorted(names)]
    return found


def _measure() -> dict[str, Any]:
    operation = {
        "name": "evaluate-measure",
        "definition": "http://hl7.org/fhir/OperationDefinition/Measure-evaluate-measure",
    }
    return {"type": "Measure", "interaction": [{"code": "read"}, {"code": "search-type"}], "operation": [operation],
            "searchParam": [{"name": name, "type": kind} for name, (kind, _) in PARAMETERS.items()],
            "documentation": ", ".join(sorted(MEASURES))}  # fmt: skip


def _measure_report() -> dict[str, Any]:
    parameters = {"measure": "reference", "period": "date", "reporter": "reference"}
    return {
        "type": "MeasureReport",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [{"name": name, "type": kind} for name, kind in parameters.items()],
    }
