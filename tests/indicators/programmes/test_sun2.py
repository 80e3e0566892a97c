"""SUN-ES volet 2: who is in the experiment, and its two payments."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.money import parse_euros, plain_euros
from indicators.programmes import ParameterMissing
from indicators.programmes.sun_es_volet2 import rules

IN = date(2021, 9, 1)


@pytest.mark.parametrize(
    ("department", "designated", "day", "reasons"),
    [
        ("80", True, date(2021, 7, 1), ()),
        ("31", True, date(2021, 11, 30), ()),
        ("044", True, IN, ()),
        ("35", True, IN, (rules.NOT_PILOT,)),
        ("80", False, IN, (rules.NOT_DESIGNATED,)),
        ("80", None, IN, (rules.NOT_DESIGNATED,)),
        ("80", True, date(2021, 6, 30), (rules.OUTSIDE_EXPERIMENT,)),
        ("80", True, date(2021, 12, 1), (rules.OUTSIDE_EXPERIMENT,)),
        ("35", False, date(2022, 1, 1), rules.REASONS),
    ],
)
def test_every_reason_in_order(department: str, designated: bool | None, day: date, reasons: tuple[str, ...]) -> None:
    assert rules.eligibility_reasons(department, designated, day) == reasons


def test_pilot_departments_and_their_ars() -> None:
    found = [rules.pilot_ars(code) for code in ("80", "31", "44", "75")]
    assert found == ["Hauts-de-France", "Occitanie", "Pays de la Loire", None]


@pytest.mark.parametrize(
    ("computed", "reached", "expected"),
    [
        ("145678.90", True, ("100000.00", "30000.00", "70000.00", "100000.00")),
        ("80000", True, ("80000.00", "24000.00", "56000.00", "80000.00")),
        ("145678.90", False, ("100000.00", "30000.00", "0.00", "30000.00")),
        ("33333.33", True, ("33333.33", "10000.00", "23333.33", "33333.33")),
        ("100000", True, ("100000.00", "30000.00", "70000.00", "100000.00")),
        ("100000.01", True, ("100000.00", "30000.00", "70000.00", "100000.00")),
        ("0", True, ("0.00", "0.00", "0.00", "0.00")),
    ],
)
def test_worked_examples(computed: str, reached: bool, expected: tuple[str, ...]) -> None:
    found = rules.payments(parse_euros(computed), objectives_reached=reached)
    assert tuple(map(plain_euros, (found.amount, found.amorcage, found.usage, found.paid))) == expected


def test_objectives_nobody_judged_decide_nothing() -> None:
    with pytest.raises(ParameterMissing, match="parameter_missing:objectives_reached"):
        rules.payments(100, objectives_reached=None)


@settings(deadline=None)
@given(st.integers(0, 10**9))
def test_both_payments_make_the_amount(computed: int) -> None:
    found = rules.payments(computed, objectives_reached=True)
    assert found.paid == found.amount == min(computed, 10_000_000)
    assert 0 <= found.amorcage <= found.amount


@settings(deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_a_larger_activity_never_brings_less(computed: int, more: int) -> None:
    one, other = (rules.payments(n, objectives_reached=True).paid for n in (computed, computed + more))
    assert one <= other


def test_the_envelope_takes_fifteen_at_the_cap_and_not_one_euro_more() -> None:
    full = [10_000_000] * 15
    assert rules.within_envelope(full)
    assert not rules.within_envelope([*full, 100])
    assert rules.within_envelope([])
