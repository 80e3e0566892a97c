"""DocumentReferences that carry their document (ITI-105), made of the transactions that would provide it."""

from __future__ import annotations

import json

import httpx

from testdata import Stay
from tests.support.faces import FHIR_JSON, Face
from tests.support.synthetic import Json, bundle, entry, letter
from validators.mhd.bundle import PDSM

SIMPLIFIED = f"{PDSM}pdsm-simplified-publish"


def simplified(document: bytes) -> Json:
    """The simplified publication of one CDA, its patient contained."""
    made = bundle(document)
    reference = entry(made, "DocumentReference")
    attachment = reference["content"][0]["attachment"]
    del attachment["url"]
    attachment["data"] = entry(made, "Binary")["data"]
    reference["meta"] = {"profile": [SIMPLIFIED]}
    reference["subject"] = {"reference": "#source-patient"}
    return reference


def of_stay(stay: Stay, **options: object) -> Json:
    """The simplified publication of the discharge letter of a stay."""
    return simplified(letter(stay, **options))


def publish(face: Face, reference: Json | bytes, **headers: str) -> httpx.Response:
    """ITI-105."""
    data = reference if isinstance(reference, bytes) else json.dumps(reference).encode()
    return face.http.post(
        "/fhir/DocumentReference", content=data, headers={"Content-Type": FHIR_JSON} | headers
    )  # fmt: skip
