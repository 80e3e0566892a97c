"""Expansion of value sets from the code systems at hand (FHIR R4, https://hl7.org/fhir/R4/valueset.html#expansion).

What cannot be decided is kept as undecided, part by part: a value set of three systems, one of them absent, still
answers for the two others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from validators.fhir.artefact import ValueSetDef
from validators.fhir.filters import FLAT, concepts, filtered, inactive, objects
from validators.fhir.grammars import GRAMMARS, LISTED

Json = dict[str, Any]
Parts = dict[str, set[str] | None]
_DEPTH: Final = 20
_PLAIN: Final = frozenset({"id", "system", "version"})
"""What an include of a whole code system has."""


class Expander:
    """Value sets by canonical, over code systems by canonical; as FHIR resources, value sets also as expanded."""

    def __init__(
        self, value_set: Callable[[str], Json | ValueSetDef | None], code_system: Callable[[str], Json | None]
    ) -> None:
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
        includes = objects(compose.get("include"))
        if not includes or len(above) > _DEPTH:
            return self._stored(url, value_set)
        above = (*above, url)
        active = compose.get("inactive") is False
        excludes = objects(compose.get("exclude"))
        parts, unknown = self._union(includes, above, active)
        removed, vague = self._union(excludes, above)
        for system, codes in removed.items():
            kept = parts.get(system)
            if kept is not None:
                parts[system] = None if codes is None or vague else kept - codes
        if vague:
            parts = dict.fromkeys(parts)
        frozen = {s: None if c is None else tuple(sorted(c)) for s, c in sorted(parts.items())}
        whole = () if active or excludes else sorted(s for s in self._whole(includes) if frozen.get(s, ()) is None)
        return ValueSetDef(url, frozen, unknown, tuple(whole))

    def _whole(self, includes: Iterable[Json]) -> Iterator[str]:
        """The systems included with all their codes, directly or by one value set, that a rule knows."""
        for include in includes:
            system, named = str(include.get("system", "")).partition("|")[0], _list(include.get("valueSet"))
            if include.keys() <= _PLAIN and system in GRAMMARS:
                yield system
            elif len(named) == 1 and not system:
                found = self._included.get(str(named[0]).partition("|")[0])
                yield from found.whole if found is not None else ()

    @staticmethod
    def _stored(url: str, value_set: Json) -> ValueSetDef:
        """A value set that carries its expansion only, or nothing at all (then nobody can tell)."""
        expansion = value_set.get("expansion")
        contains = objects(expansion.get("contains")) if isinstance(expansion, dict) else []
        if not contains:
            return ValueSetDef(url, {}, open=True)
        systems: dict[str, set[str]] = {}
        for entry in _contained(contains):
            systems.setdefault(str(entry.get("system", "")), set()).add(str(entry.get("code", "")))
        total = str(expansion.get("total")) if isinstance(expansion, dict) else ""
        partial = total.isdecimal() and int(total) > sum(1 for _ in _contained(contains, abstract=True))
        return ValueSetDef(url, {s: tuple(sorted(c)) for s, c in sorted(systems.items())}, partial)

    def _union(self, includes: Iterable[Json], above: tuple[str, ...], active: bool = False) -> tuple[Parts, bool]:
        parts: Parts = {}
        unknown = False
        for include in includes:
            found, vague = self._include(include, above, active)
            unknown = unknown or vague
            for system, codes in found.items():
                before = parts.get(system, set())
                parts[system] = None if codes is None or before is None else before | codes
        return parts, unknown

    def _include(self, include: Json, above: tuple[str, ...], active: bool) -> tuple[Parts, bool]:
        """One include: its system's part and all the value sets it names, intersected."""
        members: list[tuple[Parts, bool]] = []
        if "system" in include:
            members.append(({str(include["system"]): self._codes(include, active)}, False))
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
        found = self._value_set(url) if url not in above else None
        if found is None:
            return None
        return self._included.setdefault(url, found if isinstance(found, ValueSetDef) else self.expand(found, above))

    def _codes(self, include: Json, active: bool) -> set[str] | None:
        """The codes of one include by system; without those known to be inactive, when only `active` ones belong."""
        system = self._system(str(include["system"]).partition("|")[0])
        if include.get("concept"):
            chosen = {str(c["code"]) for c in objects(include["concept"]) if "code" in c}
        else:
            kept = self._filtered(system, include) if system is not None else None
            if kept is None:
                return None
            chosen = kept
        return chosen - inactive(system) if active and system is not None else chosen

    def _system(self, url: str) -> Json | None:
        """A code system whose list is whole: loaded, or one that a rule lists."""
        found = self._code_system(url)
        if found is not None and found.get("content") == "complete":
            return found
        listed = [{"code": code} for code in LISTED.get(url, ())]
        return {"content": "complete", "concept": listed, FLAT: True} if listed else None

    @staticmethod
    def _filtered(system: Json, include: Json) -> set[str] | None:
        chosen = {c["code"] for c in concepts(system.get("concept"))}
        for rule in objects(include.get("filter")):
            kept = filtered(system, rule)
            if kept is None:
                return None
            chosen &= kept
        return chosen


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _contained(entries: Iterable[Json], *, abstract: bool = False) -> Iterator[Json]:
    for entry in entries:
        if abstract or ("code" in entry and not entry.get("abstract")):
            yield entry
        yield from _contained(objects(entry.get("contains")), abstract=abstract)


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
