"""`$expand`, `$validate-code`, `$lookup` over HTTP: yes, no, and «it cannot be told», on what the server has loaded."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.support.faces import FHIR_JSON, Face, refused
from tests.support.synthetic import Json

GENDER = "http://hl7.org/fhir/administrative-gender"
GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"
CONDITIONS = "http://hl7.org/fhir/ValueSet/condition-code"
SNOMED = "http://snomed.info/sct"


def ask(face: Face, operation: str, *parameters: Json) -> httpx.Response:
    body = {"resourceType": "Parameters", "parameter": list(parameters)}
    return face.http.post(f"/fhir/{operation}", content=json.dumps(body), headers={"Content-Type": FHIR_JSON})


def told(answer: httpx.Response) -> dict[str, Any]:
    """The values of Parameters by name."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["resourceType"] == "Parameters"
    return {p["name"]: next(v for k, v in p.items() if k.startswith("value")) for p in body["parameter"]}


def codes(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["code"] for one in answer.json()["expansion"].get("contains", ())]


def test_a_value_set_is_expanded_with_displays(site: Face) -> None:
    answer = site.get("/fhir/ValueSet/$expand", url=GENDERS)
    body = answer.json()
    assert codes(answer) == ["female", "male", "other", "unknown"]
    assert body["expansion"]["contains"][0] == {"system": GENDER, "code": "female", "display": "Female"}
    assert (body["url"], body["expansion"]["total"]) == (GENDERS, 4)
    valid = site.http.post("/fhir/$validate", content=answer.content, headers={"Content-Type": FHIR_JSON}).json()
    assert [issue for issue in valid["issue"] if issue["severity"] in ("error", "fatal")] == []


def test_filter_count_and_offset(site: Face) -> None:
    assert codes(site.get("/fhir/ValueSet/$expand", url=GENDERS, filter="MÂLE")) == ["female", "male"]
    page = site.get("/fhir/ValueSet/$expand", url=f"{GENDERS}|4.0.1", count="2", offset="1")
    assert codes(page) == ["male", "other"]
    assert page.json()["expansion"]["total"] == 4
    assert codes(site.get("/fhir/ValueSet/$expand", url=GENDERS, count="0")) == []


def given(*include: Json, **more: Any) -> Json:
    """A value set that is brought along."""
    return {"name": "valueSet", "resource": {"resourceType": "ValueSet", "status": "active", **more,
                                             "compose": {"include": list(include)}}}  # fmt: skip


def test_a_value_set_that_is_brought_along(site: Face) -> None:
    one = given({"system": GENDER, "concept": [{"code": "male"}, {"code": "other"}]}, {"valueSet": [GENDERS]})
    assert codes(ask(site, "ValueSet/$expand", one)) == ["female", "male", "other", "unknown"]
    few = given({"system": GENDER, "concept": [{"code": "male"}]})
    assert codes(ask(site, "ValueSet/$expand", few)) == ["male"]
    coding = {"name": "coding", "valueCoding": {"system": GENDER, "code": "female"}}
    assert told(ask(site, "ValueSet/$validate-code", few, coding))["result"] is False


def test_what_is_brought_along_stands_for_nothing_else(site: Face) -> None:
    url = "http://hl7.org/fhir/ValueSet/observation-status"
    before = codes(site.get("/fhir/ValueSet/$expand", url=url))
    mine = given({"system": GENDER, "concept": [{"code": "male"}]}, url=url)
    assert codes(ask(site, "ValueSet/$expand", mine)) == ["male"]
    assert codes(site.get("/fhir/ValueSet/$expand", url=url)) == before


def test_what_a_server_has_not_loaded_is_neither_yes_nor_no(site: Face) -> None:
    body = refused(site.get("/fhir/ValueSet/$expand", url=CONDITIONS), 422, "TERMINOLOGY-UNDECIDED")
    assert SNOMED in body["issue"][0]["details"]["text"]
    asked = {"url": CONDITIONS, "system": SNOMED, "code": "160245001"}
    refused(site.get("/fhir/ValueSet/$validate-code", **asked), 422, "TERMINOLOGY-UNDECIDED")
    part = given({"system": SNOMED}, {"system": GENDER})
    known = {"name": "coding", "valueCoding": {"system": GENDER, "code": "male"}}
    assert told(ask(site, "ValueSet/$validate-code", part, known))["result"] is True
    wrong = {"name": "coding", "valueCoding": {"system": GENDER, "code": "homme"}}
    assert told(ask(site, "ValueSet/$validate-code", part, wrong))["result"] is False


@pytest.mark.parametrize(
    ("code", "result"),
    [({"code": "male"}, True), ({"code": "homme"}, False), ({"code": "male", "system": GENDER}, True),
     ({"code": "male", "system": SNOMED}, False)],
)  # fmt: skip
def test_a_code_of_a_value_set(site: Face, code: dict[str, str], result: bool) -> None:
    found = told(site.get("/fhir/ValueSet/$validate-code", url=GENDERS, **code))
    assert found["result"] is result
    assert ("message" in found) is not result
    assert not result or (found["system"], found["display"]) == (GENDER, "Male")


def test_one_coding_of_a_concept_is_enough(site: Face) -> None:
    concept = {"coding": [{"system": SNOMED, "code": "248153007"}, {"system": GENDER, "code": "male"}]}
    asked = {"name": "codeableConcept", "valueCodeableConcept": concept}
    found = told(ask(site, "ValueSet/$validate-code", {"name": "url", "valueUri": GENDERS}, asked))
    assert (found["result"], found["code"]) == (True, "male")


def test_a_display_is_one_of_the_code_systems(site: Face) -> None:
    asked = {"url": GENDER, "code": "male"}
    assert told(site.get("/fhir/CodeSystem/$validate-code", **asked, display=" mALE"))["result"] is True
    wrong = told(site.get("/fhir/CodeSystem/$validate-code", **asked, display="Female"))
    assert wrong["result"] is False
    assert "Male" in wrong["message"]


@pytest.mark.parametrize(
    ("url", "code", "result"),
    [(GENDER, "male", True), (GENDER, "homme", False), ("http://unitsofmeasure.org", "mm[Hg]", True),
     ("http://unitsofmeasure.org", "mmHg", False), ("urn:iso:std:iso:4217", "FRF", False)],
)  # fmt: skip
def test_a_code_of_a_code_system(site: Face, url: str, code: str, result: bool) -> None:
    assert told(site.get("/fhir/CodeSystem/$validate-code", url=url, code=code))["result"] is result


def test_a_language_that_may_be_one_is_not_told(site: Face) -> None:
    asked = {"url": "urn:ietf:bcp:47", "code": "fr-x-patois"}
    refused(site.get("/fhir/CodeSystem/$validate-code", **asked), 422, "TERMINOLOGY-UNDECIDED")


def test_lookup(site: Face) -> None:
    found = told(site.get("/fhir/CodeSystem/$lookup", system=GENDER, code="male"))
    assert found["display"] == "Male"
    refused(site.get("/fhir/CodeSystem/$lookup", system=GENDER, code="homme"), 404, "TERMINOLOGY-UNKNOWN")
    refused(site.get("/fhir/CodeSystem/$lookup", system=SNOMED, code="1"), 404, "TERMINOLOGY-UNKNOWN")


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("ValueSet/$expand", {"url": "http://x/ValueSet/none"}, 404),
        ("ValueSet/$expand", {"url": "#x"}, 404),
        ("CodeSystem/$validate-code", {"url": SNOMED, "code": "1"}, 404),
        ("ValueSet/$expand", {}, 400),
        ("ValueSet/$expand", {"url": GENDERS, "count": "-1"}, 400),
        ("ValueSet/$expand", {"url": GENDERS, "date": "2026"}, 400),
        ("ValueSet/$expand", {"valueSet": "x"}, 400),
        ("ValueSet/$validate-code", {"url": GENDERS}, 400),
        ("ValueSet/$validate-code", {"url": GENDERS, "coding": "x"}, 400),
        ("CodeSystem/$lookup", {"code": "male"}, 400),
    ],
)
def test_what_is_asked_wrongly(site: Face, path: str, params: dict[str, str], status: int) -> None:
    refused(site.get(f"/fhir/{path}", **params), status)


def test_nobodys_regular_expression_runs_here(site: Face) -> None:
    evil = given({"system": GENDER, "filter": [{"property": "code", "op": "regex", "value": "(a+)+$"}]})
    refused(ask(site, "ValueSet/$expand", evil), 422, "TERMINOLOGY-UNDECIDED")
    refused(ask(site, "ValueSet/$expand", given({"system": 1})), 422)
    refused(ask(site, "ValueSet/$expand", {"name": "valueSet", "resource": {"resourceType": "Patient"}}), 400)


def test_who_may_ask(world: Any) -> None:
    refused(httpx.get(f"{world.server.origin}/fhir/ValueSet/$expand", params={"url": GENDERS}), 401, "AUTH-MISSING")
