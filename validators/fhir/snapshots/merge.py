"""One element of a differential laid over the element it constrains (https://hl7.org/fhir/R4/elementdefinition.html).

What is said replaces what was said; constraints, conditions, mappings, aliases, codes and examples add up.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final

Json = dict[str, Any]
_PLACE: Final = frozenset({"id", "path", "base"})
_TEXTS: Final = ("definition", "comment", "requirements", "meaningWhenMissing")
_VALUES: Final = ("fixed", "pattern", "defaultValue", "minValue", "maxValue")
_ADDED: Final[dict[str, Callable[[Any], Hashable]]] = {
    "alias": str,
    "code": lambda one: (one.get("system"), one.get("code")),
    "condition": str,
    "constraint": lambda one: one.get("key"),
    "example": lambda one: one.get("label"),
    "mapping": lambda one: (one.get("identity"), one.get("map")),
}


def merged(base: Json, own: Json, source: str) -> Json:
    """The element of the base with what the differential says of it.

    Args:
        base: the element as it was.
        own: the element of the differential.
        source: the canonical of the profile, told with the constraints it adds.

    Raises:
        ValueError: a cardinality that is wider than it was, or upside down.
    """
    found = dict(base)
    for key, value in own.items():
        if key in _ADDED:
            found[key] = _added(key, base.get(key, ()), value, source)
        elif key in _TEXTS and str(value).startswith("..."):
            found[key] = f"{base.get(key, '')}{str(value)[3:]}"
        elif key == "slicing":
            found[key] = {**base.get(key, {}), **value}
        elif key == "binding":
            found[key] = value
        elif key not in _PLACE:
            _drop_same_kind(found, key)
            found[key] = value
    _check_cardinality(base, found)
    return found


def _added(key: str, known: Any, more: Any, source: str) -> list[Any]:
    name = _ADDED[key]
    seen = {name(one) for one in known}
    if key == "constraint":
        more = [one if "source" in one else {**one, "source": source} for one in more]
    return [*known, *(one for one in more if name(one) not in seen)]


def _drop_same_kind(element: Json, key: str) -> None:
    """A choice (fixedCode, fixedUri) holds one value; a fixed value says all that a pattern did."""
    stem = next((one for one in _VALUES if key.startswith(one) and key[len(one) :][:1].isupper()), None)
    stems = (stem, "pattern") if stem == "fixed" else (stem,)
    for other in [one for one in element if stem and one.startswith(tuple(filter(None, stems)))]:
        del element[other]


def _check_cardinality(base: Json, found: Json) -> None:
    least, most = int(found.get("min", 0)), _number(found.get("max", "*"))
    if least < int(base.get("min", 0)):
        raise ValueError(f"min {least} is below that of its base, {base['min']}")
    if most > _number(base.get("max", "*")):
        raise ValueError(f"max {found['max']} is above that of its base, {base['max']}")
    if least > most:
        raise ValueError(f"min {least} is above max {found['max']}")


def _number(most: str) -> float:
    return float("inf") if most == "*" else int(most)
