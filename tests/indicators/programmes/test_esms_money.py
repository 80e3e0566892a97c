"""ESMS numérique: shares, instalments, the usage part. Worked examples, then what holds for every amount."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.money import parse_euros, plain_euros
from indicators.programmes import ParameterMissing
from indicators.programmes.errors import RuleError
from indicators.programmes.esms_numerique import money
from indicators.programmes.standing import Firm, Indicative
from indicators.ratio import half_up

FAMILIES = {"E1": "metier", "E2": "metier", "E3": "metier", "E4": "socle", "E5": "socle"}
TARGETS = {"E1": "90", "E2": "80", "E3": "70", "E4": "100", "E5": "50"}


def criteria(**results: str | None) -> list[money.Criterion]:
    """Five criteria at their targets, but for the results given."""
    found = TARGETS | results
    return [
        money.Criterion(
            name, family, Fraction(TARGETS[name]), None if found[name] is None else Fraction(str(found[name]))
        )
        for name, family in FAMILIES.items()
    ]


def paid(part: str, rows: list[money.Criterion], *blocked: str) -> tuple[str, dict[str, str], str]:
    found = money.usage_payment(parse_euros(part), rows, blocked)
    detail = {name: plain_euros(half_up(amount)) for name, amount in found.detail.items()}
    return plain_euros(half_up(found.per_criterion)), detail, plain_euros(found.payment)


class TestShares:
    def test_pro_rata_of_the_esms(self) -> None:
        assert money.ars_shares(30_000_000, {"Bretagne": 25, "Normandie": 15}) == {
            "Bretagne": 18_750_000, "Normandie": 11_250_000,
        }  # fmt: skip

    def test_the_cent_left_goes_to_the_smallest_key(self) -> None:
        assert money.ars_shares(10_000_000, {"C": 1, "A": 1, "B": 1}) == {
            "A": 3_333_334,
            "B": 3_333_333,
            "C": 3_333_333,
        }

    def test_a_region_without_esms_pays_nothing(self) -> None:
        assert money.ars_shares(100, {"A": 1, "B": 0}) == {"A": 100, "B": 0}

    def test_nobody_is_an_error(self) -> None:
        for nobody in ({}, {"A": 0}):
            with pytest.raises(RuleError, match="no_esms"):
                money.ars_shares(100, nobody)

    @given(st.integers(0, 10**9), st.dictionaries(st.text("ABCDE", min_size=1), st.integers(0, 500), min_size=1))
    def test_shares_make_the_total(self, total: int, esms: dict[str, int]) -> None:
        assume(sum(esms.values()))
        assert sum(money.ars_shares(total, esms).values()) == total


class TestRegionalSplit:
    def test_a_small_region_is_lifted(self) -> None:
        found = money.regional_split(2_000_000, 375_000, {"A": 100, "B": 60, "C": 10})
        assert found == {"A": 1_015_625, "B": 609_375, "C": 375_000}

    def test_lifting_one_may_lift_another(self) -> None:
        found = money.regional_split(1_200_000, 375_000, {"A": 60, "B": 30, "C": 10})
        assert found == {"A": 450_000, "B": 375_000, "C": 375_000}

    def test_nobody_is_below(self) -> None:
        assert money.regional_split(100, 10, {"B": 1, "A": 1, "C": 1}) == {"A": 34, "B": 33, "C": 33}

    def test_exactly_the_floor_is_not_below(self) -> None:
        assert money.regional_split(800, 400, {"A": 1, "B": 1}) == {"A": 400, "B": 400}

    def test_everybody_on_the_floor(self) -> None:
        assert money.regional_split(900, 300, {"A": 5, "B": 1, "C": 1}) == {"A": 300, "B": 300, "C": 300}
        assert money.regional_split(600, 300, {"A": 0, "B": 0}) == {"A": 300, "B": 300}
        assert money.regional_split(0, 0, {}) == {}

    def test_too_little_for_the_floors_or_nobody_to_give_to(self) -> None:
        with pytest.raises(RuleError, match="total_below_floors"):
            money.regional_split(599, 300, {"A": 1, "B": 1})
        with pytest.raises(RuleError, match="no_esms"):
            money.regional_split(601, 300, {"A": 0, "B": 0})

    @given(
        st.integers(0, 10**7),
        st.integers(0, 10**5),
        st.dictionaries(st.text("ABCDEF", min_size=1, max_size=3), st.integers(1, 500), min_size=1, max_size=8),
    )
    def test_it_makes_the_total_and_nobody_is_below(self, more: int, floor: int, esms: dict[str, int]) -> None:
        total = floor * len(esms) + more
        found = money.regional_split(total, floor, esms)
        assert sum(found.values()) == total
        assert min(found.values()) >= floor
        ranked = sorted(esms, key=lambda name: esms[name])
        amounts = [found[name] for name in ranked]
        assert all(one <= other + 1 for one, other in pairwise(amounts))


class TestCreditTable:
    def test_the_published_table_closes(self) -> None:
        found = money.published_table()
        assert found.regions == 18
        assert (found.project_support, found.steering, found.total) == (2_424_000_000, 576_000_000, 3_000_000_000)
        assert (found.first_delivery, found.second_delivery) == (969_600_000, 1_454_400_000)

    @given(st.dictionaries(st.text(min_size=1), st.integers(0, 10**8), max_size=6))
    def test_deliveries_make_the_support(self, support: dict[str, int]) -> None:
        found = money.credit_table(support, 1, 1)
        assert found.first_delivery + found.second_delivery == found.project_support == sum(support.values())


class TestSchedule:
    @pytest.mark.parametrize(
        ("total", "expected"),
        [("375000", ("150000.00", "150000.00", "75000.00")), ("33333.34", ("13333.34", "13333.34", "6666.66")),
         ("0.01", ("0.00", "0.00", "0.01")), ("0", ("0.00", "0.00", "0.00"))],
    )  # fmt: skip
    def test_worked_examples(self, total: str, expected: tuple[str, ...]) -> None:
        found = money.schedule(parse_euros(total))
        assert tuple(map(plain_euros, (found.signature, found.configuration, found.usage_max))) == expected

    @given(st.integers(0, 10**10))
    def test_instalments_make_the_total(self, total: int) -> None:
        found = money.schedule(total)
        assert found.signature + found.configuration + found.usage_max == total
        assert min(found.signature, found.configuration, found.usage_max) >= 0


@pytest.mark.parametrize(
    ("redeployed", "limit"),
    [(False, Indicative(date(2021, 6, 30), ("ESMS-R18:day",))), (True, Firm(date(2021, 9, 30)))],
)
def test_commitment(redeployed: bool, limit: Any) -> None:
    assert money.commitment_limit(redeployed=redeployed) == limit


def test_advance_on_payment_credits() -> None:
    assert money.payment_credits_left(1_000, [400, 500]) == 100


class TestUsagePart:
    def test_all_at_target(self) -> None:
        assert paid("75000", criteria()) == ("15000.00", dict.fromkeys(FAMILIES, "15000.00"), "75000.00")

    def test_in_proportion(self) -> None:
        share, detail, payment = paid("75000", criteria(E1="45", E4="60"))
        assert (share, detail["E1"], detail["E4"], payment) == ("15000.00", "7500.00", "9000.00", "61500.00")

    def test_above_target_earns_no_more(self) -> None:
        assert paid("75000", criteria(E1="180"))[2] == "75000.00"

    def test_one_core_criterion_blocked(self) -> None:
        assert paid("75000", criteria(E4=None), "E4")[::2] == ("18750.00", "75000.00")
        assert paid("75000", criteria(E1="45", E4=None), "E4")[2] == "65625.00"

    def test_both_blocked_and_rounded_once(self) -> None:
        share, detail, payment = paid("100000", criteria(E4=None, E5=None), "E4", "E5")
        assert (share, payment) == ("33333.33", "100000.00")
        assert detail == {"E1": "33333.33", "E2": "33333.33", "E3": "33333.33"}

    def test_nothing_done_is_nothing_paid(self) -> None:
        assert paid("75000", criteria(**dict.fromkeys(FAMILIES, "0")))[2] == "0.00"

    @pytest.mark.parametrize("blocked", [("E1",), ("E4", "E2"), ("E9",)])
    def test_only_core_criteria_of_the_project_can_be_blocked(self, blocked: tuple[str, ...]) -> None:
        with pytest.raises(RuleError, match="only_socle_criteria_can_be_blocked"):
            paid("75000", criteria(), *blocked)

    @pytest.mark.parametrize("rows", [criteria()[:4], criteria()[1:], [*criteria(), criteria()[4]], []])
    def test_another_set_of_criteria_is_refused(self, rows: list[money.Criterion]) -> None:
        with pytest.raises(RuleError, match="need_3_metier_and_2_socle"):
            paid("75000", rows)

    def test_one_criterion_twice_is_refused(self) -> None:
        rows = criteria()
        with pytest.raises(RuleError, match="criterion_twice"):
            paid("75000", [*rows[:4], rows[3]])

    def test_a_target_nobody_gave_is_named_unless_it_is_blocked(self) -> None:
        rows = criteria()
        rows[4] = money.Criterion("E5", "socle", None, Fraction(10))
        with pytest.raises(ParameterMissing, match="parameter_missing:target:E5"):
            paid("75000", rows)
        assert paid("75000", rows, "E5")[2] == "75000.00"

    def test_a_rate_without_population_cannot_be_decided(self) -> None:
        with pytest.raises(RuleError, match="not_measurable:E2"):
            paid("75000", criteria(E2=None))
        zero = [money.Criterion(c.id, c.family, Fraction(0), c.result) for c in criteria()]
        with pytest.raises(RuleError, match="not_measurable:E1"):
            paid("75000", zero)

    results = st.lists(st.fractions(0, 200, max_denominator=50), min_size=5, max_size=5)

    @given(st.integers(0, 10**9), results, st.sets(st.sampled_from(["E4", "E5"])))
    def test_never_more_than_the_part(self, part: int, results: list[Fraction], blocked: set[str]) -> None:
        rows = [money.Criterion(c.id, c.family, c.target, r) for c, r in zip(criteria(), results, strict=True)]
        found = money.usage_payment(part, rows, blocked)
        assert 0 <= found.payment <= part
        assert sum(found.detail.values(), Fraction(0)) <= part
        assert set(found.detail) == set(FAMILIES) - blocked

    @given(results, st.integers(0, 4), st.fractions(0, 50, max_denominator=10))
    def test_a_better_result_never_pays_less(self, results: list[Fraction], place: int, more: Fraction) -> None:
        better = [value + (more if index == place else 0) for index, value in enumerate(results)]
        one, other = (
            money.usage_payment(
                7_500_000,
                [money.Criterion(c.id, c.family, c.target, r) for c, r in zip(criteria(), values, strict=True)],
            ).payment
            for values in (results, better)
        )
        assert one <= other
