"""Case files: what passes, what fails, and that nothing ends a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from indicators.programmes import operations, programmes
from indicators.programmes.casefile import Case, difference, read_cases, run
from indicators.programmes.errors import RuleError
from indicators.programmes.model import Op
from indicators.programmes.parameters import ParameterMissing
from tests.support.shared import shared

OWN = Path(__file__).with_name("cases.json")


def outcome(run_op: Any, expected: Any, inputs: dict[str, Any] | None = None, **more: Any) -> str:
    case = Case("c", "op", inputs or {}, expected)
    [found] = run([case], {"op": Op("op", run_op, **more)})
    return found.reason


class TestComparison:
    def test_the_expected_answer_passes_and_may_say_more(self) -> None:
        assert outcome(lambda: {"a": 1}, {"a": 1}) == ""
        assert outcome(lambda: {"a": 1, "indicative": True}, {"a": 1}) == ""

    @pytest.mark.parametrize(
        ("actual", "expected", "reason"),
        [
            ({"a": 1}, {"a": 2}, "a differs"),
            ({"a": 1}, {"a": True}, "a differs"),
            ({"a": 5}, {"a": "5"}, "a differs"),
            ({"a": 5}, {"a": 5.0}, "a differs"),
            ({"a": None}, {}, ""),
            ({}, {"a": None}, "no a"),
            ({"a": ["x", "y"]}, {"a": ["y", "x"]}, "a differs"),
            ({"a": {"x": 1, "y": 2}}, {"a": {"x": 1}}, "a differs"),
            ({"a": 1, "error": "x"}, {"a": 1}, "error was not expected"),
            ([1], {"a": 1}, "another value"),
            ([1], [1], ""),
        ],
    )
    def test_differences(self, actual: Any, expected: Any, reason: str) -> None:
        assert outcome(lambda: actual, expected) == reason

    def test_keys_that_are_data_may_not_be_more(self) -> None:
        assert (
            outcome(lambda: {"Bretagne": "1", "Corse": "2"}, {"Bretagne": "1"}, keyed=True) == "Corse was not expected"
        )

    def test_a_list_without_order(self) -> None:
        for loose in ("errors", "*"):
            assert outcome(lambda: {"errors": ["b", "a"]}, {"errors": ["a", "b"]}, unordered=frozenset({loose})) == ""
        op = Op("op", dict, unordered=frozenset({"errors"}))
        assert difference({"errors": ["a"]}, {"errors": ["a", "a"]}, op) == "errors differs"


class TestRun:
    def test_a_missing_parameter_and_a_refused_input_are_answers(self) -> None:
        def missing() -> None:
            raise ParameterMissing("rate")

        def refused() -> None:
            raise RuleError("unknown_kind:x")

        assert outcome(missing, {"error": "parameter_missing:rate"}) == ""
        assert outcome(refused, {"error": "unknown_kind:x"}) == ""

    @pytest.mark.parametrize("inputs", [{}, {"a": 1, "b": 2}, {"a": None}])
    def test_wrong_inputs_are_a_failure_and_not_an_end(self, inputs: dict[str, Any]) -> None:
        assert outcome(lambda a: a + 1, 2, inputs)

    def test_an_unknown_operation_is_a_failure(self) -> None:
        [found] = run([Case("c", "no_such_op", {}, {})], operations())
        assert (found.passed, found.reason) == (False, "unknown op 'no_such_op'")
        assert found.as_dict()["id"] == "c"


class TestFile:
    @pytest.mark.parametrize(
        "text",
        [
            "[]",
            "{}",
            '{"cases": [1]}',
            '{"cases": [{"op": "x"}]}',
            "not json",
            '{"format": 2, "cases": []}',
            '{"cases": [{"op": "x", "inputs": {}}]}',
        ],
    )
    def test_what_is_no_case_file(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"."):
            read_cases(text)

    def test_an_empty_one_is_one(self) -> None:
        assert read_cases('{"format": 1, "cases": []}') == []

    def test_a_case_without_id_has_its_place(self) -> None:
        [case] = read_cases('{"cases": [{"op": "x", "inputs": {}, "expected": null}]}')
        assert case.id == "0"


def failures(path: Path) -> list[str]:
    return [
        f"{found.case.id}: {found.reason}" for found in run(read_cases(path.read_bytes()), operations()) if found.reason
    ]


def test_our_own_cases_pass() -> None:
    assert failures(OWN) == []


def test_our_own_cases_use_every_operation_and_every_programme() -> None:
    cases = read_cases(OWN.read_bytes())
    assert {case.op for case in cases} == set(operations())
    named = {case.rule.partition("-")[0] for case in cases}
    assert {rule.id.partition("-")[0] for one in programmes().values() for rule in one.rules} <= named


def test_the_reference_cases_pass() -> None:
    assert failures(shared("cases/programmes.json")) == []


def test_a_wrong_expectation_is_seen() -> None:
    content = json.loads(OWN.read_text(encoding="utf-8"))
    for row in content["cases"]:
        row["expected"] = {**row["expected"], "nowhere": 1}
    found = list(run(read_cases(json.dumps(content)), operations()))
    assert not any(one.passed for one in found)
