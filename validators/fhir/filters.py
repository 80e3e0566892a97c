"""What a filter of a value set keeps of a code system (https://hl7.org/fhir/R4/valueset-filter-operator.html).

A code system is a CodeSystem whose list is complete; what a filter asks beyond what it tells is not decided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

Json = dict[str, Any]
Kept = set[str] | None

FLAT: Final = "_flat"
"""Marks a code system given as a bare list: its hierarchy and properties are not at hand."""
_CODE: Final = frozenset({"code", "concept"})
_FLAGS: Final = frozenset({"inactive", "notSelectable"})
"""Properties of HL7 that a concept has not when it does not say so (codesystem-concept-properties.html)."""
_RETIRED: Final = frozenset({"retired", "inactive"})
_ABOVE: Final = frozenset({"subsumedBy", "parent"})
_OF_CODES: Final = frozenset({"=", "in", "not-in", "regex"})


def filtered(system: Json, rule: Json) -> Kept:
    """The codes that one ValueSet.compose.include.filter keeps; None when it cannot be decided."""
    operator, name = str(rule.get("op")), str(rule.get("property", ""))
    test = _FILTERS.get(operator)
    if test is None or (system.get(FLAT) and not (operator in _OF_CODES and name in _CODE)):
        return None
    return test(system, name, str(rule.get("value", "")))


def inactive(system: Json) -> set[str]:
    """The codes that are no longer to be used: property `inactive` is true, or `status` is retired or inactive."""
    return {
        concept["code"]
        for concept in concepts(system.get("concept"))
        if any((n == "inactive" and v == "true") or (n == "status" and v in _RETIRED) for n, v in _properties(concept))
    }


def concepts(tree: object) -> Iterator[Json]:
    """Every concept of a code system, parents first; what is malformed is passed over."""
    for concept in objects(tree):
        if isinstance(concept.get("code"), str):
            yield concept
            yield from concepts(concept.get("concept"))


def objects(value: object) -> list[Json]:
    """The objects of an array; none when it is no array."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


# -- hierarchies -------------------------------------------------------------------------------------------------------

_Edges = dict[str, set[str]]


def _children(system: Json) -> _Edges:
    """The codes right below each one, by nesting and by the properties parent, subsumedBy and child."""
    children: _Edges = {}
    for concept in concepts(system.get("concept")):
        for child in objects(concept.get("concept")):
            children.setdefault(concept["code"], set()).add(str(child.get("code")))
        for name, other in _properties(concept):
            if name in _ABOVE:
                children.setdefault(other, set()).add(concept["code"])
            elif name == "child":
                children.setdefault(concept["code"], set()).add(other)
    return children


def _parents(system: Json) -> _Edges:
    parents: _Edges = {}
    for code, below in _children(system).items():
        for each in below:
            parents.setdefault(each, set()).add(code)
    return parents


def _reached(edges: _Edges, value: str) -> set[str]:
    """All codes that edges lead to from `value`; a ring ends where it began."""
    found: set[str] = set()
    rest = [value]
    while rest:
        for code in edges.get(rest.pop(), ()):
            if code not in found:
                found.add(code)
                rest.append(code)
    return found


def _is_a(system: Json, _property: str, value: str) -> Kept:
    return _reached(_children(system), value) | {value}


def _descendent_of(system: Json, _property: str, value: str) -> Kept:
    return _reached(_children(system), value)


def _is_not_a(system: Json, _property: str, value: str) -> Kept:
    return _codes(system) - _reached(_children(system), value) - {value}


def _generalizes(system: Json, _property: str, value: str) -> Kept:
    return _reached(_parents(system), value) | {value}


def _child_of(system: Json, _property: str, value: str) -> Kept:
    return _children(system).get(value, set())


def _leaf_of(system: Json, _property: str, value: str) -> Kept:
    children = _children(system)
    return {code for code in _reached(children, value) if code not in children}


# -- values ------------------------------------------------------------------------------------------------------------


def _codes(system: Json) -> set[str]:
    return {concept["code"] for concept in concepts(system.get("concept"))}


def _equal(system: Json, name: str, value: str) -> Kept:
    return _chosen(system, name, {value})


def _in(system: Json, name: str, value: str) -> Kept:
    return _chosen(system, name, {part.strip() for part in value.split(",")})


def _not_in(system: Json, name: str, value: str) -> Kept:
    """The codes that have none of the values, those without the property among them."""
    chosen = _in(system, name, value)
    return None if chosen is None else _codes(system) - chosen


def _chosen(system: Json, name: str, wanted: set[str]) -> Kept:
    return wanted if name in _CODE else _matching(system, name, lambda values: not wanted.isdisjoint(values))


def _regex(system: Json, name: str, value: str) -> Kept:
    try:
        form = re.compile(value)
    except re.error:
        return None
    return _matching(system, name, lambda values: any(form.fullmatch(each) for each in values))


def _exists(system: Json, name: str, value: str) -> Kept:
    wanted = value == "true"
    return _matching(system, name, lambda values: bool(values) is wanted)


def _matching(system: Json, name: str, test: Callable[[list[str]], bool]) -> Kept:
    """The codes whose values of a property pass; None for one that the code system neither declares nor uses."""
    values = dict(_values(system, name))
    declared = name in _CODE or name == "display" or name in _FLAGS or any(
        each.get("code") == name for each in objects(system.get("property"))
    )  # fmt: skip
    if not declared and not any(values.values()):
        return None
    return {code for code, given in values.items() if test(given)}


def _values(system: Json, name: str) -> Iterable[tuple[str, list[str]]]:
    """Each code with its values of a property; its place in the hierarchy is one too."""
    edges = {"parent": _parents, "child": _children}.get(name)
    found = edges(system) if edges is not None else {}
    for concept in concepts(system.get("concept")):
        code = concept["code"]
        if edges is not None:
            yield code, sorted(found.get(code, ()))
        elif name in _CODE or name == "display":
            given = code if name in _CODE else concept.get("display")
            yield code, [given] if isinstance(given, str) else []
        else:
            given = [value for each, value in _properties(concept) if each == name]
            yield code, given or (["false"] if name in _FLAGS else [])


def _properties(concept: Json) -> Iterator[tuple[str, str]]:
    for item in objects(concept.get("property")):
        for key, value in item.items():
            if key.startswith("value"):
                text = value.get("code") if isinstance(value, dict) else value
                yield str(item.get("code")), str(text).lower() if isinstance(text, bool) else str(text)


_FILTERS: Final[Mapping[str, Callable[[Json, str, str], Kept]]] = {
    "=": _equal,
    "is-a": _is_a,
    "descendent-of": _descendent_of,
    "is-not-a": _is_not_a,
    "generalizes": _generalizes,
    "child-of": _child_of,
    "descendent-leaf": _leaf_of,
    "regex": _regex,
    "in": _in,
    "not-in": _not_in,
    "exists": _exists,
}
"""By operator; `child-of` and `descendent-leaf` are R5's, and mean nothing else here."""
