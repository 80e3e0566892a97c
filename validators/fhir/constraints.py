"""Constraints of a profile as a tree, one node an element: those of the profiles it builds on, then its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from validators.fhir.artefact import InvariantDef
from validators.fhir.invariants import BY_WALK, Invariant
from validators.fhir.primitives import TESTS
from validators.fhir.slicing import Slicing
from validators.fhir.values import ABSENT

if TYPE_CHECKING:
    from validators.fhir.profiles import Profile

Json = dict[str, Any]
Step = tuple[str, str]
"""The name of an element and of the slice of it, empty when none is meant."""
_BASE: Final = BY_WALK | {"ele-1", "ext-1", "dom-6"}
_BY_URL: Final = (("value", "url"),)
_BY_TYPE: Final = (("type", "$this"),)


class TypeRule(NamedTuple):
    """One type an element may have, with the profiles its value or its reference's target has to meet (any of them)."""

    code: str
    profiles: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    contained: bool = False


class Constraint:
    """What a profile says of one element. `max` is -1 when the profile says nothing, or `*`.

    `low`, `high` are minValue and maxValue, `length` is maxLength. Found when the profile is linked (`ProfileSet`):
    `targets`, the types a Reference may point to; `datatypes` and `target_profiles`, the profiles of the value's type
    and of a reference's target; and, so that a check asks only what there is to ask, `codes` of the types, `contained`,
    `limited`, `bound`, `refers`, `counts_only` and `asked`, the children that say anything.
    """

    __slots__ = (
        "asked", "binding", "bound", "children", "choice", "codes", "contained", "counts_only", "datatypes", "fixed",
        "high", "length", "limited", "low", "max", "min", "most", "must_support", "name", "optional", "pattern",
        "refers", "rules", "slicing", "strength", "target_profiles", "targets", "types",
    )  # fmt: skip

    def __init__(self, name: str) -> None:
        self.choice = name.endswith("[x]")
        self.name = name.removesuffix("[x]")
        self.min = 0
        self.max = -1
        self.types: tuple[TypeRule, ...] = ()
        self.fixed: object = ABSENT
        self.pattern: object = ABSENT
        self.low: object = ABSENT
        self.high: object = ABSENT
        self.length = 0
        self.must_support = False
        self.binding = ""
        self.strength = ""
        self.most = ""
        self.rules: tuple[Invariant, ...] = ()
        self.targets: frozenset[str] | None = None
        self.datatypes: tuple[Profile, ...] = ()
        self.target_profiles: tuple[Profile, ...] = ()
        self.counts_only = False
        self.asked: tuple[Constraint, ...] = ()
        self.codes: tuple[str, ...] = ()
        self.contained = self.limited = self.bound = self.refers = self.optional = False
        self.children: dict[str, Constraint] = {}
        self.slicing: Slicing | None = None

    def copy(self) -> Constraint:
        """The same tree, to be narrowed by a profile that builds on it."""
        twin = Constraint(self.name + "[x]" * self.choice)
        for field in self.__slots__:
            setattr(twin, field, getattr(self, field))
        twin.children = {name: below.copy() for name, below in self.children.items()}
        twin.slicing = self.slicing.copy() if self.slicing is not None else None
        return twin

    def child(self, name: str) -> Constraint:
        """The constraint on a child element, made when absent."""
        return self.children.setdefault(name, Constraint(name))

    def slice(self, name: str) -> Constraint:
        """The constraint on one slice of this element, made when absent."""
        if self.slicing is None:
            self.slicing = Slicing()
            if self.choice:
                self.slicing.discriminators = _BY_TYPE
            elif self.name in ("extension", "modifierExtension"):
                self.slicing.discriminators = _BY_URL  # as the base definition slices them
        return self.slicing.slices.setdefault(name, Constraint(self.name + "[x]" * self.choice))

    def find(self, element_id: str) -> Constraint | None:
        """The constraint on the element with this id (`Composition.section:codeA`); None when there is none."""
        node: Constraint | None = self
        for step in element_id.split(".")[1:]:
            name, _, part = step.partition(":")
            node = node.children.get(name) if node is not None else None
            if part:
                node = node.slicing.slices.get(part) if node is not None and node.slicing is not None else None
        return node

    def walk(self) -> Iterator[Constraint]:
        """This constraint and all below it, slices too."""
        yield self
        for below in self.children.values():
            yield from below.walk()
        for part in self.slicing.slices.values() if self.slicing else ():
            yield from part.walk()

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles of the value's type, by canonical."""
        return tuple(url for rule in self.types for url in rule.profiles)

    @property
    def target_urls(self) -> tuple[str, ...]:
        """What a Reference may point to, by canonical."""
        return tuple(url for rule in self.types for url in rule.targets)

    def settle(self) -> None:
        """Find once what every check asks: which children say anything, and which kinds of rule this element has."""
        self.codes = tuple(rule.code for rule in self.types)
        self.contained = any(rule.contained for rule in self.types)
        self.limited = bool(self.length) or any(
            value is not ABSENT for value in (self.fixed, self.pattern, self.low, self.high)
        )
        self.bound = bool(self.most) or self.strength in ("required", "extensible")
        self.refers = bool(self.contained or self.targets or self.target_profiles)
        self.optional = self.min == 0 and self.slicing is None and not self.choice
        self.counts_only = not (
            self.children or self.rules or self.slicing or self.datatypes or self.limited or self.bound or self.refers
            or (self.choice and self.types)
        )  # fmt: skip

    def settle_children(self) -> None:
        """Leave out the children that ask nothing; each has been settled itself."""
        self.asked = tuple(c for c in self.children.values() if c.min or c.max >= 0 or not c.counts_only)

    @property
    def decides(self) -> bool:
        """Whether a fixed or pattern value here or below can tell one slice from another."""
        own = self.fixed is not ABSENT or self.pattern is not ABSENT
        return own or any(below.decides for below in self.children.values())


def read_constraints(definition: Json, base: Constraint | None = None) -> Constraint:
    """The tree of a StructureDefinition over that of the profile it builds on; its root stands for the type itself.

    Without the base, a snapshot says more than a differential.
    """
    root = base.copy() if base is not None else Constraint(str(definition["type"]))
    root.name = str(definition["type"])
    views = ("differential", "snapshot") if base is not None else ("snapshot", "differential")
    known = [definition[view].get("element", ()) for view in views if definition.get(view)]
    _read_all(root, next(filter(None, known), ()))
    return root


def _read_all(root: Constraint, elements: Iterable[Json]) -> None:
    for element, steps in located(elements):
        node = root
        for step, part in steps:
            node = node.child(step)
            node = node.slice(part) if part else node
        _read(node, element)


def located(elements: Iterable[Json]) -> Iterator[tuple[Json, list[Step]]]:
    """Elements in order, each with the steps from the root to it.

    The ids say which slice each belongs to, else the slice last named on its path.
    """
    current: dict[str, str] = {}
    for element in elements:
        path = str(element["path"])
        name = element.get("sliceName")
        current = {key: value for key, value in current.items() if key != path and not key.startswith(path + ".")}
        if name:
            current[path] = str(name)
        yield element, _by_id(element, path) or _by_path(path, current)


def _by_id(element: Json, path: str) -> list[Step]:
    """The steps an id names (`Patient.identifier:ins.system`); nothing when it does not agree with the path."""
    found = [(step.partition(":")[0], step.partition(":")[2]) for step in str(element.get("id", "")).split(".")]
    same = [name for name, _ in found] == path.split(".")
    return found[1:] if same or not element.get("id") or _shortened(found, path) else []


def _shortened(found: list[tuple[str, str]], path: str) -> bool:
    """Whether an id with `value[x]:valueQuantity` stands beside a path that says `valueQuantity`."""
    names = path.split(".")
    return len(found) == len(names) and all(
        name == step or (name.endswith("[x]") and step.startswith(name[:-3]))
        for (name, _), step in zip(found, names, strict=True)
    )


def _by_path(path: str, current: dict[str, str]) -> list[Step]:
    names = path.split(".")
    return [(name, current.get(".".join(names[: index + 1]), "")) for index, name in enumerate(names) if index]


def _read(node: Constraint, element: Json) -> None:
    node.min = int(element.get("min", node.min))
    if "max" in element:
        node.max = -1 if element["max"] == "*" else int(element["max"])
    node.length = int(element.get("maxLength", node.length))
    node.must_support = bool(element.get("mustSupport", node.must_support))
    for key, value in element.items():
        for stem, field in _VALUES:
            if key.startswith(stem) and key[len(stem) : len(stem) + 1].isupper():
                setattr(node, field, value)
    if "binding" in element:
        _read_binding(node, element["binding"])
    own = [read for read in map(_invariant, element.get("constraint", ())) if read is not None]
    known = {invariant.key for invariant in node.rules}
    node.rules += tuple(Invariant(read, ours=False) for read in own if read.key not in known)
    if "type" in element:
        node.types = tuple(_types(element["type"]))
    if "slicing" in element:
        _read_slicing(node, element["slicing"])


_VALUES: Final = (("fixed", "fixed"), ("pattern", "pattern"), ("minValue", "low"), ("maxValue", "high"))
_PART: Final = "http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element"
_MOST: Final = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet"


def _read_binding(node: Constraint, binding: Json) -> None:
    node.binding = str(binding.get("valueSet", node.binding))
    node.strength = str(binding.get("strength", node.strength))
    most = (x for x in binding.get("extension", ()) if x.get("url") == _MOST)
    node.most = next((str(x.get("valueCanonical") or x.get("valueUri") or "") for x in most), node.most)


def _invariant(constraint: Json) -> InvariantDef | None:
    """A constraint with an expression; those that come with the base definition are left to the walk."""
    if "expression" not in constraint or constraint["key"] in _BASE:
        return None
    severity = str(constraint.get("severity", "error"))
    return InvariantDef(constraint["key"], severity, str(constraint.get("human", "")), constraint["expression"])


def _types(types: Iterable[Json]) -> Iterator[TypeRule]:
    for entry in types:
        yield TypeRule(
            str(entry.get("code", "")),
            tuple(_profile_urls(entry)),
            tuple(map(str, entry.get("targetProfile", ()))),
            entry.get("aggregation") == ["contained"],
        )


def _profile_urls(entry: Json) -> Iterator[str]:
    """The profiles of a type; `url#element` where an extension says which element of the profile is meant."""
    beside = entry.get("_profile") or ()
    for index, url in enumerate(entry.get("profile", ())):
        more = beside[index] if index < len(beside) and isinstance(beside[index], dict) else {}
        named = (x.get("valueString") for x in more.get("extension", ()) if x.get("url") == _PART)
        element = next(named, None)
        yield f"{url}#{element}" if element else str(url)


def _read_slicing(node: Constraint, slicing: Json) -> None:
    if node.slicing is None:
        node.slicing = Slicing()
    node.slicing.closed = slicing.get("rules", "closed" if node.slicing.closed else "open") == "closed"
    node.slicing.ordered = bool(slicing.get("ordered", node.slicing.ordered))
    if "discriminator" in slicing:
        node.slicing.discriminators = tuple((str(d["type"]), str(d["path"])) for d in slicing["discriminator"])


class Occurrence(NamedTuple):
    """One occurrence of an element: its JSON property, its FHIRPath step, its value, its type where the key says it."""

    key: str
    step: str
    value: object
    type: str


_SUFFIX: Final = re.compile(r"[A-Z]\w*")


def occurrences(node: Json, constraint: Constraint) -> list[Occurrence]:
    """Each occurrence of the element in `node`; `_element` alone counts, its value being replaced by extensions."""
    if not constraint.choice:
        key = constraint.name
        return _listed(key, key, node[key] if key in node else node.get(f"_{key}", ABSENT), "")
    found: list[Occurrence] = []
    for key in _keys(node, constraint):
        kind = choice_type(constraint, key)
        value = node[key] if key in node else node[f"_{key}"]
        found += _listed(key, f"{constraint.name}.ofType({kind})", value, kind)
    return found


def _listed(key: str, step: str, value: object, kind: str) -> list[Occurrence]:
    if isinstance(value, list):
        return [Occurrence(key, f"{step}[{index}]", item, kind) for index, item in enumerate(value)]
    return [] if value is ABSENT else [Occurrence(key, step, value, kind)]


def choice_type(constraint: Constraint, key: str) -> str:
    """The type a choice is written with: `valueString` is `string`, `valueCoding` is `Coding`."""
    return type_of_suffix(key[len(constraint.name) :])


def type_of_suffix(suffix: str) -> str:
    """`String` names the type `string`, `Coding` the type `Coding`."""
    primitive = suffix[0].lower() + suffix[1:]
    return primitive if primitive in TESTS else suffix


def _keys(node: Json, constraint: Constraint) -> list[str]:
    """The properties a choice is written under."""
    name = constraint.name
    keys: list[str] = []
    for key in node:
        plain = key[1:] if key[:1] == "_" else key
        if plain.startswith(name) and plain not in keys and _SUFFIX.fullmatch(plain, len(name)):
            keys.append(plain)
    return keys
