"""The R4 definitions in memory: loaded once a process from the file that `make setup` compiles."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property
from pathlib import Path

from validators.fhir.artefact import Artefact, ArtefactError, StructureDef, unpack
from validators.fhir.shapes import CodeSet, Shape, ShapeBuilder

DEFAULT_PATH = Path(__file__).with_name("compiled") / "r4.bin"


class DefinitionsError(RuntimeError):
    """The compiled definitions are absent or of another format; the message says which command makes them."""


class Definitions:
    """Structures, shapes and required value sets of one FHIR version.

    Shapes are built when first asked for; `preload` builds them all, for a process about to fork.
    """

    def __init__(self, artefact: Artefact, source_sha256: str) -> None:
        self.version = artefact.version
        self.source_sha256 = source_sha256
        self.structures: dict[str, StructureDef] = {s.name: s for s in artefact.structures}
        self.undecidable = frozenset(v.url for v in artefact.value_sets if v.systems is None)
        self._value_sets = {v.url: CodeSet(v.url, v.systems) for v in artefact.value_sets if v.systems is not None}
        self._builder = ShapeBuilder(self.structures, self._value_sets)
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

    def value_set(self, url: str) -> CodeSet | None:
        """An expanded value set by canonical (a version after `|` is ignored); None when unknown or undecidable."""
        return self._value_sets.get(url.partition("|")[0])

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
        artefact, source = unpack(path.read_bytes())
    except OSError as problem:
        raise DefinitionsError(f"{path}: R4 definitions not found; run `make setup` to compile them") from problem
    except ArtefactError as problem:
        raise DefinitionsError(f"{path}: {problem}; run `make setup` to compile them again") from problem
    return Definitions(artefact, source)
