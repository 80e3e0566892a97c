"""Two snapshots of one definition, element by element: where do they say different things?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import orjson

Json = dict[str, Any]
_PLAIN: Final = ("path", "min", "max", "sliceName", "contentReference", "maxLength")
_FLAGS: Final = ("mustSupport", "isModifier")
_VALUES: Final = ("fixed", "pattern", "minValue", "maxValue", "defaultValue")


class Difference(NamedTuple):
    """One field of one element: `element` is its id, `field` is `element` where the whole is on one side only."""

    element: str
    field: str
    published: object
    generated: object


def differences(published: Iterable[Json], generated: Iterable[Json]) -> list[Difference]:
    """Where two lists of elements differ: in elements, their order, and the fields that a check reads.

    Those are: path, min, max, types with their profiles and targets, fixed and pattern values, bindings, mustSupport,
    isModifier, slicing, contentReference, base and the keys of the constraints.
    """
    theirs = {str(one["id"]): one for one in published}
    ours = {str(one["id"]): one for one in generated}
    found = [Difference(name, "element", "present", "absent") for name in theirs if name not in ours]
    found += [Difference(name, "element", "absent", "present") for name in ours if name not in theirs]
    for name, one in theirs.items():
        if name in ours:
            found += _fields(name, told(one), told(ours[name]))
    return [*found, *_order(list(theirs), list(ours))]


def _fields(name: str, theirs: Json, ours: Json) -> Iterator[Difference]:
    for field in sorted(theirs.keys() | ours.keys()):
        if theirs.get(field) != ours.get(field):
            yield Difference(name, field, theirs.get(field), ours.get(field))


def _order(theirs: list[str], ours: list[str]) -> Iterator[Difference]:
    """The first element, of those both have, that stands elsewhere."""
    both = set(theirs) & set(ours)
    pairs = zip((one for one in theirs if one in both), (one for one in ours if one in both), strict=True)
    first = next(((one, other) for one, other in pairs if one != other), None)
    if first is not None:
        yield Difference(first[0], "order", *first)


def told(element: Json) -> Json:
    """What an element says, in a form that can be compared: sets sorted, what goes without saying left out."""
    found: Json = {field: element[field] for field in _PLAIN if field in element}
    found |= {field: True for field in _FLAGS if element.get(field)}
    found |= {key: _text(value) for key, value in element.items() if _is_value(key)}
    base = element.get("base") or {}
    found |= {
        "base": (base.get("path"), base.get("min"), base.get("max")),
        "constraint": sorted({str(one.get("key")) for one in element.get("constraint", ())}),
        "type": sorted(map(_type, element.get("type", ()))),
    }
    if "binding" in element:
        found["binding"] = (element["binding"].get("strength"), _plain(element["binding"].get("valueSet", "")))
    if "slicing" in element:
        found["slicing"] = _slicing(element["slicing"])
    return found


def _is_value(key: str) -> bool:
    return any(key.startswith(stem) and key[len(stem) :][:1].isupper() for stem in _VALUES)


def _text(value: object) -> str:
    """A value as text; jiter's numbers are not equal to one another."""
    return orjson.dumps(value, default=float, option=orjson.OPT_SORT_KEYS).decode()


def _plain(canonical: str) -> str:
    return canonical.partition("|")[0]


def _type(one: Json) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    lists = (tuple(sorted(map(_plain, one.get(key, ())))) for key in ("profile", "targetProfile", "aggregation"))
    profile, target, aggregation = lists
    return str(one.get("code")), profile, target, aggregation


def _slicing(slicing: Json) -> tuple[object, ...]:
    by = sorted((str(one.get("type")), str(one.get("path"))) for one in slicing.get("discriminator", ()))
    return tuple(by), slicing.get("rules"), bool(slicing.get("ordered"))


class Sum(NamedTuple):
    """Differences of one kind in one place: `what` is a field, or `absent` or `surplus` for elements below `place`."""

    place: str
    what: str
    number: int


def summed(found: Iterable[Difference]) -> list[Sum]:
    """Differences counted by the nearest element that both sides have: `absent` here, or `surplus` here."""
    listed = list(found)
    one_sided = {one.element for one in listed if one.field == "element"}
    counted: Counter[tuple[str, str]] = Counter()
    for one in listed:
        place, what = one.element, one.field
        while place in one_sided:
            place = _above(place)
        if what == "element":
            what = "absent" if one.generated == "absent" else "surplus"
        counted[place, what] += 1
    return [Sum(*key, number) for key, number in counted.items()]


def _above(element_id: str) -> str:
    """The element a slice is a slice of, else the one an element stands in."""
    head, dot, last = element_id.rpartition(".")
    return f"{head}{dot}{last.partition(':')[0]}" if ":" in last else head
