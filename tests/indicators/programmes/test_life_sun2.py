"""The life of an establishment in the experiment of citizen messaging."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.money import plain_euros
from indicators.programmes.life import Needs
from tests.indicators.programmes.walking import Walk, begin

SITE = "350000042"
SET: dict[str, Any] = {
    f"computed_amount:{SITE}": "145678.90",
    "designated": [SITE],
    "first_objective": "boîte aux lettres ouverte",
    "objectives": ["cas d'usage 1", "cas d'usage 2"],
}


def proposed(*, without: Collection[str] = (), **values: Any) -> Walk:
    given_set = {name: value for name, value in (SET | values).items() if name not in without}
    return begin("sun_es_v2", "sun_es_v2.designation", "2021-07-05", given_set).enter(department="31")


def experimenting(walk: Walk | None = None) -> Walk:
    found = (walk or proposed()).to(("DESIGNATED", "2021-07-05")).enter(first_objective_reached=True)
    return found.to(("AMORCAGE_PAID", "2021-07-20"), ("EXPERIMENTING", "2021-09-01"))


def verified(*reached: bool) -> Walk:
    rows = [{"objective": name, "reached": yes} for name, yes in zip(SET["objectives"], reached, strict=True)]
    return experimenting().enter(objectives=rows).to(("OBJECTIVES_VERIFIED", "2021-12-10"))


def test_reached_it_is_paid_in_two() -> None:
    end = verified(True, True).to(("USAGE_PAID", "2021-12-20"))
    assert end.paid() == [("amorcage", 3_000_000), ("usage", 7_000_000)]
    assert end.committed == 10_000_000
    assert end.rulings["DESIGNATED"].letter == "acceptance"
    assert end.records[0].outcome["amount"] == "100000.00"


def test_missed_it_keeps_the_first_payment() -> None:
    walk = verified(True, False)
    assert walk.tried("USAGE_PAID").reasons == ("OBJECTIVES_MISSED",)
    end = walk.to(("NOT_REACHED", "2021-12-20"))
    assert (end.view.paid(), end.committed) == (3_000_000, 3_000_000)
    assert (end.rulings["NOT_REACHED"].letter, end.rulings["NOT_REACHED"].reasons) == (
        "refusal",
        ("OBJECTIVES_MISSED",),
    )


def test_reached_it_is_not_missed() -> None:
    assert verified(True, True).tried("NOT_REACHED").reasons == ("OBJECTIVES_REACHED",)


@pytest.mark.parametrize(
    ("department", "without", "reasons"),
    [
        ("35", ["designated"], ("NOT_PILOT_DEPARTMENT", "NOT_DESIGNATED")),
        ("80", ["designated"], ("NOT_DESIGNATED",)),
        ("44", [f"computed_amount:{SITE}"], (f"parameter_missing:computed_amount:{SITE}",)),
    ],
)
def test_who_is_not_designated(department: str, without: list[str], reasons: tuple[str, ...]) -> None:
    walk = proposed(without=without).enter(department=department)
    assert walk.tried("DESIGNATED").reasons == reasons


def test_the_period_and_the_envelope() -> None:
    assert proposed().enter(starts_on="2021-12-01").tried("DESIGNATED").reasons == ("OUTSIDE_EXPERIMENT_PERIOD",)
    assert proposed().change(committed=140_000_000).tried("DESIGNATED").made
    assert proposed().change(committed=140_000_001).tried("DESIGNATED").reasons == ("CREDITS_EXHAUSTED",)
    walk = proposed().to(("DESIGNATED", "2021-07-05")).enter(first_objective_reached=True)
    assert walk.to(("AMORCAGE_PAID", "2021-07-20")).on("2021-12-01").tried("EXPERIMENTING").reasons == (
        "OUTSIDE_EXPERIMENT_PERIOD",
    )


def test_the_objective_of_the_first_payment() -> None:
    walk = proposed(without=["first_objective"]).to(("DESIGNATED", "2021-07-05"))
    assert walk.tried("AMORCAGE_PAID").reasons == ("parameter_missing:first_objective",)
    assert proposed().to(("DESIGNATED", "2021-07-05")).tried("AMORCAGE_PAID").reasons == (
        "FIRST_OBJECTIVE_NOT_REACHED",
    )


@pytest.mark.parametrize("rows", [[], [{"objective": "cas d'usage 1", "reached": True}]])
def test_objectives_nobody_verified(rows: list[dict[str, Any]]) -> None:
    walk = experimenting().enter(objectives=rows).on("2021-12-10")
    assert walk.tried("OBJECTIVES_VERIFIED").reasons == ("parameter_missing:objectives_reached",)
    assert walk.life.ruling(walk.view, "OBJECTIVES_VERIFIED") is None


def test_figures_are_of_the_experiment() -> None:
    walk = experimenting()
    found = walk.life.needs(walk.view)
    assert found.period is not None
    assert (found.period.start, found.period.end) == (date(2021, 7, 1), date(2021, 11, 30))
    assert proposed().life.needs(proposed().view) == Needs()


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 20_000_000))
def test_instalments_add_up_to_the_amount(computed: int) -> None:
    amount: dict[str, Any] = {f"computed_amount:{SITE}": plain_euros(computed)}
    rows = [{"objective": name, "reached": True} for name in SET["objectives"]]
    walk = experimenting(proposed(**amount)).enter(objectives=rows)
    end = walk.to(("OBJECTIVES_VERIFIED", "2021-12-10"), ("USAGE_PAID", "2021-12-20"))
    assert end.view.paid() == end.committed == min(computed, 10_000_000)
