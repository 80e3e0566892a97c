"""OperationOutcome: the one way to build it, with its places and what was suppressed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from fhir_server.fhir.outcome import COLUMN_URL, LINE_URL, SCOPE_URL, SUPPRESSED_URL, operation_outcome
from fhir_server.reports import render
from tests.fhir_server.reports.pieces import EACH, NAMES, UNCOUNTED, VALID, issue
from validators.fhir import default_walker
from validators.report import Report

Json = dict[str, Any]


def only(*found: Any) -> Json:
    [made] = operation_outcome(found)["issue"]
    row: Json = made
    return row


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_is_an_operation_outcome(name: str, lang: str) -> None:
    made = operation_outcome(NAMES[name].report, lang)
    OperationOutcome.model_validate(made)
    report = Report()
    default_walker().check(made, report)
    assert report.conformant, list(report)


def test_a_place_in_fhir_is_an_expression() -> None:
    found = only(issue(column=4))
    assert found["expression"] == ["Patient.gender"]
    assert "location" not in found
    assert found["details"]["coding"][0]["code"] == "FHIR-BINDING"


def test_a_place_in_a_cda_is_an_xpath_too() -> None:
    found = only(*UNCOUNTED.report)
    assert found["expression"] == found["location"] == ["/ClinicalDocument/recordTarget[1]"]


def test_line_and_column_are_there_for_people_and_programs() -> None:
    found = only(issue(column=4))
    assert found["diagnostics"] == "ligne 3"
    values = {extension["url"]: extension.get("valueInteger") for extension in found["extension"]}
    assert (values[LINE_URL], values[COLUMN_URL]) == (3, 4)
    assert found["extension"][0] == {"url": SCOPE_URL, "valueCode": "conformity"}
    assert {e["url"] for e in only(issue(line=None))["extension"]} == {SCOPE_URL}


def test_what_is_suppressed_does_not_look_like_a_failure() -> None:
    found = only(issue(suppressed="connu"))
    assert found["severity"] == "information"
    assert {"url": SUPPRESSED_URL, "valueString": "connu"} in found["extension"]


def test_a_file_is_a_line() -> None:
    rows = [json.loads(line) for line in render("outcome", EACH).splitlines()]
    assert [row["resourceType"] for row in rows] == ["OperationOutcome"] * len(EACH)


def test_nothing_found_is_said() -> None:
    [found] = json.loads(render("outcome", [("a", VALID)]))["issue"]
    assert found["severity"] == "information"
