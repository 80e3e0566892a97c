"""Profiles: StructureDefinitions that constrain a base type, found by their canonical or by one they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import orjson

from validators.fhir.constraints import ABSENT, Constraint, Slicing, read_constraints
from validators.fhir.shapes import CodeSet
from validators.packages import FolderPackage

BASE = "http://hl7.org/fhir/StructureDefinition/"
Json = dict[str, Any]
_JUDGED = frozenset({"value", "pattern"})


class ProfileError(ValueError):
    """A profile file cannot be used; the message names the file."""


class Profile:
    """One StructureDefinition: the type it constrains, the profile it builds on, and its constraints.

    `levels` are the profile and those it builds on, most general first, as far as the set knows them.
    """

    __slots__ = ("base", "levels", "root", "type", "url", "value_sets")

    def __init__(self, definition: Json) -> None:
        self.url = str(definition["url"])
        self.type = str(definition["type"])
        self.base = str(definition.get("baseDefinition", ""))
        self.root = read_constraints(definition)
        self.levels: tuple[Profile, ...] = (self,)
        contained = [r for r in definition.get("contained", ()) if r.get("resourceType") == "ValueSet"]
        self.value_sets = {f"#{r['id']}": _code_set(r) for r in contained}

    @property
    def extension_url(self) -> str | None:
        """For the profile of an extension, the url it is sent with."""
        fixed = self.root.children["url"].fixed if "url" in self.root.children else ABSENT
        return str(fixed) if self.type == "Extension" and fixed is not ABSENT else None


class ProfileSet:
    """Profiles by canonical. `aliases` maps a declared canonical to the one of ours that stands for it.

    An alias is a `StructureDefinition.identifier` with system urn:ietf:rfc:3986: national guides are named, not copied.

    Raises:
        ProfileError: a StructureDefinition is malformed.
    """

    def __init__(self, definitions: Iterable[Json] = (), value_sets: Iterable[Json] = ()) -> None:
        self._profiles: dict[str, Profile] = {}
        self.aliases: dict[str, str] = {}
        for definition in definitions:
            profile = _profile(definition)
            self._profiles[profile.url] = profile
            self.aliases.update(dict.fromkeys(_aliases(definition), profile.url))
        self._value_sets = {str(v["url"]): _code_set(v) for v in value_sets}
        for profile in self:
            profile.levels = self._levels(profile)
        for profile in self:
            self._link(profile)
        self.extensions: Mapping[str, Profile] = {p.extension_url: p for p in self if p.extension_url}

    @classmethod
    def load(cls, directory: Path) -> ProfileSet:
        """The profiles and value sets of a package folder.

        Raises:
            ProfileError: a file is not JSON, or a profile lacks its url or type.
        """
        return cls.read(FolderPackage(directory))

    @classmethod
    def read(cls, source: Iterable[tuple[str, bytes]]) -> ProfileSet:
        """The profiles and value sets of any package source (see `validators.packages`).

        Raises:
            ProfileError: a file is not JSON, or a profile lacks its url or type.
        """
        kinds: dict[object, list[Json]] = {"StructureDefinition": [], "ValueSet": []}
        for name, content in source:
            if name.endswith(".json"):
                resource = _resource(name, content)
                kinds.get(resource.get("resourceType"), []).append(resource)
        return cls(kinds["StructureDefinition"], kinds["ValueSet"])

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._profiles.values())

    def __len__(self) -> int:
        return len(self._profiles)

    def get(self, url: str) -> Profile | None:
        """The profile of this canonical, or the one standing for it; a version after `|` is ignored."""
        url = url.partition("|")[0]
        return self._profiles.get(url) or self._profiles.get(self.aliases.get(url, ""))

    def value_set(self, profile: Profile, url: str) -> CodeSet | None:
        """A value set contained in the profile (`#id`) or carried by the package."""
        return profile.value_sets.get(url) or self._value_sets.get(url.partition("|")[0])

    def _levels(self, profile: Profile) -> tuple[Profile, ...]:
        found = [profile]
        while (base := self._profiles.get(found[0].base)) is not None and base not in found:
            found.insert(0, base)
        return tuple(found)

    def _link(self, profile: Profile) -> None:
        """Resolve what constraints name: target types, profiles of datatypes, what tells slices apart."""
        for constraint in profile.root.walk():
            constraint.targets = self._targets(constraint.target_profiles)
            named = (found for url in constraint.profiles if (found := self.get(url)) is not None)
            # The walk applies the profiles of extensions wherever their url is met.
            constraint.datatypes = tuple(found for found in named if found.type != "Extension")
            constraint.counts_only = not constraint.has_value_rules
            if constraint.slicing is not None:
                constraint.slicing.wanted = self._wanted(constraint.slicing)

    def _targets(self, urls: tuple[str, ...]) -> frozenset[str] | None:
        """Types for target profiles; None (any) when one of them is unknown: what cannot be told is not refused."""
        known = [self.get(url) for url in urls]
        if any(profile is None and not url.startswith(BASE) for url, profile in zip(urls, known, strict=True)):
            return None
        types = {p.type if p else url.removeprefix(BASE) for url, p in zip(urls, known, strict=True)}
        return frozenset(types) if types and "Resource" not in types else None

    def _wanted(self, slicing: Slicing) -> dict[str, tuple[tuple[str, Constraint], ...]]:
        """What each slice asks at each discriminator; nothing when one of them cannot be judged."""
        wanted: dict[str, tuple[tuple[str, Constraint], ...]] = {}
        for name, part in slicing.slices.items():
            asked = [(path, self._asked(part, path)) for kind, path in slicing.discriminators if kind in _JUDGED]
            known = tuple((path, constraint) for path, constraint in asked if constraint is not None)
            if not known or len(known) < len(slicing.discriminators):
                return {}
            wanted[name] = known
        return wanted

    def _asked(self, part: Constraint, path: str) -> Constraint | None:
        """What a slice asks at a discriminator's path: in the slice itself, or in the profile of its type."""
        profiles = (profile for url in part.profiles if (profile := self.get(url)) is not None)
        roots = [part, *(level.root for profile in profiles for level in reversed(profile.levels))]
        for root in roots:
            node: Constraint | None = root
            for step in path.split(".") if path != "$this" else ():
                node = node.children.get(step) if node is not None else None
            if node is not None and node.decides:
                return node
        return None


@cache
def default_profiles() -> ProfileSet:
    """The profiles this distribution ships (package `profiles`), read once a process.

    Raises:
        ProfileError: a shipped file is damaged.
    """
    entries = sorted(resources.files("profiles").iterdir(), key=lambda entry: entry.name)
    return ProfileSet.read((e.name, e.read_bytes()) for e in entries if e.name.endswith(".json"))


def _resource(name: str, content: bytes) -> Json:
    try:
        resource = orjson.loads(content)
    except orjson.JSONDecodeError as problem:
        raise ProfileError(f"{name}: {problem}") from problem
    if not isinstance(resource, dict):
        raise ProfileError(f"{name}: not a JSON object")
    if resource.get("resourceType") == "StructureDefinition" and not {"url", "type"} <= resource.keys():
        raise ProfileError(f"{name}: a profile needs url and type")
    return resource


def _profile(definition: Json) -> Profile:
    try:
        return Profile(definition)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as problem:
        raise ProfileError(f"{definition.get('url')}: malformed StructureDefinition ({problem!r})") from problem


def _aliases(definition: Json) -> Iterator[str]:
    for identifier in definition.get("identifier", ()):
        if identifier.get("system") == "urn:ietf:rfc:3986":
            yield str(identifier["value"]).partition("|")[0]


def _code_set(value_set: Json) -> CodeSet:
    """A value set that lists its codes one by one; others are left to the terminology room."""
    systems: dict[str, list[str]] = {}
    for include in value_set.get("compose", {}).get("include", ()):
        systems.setdefault(str(include.get("system", "")), []).extend(c["code"] for c in include.get("concept", ()))
    return CodeSet(str(value_set.get("url", "")), systems)
