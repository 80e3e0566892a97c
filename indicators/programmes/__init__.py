"""Funding programmes, built in or brought by somebody else.

A programme is a module with a `PROGRAMME`, named in the entry-point group `segur.programmes`. The built-in ones stand
there too, in our own distribution's metadata, and are also listed here so that a source tree works before it is
installed; a module named twice is one programme.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points

from indicators.programmes.model import Op, Programme, Rule
from indicators.programmes.parameters import Parameter, ParameterMissing, ParameterSet

__all__ = [
    "BUILT_IN",
    "ENTRY_POINTS",
    "Op",
    "Parameter",
    "ParameterMissing",
    "ParameterSet",
    "Programme",
    "Rule",
    "operations",
    "programme",
    "programmes",
]

BUILT_IN = (
    "indicators.programmes.aap_dui",
    "indicators.programmes.cadre_commun",
    "indicators.programmes.esms_numerique",
    "indicators.programmes.maladies_rares",
    "indicators.programmes.sun_es_volet1",
    "indicators.programmes.sun_es_volet2",
)
ENTRY_POINTS = "segur.programmes"


def programmes() -> dict[str, Programme]:
    """Every programme by id. Raises `TypeError` on a module without one, `ValueError` on an id taken twice."""
    found: dict[str, Programme] = {}
    for module in dict.fromkeys((*BUILT_IN, *sorted(point.value for point in entry_points(group=ENTRY_POINTS)))):
        loaded = _load(module)
        if loaded.id in found:
            raise ValueError(f"two modules bring the programme {loaded.id}; the second is {module}")
        found[loaded.id] = loaded
    return found


def operations() -> dict[str, Op]:
    """Every operation of a case file by name. Raises `ValueError` on a name taken twice."""
    found: dict[str, Op] = {}
    for one in programmes().values():
        for op in one.ops:
            if op.name in found:
                raise ValueError(f"two programmes bring the operation {op.name}; the second is {one.id}")
            found[op.name] = op
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
