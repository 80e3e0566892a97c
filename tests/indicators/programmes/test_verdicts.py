"""A rate against a target, in every programme: exact, at the threshold reached, nothing without a population."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.programmes.verdicts import judge, missing_to_target, target_verdict
from indicators.ratio import Ratio


@pytest.mark.parametrize(
    ("numerator", "denominator", "target", "rate", "reached", "status"),
    [
        (3, 4, "75", "75.00", True, "measured"),
        (2, 3, "66.67", "66.67", False, "measured"),
        (2, 3, "66.66", "66.67", True, "measured"),
        (0, 4, "0", "0.00", True, "measured"),
        (0, 0, "75", None, None, "not_measurable"),
        (3, 0, "75", None, None, "not_measurable"),
        (0, None, "75", None, None, "not_measurable"),
        (2, 1, "50", "200.00", None, "to_verify:numerator_exceeds_denominator"),
        (1, 1, None, "100.00", None, "parameter_missing:target"),
        (0, 0, None, None, None, "not_measurable"),
    ],
)
def test_judged(
    numerator: int, denominator: int | None, target: str | None, rate: str | None, reached: bool | None, status: str
) -> None:
    found = judge(Ratio(numerator, denominator), None if target is None else Fraction(target))
    assert found.as_dict() == {
        "numerator": numerator, "denominator": denominator, "rate_pct": rate, "reached": reached, "status": status,
    }  # fmt: skip


def test_the_missing_parameter_may_have_another_name() -> None:
    assert judge(Ratio(1, 1), None, parameter="target:E1").status == "parameter_missing:target:E1"


@settings(deadline=None)
@given(st.integers(0, 500), st.integers(1, 500), st.fractions(0, 100, max_denominator=100), st.integers(0, 50))
def test_more_never_loses_a_target(had: int, whole: int, target: Fraction, more: int) -> None:
    had, after = min(had, whole), min(had + more, whole)
    order = {"not_reached": 0, "reached": 1}
    before_verdict, after_verdict = (target_verdict(Ratio(n, whole), target) for n in (had, after))
    assert order[before_verdict] <= order[after_verdict]
    assert (missing_to_target(Ratio(after, whole), target) or 0) <= (missing_to_target(Ratio(had, whole), target) or 0)
