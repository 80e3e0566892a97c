"""The R4 definitions in memory: loaded once a process from the file that `make setup` compiles, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType

from validators.fhir.artefact import ArtefactError, SearchParameterDef, Sections, StructureDef, Terminology, ValueSetDef
from validators.fhir.codes import CodeSet
from validators.fhir.invariants import WRITTEN_OUT, Invariant
from validators.fhir.shapes import Shape, ShapeBuilder

DEFAULT_PATH = Path(__file__).with_name("compiled") / "r4.bin"


class DefinitionsError(RuntimeError):
    """The compiled definitions are absent or of another format; the message says which command makes them."""


class Definitions:
    """Structures, shapes, terminology and profiles of one FHIR version.

    Shapes are built when first asked for; `preload` builds them all, for a process about to fork.
    """

    def __init__(self, sections: Sections) -> None:
        core = sections.core()
        self._sections = sections
        self.version = core.version
        self.source_sha256 = sections.source_sha256
        self.structures: dict[str, StructureDef] = {s.name: s for s in core.structures}
        self.invariants: tuple[Invariant, ...] = tuple(map(Invariant, core.invariants))
        self._bound = {v.url: v for v in core.value_sets}
        self._value_sets: dict[str, CodeSet] = {}
        self._builder = ShapeBuilder(self.structures, self.value_set, self.invariants)
        self._shapes: dict[str, Shape] = {}

    @cached_property
    def resource_types(self) -> frozenset[str]:
        """The names of the resources that can be sent (abstract ones left out)."""
        return frozenset(s.name for s in self.structures.values() if s.kind == "resource" and not s.abstract)

    def resource(self, name: object) -> Shape | None:
        """The shape of a concrete resource type; None when there is no such type."""
        if not isinstance(name, str) or name not in self.resource_types:
            return None
        return self.shape(name)

    def shape(self, name: str) -> Shape:
        """The shape of any resource or complex type; KeyError when there is no such type."""
        shape = self._shapes.get(name)
        if shape is None:
            shape = self._shapes[name] = self._builder.shape(name)
        return shape

    def is_a(self, name: str, ancestor: str) -> bool:
        """Whether a type is another one or derives from it (`Age` is a `Quantity`, an `Element`)."""
        while name:
            if name == ancestor:
                return True
            structure = self.structures.get(name)
            name = structure.base if structure is not None else ""
        return False

    def invariant(self, key: str) -> Invariant:
        """One constraint by its key (`dom-3`); KeyError when R4 has none."""
        return self._by_key[key]

    @cached_property
    def _by_key(self) -> dict[str, Invariant]:
        return {invariant.key: invariant for invariant in self.invariants} | WRITTEN_OUT

    def value_set(self, url: str) -> CodeSet | None:
        """An expanded value set by canonical (a version after `|` is ignored); None when unknown."""
        url = url.partition("|")[0]
        if url in self._value_sets:
            return self._value_sets[url]
        found = self.expanded(url)
        if found is None:
            return None
        return self._value_sets.setdefault(url, CodeSet(url, found.systems, open_=found.open, whole=found.whole))

    def expanded(self, url: str) -> ValueSetDef | None:
        """A value set by canonical as it was compiled; None when unknown."""
        return self._bound.get(url) or self._other_value_sets.get(url)

    def code_system(self, url: str) -> Mapping[str, str] | None:
        """The codes of a complete code system of R4 with their displays; None when unknown or incomplete."""
        return self.terminology.code_systems.get(url.partition("|")[0])

    @cached_property
    def terminology(self) -> Terminology:
        """Code systems and value sets beyond the bound ones, read when first asked for."""
        return self._sections.terminology()

    @cached_property
    def _other_value_sets(self) -> dict[str, ValueSetDef]:
        return {v.url: v for v in self.terminology.value_sets}

    @cached_property
    def profiles(self) -> Mapping[str, bytes]:
        """The profiles and extensions of R4 by canonical: the JSON of a StructureDefinition with its differential."""
        return MappingProxyType(self._sections.profiles())

    @cached_property
    def search_parameters(self) -> tuple[SearchParameterDef, ...]:
        """The search parameters of R4."""
        return self._sections.search()

    def preload(self, names: Iterable[str] | None = None) -> None:
        """Build the shapes of these resource types, or of all."""
        for name in sorted(self.resource_types if names is None else names):
            self.shape(name)


def load(path: Path | None = None) -> Definitions:
    """The definitions compiled in `path` (default: the place `make setup` writes to), cached for the process.

    Raises:
        DefinitionsError: the file is absent, damaged or of another format.
    """
    return _load((path or DEFAULT_PATH).resolve())


@cache
def _load(path: Path) -> Definitions:
    try:
        return Definitions(Sections(path.read_bytes()))
    except OSError as problem:
        raise DefinitionsError(f"{path}: R4 definitions not found; run `make setup` to compile them") from problem
    except ArtefactError as problem:
        raise DefinitionsError(f"{path}: {problem}; run `make setup` to compile them again") from problem
