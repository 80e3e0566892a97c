"""The compiled file: what is written is read again, the same way each time, and damage is named."""

from __future__ import annotations

import zlib

import msgspec
import pytest

from validators.fhir.artefact import (
    FORMAT,
    MAGIC,
    Artefact,
    ArtefactError,
    BindingDef,
    Core,
    ElementDef,
    InvariantDef,
    SearchParameterDef,
    Sections,
    StructureDef,
    Terminology,
    TypeRef,
    ValueSetDef,
    pack,
)

DIGEST = "ab" * 32
ELEMENT = ElementDef(
    "name", 1, -1, (TypeRef("Reference", ("Patient",)),), "", BindingDef("required", "http://vs", "http://most"), '"x"',
    "", (0,), modifier=True,
)  # fmt: skip
MADE = Artefact(
    Core(
        "4.0.1",
        (StructureDef("Thing", "complex-type", False, "Element", (ELEMENT,), "", (0,)),),
        (InvariantDef("thg-1", "error", "words", "true"),),
        (ValueSetDef("http://vs", {"http://s": ("A",), "http://t": None}, open=True),),
    ),
    Terminology({"http://s": {"A": "the first"}}, ()),
    {"http://p": b"{}"},
    (SearchParameterDef("http://sp", "a", ("Thing",), "string"),),
)


def test_each_section_is_read_as_it_was_written() -> None:
    sections = Sections(pack(MADE, DIGEST))
    assert sections.source_sha256 == DIGEST
    assert sections.core() == MADE.core
    assert sections.terminology() == MADE.terminology
    assert sections.profiles() == MADE.profiles
    assert sections.search() == MADE.search


def test_the_same_artefact_gives_the_same_bytes() -> None:
    assert pack(MADE, DIGEST) == pack(MADE, DIGEST)
    assert pack(MADE, DIGEST) != pack(MADE, "cd" * 32)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a file"),
        (MAGIC, "not a file"),
        (b"x" * 60, "not a file"),
        (MAGIC + bytes([FORMAT - 1]) + bytes(40), f"format {FORMAT - 1}, this version reads format {FORMAT}"),
        (MAGIC + bytes([FORMAT]) + bytes(32) + b"\xc1", "damaged"),
    ],
)
def test_other_bytes_are_no_definitions(data: bytes, words: str) -> None:
    with pytest.raises(ArtefactError, match=words):
        Sections(data)


def _with(section: bytes | None) -> Sections:
    sections = {} if section is None else {"core": section}
    return Sections(MAGIC + bytes([FORMAT]) + bytes(32) + msgspec.msgpack.encode(sections))


@pytest.mark.parametrize("section", [None, b"no zlib", zlib.compress(b"\xc1"), zlib.compress(b"\x01")])
def test_a_damaged_section_is_found_when_it_is_opened(section: bytes | None) -> None:
    sections = _with(section)
    with pytest.raises(ArtefactError, match="damaged"):
        sections.core()
