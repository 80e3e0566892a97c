"""The CapabilityStatement, generated from what is wired; a resource of this list without a route would be a lie."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

from fhir_server.fhir import subscriptions, terminology
from fhir_server.fhir.evaluate import PROFILE as USAGE_REPORT
from fhir_server.fhir.everything import EXPORT, OPERATIONS
from fhir_server.fhir.interactions.entries import JSON_PATCH
from fhir_server.fhir.interactions.types import ELSEWHERE, Interaction, is_general, offered, types_with
from fhir_server.fhir.measures import PARAMETERS
from fhir_server.fhir.search import declared
from indicators.measures import MEASURES
from validators import mssante, stays
from validators.mhd.bundle import PDSM
from validators.package_store import Manifest

_VALIDATE = {"name": "validate", "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate"}
CREATED = {"Communication": mssante.PROFILE, "Encounter": stays.PROFILE}
"""What may be posted alone, or in a batch, and the profile it is judged by."""
_GENERATE = {
    "name": "generate-metadata",
    "definition": "https://profiles.ihe.net/ITI/MHD/OperationDefinition/generate-metadata",
}
_IHE = "https://profiles.ihe.net/ITI/MHD/CapabilityStatement/IHE.MHD."
INSTANTIATES = (
    "https://interop.esante.gouv.fr/ig/fhir/pdsm/CapabilityStatement/PDSm-GestionnaireDePartageDeDocuments",
    *(
        f"{_IHE}DocumentRecipient{option}"
        for option in ("", ".Comprehensive", ".UnContained", ".Simplified", ".Generate")
    ),
    f"{_IHE}DocumentResponder",
)
"""The actors of PDSm and MHD this server is; FHIR documents (Fdoc) it does not take."""
_PDSM_GUIDE = "https://interop.esante.gouv.fr/ig/fhir/pdsm/ImplementationGuide/ans.fhir.fr.pdsm"


def capability_statement(base: str, loaded: Sequence[Manifest] = ()) -> dict[str, Any]:
    """What this server does, at this address; `loaded` are the packages it judges by."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-22",
        "kind": "instance",
        "instantiates": list(INSTANTIATES),
        "software": {"name": "segur-fhir", "version": version("segur-fhir")},
        "implementation": {
            "description": "segur-fhir : réception, contrôle et comptage des documents du Ségur",
            "url": base,
        },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "application/fhir+xml", "json", "xml"],
        "patchFormat": [JSON_PATCH, "application/fhir+json", "application/fhir+xml"],
        "implementationGuide": _guides(loaded),
        "rest": [
            {
                "mode": "server",
                "documentation": "ITI-65 POST [base] ; ITI-66, ITI-67 GET [base]/[type] ; ITI-68 GET attachment.url ; "
                "ITI-105 POST [base]/DocumentReference ; ITI-106 $generate-metadata",
                "security": {"description": "Authorization: Bearer (jeton remis par l'exploitant)"},
                "resource": _resources(),
                "interaction": [
                    {"code": "transaction", "documentation": PDSM + "pdsm-comprehensive-provide-document-bundle"},
                    {"code": "batch"},
                ],
                "operation": [_VALIDATE | {"documentation": _judged_by(loaded)}, EXPORT],
            }
        ],
    }


def _guides(loaded: Sequence[Manifest]) -> list[str]:
    """PDSm, which every submission meets, and the guide of each package, as the IG publisher names it."""
    named = [
        f"{one.canonical}/ImplementationGuide/{one.name}|{one.version}" for one in loaded if one.canonical
    ]  # fmt: skip
    known = any(url.startswith(f"{_PDSM_GUIDE}|") for url in named)
    return named if known else [_PDSM_GUIDE, *named]


def _judged_by(loaded: Sequence[Manifest]) -> str:
    """Where to ask, and by which packages beside R4 and our own profiles the answer is given."""
    packages = ", ".join(f"{one.name}#{one.version}" for one in loaded)
    return "POST [base]/$validate ; POST [base]/[type]/$validate" + (f" ; {packages}" if packages else "")


@cache
def _resources() -> list[dict[str, Any]]:
    """Every type with what the table of interactions gives it; some have a search of their own."""
    searched = tuple(kind for kind in types_with(Interaction.SEARCH) if kind not in ELSEWHERE)
    found = [_resource(kind, searched) for kind in types_with(Interaction.READ) if kind not in ELSEWHERE]
    return [*found, _measure(), _measure_report(), subscriptions.capability()]


def _resource(kind: str, searched: Sequence[str]) -> dict[str, Any]:
    has = offered(kind)
    found: dict[str, Any] = {"type": kind, "interaction": [{"code": i.value} for i in Interaction if i in has],
                             "versioning": "versioned", "readHistory": True, "conditionalRead": "full-support",
                             "operation": [_VALIDATE, *terminology.operations(kind), *OPERATIONS.get(kind, ())],
                             }  # fmt: skip
    if kind == "DocumentReference":
        found["operation"] = [_VALIDATE, _GENERATE]
    if is_general(kind):
        found |= {"versioning": "versioned-update", "updateCreate": True, "conditionalCreate": True,
                  "conditionalUpdate": True, "conditionalDelete": "single"}  # fmt: skip
    if kind in CREATED:
        found["profile"] = CREATED[kind]
    return found | (declared(kind, searched) if kind in searched else {})


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
        "profile": USAGE_REPORT,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [{"name": name, "type": kind} for name, kind in parameters.items()],
    }
