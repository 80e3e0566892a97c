"""Runs the cases of a case file through the operations programmes declare, and compares what they answer.

An answer may hold more than a case expects (an `indicative` label, a status); it may not hold less, nor an error nobody
expected. Values are compared as JSON: 1 is not true, "5.00" is not 5.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from indicators.programmes.errors import RuleError
from indicators.programmes.model import Op
from indicators.programmes.parameters import ParameterMissing

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Case:
    """One case: an operation, its inputs by name, and what it has to answer."""

    id: str
    op: str
    inputs: Mapping[str, Any]
    expected: Any
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case fared. `reason` is empty when it passed."""

    case: Case
    actual: Any
    reason: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is the expected one."""
        return not self.reason

    def as_dict(self) -> dict[str, Any]:
        """For machines, one line of NDJSON."""
        return {
            "id": self.case.id,
            "op": self.case.op,
            "rule": self.case.rule,
            "passed": self.passed,
            "expected": self.case.expected,
            "actual": self.actual,
            "reason": self.reason,
        }


def read_cases(text: str | bytes) -> list[Case]:
    """The cases of a file. Raises `ValueError` saying which case is not one."""
    content = json.loads(text)
    rows = content.get("cases") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise ValueError("no list of cases")
    if content.get("format", FORMAT) != FORMAT:
        raise ValueError(f"format {content['format']!r} is not {FORMAT}")
    return [_case(index, row) for index, row in enumerate(rows)]


def _case(index: int, row: Any) -> Case:
    if not isinstance(row, dict) or not isinstance(row.get("inputs"), dict) or not {"op", "expected"} <= set(row):
        raise ValueError(f"cases[{index}]: a case has op, inputs and expected")
    return Case(str(row.get("id", index)), str(row["op"]), row["inputs"], row["expected"], str(row.get("rule", "")))


def run(cases: list[Case], ops: Mapping[str, Op]) -> Iterator[Outcome]:
    """Each case through its operation; an unknown operation or a wrong input is a failure, never an end."""
    for case in cases:
        op = ops.get(case.op)
        if op is None:
            yield Outcome(case, None, f"unknown op {case.op!r}")
            continue
        yield _outcome(case, op)


def _outcome(case: Case, op: Op) -> Outcome:
    try:
        actual = answer(op.run, case.inputs)
    except Exception as error:  # somebody else's operation may raise anything; one case must not end the others
        return Outcome(case, None, f"{type(error).__name__}: {error}")
    wrong = difference(case.expected, actual, op)
    return Outcome(case, actual, wrong)


def answer(run_op: Callable[..., Any], inputs: Mapping[str, Any]) -> Any:
    """What an operation answers; a parameter nobody gave and a refused input are answers too (C-07)."""
    try:
        return run_op(**inputs)
    except (ParameterMissing, RuleError) as stopped:
        return {"error": str(stopped)}


def difference(expected: Any, actual: Any, op: Op) -> str:
    """Why an answer is not the expected one, or nothing."""
    if not isinstance(expected, dict) or not isinstance(actual, dict):
        return "" if _same(expected, actual) else "another value"
    for key in sorted(expected):
        if key not in actual:
            return f"no {key}"
        loose = key in op.unordered or "*" in op.unordered
        if not _same(
            _sorted(expected[key]) if loose else expected[key], _sorted(actual[key]) if loose else actual[key]
        ):
            return f"{key} differs"
    more = sorted(set(actual) - set(expected))
    if more and (op.keyed or "error" in more):
        return f"{more[0]} was not expected"
    return ""


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _sorted(value: Any) -> Any:
    return sorted(value, key=str) if isinstance(value, list) else value
