"""The compiled definitions as a file: what it holds, and how it is written and read.

Layout: magic, format number (one byte), sha256 of the source package, then a MessagePack map of sections, each
zlib-compressed on its own so that a process opens only what it needs. The same input always gives the same bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

MAGIC = b"SEGUR-FHIR"
FORMAT = 2
_HEADER = len(MAGIC) + 1 + 32


class ArtefactError(ValueError):
    """The bytes are not compiled definitions of the format this version reads."""


class TypeRef(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One type an element may have; `targets` are the resource types a Reference may point to (empty: any)."""

    code: str
    targets: tuple[str, ...] = ()


class BindingDef(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A binding that is checked: its strength, its value set, and `most`, the canonical of a maximum value set."""

    strength: str
    value_set: str
    most: str = ""


class InvariantDef(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One constraint: its key, severity (error, warning), sentence and FHIRPath expression."""

    key: str
    severity: str
    human: str
    expression: str


class ElementDef(msgspec.Struct, frozen=True, array_like=True):
    """One element of a structure (FHIR R4, ElementDefinition).

    `path` is relative to the type (`contact.name`, `deceased[x]`), `max` is -1 for `*`, `same_as` is the relative path
    of a contentReference. Fixed and pattern values are JSON text. `constraints` are positions in `Core.invariants`.
    """

    path: str
    min: int
    max: int
    types: tuple[TypeRef, ...] = ()
    same_as: str = ""
    binding: BindingDef | None = None
    fixed: str = ""
    pattern: str = ""
    constraints: tuple[int, ...] = ()
    modifier: bool = False


class StructureDef(msgspec.Struct, frozen=True, array_like=True):
    """One base type: `kind` is resource, complex-type or primitive-type; `regex` belongs to primitives."""

    name: str
    kind: str
    abstract: bool
    base: str
    elements: tuple[ElementDef, ...]
    regex: str = ""
    constraints: tuple[int, ...] = ()


class ValueSetDef(msgspec.Struct, frozen=True, array_like=True):
    """An expanded value set: codes by system; None for a system whose part cannot be decided offline.

    `open` says that codes not named here may belong too, of these systems or of others; `whole` are the undecided
    systems that belong with all their codes, which a rule knows (`validators.fhir.grammars`).
    """

    url: str
    systems: dict[str, tuple[str, ...] | None]
    open: bool = False
    whole: tuple[str, ...] = ()


class SearchParameterDef(msgspec.Struct, frozen=True, array_like=True):
    """One SearchParameter of R4 (https://hl7.org/fhir/R4/searchparameter.html)."""

    url: str
    code: str
    base: tuple[str, ...]
    type: str
    expression: str = ""
    target: tuple[str, ...] = ()


class Core(msgspec.Struct, frozen=True, array_like=True):
    """What every walk needs: structures, invariants, and the value sets of required and extensible bindings."""

    version: str
    structures: tuple[StructureDef, ...]
    invariants: tuple[InvariantDef, ...]
    value_sets: tuple[ValueSetDef, ...]


class Terminology(msgspec.Struct, frozen=True, array_like=True):
    """The code systems that are complete, with displays, and the value sets that no base binding needs."""

    code_systems: dict[str, dict[str, str]]
    value_sets: tuple[ValueSetDef, ...]


class Artefact(msgspec.Struct, frozen=True):
    """All sections. `profiles` holds, by canonical, the differential of each profile and extension as JSON."""

    core: Core
    terminology: Terminology
    profiles: dict[str, bytes]
    search: tuple[SearchParameterDef, ...]


def pack(artefact: Artefact, source_sha256: str) -> bytes:
    """The file's bytes for an artefact compiled from the package with this sha256 (hexadecimal)."""
    sections = {name: _squeeze(getattr(artefact, name)) for name in ("core", "terminology", "profiles", "search")}
    return MAGIC + bytes([FORMAT]) + bytes.fromhex(source_sha256) + msgspec.msgpack.encode(sections)


def _squeeze(value: object) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(value), 9)


class Sections:
    """The sections of a file, opened one by one.

    Raises:
        ArtefactError: other magic, other format number, or damaged content.
    """

    def __init__(self, data: bytes) -> None:
        if not data.startswith(MAGIC) or len(data) < _HEADER:
            raise ArtefactError("not a file of compiled definitions")
        if data[len(MAGIC)] != FORMAT:
            raise ArtefactError(f"format {data[len(MAGIC)]}, this version reads format {FORMAT}")
        self.source_sha256 = data[len(MAGIC) + 1 : _HEADER].hex()
        self._sections: Mapping[str, bytes] = _decode(data[_HEADER:], dict[str, bytes])

    def core(self) -> Core:
        """Structures, invariants and bound value sets."""
        found: Core = self._open("core", Core)
        return found

    def terminology(self) -> Terminology:
        """Code systems and the other value sets."""
        found: Terminology = self._open("terminology", Terminology)
        return found

    def profiles(self) -> dict[str, bytes]:
        """Profiles and extensions of the package by canonical, as JSON."""
        found: dict[str, bytes] = self._open("profiles", dict[str, bytes])
        return found

    def search(self) -> tuple[SearchParameterDef, ...]:
        """The search parameters of the package."""
        found: tuple[SearchParameterDef, ...] = self._open("search", tuple[SearchParameterDef, ...])
        return found

    def _open(self, name: str, kind: Any) -> Any:
        try:
            return _decode(zlib.decompress(self._sections[name]), kind)
        except (KeyError, zlib.error) as problem:
            raise ArtefactError(f"damaged: section {name}: {problem}") from problem


def _decode(data: bytes, kind: Any) -> Any:
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except msgspec.DecodeError as problem:
        raise ArtefactError(f"damaged: {problem}") from problem
