"""Indicators: each one a small function from fact tables to integers, run unchanged on every engine.

Integers only: a ratio is computed once, in Python, by `indicators.ratio.Ratio`. An engine's own division is not to be
trusted (Ibis 12 answers 0.0 for a reused ratio on PostgreSQL).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from indicators.measures.identity import INS
from indicators.measures.model import Evidence, Facts, Figure, Measure, MeasureInfo, Scope, Window
from indicators.measures.resource import BASE, fhir_measure
from indicators.measures.stays import LDL

if TYPE_CHECKING:
    import ibis

    from indicators.engine import Engine

__all__ = [
    "BASE",
    "MEASURES",
    "Evidence",
    "Facts",
    "Figure",
    "Measure",
    "MeasureInfo",
    "Scope",
    "UnknownMeasure",
    "Window",
    "compute",
    "evidence",
    "measure",
    "resource",
]

MEASURES: dict[str, Measure] = {found.info.id: found for found in (INS, LDL)}


class UnknownMeasure(LookupError):  # reads as a sentence where it is raised
    """No measure has this id; the message lists those that exist."""

    def __init__(self, measure_id: str) -> None:
        super().__init__(f"unknown measure {measure_id!r}; known: {', '.join(sorted(MEASURES))}")
        self.measure_id = measure_id


def measure(measure_id: str) -> Measure:
    """One measure by id. Raises `UnknownMeasure`."""
    if measure_id not in MEASURES:
        raise UnknownMeasure(measure_id)
    return MEASURES[measure_id]


def compute(
    engine: Engine,
    window: Window,
    *,
    measures: Sequence[str] | None = None,
    by_month: bool = False,
    organization: str | None = None,
) -> list[Figure]:
    """Figures of the measures asked for (default: all), one per establishment that has a population, sorted.

    With `by_month`, one per establishment and month of attribution. Raises `UnknownMeasure`.
    """
    asked = [measure(name) for name in sorted(set(MEASURES if measures is None else measures))]
    facts = Facts.of(engine)
    figures: list[Figure] = []
    for one in asked:
        expression = _grain(one.count(facts, window), by_month, organization)
        figures += [Figure(one.info.id, **row) for row in engine.rows(expression)]
    return figures


def _grain(counts: ibis.Table, by_month: bool, organization: str | None) -> ibis.Table:
    """The counts of one establishment or all, by month or over the period, in order."""
    import ibis

    if organization is not None:
        counts = counts.filter(counts.organization == organization)
    if not by_month:
        counts = counts.group_by("organization").agg(
            numerator=counts.numerator.sum(), denominator=counts.denominator.sum()
        )
        counts = counts.mutate(month=ibis.null("int32"))
    return counts.select("organization", "month", "numerator", "denominator").order_by("organization", "month")


def evidence(
    engine: Engine,
    measure_id: str,
    window: Window,
    *,
    organization: str | None = None,
    legal_entity: str | None = None,
) -> list[Evidence]:
    """What a figure is made of: as many counted rows as its numerator, and a reason for everything else.

    Raises `UnknownMeasure`.
    """
    expression = measure(measure_id).evidence(Facts.of(engine), window, Scope(organization, legal_entity))
    ordered = expression.order_by("legal_entity", "organization", "stay", "document")
    return [Evidence(**row) for row in engine.rows(ordered)]


def resource(measure_id: str) -> dict[str, Any]:
    """The R4 `Measure` resource of a measure. Raises `UnknownMeasure`."""
    return fhir_measure(measure(measure_id).info)
