"""Readings that stand in for a parameter until the ARS confirms or replaces it (chapter 10, "labelled CONV").

A result that leans on one of them is indicative. A parameter that contradicts the reading the figures were computed
with is not applied silently: the verdict names it.
"""

from __future__ import annotations

from datetime import date

from indicators.programmes.parameters import ParameterSet
from indicators.programmes.sun_es_volet1.calendar import UsageWindow

COMPUTED_WITH = {"denominator": "stays_discharged_not_excluded", "ins_level": "qualified"}
"""What the measures do today: CFG-S1-03 and CFG-S1-13."""


def unconfirmed(parameters: ParameterSet, finess: str, window: UsageWindow, domain: str) -> tuple[str, ...]:
    """Names of the parameters a convention replaces, in a fixed order."""
    names = ("denominator", "ins_level", f"cutoff:{window.id}", f"sites:{finess}", f"indicators:{domain}")
    return tuple(name for name in names if parameters.find(name, window.measure.end) is None)


def contradicted(parameters: ParameterSet, window: UsageWindow, cutoff: date) -> tuple[str, ...]:
    """Names of the parameters that say something else than the figures were computed with."""
    expected: dict[str, object] = {**COMPUTED_WITH, f"cutoff:{window.id}": cutoff}
    found = {name: parameters.find(name, window.measure.end) for name in expected}
    return tuple(name for name, entry in found.items() if entry is not None and entry.value != expected[name])


def sites_of(parameters: ParameterSet, finess: str) -> frozenset[str]:
    """The geographic sites measured for a candidate (CFG-S1-15); itself unless the ARS lists them."""
    name = f"sites:{finess}"
    return frozenset({finess}) if parameters.find(name) is None else frozenset(parameters.texts(name))
