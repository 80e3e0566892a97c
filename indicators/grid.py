"""From a rate to a level: the grid of IFAQ (programmes.md, P11), which is a parameter by field of activity and year.

A grid is a list of steps, each with the percentage from which it holds (`from`) and what it gives (`value`, a text such
as a level or points). Exactly at a step is in it; below the first step there is no level.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from indicators.ratio import Ratio

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indicators.measures.model import Figure
    from indicators.programmes.parameters import ParameterSet

IFAQ_GRID = "ifaq:grid"
"""The parameter: `ifaq:grid:MCO`, `ifaq:grid:DIALYSE`, `ifaq:grid:SMR`, `ifaq:grid:HAD`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a grid: from this percentage on, this value."""

    start: Fraction
    value: str


@dataclass(frozen=True, slots=True)
class Level:
    """What a rate is worth on a grid; `value` is null below the first step and when the rate cannot be measured."""

    organization: str
    field: str | None
    ratio: Ratio
    value: str | None
    next_step: Fraction | None


def steps(parameters: ParameterSet, name: str, day: date) -> tuple[Step, ...]:
    """The grid in force on a day, from its lowest step.

    Raises:
        ParameterMissing: nobody gave it.
        ValueError: it is no list of `from` and `value`, or two steps start at the same percentage.
    """
    rows: Any = parameters.get(name, day)
    try:
        found = sorted(
            (Step(Fraction(str(row["from"]).replace(",", ".")), str(row["value"])) for row in rows),
            key=lambda step: step.start,
        )
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"parameter {name}: a grid is a list of `from` (percentage) and `value`") from error
    if not found or len({step.start for step in found}) < len(found):
        raise ValueError(f"parameter {name}: a grid needs steps that start at different percentages")
    return tuple(found)


def level(ratio: Ratio, grid: Iterable[Step]) -> tuple[str | None, Fraction | None]:
    """The value of a rate on a grid, and the percentage of the next step; exact, nothing is rounded before (C-01)."""
    percent = ratio.percent
    if percent is None:
        return None, None
    reached = [step.value for step in grid if step.start <= percent]
    ahead = [step.start for step in grid if step.start > percent]
    return (reached[-1] if reached else None), (ahead[0] if ahead else None)


def ifaq_levels(figures: Iterable[Figure], parameters: ParameterSet, day: date) -> list[Level]:
    """The level of each figure of I-IFAQ-LDL, computed with its parts (fields of activity).

    Stays whose field is not known are shown without a level.

    Raises:
        ParameterMissing: the grid of a field is not given; it names `ifaq:grid:FIELD`.
    """
    found = []
    for figure in figures:
        ratio = Ratio(figure.numerator, figure.denominator)
        value, ahead = (
            (None, None) if figure.part is None else level(ratio, steps(parameters, f"{IFAQ_GRID}:{figure.part}", day))
        )
        found.append(Level(figure.organization, figure.part, ratio, value, ahead))
    return found
