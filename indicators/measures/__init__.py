"""Indicators: each one a small function from fact tables to integers, run unchanged on every engine.

Integers only: a ratio is computed once, in Python, by `indicators.ratio.Ratio`. An engine's own division is not to be
trusted (Ibis 12 answers 0.0 for a reused ratio on PostgreSQL).
"""

from __future__ import annotations

from typing import Any

from indicators.measures.compute import compute, count, evidence
from indicators.measures.model import Evidence, Facts, Figure, Grain, Measure, MeasureInfo, Scope, Window
from indicators.measures.registry import DECLARED_IDS, MEASURES, UnknownMeasure, measure, status
from indicators.measures.resource import BASE, fhir_measure

__all__ = [
    "BASE",
    "DECLARED_IDS",
    "MEASURES",
    "Evidence",
    "Facts",
    "Figure",
    "Grain",
    "Measure",
    "MeasureInfo",
    "Scope",
    "UnknownMeasure",
    "Window",
    "compute",
    "count",
    "evidence",
    "measure",
    "resource",
    "status",
]


def resource(measure_id: str) -> dict[str, Any]:
    """The R4 `Measure` resource of a measure. Raises `UnknownMeasure`."""
    return fhir_measure(measure(measure_id).info)
