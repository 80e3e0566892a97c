"""Patches of the metadata of a document, in the formats they come in."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.support.faces import FHIR_JSON, Face
from tests.support.synthetic import Json
from validators.mhd.bundle import IS_ARCHIVED
from validators.mhd.codes import CONFIDENTIALITY

JSON_PATCH = "application/json-patch+json"
_MASKING = "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument"
PSEUDO = f"/extension[url:{IS_ARCHIVED}]/valueBoolean"


def label(code: str) -> Json:
    """A securityLabel."""
    return {"coding": [{"system": CONFIDENTIALITY if len(code) == 1 else _MASKING, "code": code}]}


def operation(path: str, value: Any, op: str = "replace") -> Json:
    """One operation of a JSON Patch."""
    return {"op": op, "path": path, "value": value}


def fhirpath(kind: str, path: str, **parts: Json) -> Json:
    """A FHIRPath Patch of one operation; each part as it stands in the Parameters."""
    said = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}]
    said += [{"name": name, **value} for name, value in parts.items()]
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": said}]}


def patch(face: Face, path: str, body: Json | list[Json] | bytes, **headers: str) -> httpx.Response:
    """PATCH; a list is a JSON Patch, an object a FHIRPath Patch."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = FHIR_JSON if isinstance(body, dict) else JSON_PATCH
    return face.http.patch(f"/fhir/{path}", content=data, headers={"Content-Type": named} | headers)
