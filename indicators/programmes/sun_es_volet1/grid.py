"""The forfait of an establishment out of the grid of annexe 3 and its own combined activity (SUN1-R03, R23)."""

from __future__ import annotations

from indicators.money import parse_euros, plain_euros
from indicators.programmes.parameters import Parameter, ParameterSet
from indicators.programmes.sun_es_volet1.files import forfait

ACTIVITY_YEAR = 2019
"""The year whose combined activity decides (S2 §4.3, §5)."""
GRID = "forfait_grid:"
BOUNDS = "tranche_bounds"


def with_forfaits(parameters: ParameterSet, finess: str, activity: int | None) -> ParameterSet:
    """A set in front of the forfaits that its own grids give an establishment of this activity.

    A forfait that the set gives the establishment by name goes first. Without an activity, or without bounds, a grid
    gives nothing, and the forfait stays missing (CFG-S1-04, CFG-S1-05).

    Raises:
        RuleError: bounds that do not rise, or a grid with fewer amounts than tranches.
        ValueError: bounds or a grid that are no list of numbers.
    """
    if activity is None:
        return parameters
    found = [
        _amount(entry, bounds, finess, activity)
        for entry in parameters.entries
        if entry.name.startswith(GRID) and (bounds := parameters.find(BOUNDS, entry.effective_to)) is not None
    ]
    return ParameterSet(parameters.id, (*parameters.entries, *found))


def _amount(grid: Parameter, bounds: Parameter, finess: str, activity: int) -> Parameter:
    cents = forfait(activity, [int(one) for one in _texts(bounds)], [parse_euros(one) for one in _texts(grid)])
    name = f"forfait:{grid.name.removeprefix(GRID)}:{finess}"
    source = f"{grid.source}; {bounds.source}; activity {ACTIVITY_YEAR}: {activity}"
    return Parameter(name, plain_euros(cents), grid.mark, source, grid.effective_from, grid.effective_to)


def _texts(entry: Parameter) -> list[str]:
    if not isinstance(entry.value, list):
        raise ValueError(f"parameter {entry.name}: a list is needed, not {entry.value!r}")
    return [str(one) for one in entry.value]
