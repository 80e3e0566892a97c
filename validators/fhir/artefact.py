"""The compiled definitions as a file: what it holds, and how it is written and read.

Layout: magic, format number (one byte), sha256 of the source package, then zlib-compressed MessagePack of `Artefact`.
The same input always gives the same bytes.
"""

from __future__ import annotations

import zlib

import msgspec

MAGIC = b"SEGUR-FHIR"
FORMAT = 1
_HEADER = len(MAGIC) + 1 + 32


class ArtefactError(ValueError):
    """The bytes are not compiled definitions of the format this version reads."""


class TypeRef(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One type an element may have; `targets` are the resource types a Reference may point to (empty: any)."""

    code: str
    targets: tuple[str, ...] = ()


class ElementDef(msgspec.Struct, frozen=True, array_like=True):
    """One element of a structure (FHIR R4, ElementDefinition).

    `path` is relative to the type (`contact.name`, `deceased[x]`), `max` is -1 for `*`, `same_as` is the relative path
    of a contentReference, `binding` the canonical of a *required* value set. Fixed and pattern values are JSON text.
    """

    path: str
    min: int
    max: int
    types: tuple[TypeRef, ...] = ()
    same_as: str = ""
    binding: str = ""
    fixed: str = ""
    pattern: str = ""


class StructureDef(msgspec.Struct, frozen=True, array_like=True):
    """One base type: `kind` is resource, complex-type or primitive-type; `regex` belongs to primitives."""

    name: str
    kind: str
    abstract: bool
    base: str
    elements: tuple[ElementDef, ...]
    regex: str = ""


class ValueSetDef(msgspec.Struct, frozen=True, array_like=True):
    """An expanded value set: codes by system; None when its content cannot be decided offline."""

    url: str
    systems: dict[str, tuple[str, ...]] | None


class Artefact(msgspec.Struct, frozen=True, array_like=True):
    """Everything the walk needs of one FHIR version."""

    version: str
    structures: tuple[StructureDef, ...]
    value_sets: tuple[ValueSetDef, ...]


def pack(artefact: Artefact, source_sha256: str) -> bytes:
    """The file's bytes for an artefact compiled from the package with this sha256 (hexadecimal)."""
    body = zlib.compress(msgspec.msgpack.encode(artefact), 9)
    return MAGIC + bytes([FORMAT]) + bytes.fromhex(source_sha256) + body


def unpack(data: bytes) -> tuple[Artefact, str]:
    """The artefact and the sha256 of its source.

    Raises:
        ArtefactError: other magic, other format number, or damaged content.
    """
    if not data.startswith(MAGIC) or len(data) < _HEADER:
        raise ArtefactError("not a file of compiled definitions")
    if data[len(MAGIC)] != FORMAT:
        raise ArtefactError(f"format {data[len(MAGIC)]}, this version reads format {FORMAT}")
    try:
        artefact = msgspec.msgpack.decode(zlib.decompress(data[_HEADER:]), type=Artefact)
    except (zlib.error, msgspec.DecodeError) as problem:
        raise ArtefactError(f"damaged: {problem}") from problem
    return artefact, data[len(MAGIC) + 1 : _HEADER].hex()
