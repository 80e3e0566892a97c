"""SUN-ES volet 1, rule by rule: calendar, deposit, payments, targets, grids. Worked examples of the instruction."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.measures import Window
from indicators.money import parse_euros
from indicators.programmes import ParameterMissing
from indicators.programmes.errors import RuleError
from indicators.programmes.sun_es_volet1 import deposit_window, local_date, rules, usage_window
from indicators.programmes.sun_es_volet1.calendar import WINDOW_IDS
from indicators.ratio import Ratio


def euros(text: str) -> int:
    return parse_euros(text)


class TestCalendar:
    def test_window_of_the_worked_example(self) -> None:
        window = usage_window(3)
        assert (window.candidature.start, window.candidature.end) == (date(2022, 9, 1), date(2022, 10, 31))
        assert (window.instruction.start, window.instruction.end) == (date(2022, 9, 1), date(2022, 12, 31))
        assert (window.measure.start, window.measure.end) == (date(2023, 1, 1), date(2023, 6, 30))
        assert usage_window("F3") == window

    def test_one_window_a_half_year_without_gap(self) -> None:
        windows = [usage_window(name) for name in WINDOW_IDS]
        for before, after in pairwise(windows):
            assert after.measure.start == before.measure.end + timedelta(days=1)
        for window in windows:
            assert window.candidature.end - window.candidature.start <= timedelta(days=61)
            assert window.instruction.end < window.measure.start

    @pytest.mark.parametrize("name", ["F5", 0, "1", ""])
    def test_an_unknown_window_is_named(self, name: str | int) -> None:
        with pytest.raises(LookupError, match="known: F1, F2, F3, F4"):
            usage_window(name)

    def test_what_the_indicators_look_at(self) -> None:
        assert usage_window(1).measured() == Window(date(2022, 1, 1), date(2022, 6, 30))
        assert usage_window(1).measured(date(2022, 7, 15)).cutoff == date(2022, 7, 15)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[misc,arg-type]  # noqa: UP017


class TestDeposit:
    @pytest.mark.parametrize(
        ("moment", "window"),
        [
            (utc(2022, 10, 31, 22, 59, 59), "F3"),
            (utc(2022, 10, 31, 23, 0, 0), None),
            (utc(2021, 8, 31, 22, 0, 0), "F1"),
            (utc(2021, 8, 31, 21, 59, 59), None),
            (date(2022, 3, 1), "F2"),
            (date(2023, 4, 30), "F4"),
            (date(2022, 5, 2), None),
            (datetime(2022, 11, 1, 8, tzinfo=timezone(timedelta(hours=13))), "F3"),
        ],
    )
    def test_the_day_is_the_one_in_paris(self, moment: date, window: str | None) -> None:
        found = deposit_window(moment)
        assert (found.id if found else None) == window

    def test_a_moment_without_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            local_date(datetime(2022, 10, 31, 23))  # noqa: DTZ001

    def test_one_candidature_per_window(self) -> None:
        wishes = {"imagerie": 1, "biologie": 3, "documents_sortie": 1}
        assert rules.split_candidatures(wishes) == {1: ["documents_sortie", "imagerie"], 3: ["biologie"]}


def paid(standard: str, **facts: object) -> tuple[int, int, int]:
    given = {"accepted": True, "targets_reached": True} | facts
    found = rules.payments(euros(standard), **given)  # type: ignore[arg-type]
    return found.advance, found.usage, found.total


class TestPayments:
    """Worked examples 1 to 4."""

    def test_smallest_forfait(self) -> None:
        assert paid("18000") == (540_000, 1_260_000, 1_800_000)

    def test_largest_forfait_with_the_bonus_paid_last(self) -> None:
        bonus = {"bonus_claimed": True, "cro_reached": True, "bonus_timing": "with_usage"}
        assert paid("320000", **bonus) == (9_600_000, 25_600_000, 35_200_000)

    def test_bonus_spread_over_both_payments(self) -> None:
        bonus = {"bonus_claimed": True, "cro_reached": True, "bonus_timing": "prorata"}
        assert paid("320000", **bonus) == (10_560_000, 24_640_000, 35_200_000)

    def test_a_spread_bonus_without_operative_reports_falls_back_on_the_standard_total(self) -> None:
        bonus = {"bonus_claimed": True, "cro_reached": False, "bonus_timing": "prorata"}
        assert paid("320000", **bonus) == (10_560_000, 21_440_000, 32_000_000)

    def test_a_missed_target_keeps_the_advance_only(self) -> None:
        assert paid("320000", targets_reached=False) == (9_600_000, 0, 9_600_000)

    def test_a_refused_candidature_is_paid_nothing(self) -> None:
        assert paid("320000", accepted=False) == (0, 0, 0)

    def test_rounding(self) -> None:
        assert paid("18333.35") == (550_001, 1_283_334, 1_833_335)

    def test_a_bonus_needs_to_be_told_when(self) -> None:
        with pytest.raises(ParameterMissing, match=r"^parameter_missing:bonus_timing$"):
            paid("18000", bonus_claimed=True)
        with pytest.raises(RuleError, match="unknown_bonus_timing:later"):
            paid("18000", bonus_claimed=True, bonus_timing="later")

    @settings(deadline=None)
    @given(
        st.integers(0, 10**12),
        st.booleans(),
        st.booleans(),
        st.sampled_from(rules.BONUS_TIMINGS),
    )
    def test_payments_make_the_forfait_to_the_cent(self, forfait: int, claimed: bool, cro: bool, timing: str) -> None:
        found = rules.payments(
            forfait, accepted=True, targets_reached=True, bonus_claimed=claimed, cro_reached=cro, bonus_timing=timing
        )
        assert found.total == (rules.advanced_forfait(forfait) if claimed and cro else forfait)
        # Half cents on a forfait of a few cents aside, nobody owes anything back on reaching the targets.
        assert found.usage >= 0


class TestTargets:
    """Worked examples 5 and 6."""

    @pytest.mark.parametrize(
        ("numerator", "denominator", "target", "verdict"),
        [
            (3, 4, "75", "reached"),
            (2, 3, "66.67", "not_reached"),
            (0, 0, "75", "not_measurable"),
            (0, None, "0", "not_measurable"),
            (0, 4, "0", "reached"),
            (5, 4, "50", "to_verify:numerator_exceeds_denominator"),
        ],
    )
    def test_verdict(self, numerator: int, denominator: int | None, target: str, verdict: str) -> None:
        assert rules.target_verdict(Ratio(numerator, denominator), Fraction(target)) == verdict

    @settings(deadline=None)
    @given(st.integers(0, 2000), st.integers(1, 2000), st.fractions(min_value=0, max_value=100, max_denominator=10_000))
    def test_the_missing_count_is_the_smallest_that_reaches(self, had: int, whole: int, target: Fraction) -> None:
        had = min(had, whole)
        missing = rules.missing_to_target(Ratio(had, whole), target)
        assert missing is not None
        assert rules.target_verdict(Ratio(had + missing, whole), target) == "reached"
        if missing:
            assert rules.target_verdict(Ratio(had + missing - 1, whole), target) == "not_reached"

    def test_nothing_is_missing_from_no_population(self) -> None:
        assert rules.missing_to_target(Ratio(0, 0), Fraction(75)) is None

    @pytest.mark.parametrize(
        ("state", "verdict", "indicative", "after"),
        [
            ("DECLARED", "reached", False, "REACHED"),
            ("DECLARED", "not_reached", False, "NOT_REACHED"),
            ("DECLARED", "not_measurable", False, "DECLARED"),
            ("DECLARED", "reached", True, "DECLARED"),
            ("MEASURING", "reached", False, "MEASURING"),
        ],
    )
    def test_only_a_firm_verdict_moves_the_state(self, state: str, verdict: str, indicative: bool, after: str) -> None:
        assert rules.state_after_measure(state, verdict, indicative=indicative) == after


class TestGrid:
    def test_everything_wrong_is_said(self) -> None:
        errors = rules.grid_errors(
            "documents_sortie",
            {1: euros("17999.99"), 2: euros("320000.01")},
            {1: Fraction(50), 2: Fraction(40)},
        )
        assert errors == [
            "AMOUNT_BELOW_MIN:F1",
            "AMOUNT_ABOVE_MAX:F2",
            "AMOUNT_NOT_DEGRESSIVE:F2>F1",
            "TARGET_NOT_PROGRESSIVE:F2<F1",
        ]

    @pytest.mark.parametrize(
        ("domain", "low", "high"), [("documents_sortie", "18000", "320000"), ("biologie", "6500", "80000")]
    )
    def test_both_bounds_and_equal_steps_are_fine(self, domain: str, low: str, high: str) -> None:
        amounts = {1: euros(high), 2: euros(high), 4: euros(low)}
        assert rules.grid_errors(domain, amounts, {1: Fraction(50), 2: Fraction(50)}) == []

    def test_a_domain_without_range_is_a_missing_parameter(self) -> None:
        with pytest.raises(ParameterMissing, match="parameter_missing:range:pharmacie"):
            rules.grid_errors("pharmacie", {}, {})

    def test_each_domain_has_a_range(self) -> None:
        assert all(rules.grid_errors(domain, {}, {}) == [] for domain in rules.DOMAINS)


@pytest.mark.parametrize(("delegated", "left"), [("338000", 0), ("337999", -100)])
def test_envelope(delegated: str, left: int) -> None:
    """Worked example 8."""
    assert rules.envelope_left(euros(delegated), [euros("320000"), euros("18000")]) == left


class TestDeclared:
    def test_no_alert_at_the_tolerance(self) -> None:
        gap = rules.declared_gap(Fraction(80), Ratio(3, 4))
        assert gap == 5
        assert (rules.gap_alert(gap, Fraction(5)), rules.gap_alert(gap, Fraction("4.99"))) == (False, True)

    @pytest.mark.parametrize(("declared", "ratio"), [(None, Ratio(3, 4)), (Fraction(80), Ratio(0, 0))])
    def test_no_gap_without_two_rates(self, declared: Fraction | None, ratio: Ratio) -> None:
        gap = rules.declared_gap(declared, ratio)
        assert gap is None
        assert rules.gap_alert(gap, Fraction(5)) is None
