"""Profiles: StructureDefinitions that constrain a base type, found by their canonical or by one they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import orjson

from validators.fhir.artefact import ValueSetDef
from validators.fhir.codes import CodeSet
from validators.fhir.constraints import Constraint, read_constraints
from validators.fhir.definitions import Definitions, load
from validators.fhir.expand import Expander
from validators.fhir.filters import FLAT
from validators.fhir.shapes import Shape
from validators.fhir.slicing import ByPresence, ByProfile, ByType, ByValue, Slicing, Wanted
from validators.fhir.stored import Shelf, Stored, aliases_of
from validators.fhir.values import ABSENT, steps_of
from validators.packages import FolderPackage

BASE: Final = "http://hl7.org/fhir/StructureDefinition/"
Json = dict[str, Any]


class ProfileError(ValueError):
    """A profile file cannot be used; the message names the file."""


class Profile:
    """One StructureDefinition: the type it constrains, the profile it builds on, and all its constraints.

    `root` holds those of the profiles it builds on too, as far as the set knows them. For an extension,
    `contexts` are the places it may stand in as (kind, expression), `is_modifier` whether it changes the meaning.
    """

    __slots__ = ("abstract", "base", "contained", "contexts", "is_modifier", "root", "shape", "type", "url")

    def __init__(self, definition: Json, parent: Profile | None = None) -> None:
        self.url = str(definition["url"])
        self.type = str(definition["type"])
        self.shape: Shape | None = None
        self.base = str(definition.get("baseDefinition", ""))
        self.abstract = bool(definition.get("abstract"))
        self.root: Constraint = read_constraints(
            definition, parent.root if parent is not None else _of_type(definition)
        )
        self.contexts = tuple((str(c["type"]), str(c["expression"])) for c in definition.get("context", ()))
        view = definition.get("differential") or definition.get("snapshot") or {}
        self.is_modifier = any(e.get("isModifier") and "." not in e["path"] for e in view.get("element", ()))
        self.contained = {f"#{r['id']}": r for r in definition.get("contained", ()) if "id" in r}
        if self.type == "Extension" and not self.abstract:
            # An extension of ours that stands for a national one is sent with the national url.
            self.root.child("url").fixed = next(aliases_of(definition), self.url)

    @property
    def extension_parts(self) -> frozenset[str] | None:
        """The urls of the parts of a complex extension; None when it names none."""
        parts = self.root.children.get("extension")
        if parts is None or parts.slicing is None:
            return None
        urls = (s.children["url"].fixed for s in parts.slicing.slices.values() if "url" in s.children)
        return frozenset(str(url) for url in urls if url is not ABSENT) or None


class ProfileSet:
    """Profiles by canonical, over those of R4. What is asked for is read then, and kept.

    Aliases map a declared canonical to the one of ours that stands for it: a `StructureDefinition.identifier` with
    system urn:ietf:rfc:3986; national guides are named, not copied.

    Args:
        loaded: definitional resources: StructureDefinition, ValueSet, CodeSystem and any other with a url; those
            that come stored are read when they are asked for.
        definitions: the R4 definitions below them; the compiled ones when not given.

    Raises:
        ProfileError: a StructureDefinition is malformed.
    """

    def __init__(self, loaded: Iterable[Json | Stored] = (), definitions: Definitions | None = None) -> None:
        self._definitions = definitions if definitions is not None else load()
        self._loaded: dict[str, Shelf] = {}
        self.aliases: dict[str, str] = {}
        self._profiles: dict[str, Profile] = {}
        self._open: set[str] = set()
        self._canonicals: dict[str, Profile] = {}
        self._kinds: dict[str, str] = {}
        self._value_sets: dict[str, CodeSet] = {}
        for item in loaded:
            self._load(item)
        self._expander = Expander(self._value_set_resource, self.code_system)
        for url in self._of("StructureDefinition").read():
            self.get(url)

    @classmethod
    def load(cls, directory: Path) -> ProfileSet:
        """The definitional resources of a package folder.

        Raises:
            ProfileError: a file is not JSON, or a profile lacks its url or type.
        """
        return cls.read(FolderPackage(directory))

    @classmethod
    def read(cls, source: Iterable[tuple[str, bytes]]) -> ProfileSet:
        """The definitional resources of any package source (see `validators.packages`).

        Raises:
            ProfileError: a file is not JSON, or a profile lacks its url or type.
        """
        return cls(_resource(name, content) for name, content in source if name.endswith(".json"))

    def extended(self, loaded: Iterable[Json | Stored]) -> ProfileSet:
        """The same set with more resources; those of this set stay unless given again.

        Raises:
            ProfileError: a StructureDefinition is malformed.
        """
        mine = (item for shelf in self._loaded.values() for item in shelf.items())
        return ProfileSet([*mine, *loaded], self._definitions)

    def __iter__(self) -> Iterator[Profile]:
        """The profiles loaded over R4."""
        return (profile for url in self._of("StructureDefinition") if (profile := self.get(url)) is not None)

    def __len__(self) -> int:
        return len(self._of("StructureDefinition"))

    def preload(self) -> None:
        """Read every profile loaded over R4 and the value sets they bind, for a process about to fork."""
        for profile in self:
            for constraint in profile.root.walk():
                if constraint.bound and constraint.binding:
                    self.value_set(constraint.binding, profile)

    def get(self, url: str) -> Profile | None:
        """The profile of this canonical, or the one standing for it; a version after `|` is ignored."""
        found = self._canonicals.get(url)
        if found is None:
            found = self._find(url.partition("|")[0])
            if found is not None and "|" not in url:  # what senders make up would fill the memory
                self._canonicals[url] = found
        return found

    def _find(self, url: str) -> Profile | None:
        url = url if url in self._of("StructureDefinition") else self.aliases.get(url, url)
        if url in self._profiles:
            return self._profiles[url]
        definition = self._definition(url)
        return None if definition is None else self._built(definition)

    def extension(self, url: str) -> Profile | None:
        """The profile of the extension sent with this url."""
        found = self.get(url)
        return found if found is not None and found.type == "Extension" and not found.abstract else None

    def resource(self, canonical: str) -> Json | None:
        """A loaded definitional resource of any type by canonical; a version after `|` is ignored."""
        url = canonical.partition("|")[0]
        kind = self._kinds.get(url)
        return None if kind is None else self._loaded[kind].get(url)

    def value_set(self, url: str, profile: Profile | None = None) -> CodeSet | None:
        """A value set contained in the profile (`#id`), loaded, or of R4."""
        key = f"{profile.url}{url}" if url[:1] == "#" and profile is not None else url.partition("|")[0]
        found = self._value_sets.get(key)
        if found is None:
            found = self._read_value_set(url, profile)
            if found is not None:  # what is unknown is not kept, as above
                self._value_sets[key] = found
        return found

    def _read_value_set(self, url: str, profile: Profile | None) -> CodeSet | None:
        if url.startswith("#"):
            found = profile.contained.get(url) if profile is not None else None
        else:
            found = self._of("ValueSet").get(url.partition("|")[0])
        return self.expanded(found) if found is not None else self._definitions.value_set(url)

    # -- reading -------------------------------------------------------------------------------------------------------

    def _of(self, kind: str) -> Shelf:
        return self._loaded.get(kind) or Shelf()

    def _load(self, item: Json | Stored) -> None:
        if isinstance(item, Stored):
            url, kind, aliases = item.url, item.kind, item.aliases
        else:
            url, kind, aliases = str(item.get("url", "")), str(item.get("resourceType")), tuple(aliases_of(item))
        if not url:
            return
        self._loaded.setdefault(kind, Shelf()).put(url, item)
        self._kinds[url] = kind
        if kind == "StructureDefinition":
            self.aliases.update(dict.fromkeys(aliases, url))

    def _definition(self, url: str) -> Json | None:
        found = self._of("StructureDefinition").get(url)
        if found is not None:
            return found if found.get("derivation") != "specialization" else None
        compiled = self._definitions.profiles.get(url)
        return orjson.loads(compiled) if compiled is not None else None

    def _built(self, definition: Json) -> Profile | None:
        url, base = str(definition["url"]), str(definition.get("baseDefinition", ""))
        if url in self._open:
            return None  # a ring of profiles that build on one another
        self._open.add(url)
        profile = _profile(definition, self.get(base) if base else None)
        self._open.discard(url)
        self._profiles[url] = profile  # before its parts are linked: definitions refer to one another in rings
        self._link(profile)
        return profile

    def expanded(self, value_set: Json) -> CodeSet:
        """A value set that is given, over the code systems and value sets of this set."""
        found = self._expander.expand(value_set)
        return CodeSet(str(value_set.get("url", "")), found.systems, open_=found.open, whole=found.whole)

    def _value_set_resource(self, url: str) -> Json | ValueSetDef | None:
        found = self._of("ValueSet").get(url)
        return found if found is not None else self._definitions.expanded(url)

    def code_system(self, url: str) -> Json | None:
        """A code system that is loaded, or complete in R4: then as a flat list of codes with their displays."""
        found = self._of("CodeSystem").get(url)
        if found is not None:
            return found
        codes = self._definitions.code_system(url)
        if codes is None:
            return None
        listed = [{"code": code, "display": display} for code, display in codes.items()]
        return {"content": "complete", "concept": listed, FLAT: True}

    # -- linking -------------------------------------------------------------------------------------------------------

    def _link(self, profile: Profile) -> None:
        """Resolve what constraints name: target types, profiles of datatypes, what tells slices apart."""
        for constraint in list(profile.root.walk()):
            for url in constraint.profiles:
                self._graft(constraint, *url.split("#", 1))
        for constraint in profile.root.walk():
            constraint.targets = self._targets(constraint.target_urls)
            constraint.target_profiles = self._known_targets(constraint.target_urls)
            named = (found for url in constraint.profiles if (found := self.get(url)) is not None)
            # The walk applies the profiles of extensions wherever their url is met.
            constraint.datatypes = tuple(found for found in named if found.type != "Extension")
            constraint.settle()
            if constraint.slicing is not None:
                constraint.slicing.wanted = self._wanted(constraint.slicing, profile)
        for constraint in profile.root.walk():
            constraint.settle_children()
        if profile.type == "Extension":
            # It is found by its url: nothing is left to check there, unless it stands for another.
            sent_as = profile.root.children.get("url")
            known = sent_as if sent_as is not None and sent_as.fixed == profile.url else None
            profile.root.asked = tuple(child for child in profile.root.asked if child is not known)
        structures = self._definitions.structures
        profile.shape = self._definitions.shape(profile.type) if profile.type in structures else None

    def _graft(self, constraint: Constraint, url: str, element: str = "") -> None:
        """A type profile may name one element of a profile (extension elementdefinition-profile-element)."""
        named = self.get(url) if element else None
        found = named.root.find(element) if named is not None else None
        if found is not None:
            constraint.children = {**found.copy().children, **constraint.children}
            constraint.rules += found.rules

    def _targets(self, urls: tuple[str, ...]) -> frozenset[str] | None:
        """Types for target profiles; None (any) when one of them is unknown: what cannot be told is not refused."""
        known = [self.get(url) for url in urls]
        structures = self._definitions.structures
        if any(p is None and url.removeprefix(BASE) not in structures for url, p in zip(urls, known, strict=True)):
            return None
        types = {p.type if p else url.removeprefix(BASE) for url, p in zip(urls, known, strict=True)}
        return frozenset(types) if types and "Resource" not in types else None

    def _known_targets(self, urls: tuple[str, ...]) -> tuple[Profile, ...]:
        """The profiles a reference's target has to meet one of; none when a bare type would do."""
        found = tuple(profile for url in urls if (profile := self.get(url)) is not None)
        return found if len(found) == len(urls) else ()

    def _wanted(self, slicing: Slicing, profile: Profile) -> dict[str, tuple[Wanted, ...]]:
        """What each slice asks at each discriminator; nothing when one of them cannot be judged."""
        wanted: dict[str, tuple[Wanted, ...]] = {}
        for name, part in slicing.slices.items():
            asked = [self._test(part, kind, path, profile) for kind, path in slicing.discriminators]
            known = tuple(one for one in asked if one is not None)
            if not known:
                return {}
            wanted[name] = known
        return wanted

    def _test(self, part: Constraint, kind: str, path: str, profile: Profile) -> Wanted | None:
        """What a slice asks at one discriminator; None when it asks nothing there, or nothing that can be judged."""
        steps = steps_of(path)
        if steps is None:
            return None
        asked = self._asked(part, steps)
        if kind in ("value", "pattern"):
            deciding = [one for one in asked if one.decides]
            codes = [self.value_set(one.binding, profile) for one in asked if one.strength == "required"]
            lists = [one for one in codes if one is not None] if not deciding else []
            return ByValue(path, steps, deciding[:1], lists[:1]) if deciding or lists else None
        if kind == "exists":
            there = any(one.min > 0 for one in asked)
            return ByPresence(path, steps, there=there) if there or any(one.max == 0 for one in asked) else None
        named = tuple(p for one in asked for url in one.profiles if (p := self.get(url)) is not None)
        found = named or self._profiles_after(part, steps)
        if kind == "profile" and found:
            return ByProfile(path, steps, found)
        types = frozenset(rule.code for one in asked for rule in one.types) or self._types_after(part, steps)
        return ByType(path, steps, types, self._definitions.is_a) if types else None

    def _asked(self, part: Constraint, steps: tuple[tuple[str, str], ...]) -> list[Constraint]:
        """What a slice asks at a path: in the slice itself, and in the profiles of the types on the way."""
        found = [part]
        for function, argument in steps:
            found = [each for one in found for each in self._step(one, function, argument)]
        return found

    def _step(self, node: Constraint, function: str, argument: str) -> Iterator[Constraint]:
        roots = [node, *(profile.root for url in node.profiles if (profile := self.get(url)) is not None)]
        if function == "resolve":
            yield from (profile.root for profile in self._known_targets(node.target_urls))
        elif function in ("ofType", "as"):
            yield from roots
        elif function == "extension":
            listed = [root.children["extension"] for root in roots if "extension" in root.children]
            yield from (s for one in listed if one.slicing for s in one.slicing.slices.values() if _sent(s, argument))
        else:
            for root in roots:
                child = root.children.get(argument) or root.children.get(f"{argument}[x]")
                if child is not None:
                    yield child

    def _types_after(self, part: Constraint, steps: tuple[tuple[str, str], ...]) -> frozenset[str]:
        """The types of a reference's targets, for a path that ends in resolve()."""
        if not steps or steps[-1][0] != "resolve":
            return frozenset()
        before = self._asked(part, steps[:-1])
        return frozenset(t for one in before for t in self._targets(one.target_urls) or ())

    def _profiles_after(self, part: Constraint, steps: tuple[tuple[str, str], ...]) -> tuple[Profile, ...]:
        """The profiles of a reference's targets, for a path that ends in resolve()."""
        if not steps or steps[-1][0] != "resolve":
            return ()
        return tuple(p for one in self._asked(part, steps[:-1]) for p in self._known_targets(one.target_urls))


def _sent(part: Constraint, url: str) -> bool:
    """Whether a slice of `extension` is the one sent with this url."""
    own = part.children.get("url")
    return url in part.profiles or (own is not None and own.fixed == url)


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


def _of_type(definition: Json) -> Constraint | None:
    """An empty tree for a profile straight on a type: its differential says all it adds."""
    on_type = str(definition.get("baseDefinition", "")) == BASE + str(definition["type"])
    return Constraint(str(definition["type"])) if on_type and definition.get("differential") else None


def _profile(definition: Json, parent: Profile | None) -> Profile:
    try:
        return Profile(definition, parent)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as problem:
        raise ProfileError(f"{definition.get('url')}: malformed StructureDefinition ({problem!r})") from problem
