"""ITI-106: a document alone; its metadata come from its header."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from testdata import Stay, document_id
from tests.conftest import World
from tests.support.faces import FHIR_JSON, Face, refused, resources
from tests.support.synthetic import Json, admit, letter, new_stay


@pytest.fixture
def stay(world: World) -> Stay:
    made = new_stay(world.land, world.site)
    admit(world.database, made)
    return made


def parameters(data: bytes, content_type: str = "application/xml") -> Json:
    binary = {"resourceType": "Binary", "contentType": content_type, "data": base64.b64encode(data).decode()}
    return {"resourceType": "Parameters", "parameter": [{"name": "document", "resource": binary}]}


def generate(face: Face, body: Json | bytes) -> httpx.Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return face.http.post(
        "/fhir/DocumentReference/$generate-metadata", content=data, headers={"Content-Type": FHIR_JSON}
    )


def test_iti106_files_the_document_and_refers_to_its_metadata(world: World, site: Face, stay: Stay) -> None:
    before = site.figure("I-SUN1-LDL", world.site.finess)["numerator"]

    answer = generate(site, parameters(letter(stay)))

    assert answer.status_code == 200, answer.text
    [made] = answer.json()["parameter"]
    assert made["name"] == "DocumentReference"
    reference = site.get("/fhir/" + made["valueReference"]["reference"]).json()
    assert reference["masterIdentifier"]["value"] == f"urn:oid:{document_id(stay, 'LDL')}"
    assert reference["type"]["coding"][0]["code"] == "11490-0"
    read = site.http.get(reference["content"][0]["attachment"]["url"], headers={"Accept": "application/xml"})
    assert read.content == letter(stay)
    assert site.figure("I-SUN1-LDL", world.site.finess)["numerator"] == before + 1


def test_iti106_is_the_same_document_as_by_another_door(site: Face, stay: Stay) -> None:
    first = site.provide_cda(letter(stay))
    answer = generate(site, parameters(letter(stay)))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Segur-Submission"] == first.headers["Segur-Submission"]
    assert answer.json()["parameter"][0]["valueReference"]["reference"] in first.text


def test_iti106_keeps_what_was_received(site: Face, stay: Stay) -> None:
    body = json.dumps(parameters(letter(stay))).encode()
    assert site.envelope(generate(site, body)).content == body


@pytest.mark.parametrize(
    ("body", "status", "rule"),
    [
        (parameters(b"Hello World", "text/plain"), 422, "MHD-GENERATE-CDA"),
        (parameters(b'<Patient xmlns="http://hl7.org/fhir"/>'), 422, "MHD-GENERATE-CDA"),
        ({"resourceType": "Parameters"}, 422, "MHD-GENERATE"),
        ({"resourceType": "Parameters", "parameter": [{"name": "document", "resource": {
            "resourceType": "Bundle", "type": "document"}}]}, 422, "MHD-FHIR-DOCUMENT"),
        ({"resourceType": "Parameters", "parameter": [{"name": "document", "resource": {
            "resourceType": "Binary", "contentType": "application/xml"}}]}, 422, "MHD-DATA"),
        ({"resourceType": "Patient"}, 400, "EXCHANGE-TYPE"),
        (b"{", 400, None),
    ],
)  # fmt: skip
def test_iti106_what_cannot_be_described_is_refused(site: Face, body: Any, status: int, rule: str | None) -> None:
    refused(generate(site, body), status, rule)


@pytest.mark.parametrize(("old", "new"), [(b"<title>", b"<titel>"), (b'code="N"', b'code="Z"')])
def test_iti106_a_wrong_document_is_told_where(site: Face, stay: Stay, old: bytes, new: bytes) -> None:
    wrong = letter(stay).replace(old, new, 1)
    said = refused(generate(site, parameters(wrong)), 422)
    places = [place for issue in said["issue"] for place in issue["expression"]]
    assert all(place.startswith("Parameters.parameter[0].resource.data") for place in places)


def test_iti106_the_document_is_found_again(site: Face, stay: Stay) -> None:
    generate(site, parameters(letter(stay)))
    found = site.get("/fhir/DocumentReference", status="current",
                     **{"patient.identifier": f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"})  # fmt: skip
    assert len(resources(found.json())) == 1
