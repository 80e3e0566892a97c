"""JSON and ndjson: the shape of the contract, and what may be added to it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given

from fhir_server.reports import Judged, render
from fhir_server.reports.rows import issue_row
from tests.fhir_server.reports.pieces import EACH, SUPPRESSED, VALID, WHOLE, issue, odd_verdicts, verdict, written

Json = dict[str, Any]
FILE_KEYS = {"file", "kind", "conformant", "countable", "valid", "errors", "warnings", "document_kind", "ins", "issues"}
ISSUE_KEYS = {"severity", "scope", "rule", "location", "line", "message"}


def row(found: Any) -> Json:
    made: Json = json.loads(written("ndjson", found))
    return made


def test_a_file_has_the_fields_of_the_contract() -> None:
    assert row(VALID) == {
        "file": "a", "kind": "cda", "conformant": True, "countable": True, "valid": True, "errors": 0, "warnings": 0,
        "suppressed": 0, "document_kind": "LDL", "ins": "qualified", "issues": [],
    }  # fmt: skip


def test_a_finding_has_the_fields_of_the_contract_and_some_more() -> None:
    [found] = row(verdict(issue(column=3, pointer="/gender")))["issues"]
    assert set(found) >= ISSUE_KEYS
    assert (found["column"], found["pointer"]) == (3, "/gender")
    assert found["page"] == "reference/rules/fhir.html#fhir-binding"
    assert found["help"].startswith("https://hl7.org/")
    assert "suppressed" not in found
    assert set(issue_row(issue(), "fr")) == ISSUE_KEYS


def test_what_is_suppressed_does_not_count_and_is_there() -> None:
    found = row(SUPPRESSED)
    assert (found["valid"], found["errors"], found["suppressed"]) == (True, 0, 1)
    assert found["issues"][0]["suppressed"] == "connu, ticket 12"


def test_parts_are_the_same_object() -> None:
    [part] = row(WHOLE)["parts"]
    assert set(part) >= FILE_KEYS
    assert part["file"] == "Bundle.entry[1].resource"


def test_json_is_the_array_of_the_same_rows() -> None:
    rows = [json.loads(line) for line in render("ndjson", EACH).splitlines()]
    assert json.loads(render("json", EACH)) == rows
    assert json.loads(render("json", [])) == []
    assert render("ndjson", []) == ""


@given(odd_verdicts())
def test_one_line_a_file_whatever_is_in_it(judged: list[Judged]) -> None:
    lines = render("ndjson", judged).splitlines()
    assert len(lines) == len(judged)
    for line, (_, found) in zip(lines, judged, strict=True):
        read = json.loads(line)
        assert len(read["issues"]) == len(found.report)
    assert len(json.loads(render("json", judged))) == len(judged)
