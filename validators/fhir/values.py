"""Fixed and pattern values, limits, and the values that a discriminator's path leads to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from validators.fhir.primitives import TESTS, json_kind

if TYPE_CHECKING:
    from validators.fhir.fhirpath.quantity import Quantity

Json = dict[str, Any]
ABSENT: Final = object()
"""No fixed or pattern value; None cannot say it, being a JSON value."""
_STEP: Final = re.compile(
    r"\s*(?:(?P<function>resolve|ofType|extension|as)\(\s*(?:'(?P<text>[^']*)'|(?P<name>[\w.]*))\s*\)|(?P<this>\$this)"
    r"|(?P<element>\w+)(?:\[x\])?)\s*(?:\.|$)"
)


class Item(NamedTuple):
    """A value on the way of a path, and its type where the way tells it."""

    value: object
    type: str = ""


Resolve = Callable[[str], "Json | None"]


def steps_of(path: str) -> tuple[tuple[str, str], ...] | None:
    """A discriminator's path as (function or empty, argument or element); None when it is of a form not handled."""
    steps, at = [], 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            return None
        if match["element"]:
            steps.append(("", match["element"]))
        elif match["function"]:
            steps.append((match["function"], match["text"] or match["name"] or ""))
        at = match.end()
    return tuple(steps)


def follow(item: Item, steps: tuple[tuple[str, str], ...], resolve: Resolve) -> list[Item]:
    """All values the steps lead to, through arrays; what a reference leads to is known or left out."""
    found = [item]
    for function, argument in steps:
        found = [each for one in found for each in _STEPS[function](one, argument, resolve)]
    return found


def _element(item: Item, name: str, _resolve: Resolve) -> Iterator[Item]:
    node = item.value
    if not isinstance(node, dict):
        return
    if name in node:
        value = node[name]
        for each in value if isinstance(value, list) else [value]:
            yield Item(each, str(each.get("resourceType", "")) if isinstance(each, dict) else "")
        return
    for key, value in node.items():
        suffix = key[len(name) :]
        if key.startswith(name) and suffix[:1].isupper():
            yield Item(value, suffix[0].lower() + suffix[1:] if suffix[0].lower() + suffix[1:] in TESTS else suffix)


def _resolved(item: Item, _argument: str, resolve: Resolve) -> Iterator[Item]:
    reference = item.value.get("reference") if isinstance(item.value, dict) else item.value
    if isinstance(reference, str):
        target = resolve(reference)
        if target is not None:
            yield Item(target, str(target.get("resourceType", "")))
        elif (named := _NAMED(reference)) is not None:
            yield Item(None, named[1])


_NAMED: Final = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/.*)?").fullmatch


def _of_type(item: Item, name: str, _resolve: Resolve) -> Iterator[Item]:
    if item.type in ("", name.rpartition(".")[2]):
        yield item


def _extension(item: Item, url: str, _resolve: Resolve) -> Iterator[Item]:
    listed = item.value.get("extension") if isinstance(item.value, dict) else None
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and each.get("url") == url:
            yield Item(each, "Extension")


_STEPS: Final[dict[str, Callable[[Item, str, Resolve], Iterator[Item]]]] = {
    "": _element, "resolve": _resolved, "ofType": _of_type, "as": _of_type, "extension": _extension,
}  # fmt: skip


def same(value: object, fixed: object) -> bool:
    """Deep equality, numbers as written (`1.0` is not `1.00`)."""
    if isinstance(value, dict) and isinstance(fixed, dict):
        return value.keys() == fixed.keys() and all(same(value[key], fixed[key]) for key in fixed)
    if isinstance(value, list) and isinstance(fixed, list):
        return len(value) == len(fixed) and all(map(same, value, fixed))
    return json_kind(value) == json_kind(fixed) and str(value) == str(fixed)


def matches(value: object, pattern: object) -> bool:
    """Whether a value holds at least what the pattern holds (FHIR R4, ElementDefinition.pattern[x])."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(k in value and matches(value[k], p) for k, p in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(matches(v, p) for v in value) for p in pattern)
    return same(value, pattern)


def below(value: object, limit: object) -> bool | None:
    """Whether a value is less than a limit of the same type; None when the two cannot be compared."""
    if isinstance(limit, dict):
        return _less(value, limit)
    if isinstance(value, dict):
        return None
    if isinstance(limit, str) and isinstance(value, str):
        length = min(len(limit), len(value))
        return value[:length] < limit[:length] if "T" not in value[:length] else value < limit
    try:
        return Decimal(str(value)) < Decimal(str(limit))
    except (InvalidOperation, ValueError):
        return None


def _less(value: object, limit: Json) -> bool | None:
    """Quantities: in one unit, or in two that UCUM brings together."""
    if not isinstance(value, dict):
        return None
    if (value.get("code"), value.get("system")) == (limit.get("code"), limit.get("system")):
        return below(value.get("value"), limit.get("value"))
    one, two = _quantity(value), _quantity(limit)
    if one is None or two is None:
        return None
    try:
        order = one.compare(two)
    except ValueError:
        return None
    return None if order is None else order < 0


def _quantity(value: Json) -> Quantity | None:
    code, number = value.get("code"), value.get("value")
    if value.get("system") != "http://unitsofmeasure.org" or not isinstance(code, str) or isinstance(number, dict):
        return None
    from validators.fhir.fhirpath.quantity import Quantity  # units are seldom needed, and slow to load

    try:
        return Quantity(Decimal(str(number)), code)
    except (InvalidOperation, ValueError):
        return None
