"""Two profiles compared as what they ask, element by element: the compiled trees that checks run on, laid flat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from validators.fhir import Profile, ProfileSet, load_definitions
from validators.fhir.constraints import Constraint
from validators.fhir.profiles import BASE
from validators.fhir.shapes import Shape
from validators.fhir.values import ABSENT

Asked = dict[str, dict[str, Any]]
"""What is asked of each element, by its path; slices after a colon."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two profiles ask otherwise of an element; empty where one of them asks nothing."""

    element: str
    what: str
    ours: str
    published: str


def differences(
    one: Profile, ours: ProfileSet, other: Profile, theirs: ProfileSet
) -> tuple[int, list[Difference]]:  # fmt: skip
    """How many constraints were compared, and those that differ."""
    stand_for = {own: published for published, own in ours.aliases.items()}
    left, right = _Flat(ours, stand_for).of(one), _Flat(theirs, {}).of(other)
    count, found = 0, []
    for element in sorted(left.keys() | right.keys()):
        mine, published = left.get(element, {}), right.get(element, {})
        for what in sorted(mine.keys() | published.keys()):
            count += 1
            if mine.get(what) != published.get(what):
                found.append(Difference(element, what, _shown(mine.get(what)), _shown(published.get(what))))
    return count, found


class _Flat:
    """Reads the trees of one set of profiles; `stand_for` maps our canonicals to those they stand for."""

    def __init__(self, profiles: ProfileSet, stand_for: Mapping[str, str]) -> None:
        self._profiles = profiles
        self._stand_for = stand_for
        self._asked: Asked = {}

    def of(self, profile: Profile) -> Asked:
        """What a profile asks, the type profiles of its elements unfolded; what R4 asks itself is left out."""
        self._profile = profile
        self._read(profile.root, profile.type, load_definitions().shape(profile.type), (0, -1))
        return {element: asked for element, asked in self._asked.items() if asked}

    def _read(self, node: Constraint, path: str, shape: Shape | None, base: tuple[int, int]) -> None:
        asked = self._asked.setdefault(path, {})
        for what, value in self._facets(node, base):
            _add(asked, what, value)
        for name, child in node.children.items():
            below, cardinality = _below(shape, child)
            self._read(child, f"{path}.{name}", below, cardinality)
        if len(node.datatypes) == 1 and node.datatypes[0].type != "Extension" and not _is_resource(node):
            self._read(node.datatypes[0].root, path, shape, base)
        for name, part in node.slicing.slices.items() if node.slicing is not None else ():
            self._read(part, f"{path}:{_slice_name(name)}", shape, (0, -1))

    def _facets(self, node: Constraint, base: tuple[int, int]) -> Iterator[tuple[str, Any]]:
        least, most = base
        if node.min > least:
            yield "min", node.min
        if node.max >= 0 and (most < 0 or node.max < most):
            yield "max", node.max
        for value in (node.fixed, node.pattern):
            if value is not ABSENT:
                yield "value", self._national(value)
        if node.strength in ("required", "extensible"):
            yield "binding", self._binding(node)
        for rule in node.rules:
            yield "constraint", {rule.key}
        if node.slicing is not None and node.name not in ("extension", "modifierExtension"):
            yield "slices", f"{'closed' if node.slicing.closed else 'open'}, {_discriminators(node)}"
        if node.contained:
            yield "reference", "contained"
        yield from self._types(node)

    def _types(self, node: Constraint) -> Iterator[tuple[str, Any]]:
        if node.choice and node.types:
            yield "types", ", ".join(sorted(node.codes))
        if node.targets:
            yield "targets", ", ".join(sorted(node.targets))
        profiles = [one.url for one in node.target_profiles if not one.url.startswith(BASE)]
        if profiles:
            yield "target profiles", ", ".join(sorted(self._name(url) for url in profiles))
        unfolded = {one.url for one in node.datatypes} if len(node.datatypes) == 1 and not _is_resource(node) else set()
        named = [self._name(url) for url in node.profiles if url not in unfolded]
        if named:
            yield "profile", ", ".join(sorted(named))

    def _binding(self, node: Constraint) -> str:
        """A value set by what it holds, where that is known, so that two of the same codes are the same."""
        codes = self._profiles.value_set(node.binding, self._profile)
        if codes is None:
            return f"{node.strength}: {self._name(node.binding)}"
        held = [
            f"{system.rpartition('/')[2]}{{{', '.join(sorted(some)) if some else 'all'}}}"
            for system, some in sorted(codes.systems.items())
        ]
        return f"{node.strength}: {' '.join(held)}"

    def _name(self, url: str) -> str:
        return self._stand_for.get(url, url).rpartition("/")[2]

    def _national(self, value: object) -> str:
        text = (
            value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str).decode()
        )
        return self._stand_for.get(text, text)


def _add(asked: dict[str, Any], what: str, value: Any) -> None:
    """A second constraint on the same element narrows the first."""
    if what not in asked:
        asked[what] = value
    elif what in ("min", "max"):
        asked[what] = max(asked[what], value) if what == "min" else min(asked[what], value)
    elif isinstance(value, set):
        asked[what] = asked[what] | value


def _below(shape: Shape | None, child: Constraint) -> tuple[Shape | None, tuple[int, int]]:
    """The shape of a child element and its cardinality in R4 (maximum -1: any)."""
    if shape is None:
        return None, (0, -1)
    if child.choice:
        return None, (int(child.name in shape.required_choices), 1)
    slot = shape.slots.get(child.name)
    if slot is None:
        return None, (0, -1)
    return getattr(slot, "shape", None), (int(child.name in shape.required), -1 if slot.many else 1)


def _is_resource(node: Constraint) -> bool:
    """A profile on a resource inside another is a profile of its own, and not unfolded."""
    return any(one.type in load_definitions().resource_types for one in node.datatypes)


def _slice_name(name: str) -> str:
    return name.lower().replace("-", "")


def _discriminators(node: Constraint) -> str:
    found = node.slicing.discriminators if node.slicing is not None else ()
    return " and ".join(f"{kind} of {path}" for kind, path in found) or "none"


def _shown(value: Any) -> str:
    if isinstance(value, set):
        return ", ".join(sorted(value))
    return "" if value is None else str(value)
