"""Funding programmes, built in or brought by somebody else.

A programme is a module with a `PROGRAMME`. Built-ins are a list of module names here rather than entry points of our
own distribution, so that a source tree works before it is installed; a third party names its module in the
entry-point group `segur.programmes`. Both lists go through the same loader, so the product lives by its own rule.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points

from indicators.programmes.model import Programme, Rule
from indicators.programmes.parameters import Parameter, ParameterMissing, ParameterSet

__all__ = [
    "BUILT_IN",
    "ENTRY_POINTS",
    "Parameter",
    "ParameterMissing",
    "ParameterSet",
    "Programme",
    "Rule",
    "programme",
    "programmes",
]

BUILT_IN = ("indicators.programmes.sun_es_volet1",)
ENTRY_POINTS = "segur.programmes"


def programmes() -> dict[str, Programme]:
    """Every programme by id. Raises `TypeError` on a module without one, `ValueError` on an id taken twice."""
    found: dict[str, Programme] = {}
    for module in (*BUILT_IN, *sorted(point.value for point in entry_points(group=ENTRY_POINTS))):
        loaded = _load(module)
        if loaded.id in found:
            raise ValueError(f"two modules bring the programme {loaded.id}; the second is {module}")
        found[loaded.id] = loaded
    return found


def programme(programme_id: str) -> Programme:
    """One programme by id. Raises `LookupError` naming it and the known ones."""
    known = programmes()
    if programme_id not in known:
        raise LookupError(f"unknown programme {programme_id!r}; known: {', '.join(sorted(known))}")
    return known[programme_id]


def _load(module: str) -> Programme:
    found = getattr(import_module(module), "PROGRAMME", None)
    if not isinstance(found, Programme):
        raise TypeError(f"{module} has no PROGRAMME of type indicators.programmes.Programme")
    return found
