"""MeasureReport against its Measure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.fhir.resources.conftest import Found, Of, resource
from validators.fhir.context import Json

POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
FIRST = ".group[0]"


def concept(code: str, system: str = "s") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def measure(scoring: str = "", *groups: dict[str, Any]) -> Json:
    return resource("Measure", url="https://x.y/m", scoring=concept(scoring) if scoring else {}, group=list(groups))


def report(*groups: dict[str, Any], kind: str = "individual") -> Json:
    return resource("MeasureReport", measure="https://x.y/m", type=kind, group=list(groups))


def populated(*codes: str, **more: Any) -> dict[str, Any]:
    return {"population": [{"code": concept(code)} for code in codes], **more}


def scored(**score: Any) -> dict[str, Any]:
    return {"measureScore": score}


RIGHT_REPORT = report({**populated("a"), **scored(value=0.5)})
CASES: list[tuple[Json, Json, Found]] = [
    (measure(), report(), []),
    (measure("", {}), report({}), []),
    (measure("", populated("a", "b")), report(populated("a", "b")), []),
    (measure("", populated("a")), report(populated("z")), [("CODE", f"{FIRST}.population[0]"), ("MISSING", FIRST)]),
    (measure("", populated("a")), report(populated("a", "a")), [("CODE", f"{FIRST}.population[1]")]),
    (measure("", populated("a", "b")), report(populated("a")), [("MISSING", FIRST)]),
    (measure("", {"population": [{"code": concept("measure-observation", POPULATION)}]}), report({}), []),
    (measure("", {"code": concept("g")}), report({"code": concept("h")}), [("CODE", FIRST)]),
    (measure("", {"code": concept("g")}), report({}), []),
    (
        measure("", {"code": concept("g")}, {"code": concept("h")}),
        report({"code": concept("g")}, {"code": concept("h")}),
        [],
    ),
    (measure("", {"code": concept("g")}, {"code": concept("h")}), report({"code": concept("g")}), [("MISSING", "")]),
    (
        measure("", {"code": concept("g")}, {"code": concept("h")}),
        report({}),
        [("CODE", FIRST), ("MISSING", ""), ("MISSING", "")],
    ),
    (
        measure("", {"code": concept("g")}, {"code": concept("h")}),
        report({"code": concept("g")}, kind="data-collection"),
        [],
    ),
    (measure("", {"stratifier": [{"code": concept("s")}]}), report({"stratifier": [{"code": [concept("s")]}]}), []),
    (measure("", {"stratifier": [{"code": concept("s")}]}), report({}), [("MISSING", FIRST)]),
    (measure("proportion", {}), report(scored(value=0.5)), []),
    (measure("proportion", {}), report({}), [("SCORE", FIRST)]),
    (measure("proportion", {}), report(scored(value=2)), [("SCORE", f"{FIRST}.measureScore.value")]),
    (measure("proportion", {}), report(scored(value=1, unit="%")), [("SCORE", f"{FIRST}.measureScore.unit")]),
    (measure("ratio", {}), report(scored(value=2, unit="a/b")), []),
    (measure("ratio", {}), report(scored(unit="a/b")), [("SCORE", f"{FIRST}.measureScore")]),
    (measure("cohort", {}), report(scored(value=1)), [("SCORE", f"{FIRST}.measureScore")]),
    (measure("proportion", {}), report({}, kind="data-collection"), []),
    (
        measure("", populated("a")),
        report({"population": [{"code": concept("a"), "subjectResults": {}}]}),
        [("SUBJECTS", f"{FIRST}.population[0]")],
    ),
    (
        measure("", populated("a")),
        report({"population": [{"code": concept("a"), "count": 2}]}, kind="subject-list"),
        [("SUBJECTS", f"{FIRST}.population[0]")],
    ),
    (
        measure("", populated("a")),
        report({"population": [{"code": concept("a"), "count": 0}]}, kind="subject-list"),
        [],
    ),
]


@pytest.mark.parametrize(("defined", "node", "expected"), CASES)
def test_a_report_answers_its_measure(of: Of, defined: Json, node: Json, expected: Found) -> None:
    assert of(node, "", defined) == [(f"MEASUREREPORT-{rule_id}", place) for rule_id, place in expected]


def test_codes_may_be_texts(of: Of) -> None:
    defined = measure("", {"population": [{"code": {"text": "a"}}]})
    assert of(report({"population": [{"code": {"text": "a"}}]}), "", defined) == []


def test_without_its_measure_nothing_is_said(of: Of) -> None:
    assert of(report(populated("a"))) == []
    assert of(resource("MeasureReport")) == []
