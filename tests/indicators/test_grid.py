"""The grid of IFAQ: a parameter, exact at its steps."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from indicators.grid import ifaq_levels, level, steps
from indicators.measures import Figure
from indicators.programmes.parameters import ParameterMissing, ParameterSet
from indicators.ratio import Ratio

DAY = date(2026, 12, 31)
GRID: list[dict[str, Any]] = [{"from": "60", "value": "B"}, {"from": "66,67", "value": "A"}, {"from": 20, "value": "C"}]


def parameters(**grids: Any) -> ParameterSet:
    return ParameterSet.of("test", {f"ifaq:grid:{field}": grid for field, grid in grids.items()}, source="test")


@pytest.mark.parametrize(
    ("numerator", "denominator", "found"),
    [
        (1, 10, (None, "20")),
        (2, 10, ("C", "60")),
        (6, 10, ("B", "66.67")),
        (2, 3, ("B", "66.67")),  # 66.666…, shown as 66.67, is not there yet
        (6667, 10000, ("A", None)),
        (0, 0, (None, None)),
        (1, None, (None, None)),
    ],
)
def test_a_rate_has_the_value_of_the_step_it_reached(numerator: int, denominator: int | None, found: Any) -> None:
    from fractions import Fraction

    value, ahead = level(Ratio(numerator, denominator), steps(parameters(MCO=GRID), "ifaq:grid:MCO", DAY))
    assert (value, ahead) == (found[0], None if found[1] is None else Fraction(found[1]))


def test_each_field_has_its_grid_and_a_stay_without_field_has_none() -> None:
    figures = [Figure("I-IFAQ-LDL", "1", None, 7, 10, part) for part in ("MCO", "SMR", None)]
    found = ifaq_levels(figures, parameters(MCO=GRID, SMR=[{"from": "50", "value": "1 point"}]), DAY)
    assert [(one.field, one.value) for one in found] == [("MCO", "A"), ("SMR", "1 point"), (None, None)]


def test_a_missing_grid_is_named() -> None:
    with pytest.raises(ParameterMissing, match="parameter_missing:ifaq:grid:HAD"):
        ifaq_levels([Figure("I-IFAQ-LDL", "1", None, 7, 10, "HAD")], parameters(MCO=GRID), DAY)


@pytest.mark.parametrize(
    "grid", [[], "60", [{"from": "60"}], [{"from": "x", "value": "A"}], [*GRID, {"from": "60", "value": "D"}]]
)
def test_a_grid_that_is_none_is_refused(grid: Any) -> None:
    with pytest.raises(ValueError, match="parameter ifaq:grid:MCO: a grid"):
        steps(parameters(MCO=grid), "ifaq:grid:MCO", DAY)
