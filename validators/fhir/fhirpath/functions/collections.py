"""Subsetting and combining (https://hl7.org/fhirpath/N1/#subsetting): first, tail, skip, union, intersect …"""

from __future__ import annotations

from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.equality import distinct, key
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.items import single as only
from validators.fhir.fhirpath.model import Item
from validators.fhir.fhirpath.registry import SAME, Arguments, function, whole


@function("single", gives=SAME)
def single(items: list[Item], _arguments: Arguments, _environment: Environment) -> list[Item]:
    """`single()`: the only item; several are an error."""
    only(items, "single()")
    return items


@function("first", gives=SAME)
def first(items: list[Item], _arguments: Arguments, _environment: Environment) -> list[Item]:
    """`first()`: the first item."""
    return items[:1]


@function("last", gives=SAME)
def last(items: list[Item], _arguments: Arguments, _environment: Environment) -> list[Item]:
    """`last()`: the last item."""
    return items[-1:]


@function("tail", gives=SAME)
def tail(items: list[Item], _arguments: Arguments, _environment: Environment) -> list[Item]:
    """`tail()`: all but the first item."""
    return items[1:]


@function("skip", 1, gives=SAME)
def skip(items: list[Item], arguments: Arguments, _environment: Environment) -> list[Item]:
    """`skip(n)`: all but the first n items."""
    return items[max(0, _number(arguments[0], "skip()")) :]


@function("take", 1, gives=SAME)
def take(items: list[Item], arguments: Arguments, _environment: Environment) -> list[Item]:
    """`take(n)`: the first n items."""
    return items[: max(0, _number(arguments[0], "take()"))]


def _number(items: list[Item], what: str) -> int:
    number = whole(items, what)
    if number is None:
        raise FhirPathError(f"{what}: a number of items wanted")
    return number


@function("union", 1)
def union(items: list[Item], arguments: Arguments, environment: Environment) -> list[Item]:
    """`union(other)`: the items of both, without repeats."""
    found = distinct(items + arguments[0])
    environment.spend(len(found))
    return found


@function("combine", 1)
def combine(items: list[Item], arguments: Arguments, environment: Environment) -> list[Item]:
    """`combine(other)`: the items of both, repeats kept."""
    environment.spend(len(items) + len(arguments[0]))
    return items + arguments[0]


@function("intersect", 1, gives=SAME)
def intersect(items: list[Item], arguments: Arguments, _environment: Environment) -> list[Item]:
    """`intersect(other)`: the items that are in both, without repeats."""
    others = {key(item) for item in arguments[0]}
    return [item for item in distinct(items) if key(item) in others]


@function("exclude", 1, gives=SAME)
def exclude(items: list[Item], arguments: Arguments, _environment: Environment) -> list[Item]:
    """`exclude(other)`: the items that are not in the other collection, repeats kept."""
    others = {key(item) for item in arguments[0]}
    return [item for item in items if key(item) not in others]
