"""Stays posted as Encounters: they are the population of the figures, and documents find them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from testdata import Stay
from tests.conftest import World
from tests.support.faces import Face, refused, rules
from tests.support.messages import address, batch, encounter, know, message
from tests.support.synthetic import letter, new_stay, with_site
from validators import stays

FHIR = {"Content-Type": "application/fhir+json"}
LDL = "I-SUN1-LDL"


def post(face: Face, resource: Any) -> httpx.Response:
    return face.http.post("/fhir/Encounter", content=json.dumps(resource), headers=FHIR)


@pytest.fixture
def stay(world: World) -> Stay:
    return new_stay(world.land, world.site)


def figure(face: Face, world: World) -> tuple[int, int]:
    found = face.figure(LDL, world.site.finess)
    return found["numerator"], found["denominator"]


def test_a_stay_is_a_population_and_its_letter_counts(site: Face, world: World, stay: Stay) -> None:
    numerator, denominator = figure(site, world)

    answer = post(site, encounter(stay))

    assert answer.status_code == 201, answer.text
    assert "/fhir/Encounter/" in answer.headers["Location"]
    assert figure(site, world) == (numerator, denominator + 1)
    assert site.provide_cda(letter(stay)).status_code == 200
    assert figure(site, world) == (numerator + 1, denominator + 1)


def test_a_letter_that_waited_for_its_stay_counts_once_it_is_told(site: Face, world: World, stay: Stay) -> None:
    numerator, denominator = figure(site, world)
    waiting = site.provide_cda(letter(stay))
    assert "STAY_UNKNOWN" in rules(waiting)

    assert post(site, encounter(stay)).status_code == 201

    assert figure(site, world) == (numerator + 1, denominator + 1)


def test_a_letter_without_the_number_is_found_by_patient_and_day(site: Face, world: World, stay: Stay) -> None:
    numerator, denominator = figure(site, world)
    site.provide_cda(letter(stay))

    assert post(site, encounter(stay, number=f"autre-{stay.id}")).status_code == 201

    assert figure(site, world) == (numerator + 1, denominator + 1)


def test_the_discharge_reaches_the_stay_that_the_admission_made(site: Face, world: World, stay: Stay) -> None:
    numerator, denominator = figure(site, world)

    admitted = post(site, encounter(replace(stay, discharged=None)))
    assert figure(site, world) == (numerator, denominator)
    left = post(site, encounter(stay))

    assert (admitted.status_code, left.status_code) == (201, 200)
    assert admitted.headers["ETag"] == 'W/"1"'
    assert left.headers["ETag"] == 'W/"2"'
    assert figure(site, world) == (numerator, denominator + 1)


def test_the_same_stay_again_changes_nothing(site: Face, world: World, stay: Stay) -> None:
    first, again = post(site, encounter(stay)), post(site, encounter(stay))
    counted = figure(site, world)

    assert first.headers["Location"] == again.headers["Location"]
    assert post(site, encounter(stay)).is_success
    assert figure(site, world) == counted


@pytest.mark.parametrize(
    "change",
    [
        {"status": "cancelled"},
        {"status": "entered-in-error"},
        {"extension": [{"url": stays.EXCLUDED, "valueBoolean": True}]},
        {"status": "in-progress"},
    ],
)
def test_what_is_in_no_population(site: Face, world: World, stay: Stay, change: dict[str, Any]) -> None:
    before = figure(site, world)

    assert post(site, encounter(stay) | change).is_success
    assert figure(site, world) == before


@pytest.mark.parametrize(
    ("change", "status", "rule"),
    [
        ({"identifier": [{"value": "a"}, {"value": "b"}]}, 422, "VISIT-NUMBER"),
        ({"partOf": {"reference": "Encounter/1"}}, 422, "VISIT-MOVEMENT"),
        ({"serviceProvider": {"identifier": {"system": "x", "value": "1"}}}, 422, "VISIT-SITE"),
        (
            {"serviceProvider": {"identifier": {"system": "https://finess.esante.gouv.fr", "value": "990000001"}}},
            422,
            "VISIT-SITE",
        ),
        ({"period": {"start": "2026-03-02"}}, 422, "VISIT-DISCHARGE"),
        ({"period": {"start": "2026-03-02", "end": "2026-03-01"}}, 422, "VISIT-DISCHARGE"),
        ({"status": "unknown"}, 422, "VISIT-STATUS"),
        ({"extension": [{"url": stays.FIELD, "valueCode": "X"}]}, 422, "VISIT-FIELD"),
        ({"diagnosis": [{"condition": {"display": "secret"}}]}, 422, "FHIR-MAX"),
    ],
)
def test_what_is_wrong_is_refused(site: Face, stay: Stay, change: dict[str, Any], status: int, rule: str) -> None:
    refused(post(site, encounter(stay) | change), status, rule)


def test_a_site_of_another_legal_entity_is_forbidden(site: Face, world: World, stay: Stay) -> None:
    refused(post(site, encounter(with_site(stay, world.stranger))), 403, "SITE-FORBIDDEN")


def test_a_malformed_matricule_is_refused(site: Face, stay: Stay) -> None:
    wrong = encounter(replace(stay, patient=replace(stay.patient, matricule="123")))

    refused(post(site, wrong), 422, "INS-FORMAT")


def test_a_discharge_in_the_future_is_said(site: Face, stay: Stay) -> None:
    assert stay.discharged is not None
    later = replace(stay, discharged=stay.discharged + timedelta(days=3))

    assert rules(post(site, encounter(later))) == ["VISIT-FUTURE", "INS-TEST"]


def test_stays_and_messages_go_in_one_batch(site: Face, world: World, stay: Stay) -> None:
    know(world.database, world.site)
    before = figure(site, world)[1]

    answer = site.provide(batch(encounter(stay), message(address(world.site), "x@exemple.mssante.fr")))

    assert [e["response"]["location"].partition("/")[0] for e in answer.json()["entry"]] == [
        "Encounter", "Communication",
    ]  # fmt: skip
    assert figure(site, world)[1] == before + 1


def test_an_editors_stay_is_filed_and_counts_nowhere(editor: Face, site: Face, world: World, stay: Stay) -> None:
    before = figure(site, world)

    assert post(editor, encounter(stay)).status_code == 201
    assert figure(site, world) == before


def test_the_patient_is_served_as_a_pseudonym(site: Face, stay: Stay) -> None:
    answer = post(site, encounter(stay))
    found = site.get("/fhir/" + answer.headers["Location"].partition("/fhir/")[2])

    assert stay.patient.matricule not in found.text + answer.text + site.envelope(answer).text
    assert found.json()["subject"]["identifier"]["value"].startswith("ins-")
    assert site.get("/fhir/Encounter", identifier=stay.id).json()["total"] == 1
