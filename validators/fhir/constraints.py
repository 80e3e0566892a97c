"""Constraints of a profile as a tree, one node an element, read from a StructureDefinition's differential."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from validators.fhir.primitives import TESTS, json_kind

if TYPE_CHECKING:
    from validators.fhir.profiles import Profile

Json = dict[str, Any]
ABSENT: Final = object()
"""No fixed or pattern value; None cannot say it, being a JSON value."""


class Constraint:
    """What a profile says of one element. `max` is -1 when the profile says nothing, or `*`.

    `targets`, `datatypes` and `counts_only` are found when the set of profiles is complete (`ProfileSet`).
    """

    __slots__ = (
        "binding", "children", "choice", "contained", "counts_only", "datatypes", "fixed", "max", "min", "name",
        "pattern", "profiles", "slicing", "strength", "target_profiles", "targets", "types",
    )  # fmt: skip

    def __init__(self, name: str) -> None:
        self.choice = name.endswith("[x]")
        self.name = name.removesuffix("[x]")
        self.min = 0
        self.max = -1
        self.types: tuple[str, ...] = ()
        self.fixed: object = ABSENT
        self.pattern: object = ABSENT
        self.binding = ""
        self.strength = ""
        self.target_profiles: tuple[str, ...] = ()
        self.targets: frozenset[str] | None = None
        self.contained = False
        self.profiles: tuple[str, ...] = ()
        self.datatypes: tuple[Profile, ...] = ()
        self.counts_only = False
        self.children: dict[str, Constraint] = {}
        self.slicing: Slicing | None = None

    def child(self, name: str) -> Constraint:
        """The constraint on a child element, made when absent."""
        return self.children.setdefault(name, Constraint(name))

    def slice(self, name: str) -> Constraint:
        """The constraint on one slice of this element, made when absent."""
        if self.slicing is None:
            self.slicing = Slicing()
        return self.slicing.slices.setdefault(name, Constraint(self.name))

    def walk(self) -> Iterator[Constraint]:
        """This constraint and all below it, slices too."""
        yield self
        for below in self.children.values():
            yield from below.walk()
        for part in self.slicing.slices.values() if self.slicing else ():
            yield from part.walk()

    @property
    def has_value_rules(self) -> bool:
        """Whether anything but the number of occurrences is asked."""
        return bool(
            self.children
            or self.slicing
            or self.contained
            or self.targets
            or self.datatypes
            or self.decides
            or self.strength in ("required", "extensible")
            or (self.choice and self.types)
        )

    @property
    def decides(self) -> bool:
        """Whether a fixed or pattern value here or below can tell one slice from another."""
        own = self.fixed is not ABSENT or self.pattern is not ABSENT
        return own or any(below.decides for below in self.children.values())


class Slicing:
    """How occurrences are told apart (FHIR R4, profiling, Discriminator).

    `wanted` holds, for each slice, what is asked at each discriminator's path; it stays empty when a discriminator is
    of a kind not handled yet, and the slices are then not judged at all.
    """

    __slots__ = ("closed", "discriminators", "slices", "wanted")

    def __init__(self) -> None:
        self.closed = False
        self.discriminators: tuple[tuple[str, str], ...] = ()
        self.slices: dict[str, Constraint] = {}
        self.wanted: dict[str, tuple[tuple[str, Constraint], ...]] = {}

    def slice_of(self, value: object) -> str | None:
        """The first slice whose discriminators the value has; None when it fits none."""
        for name, asked in self.wanted.items():
            if all(any(fits(constraint, v) for v in values_at(value, path)) for path, constraint in asked):
                return name
        return None


def read_constraints(definition: Json) -> Constraint:
    """The tree of a StructureDefinition; its root stands for the resource or type itself."""
    root = Constraint(str(definition["type"]))
    view = definition.get("differential") or definition.get("snapshot") or {}
    for element in view.get("element", ()):
        node = root
        for step in str(element.get("id") or element["path"]).split(".")[1:]:
            name, _, part = step.partition(":")
            node = node.child(name)
            node = node.slice(part) if part else node
        _read(node, element)
    return root


def _read(node: Constraint, element: Json) -> None:
    node.min = int(element.get("min", node.min))
    if "max" in element:
        node.max = -1 if element["max"] == "*" else int(element["max"])
    for key, value in element.items():
        if key.startswith("fixed"):
            node.fixed = value
        elif key.startswith("pattern"):
            node.pattern = value
    binding = element.get("binding", {})
    node.binding, node.strength = str(binding.get("valueSet", "")), str(binding.get("strength", ""))
    _read_types(node, element.get("type", ()))
    if "slicing" in element:
        _read_slicing(node, element["slicing"])


def _read_types(node: Constraint, types: Iterable[Json]) -> None:
    types = list(types)
    node.types = tuple(str(t["code"]) for t in types)
    node.target_profiles = tuple(target for t in types for target in t.get("targetProfile", ()))
    node.contained = any(t.get("aggregation") == ["contained"] for t in types)
    node.profiles = tuple(profile for t in types for profile in t.get("profile", ()))


def _read_slicing(node: Constraint, slicing: Json) -> None:
    if node.slicing is None:
        node.slicing = Slicing()
    node.slicing.closed = slicing.get("rules") == "closed"
    node.slicing.discriminators = tuple((d["type"], d["path"]) for d in slicing.get("discriminator", ()))


def occurrences(node: Json, constraint: Constraint) -> Iterator[tuple[str, str, object]]:
    """Each occurrence of the element in `node`, as (JSON property, FHIRPath step, value)."""
    for key in _keys(node, constraint):
        value = node[key] if key in node else node[f"_{key}"]
        step = f"{constraint.name}.ofType({choice_type(constraint, key)})" if constraint.choice else key
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield key, f"{step}[{index}]", item
        else:
            yield key, step, value


def choice_type(constraint: Constraint, key: str) -> str:
    """The type a choice is written with: `valueString` is `string`, `valueCoding` is `Coding`."""
    suffix = key[len(constraint.name) :]
    primitive = suffix[0].lower() + suffix[1:]
    return primitive if primitive in TESTS else suffix


def _keys(node: Json, constraint: Constraint) -> list[str]:
    """The properties the element is written under; `_element` alone counts, its value being replaced by extensions."""
    name = constraint.name
    if not constraint.choice:
        return [name] if name in node or f"_{name}" in node else []
    keys = dict.fromkeys(key.removeprefix("_") for key in node)
    return [key for key in keys if key.startswith(name) and key[len(name) : len(name) + 1].isupper()]


def values_at(value: object, path: str) -> list[object]:
    """All values a simple path (`use`, `type.coding.code`, `$this`) leads to, through arrays."""
    found = [value]
    for step in path.split(".") if path != "$this" else ():
        found = [v[step] for v in found if isinstance(v, dict) and step in v]
        found = [item for v in found for item in (v if isinstance(v, list) else [v])]
    return found


def fits(constraint: Constraint, value: object) -> bool:
    """Whether a value has every fixed and pattern value of a constraint and of what is below it."""
    if constraint.fixed is not ABSENT and not same(value, constraint.fixed):
        return False
    if constraint.pattern is not ABSENT and not matches(value, constraint.pattern):
        return False
    deciding = [below for below in constraint.children.values() if below.decides]
    return all(any(fits(below, v) for v in values_at(value, below.name)) for below in deciding)


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
