"""Every measure against a naive count of random countries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from indicators.engine import ArrowFacts, duckdb_engine
from indicators.measures import MEASURES, Figure, Window, compute
from tests.indicators.oracle.events import Land, lands
from tests.indicators.oracle.fold import tables
from tests.indicators.oracle.naive import NAIVE, naive

WINDOWS = (
    Window(date(2024, 2, 1), date(2024, 3, 31)),
    Window(date(2024, 2, 29), date(2024, 2, 29), date(2024, 3, 31)),
    Window(date(2024, 2, 10), date(2024, 4, 5), date(2024, 3, 30)),
    Window(date(2024, 1, 1), date(2024, 12, 31)),
)
EACH = 50


def expected(land: Land, window: Window, measure: str, *, by_month: bool) -> list[Figure]:
    """The naive figures, told as the library tells them."""
    found = naive(land, window, measure, by_month=by_month)
    order = sorted(found, key=lambda key: (key[0], key[1] or 0, key[2] or ""))
    return [Figure(measure, *key[:2], *found[key][:2], key[2], found[key][2]) for key in order]  # type: ignore[arg-type]


def without_parts(figures: list[Figure]) -> list[Figure]:
    """The same figures with their parts added up; what is null in every part stays null."""
    found: dict[tuple[str, int | None], Figure] = {}
    for one in figures:
        before = found.get((one.organization, one.month))
        found[one.organization, one.month] = replace(one, part=None) if before is None else replace(
            before, numerator=before.numerator + one.numerator, denominator=_sum(before.denominator, one.denominator),
            acknowledged=_sum(before.acknowledged, one.acknowledged),
        )  # fmt: skip
    return [rounded(one) for one in found.values()]


def rounded(figure: Figure) -> Figure:
    """A denominator of zero as none: a part of zero over zero is no figure, yet it makes its whole's sum a zero."""
    return replace(figure, denominator=figure.denominator or None)


def _sum(one: int | None, other: int | None) -> int | None:
    return one if other is None else other if one is None else one + other


def test_every_measure_has_a_naive_count() -> None:
    assert set(NAIVE) == set(MEASURES)


@pytest.mark.parametrize("by_month", [False, True], ids=["period", "months"])
@pytest.mark.parametrize("turn", range(len(WINDOWS)))
def test_figures_equal_a_naive_count_of_200_countries(turn: int, by_month: bool) -> None:
    window = WINDOWS[turn]
    land = lands(turn * EACH, EACH, window)
    engine = duckdb_engine(ArrowFacts(tables(land)), threads=1)
    together = compute(engine, window, by_month=by_month, parts=True)
    whole = compute(engine, window, by_month=by_month)
    for measure in MEASURES:
        wanted = expected(land, window, measure, by_month=by_month)
        assert [rounded(figure) for figure in whole if figure.measure == measure] == without_parts(wanted), measure
        assert [figure for figure in together if figure.measure == measure] == wanted, measure
        if turn == 0:  # a measure alone says what it says in a batch
            assert compute(engine, window, measures=[measure], by_month=by_month, parts=True) == wanted, measure
    engine.close()
