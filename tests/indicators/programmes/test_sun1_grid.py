"""The forfait out of a grid, the bounds of its tranches and the activity of an establishment."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from indicators.programmes.errors import RuleError
from indicators.programmes.parameters import Parameter, ParameterSet
from indicators.programmes.sun_es_volet1.grid import with_forfaits

SITE = "350000014"
GRID = "forfait_grid:documents_sortie:F4"
OWN = f"forfait:documents_sortie:F4:{SITE}"
VALUES: dict[str, Any] = {"tranche_bounds": [1_000, 5_000], GRID: ["18000", "60000.50", "320000"]}


def given(**more: Any) -> ParameterSet:
    return ParameterSet.of("ars", VALUES | more, source="annexe 3")


@pytest.mark.parametrize(
    ("activity", "cents"), [(0, 1_800_000), (999, 1_800_000), (1_000, 6_000_050), (5_000, 32_000_000)]
)
def test_the_activity_chooses_the_amount(activity: int, cents: int) -> None:
    found = with_forfaits(given(), SITE, activity)
    assert found.cents(OWN) == cents
    assert found.id == "ars"
    assert found.find(OWN) == Parameter(
        OWN, str(found.get(OWN)), "CONFIG", f"annexe 3; annexe 3; activity 2019: {activity}"
    )


def test_an_amount_of_its_own_goes_first() -> None:
    assert with_forfaits(given(**{OWN: "42"}), SITE, 10).cents(OWN) == 4_200


def test_each_grid_is_in_force_when_it_says() -> None:
    dated = Parameter(GRID, ["1", "2", "3"], "CONFIG", "x", date(2023, 7, 1), date(2023, 12, 31))
    bounds = Parameter("tranche_bounds", ["1000", "5000"], "CONFIG", "x")
    found = with_forfaits(ParameterSet("ars", (dated, bounds)), SITE, 2_000)
    assert found.find(OWN, date(2023, 12, 31)) is not None
    assert found.find(OWN, date(2024, 1, 1)) is None


def test_what_is_missing_leaves_it_missing() -> None:
    without_bounds = ParameterSet.of("ars", {GRID: ["1"]}, source="x")
    assert with_forfaits(given(), SITE, None) == given()
    assert with_forfaits(without_bounds, SITE, 10) == without_bounds


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ({GRID: ["1"]}, RuleError, "no_amount_for_tranche:2"),
        ({"tranche_bounds": [5, 5]}, RuleError, "tranche_bounds_not_rising"),
        ({"tranche_bounds": 5}, ValueError, "tranche_bounds: a list is needed"),
        ({GRID: ["beaucoup"]}, ValueError, "beaucoup"),
    ],
)
def test_a_grid_that_does_not_fit_is_refused(more: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        with_forfaits(given(**more), SITE, 9_999)
