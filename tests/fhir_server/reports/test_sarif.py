"""SARIF 2.1.0: the constraints of its schema that a viewer relies on."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given

from fhir_server.reports import Judged, render
from fhir_server.reports.sarif import uri
from tests.fhir_server.reports.pieces import (
    EACH,
    ERROR,
    FATAL,
    SUPPRESSED,
    VALID,
    WHOLE,
    issue,
    odd_verdicts,
    source,
    verdict,
    written,
)  # fmt: skip
from validators.messages import catalogue

Json = dict[str, Any]
URI = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*")


def read(text: str) -> Json:
    found: Json = json.loads(text)
    return found


def results(text: str) -> list[Json]:
    found: list[Json] = read(text)["runs"][0]["results"]
    return found


def check(log: Json) -> None:
    """What the published schema (sarif-schema-2.1.0.json) asks of the objects we write."""
    assert log["version"] == "2.1.0"
    assert log["$schema"].startswith("https://")
    [run] = log["runs"]
    assert set(run) <= {"tool", "columnKind", "artifacts", "results"}
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    driver = run["tool"]["driver"]
    assert driver["name"]
    assert re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", driver["language"])
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
        assert URI.fullmatch(rule.get("helpUri", "https://x"))
    for artifact in run["artifacts"]:
        assert URI.fullmatch(artifact["location"]["uri"])
    for result in run["results"]:
        check_result(result, ids)


def check_result(result: Json, ids: list[str]) -> None:
    assert ids[result["ruleIndex"]] == result["ruleId"]
    assert result["level"] in ("error", "warning", "note")
    assert result["message"]["text"]
    [location] = result["locations"]
    physical = location["physicalLocation"]
    assert URI.fullmatch(physical["artifactLocation"]["uri"])
    assert physical["region"]["startLine"] >= 1
    assert physical["region"].get("startColumn", 1) >= 1
    assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
    for suppression in result.get("suppressions", []):
        assert suppression["kind"] in ("inSource", "external")
        assert suppression["status"] in ("accepted", "underReview", "rejected")
        assert suppression["justification"]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_kind_of_verdict_fits_the_schema(lang: str) -> None:
    check(read(render("sarif", EACH, lang)))


def test_every_rule_of_the_catalogue_fits_the_schema() -> None:
    check(read(written("sarif", verdict(*(issue(rule_id) for rule_id in catalogue())))))


def test_no_file_and_no_finding_are_a_run_without_results() -> None:
    check(read(render("sarif", [])))
    assert results(written("sarif", VALID)) == []


def test_a_result_says_where() -> None:
    [found] = results(written("sarif", verdict(issue(column=5))))
    physical = found["locations"][0]["physicalLocation"]
    assert physical == {"artifactLocation": {"uri": "a"}, "region": {"startLine": 3, "startColumn": 5}}
    assert found["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "Patient.gender"


def test_a_result_without_a_line_is_at_the_first() -> None:
    for name in (FATAL, WHOLE):
        [found] = results(written("sarif", name))
        assert found["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


def test_severities_become_levels() -> None:
    found = [result["level"] for result in results(render("sarif", EACH))]
    assert found == ["error", "warning", "error", "error", "error", "error"]


def test_what_is_suppressed_is_a_result_with_its_justification() -> None:
    [found] = results(written("sarif", SUPPRESSED))
    assert found["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "connu, ticket 12"}]
    assert "suppressions" not in results(written("sarif", ERROR))[0]


def test_a_fingerprint_is_of_rule_and_place_not_of_the_line() -> None:
    one, moved, other = results(
        written("sarif", verdict(issue(line=3), issue(line=30), issue(location="Patient.x", line=40)))
    )
    assert one["partialFingerprints"] == moved["partialFingerprints"] != other["partialFingerprints"]


def test_no_line_of_the_file_is_copied() -> None:
    assert '"active"' not in written("sarif", ERROR, options=source())


@pytest.mark.parametrize(
    ("name", "expected"),
    [("out/a b.xml", "out/a%20b.xml"), ("./lettre é.xml", "lettre%20%C3%A9.xml"), ("/tmp/a.xml", "file:///tmp/a.xml"),
     ("100%.xml", "100%25.xml"), ("a:b.xml", "a%3Ab.xml")],
)  # fmt: skip
def test_a_file_name_is_a_uri(name: str, expected: str) -> None:
    assert uri(name) == expected


@given(odd_verdicts())
def test_anything_fits_the_schema(judged: list[Judged]) -> None:
    log = read(render("sarif", judged))
    check(log)
    assert len(log["runs"][0]["results"]) == sum(len(found.report) for _, found in judged)
