"""A user record (DUI) transferred by TDDUI: filed, found, counted for the medico-social programme."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fhir_server.security.caller import Role
from testdata import Establishment, Stay
from testdata.cda import document_id
from tests.conftest import World
from tests.support.dui import EXPORT, GRID, PROJECT, as_bytes, shared, transfer
from tests.support.faces import Face, location, locations, refused, rules
from tests.support.server import segur
from tests.support.synthetic import letter, new_stay, token_for

E5 = "I-ESMS-E5"


@pytest.fixture(scope="module")
def home(world: World) -> Establishment:
    """A medico-social establishment."""
    return next(p for p in world.land.establishments if p.sector == "esms")


@pytest.fixture(scope="module")
def record(world: World, home: Establishment) -> Any:
    """The establishment's user record, which sends."""
    face = Face(world.server.origin, token_for(world.database, Role.ESTABLISHMENT, home.legal_entity))
    yield face
    face.close()


@pytest.fixture
def stay(world: World, home: Establishment) -> Stay:
    return new_stay(world.land, home)


def counted(face: Face, home: Establishment) -> int:
    return face.figure(E5, home.finess)["numerator"]


def test_an_export_a_project_and_an_evaluation_are_filed_and_counted(
    record: Face, home: Establishment, stay: Stay
) -> None:
    documents = [shared(stay, code) for code in (EXPORT, PROJECT, GRID)]
    before = counted(record, home)

    answer = record.provide(transfer(*documents))

    assert answer.status_code == 200, answer.text
    assert [place.partition("/")[0] for place in locations(answer)] == ["DocumentReference"] * 3
    assert [entry["response"]["status"] for entry in answer.json()["entry"]] == ["201 Created"] * 3
    assert counted(record, home) == before + 3
    told = record.submission(answer)
    assert [document["kind"] for document in told["documents"]] == ["DUI", "PPA", "OTHER"]
    assert told["door"] == "tddui"


def test_what_was_sent_is_read_again(record: Face, stay: Stay) -> None:
    document = shared(stay, EXPORT)
    body = as_bytes(transfer(document))
    answer = record.provide(body)

    reference = record.get(location(answer, "DocumentReference")).json()
    binary = reference["content"][0]["attachment"]["url"]
    read = record.http.get("/fhir/Binary/" + binary.rpartition("Binary/")[2], headers={"Accept": "application/xml"})

    assert reference["type"]["coding"][0]["code"] == "EXPORT_DUI"
    assert read.content == document
    assert record.envelope(answer).content == body
    found = record.search(status="current", patient__identifier=f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}")
    assert [r["id"] for r in found] == [reference["id"]]


def test_the_same_transfer_again_is_the_first(record: Face, home: Establishment, stay: Stay) -> None:
    bundle = transfer(shared(stay, EXPORT), shared(stay, PROJECT))
    first = record.provide(bundle)
    before = counted(record, home)

    again = record.provide(bundle)

    assert locations(again) == locations(first)
    assert again.headers["Segur-Submission"] == first.headers["Segur-Submission"]
    assert counted(record, home) == before


def test_the_same_document_by_two_doors_counts_once(record: Face, home: Establishment, stay: Stay) -> None:
    document = shared(stay, PROJECT)
    first = record.provide_cda(document)
    before = counted(record, home)

    again = record.provide(transfer(document))

    assert again.status_code == 200
    assert locations(again) == [place for place in locations(first) if place.startswith("DocumentReference/")]
    assert counted(record, home) == before


def test_a_document_replaces_the_one_before(record: Face, home: Establishment, stay: Stay) -> None:
    first = letter(stay)
    assert record.provide(transfer(first)).status_code == 200
    before = counted(record, home)
    assert stay.discharged is not None
    second = letter(stay, version=2, replaces=document_id(stay, "LDL"))

    answer = record.provide(transfer(second))

    assert len(locations(answer)) == 1
    assert counted(record, home) == before
    found = record.search(
        status="superseded", patient__identifier=f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"
    )
    assert len(found) == 1


def test_what_cannot_be_filed_is_refused_whole(record: Face, world: World, home: Establishment, stay: Stay) -> None:
    document = shared(stay, EXPORT)
    other = shared(new_stay(world.land, home), PROJECT)
    before = counted(record, home)
    basic = {
        "resource": {"resourceType": "Basic", "code": {"text": "x"}},
        "request": {"method": "POST", "url": "Basic"},
    }
    extra = transfer(document)
    extra["entry"].append(basic)

    refused(record.provide(transfer(document, b"Bonjour")), 422, "TDDUI-DOCUMENT")
    refused(record.provide(transfer(document, other)), 422, "MHD-PATIENT")
    refused(record.provide(transfer(document, document)), 422, "MHD-UNIQUE-ID-TWICE")
    refused(record.provide(extra), 422, "TDDUI-ENTRY")
    refused(record.provide(transfer(document, size=1)), 422, "XCHECK-SIZE")
    refused(record.provide(transfer() | {"entry": []}), 422, "TDDUI-COUNT")
    refused(record.provide(transfer(document.replace(b'code="N"', b'code="Z"', 1))), 422)
    assert counted(record, home) == before


def test_a_record_of_another_establishment_is_forbidden(site: Face, stay: Stay) -> None:
    refused(site.provide(transfer(shared(stay, EXPORT))), 403, "SITE-FORBIDDEN")


def test_a_letter_may_be_among_them(record: Face, stay: Stay) -> None:
    answer = record.provide(transfer(shared(stay, EXPORT), letter(stay)))

    assert answer.status_code == 200
    assert "STAY_UNKNOWN" in rules(answer)
    assert "outcome" in answer.json()["entry"][1]["response"]


def test_segur_validate_knows_a_transfer(tmp_path: Any, stay: Stay) -> None:
    path = tmp_path / "transfer.json"
    path.write_bytes(as_bytes(transfer(shared(stay, EXPORT), b"Bonjour")))

    done = segur("validate", "--format", "ndjson", path)
    said = json.loads(done.stdout)

    assert (done.returncode, said["conformant"], said["document_kind"], said["ins"]) == (0, True, "DUI", "qualified")
    assert [part["kind"] for part in said["parts"]] == ["cda"]
    assert "TDDUI-CDA" in {issue["rule"] for issue in said["issues"]}
