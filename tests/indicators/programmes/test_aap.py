"""The national call: 499, 500 and 501 ESMS, the mix, the tranches."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.money import parse_euros
from indicators.programmes import ParameterMissing
from indicators.programmes.aap_dui import rules
from indicators.programmes.aap_dui.states import PROJECT, TRANCHE
from indicators.programmes.adapters import percent
from indicators.programmes.dates import read_day
from indicators.programmes.errors import RuleError
from indicators.programmes.machine import holds
from indicators.programmes.standing import attempt, derive


@pytest.mark.parametrize(
    ("moment", "accepted"),
    [
        ("2021-08-02", False), ("2021-08-03", True), ("2021-08-02T22:00:00Z", True), ("2021-08-02T21:59:59Z", False),
        ("2021-10-20", True), ("2021-10-20T21:59:59Z", True), ("2021-10-20T22:00:00Z", False),
        ("2021-10-20T22:30:00Z", False), ("2021-10-21", False),
    ],
)  # fmt: skip
def test_deposit(moment: str, accepted: bool) -> None:
    assert rules.deposit_accepted(read_day(moment)) is accepted


class TestAmounts:
    @pytest.mark.parametrize(("n", "euros"), [(0, 0), (49, 0), (50, 250_000), (499, 2_495_000), (500, 2_500_000)])
    def test_up_to_five_hundred(self, n: int, euros: int) -> None:
        assert rules.dui_amount(n) == euros * 100
        assert rules.large_enough(n) is (euros > 0)

    def test_the_501st_needs_a_decided_rate_for_all_of_them(self) -> None:
        with pytest.raises(ParameterMissing, match="parameter_missing:rate_over_500"):
            rules.dui_amount(501)
        assert rules.dui_amount(501, parse_euros("4500")) == parse_euros("2254500")
        assert rules.dui_amount(501, parse_euros("4999.99")) > rules.dui_amount(500)

    @pytest.mark.parametrize("rate", ["5000", "0", "5000.01", "-1"])
    def test_a_rate_the_text_forbids(self, rate: str) -> None:
        with pytest.raises(RuleError, match="rate_over_500_must_be_below_5000"):
            rules.dui_amount(501, parse_euros(rate))

    def test_a_rate_is_not_looked_at_up_to_five_hundred(self) -> None:
        assert rules.dui_amount(500, parse_euros("1")) == parse_euros("2500000")

    def test_equipment_is_for_operators_with_fewer_than_fifteen(self) -> None:
        assert rules.equipment_amount([14, 15, 31], with_dui=True) == parse_euros("280000")
        assert rules.equipment_amount([14, 1], with_dui=True) == parse_euros("300000")
        assert rules.equipment_amount([14], with_dui=False) == 0
        assert rules.equipment_amount([], with_dui=True) == 0

    @settings(deadline=None)
    @given(st.integers(0, 500), st.integers(0, 100))
    def test_up_to_five_hundred_more_never_brings_less(self, n: int, more: int) -> None:
        assert rules.dui_amount(n) <= rules.dui_amount(min(500, n + more))


class TestMix:
    @pytest.mark.parametrize(
        ("acquisition", "total", "shown", "compliant"),
        [
            ("100000", "250000", "40.00", True),
            ("105000", "250000", "42.00", False),
            ("100010", "250000", "40.00", False),
            ("0", "250000", "0.00", True),
            ("99999.99", "250000", "40.00", True),
            ("5", "0", None, None),
        ],
    )
    def test_compared_before_it_is_rounded(
        self, acquisition: str, total: str, shown: str | None, compliant: bool | None
    ) -> None:
        found = rules.mixed_project(parse_euros(acquisition), parse_euros(total))
        assert (percent(found.share), found.compliant) == (shown, compliant)
        assert (found.status == "not_measurable") is (shown is None)


@pytest.mark.parametrize(("years", "yes"), [([2022, 2024, 2026], True), ([2027], False), ([2021, 2027], False)])
def test_schedule(years: list[int], yes: bool) -> None:
    assert rules.schedule_compliant(years) is yes


def test_an_empty_schedule_is_none() -> None:
    with pytest.raises(RuleError, match="schedule_empty"):
        rules.schedule_compliant([])


def criterion(target: str | None, result: str | None) -> rules.Criterion:
    return rules.Criterion(*(None if value is None else Fraction(value) for value in (target, result)))


class TestNextTranche:
    def test_everything_reached(self) -> None:
        criteria = {"E1": criterion("90", "90"), "E4": criterion("10", "11")}
        assert rules.next_tranche_reasons(criteria, vsr_signed=True, same_solution=True) == ()

    def test_every_reason_in_order(self) -> None:
        criteria = {"E4": criterion("10", "9.99"), "E1": criterion("90", None), "E2": criterion("1", "1")}
        found = rules.next_tranche_reasons(criteria, vsr_signed=False, same_solution=False)
        assert found == ("VSR_MISSING", "USAGE_NOT_REACHED:E1", "USAGE_NOT_REACHED:E4", "SOLUTION_NOT_UNIFORM")

    def test_a_target_nobody_gave_decides_nothing(self) -> None:
        with pytest.raises(ParameterMissing, match="parameter_missing:target:E1"):
            rules.next_tranche_reasons({"E1": criterion(None, "95")}, vsr_signed=False, same_solution=True)

    def test_criteria_nobody_gave_close_no_tranche(self) -> None:
        with pytest.raises(ParameterMissing, match="parameter_missing:usage_criteria"):
            rules.next_tranche_reasons({}, vsr_signed=True, same_solution=True)

    def test_what_is_missing_keeps_the_tranche_where_it_is(self) -> None:
        fact = attempt(lambda: rules.next_tranche_reasons({}, vsr_signed=True, same_solution=True))
        found = TRANCHE.move("VSR", "CRITERIA_REACHED", "ARS pivot", {"criteria": fact})
        assert (found.state, found.reasons) == ("VSR", ("parameter_missing:usage_criteria",))


class TestTranches:
    @settings(deadline=None)
    @given(st.integers(0, 10**10), st.lists(st.integers(1, 50), min_size=1, max_size=6))
    def test_they_make_the_total(self, total: int, weights: list[int]) -> None:
        parts = [Fraction(weight, sum(weights)) for weight in weights]
        assert sum(rules.tranche_amounts(total, parts)) == total

    def test_the_last_one_is_the_rest(self) -> None:
        third = Fraction(1, 3)
        assert rules.tranche_amounts(100, [third, third, third]) == (33, 33, 34)

    @pytest.mark.parametrize("parts", [[], [Fraction(1, 2)], [Fraction(1), Fraction(1)]])
    def test_a_plan_makes_a_whole(self, parts: list[Fraction]) -> None:
        with pytest.raises(RuleError, match="tranches_do_not_add_up"):
            rules.tranche_amounts(100, parts)


class TestFile:
    def test_eight_items(self) -> None:
        assert len(rules.FILE_ITEMS) == 8
        assert rules.items_missing([]) == rules.FILE_ITEMS
        assert rules.items_missing(rules.FILE_ITEMS) == ()

    @pytest.mark.parametrize(("granted", "requested", "yes"), [(100, 100, True), (101, 100, False), (0, 100, True)])
    def test_never_more_than_asked_for(self, granted: int, requested: int, yes: bool) -> None:
        assert rules.granted_within_request(granted, requested) is yes

    def test_one_version_everywhere(self) -> None:
        assert rules.same_everywhere([("x", "1"), ("x", "1")])
        assert not rules.same_everywhere([("x", "1"), ("x", "2")])
        assert rules.same_everywhere([])

    def test_a_project_of_501_waits_for_its_rate(self) -> None:
        amount = derive(attempt(lambda: rules.dui_amount(501)), lambda cents: ())
        facts = {"amount": amount, "compliant": holds(True)}
        found = PROJECT.move("COMMITTEE", "ACCEPTED", "committee", facts)
        assert found.reasons == ("parameter_missing:rate_over_500",)
