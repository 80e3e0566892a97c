"""Expansion of value sets from the code systems at hand (FHIR R4, https://hl7.org/fhir/R4/valueset.html#expansion).

What cannot be decided is kept as undecided, part by part: a value set of three systems, one of them absent, still
answers for the two others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from validators.fhir.artefact import ValueSetDef

Json = dict[str, Any]
Parts = dict[str, set[str] | None]
_DEPTH: Final = 20
FLAT: Final = "_flat"
"""Marks a code system given as a bare list: its hierarchy and properties are not at hand."""


class Expander:
    """Value sets by canonical, over code systems by canonical; both as FHIR resources."""

    def __init__(self, value_set: Callable[[str], Json | None], code_system: Callable[[str], Json | None]) -> None:
        self._value_set = value_set
        self._code_system = code_system
        self._included: dict[str, ValueSetDef] = {}

    def expand(self, value_set: Json, above: tuple[str, ...] = ()) -> ValueSetDef:
        """Codes by system; None for a system that cannot be decided, `open` when even the systems cannot be told.

        `above` are the value sets that include this one: one that includes itself cannot be decided.
        """
        url = str(value_set.get("url", ""))
        given = value_set.get("compose")
        compose = given if isinstance(given, dict) else {}
        includes = _objects(compose.get("include"))
        if not includes or len(above) > _DEPTH:
            return self._stored(url, value_set)
        above = (*above, url)
        parts, unknown = self._union(includes, above)
        removed, vague = self._union(_objects(compose.get("exclude")), above)
        for system, codes in removed.items():
            kept = parts.get(system)
            if kept is not None:
                parts[system] = None if codes is None or vague else kept - codes
        if vague:
            parts = dict.fromkeys(parts)
        frozen = {s: None if c is None else tuple(sorted(c)) for s, c in sorted(parts.items())}
        return ValueSetDef(url, frozen, unknown)

    @staticmethod
    def _stored(url: str, value_set: Json) -> ValueSetDef:
        """A value set that carries its expansion only, or nothing at all (then nobody can tell)."""
        expansion = value_set.get("expansion")
        contains = _objects(expansion.get("contains")) if isinstance(expansion, dict) else []
        if not contains:
            return ValueSetDef(url, {}, open=True)
        systems: dict[str, set[str]] = {}
        for entry in _contained(contains):
            systems.setdefault(str(entry.get("system", "")), set()).add(str(entry.get("code", "")))
        return ValueSetDef(url, {s: tuple(sorted(c)) for s, c in sorted(systems.items())})

    def _union(self, includes: Iterable[Json], above: tuple[str, ...]) -> tuple[Parts, bool]:
        parts: Parts = {}
        unknown = False
        for include in includes:
            found, vague = self._include(include, above)
            unknown = unknown or vague
            for system, codes in found.items():
                before = parts.get(system, set())
                parts[system] = None if codes is None or before is None else before | codes
        return parts, unknown

    def _include(self, include: Json, above: tuple[str, ...]) -> tuple[Parts, bool]:
        """One include: its system's part and all the value sets it names, intersected."""
        members: list[tuple[Parts, bool]] = []
        if "system" in include:
            members.append(({str(include["system"]): self._codes(include)}, False))
        for canonical in _list(include.get("valueSet")):
            found = self._member(str(canonical).partition("|")[0], above)
            if found is None:
                members.append(({}, True))
            else:
                members.append(({s: None if c is None else set(c) for s, c in found.systems.items()}, found.open))
        return _intersection(members)

    def _member(self, url: str, above: tuple[str, ...]) -> ValueSetDef | None:
        """An included value set, expanded once; None when it is absent or includes itself."""
        if url in self._included:
            return self._included[url]
        resource = self._value_set(url) if url not in above else None
        if resource is None:
            return None
        return self._included.setdefault(url, self.expand(resource, above))

    def _codes(self, include: Json) -> set[str] | None:
        if include.get("concept"):
            return {str(c["code"]) for c in _objects(include["concept"]) if "code" in c}
        system = self._code_system(str(include["system"]).partition("|")[0])
        if system is None or system.get("content") != "complete":
            return None
        chosen = {c["code"] for c in concepts(system.get("concept"))}
        for rule in _objects(include.get("filter")):
            kept = _filtered(system, rule)
            if kept is None:
                return None
            chosen &= kept
        return chosen


def concepts(tree: object) -> Iterator[Json]:
    """Every concept of a code system, parents first; what is malformed is passed over."""
    for concept in _objects(tree):
        if isinstance(concept.get("code"), str):
            yield concept
            yield from concepts(concept.get("concept"))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: object) -> list[Json]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _contained(entries: Iterable[Json]) -> Iterator[Json]:
    for entry in entries:
        if "code" in entry and not entry.get("abstract"):
            yield entry
        yield from _contained(_objects(entry.get("contains")))


def _intersection(members: list[tuple[Parts, bool]]) -> tuple[Parts, bool]:
    if not members:
        return {}, True
    parts, unknown = members[0]
    for other, vague in members[1:]:
        if unknown and not vague:
            parts, other, unknown, vague = other, parts, vague, unknown
        if vague:  # nobody can tell what the other one leaves out
            parts = dict.fromkeys([*parts, *(other if unknown else ())])
            continue
        parts = {system: _both(codes, other[system]) for system, codes in parts.items() if system in other}
    return parts, unknown


def _both(left: set[str] | None, right: set[str] | None) -> set[str] | None:
    return None if left is None or right is None else left & right


def _filtered(system: Json, rule: Json) -> set[str] | None:
    """The codes a filter keeps; None when the filter is of a kind not decided here."""
    operator, name = str(rule.get("op")), str(rule.get("property", ""))
    test = _FILTERS.get(operator)
    if test is None or (system.get(FLAT) and not (operator in ("=", "in", "regex") and name in ("concept", "code"))):
        return None
    return test(system, name, str(rule.get("value", "")))


def _is_a(system: Json, _property: str, value: str) -> set[str] | None:
    return _below(system, value) | {value}


def _descendent_of(system: Json, _property: str, value: str) -> set[str] | None:
    return _below(system, value)


def _is_not_a(system: Json, _property: str, value: str) -> set[str] | None:
    return {c["code"] for c in concepts(system.get("concept"))} - _below(system, value) - {value}


def _below(system: Json, value: str) -> set[str]:
    """The codes under `value`, by nesting and by the properties parent, child and subsumedBy."""
    children: dict[str, set[str]] = {}
    for concept in concepts(system.get("concept")):
        for child in _objects(concept.get("concept")):
            children.setdefault(concept["code"], set()).add(str(child.get("code")))
        for name, other in _properties(concept):
            if name in ("subsumedBy", "parent", "partOf"):
                children.setdefault(other, set()).add(concept["code"])
            elif name == "child":
                children.setdefault(concept["code"], set()).add(other)
    found: set[str] = set()
    rest = [value]
    while rest:
        for code in children.get(rest.pop(), ()):
            if code not in found:
                found.add(code)
                rest.append(code)
    return found


def _equal(system: Json, name: str, value: str) -> set[str] | None:
    if name in ("concept", "code"):
        return {value}
    if name == "parent":
        return {str(c.get("code")) for p in concepts(system.get("concept")) if p["code"] == value
                for c in _objects(p.get("concept"))}  # fmt: skip
    return {c["code"] for c in concepts(system.get("concept")) if (name, value) in set(_properties(c))}


def _regex(system: Json, name: str, value: str) -> set[str] | None:
    try:
        form = re.compile(value)
    except re.error:
        return None
    if name not in ("code", "concept", "display"):
        return None
    field = "display" if name == "display" else "code"
    return {c["code"] for c in concepts(system.get("concept")) if form.fullmatch(str(c.get(field, "")))}


def _in(system: Json, name: str, value: str) -> set[str] | None:
    wanted = {part.strip() for part in value.split(",")}
    if name in ("concept", "code"):
        return wanted
    return {c["code"] for c in concepts(system.get("concept"))
            if any(n == name and v in wanted for n, v in _properties(c))}  # fmt: skip


def _exists(system: Json, name: str, value: str) -> set[str] | None:
    wanted = value == "true"
    return {c["code"] for c in concepts(system.get("concept"))
            if any(n == name for n, _ in _properties(c)) is wanted}  # fmt: skip


def _properties(concept: Json) -> Iterator[tuple[str, str]]:
    for item in _objects(concept.get("property")):
        for key, value in item.items():
            if key.startswith("value"):
                text = value.get("code") if isinstance(value, dict) else value
                yield str(item.get("code")), str(text).lower() if isinstance(text, bool) else str(text)


_FILTERS: Final[Mapping[str, Callable[[Json, str, str], set[str] | None]]] = {
    "is-a": _is_a,
    "descendent-of": _descendent_of,
    "is-not-a": _is_not_a,
    "=": _equal,
    "regex": _regex,
    "in": _in,
    "exists": _exists,
}
