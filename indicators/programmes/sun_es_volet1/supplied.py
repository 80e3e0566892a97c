"""What is wrong between the parameters of a set an ARS uploads: grids (SUN1-R23) and envelopes (SUN1-R21)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from indicators.money import parse_euros
from indicators.programmes.parameters import Parameter, ParameterSet
from indicators.programmes.sun_es_volet1.calendar import WINDOW_IDS, source_parameters
from indicators.programmes.sun_es_volet1.rules import DOMAINS, grid_errors


def supplied_errors(given: ParameterSet) -> Iterator[str]:
    """SUN1-R21, R23: codes of faulty grids by domain, of falling targets, of envelopes above the national one."""
    for domain in DOMAINS:
        yield from (f"{code}:{domain}" for code in grid_errors(domain, _amounts(given, domain), {}))
    for indicator in sorted({_part(entry, 1) for entry in _named(given, "target", 3)}):
        yield from (f"{code}:{indicator}" for code in grid_errors("documents_sortie", {}, _targets(given, indicator)))
    regional = sum(parse_euros(str(entry.value)) for entry in _named(given, "envelope", 3))
    if regional > source_parameters().cents("envelope:volet1"):
        yield "ENVELOPES_ABOVE_NATIONAL"


def _named(given: ParameterSet, first: str, pieces: int) -> list[Parameter]:
    named = (entry for entry in given.entries if entry.name.startswith(f"{first}:"))
    return [entry for entry in named if entry.name.count(":") == pieces - 1]


def _part(entry: Parameter, place: int) -> str:
    return entry.name.split(":")[place]


def _windowed(entries: list[Parameter]) -> dict[int, Parameter]:
    return {int(_part(e, 2)[1:]): e for e in entries if _part(e, 2) in WINDOW_IDS}


def _amounts(given: ParameterSet, domain: str) -> dict[int, int]:
    mine = [entry for entry in _named(given, "forfait", 3) if _part(entry, 1) == domain]
    return {window: parse_euros(str(entry.value)) for window, entry in _windowed(mine).items()}


def _targets(given: ParameterSet, indicator: str) -> dict[int, Fraction]:
    mine = [entry for entry in _named(given, "target", 3) if _part(entry, 1) == indicator]
    return {window: Fraction(str(entry.value).replace(",", ".")) for window, entry in _windowed(mine).items()}
