"""Value sets: is a code in, out, or can nobody tell? National lists are read once from SVS XML and kept compiled.

The few lists that the rules cannot do without are ours (`profiles/ValueSet-*.json`) and answer without any folder.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec
from lxml import etree

from validators.caching import cache_folder, keep, kept

_FORM: Final = 1  # raise it when the shape of the compiled file changes
_SVS: Final = "{urn:ihe:iti:svs:2008}"
_NAME: Final = re.compile(r"^(?:JDV_)?(?P<short>.*?)(?:_(?:CISIS|ENS|ENREG|CNAM))?$")
_MAX_FILE: Final = 16 * 1024 * 1024
_WORDS: Final = re.compile(r"[^\w]+")
_CDA_NAMES: Final = {
    "http://snomed.info/sct": "2.16.840.1.113883.6.96",
    "http://hl7.org/fhir/sid/icd-10": "2.16.840.1.113883.6.3",
}
"""Code systems that FHIR does not name by their OID (R4, known code systems), and what a CDA calls them."""


class Answer(Enum):
    """What a value set says of a code."""

    IN = "in"
    OUT = "out"
    CANNOT_TELL = "cannot tell"


class CodeList(msgspec.Struct, frozen=True):
    """A value set: its OID, its names, and the words of each `(code, system)`."""

    oid: str
    names: tuple[str, ...]
    displays: dict[str, dict[str, str]]
    """By code system, then by code."""


class ValueSets:
    """Value sets by OID or by name (`JDV_ModaliteEntree_CISIS`, `ModaliteEntree`)."""

    __slots__ = ("_by_name", "_systems", "problems")

    def __init__(self, lists: Iterable[CodeList] = (), problems: Iterable[str] = ()) -> None:
        self._by_name: dict[str, CodeList] = {}
        self._systems: dict[tuple[str, str], str] | None = None
        self.problems = tuple(problems)
        """Files that could not be read, by name."""
        for code_list in lists:
            for name in (code_list.oid, *code_list.names, *map(short_name, code_list.names)):
                if name:
                    self._by_name[name] = code_list

    @classmethod
    def ours(cls) -> ValueSets:
        """The lists shipped with this distribution."""
        return _ours()

    @classmethod
    def load(cls, directory: Path, *, cache_directory: Path | None = None) -> ValueSets:
        """The national lists of a folder, over ours.

        Compiled once into `cache_directory` (default: the user's cache directory), named by the content of the folder;
        nothing is lost when it cannot be written. A file that is no value set is left out and named in `problems`.

        Raises:
            OSError: the folder cannot be read.
        """
        paths = sorted(path for path in directory.iterdir() if path.suffix.lower() == ".xml" and path.is_file())
        compiled = (cache_directory or cache_folder()) / f"value-sets-{_content_key(paths)}.bin"
        found = kept(compiled, _decode)
        if found is None:
            found = _read_folder(paths)
            keep(compiled, zlib.compress(msgspec.msgpack.encode(found), 6))
        lists, problems = found
        return cls((*_our_lists(), *lists), problems)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not None

    def __len__(self) -> int:
        return len({id(item) for item in self._by_name.values()})

    def contains(self, name: str, code: str, system: str | None) -> Answer:
        """Is the code, of that code system, in the value set (OID or name)? Without a system, the code alone decides.

        >>> ValueSets.ours().contains("ModaliteEntree", "8715000", "2.16.840.1.113883.6.96").name
        'IN'
        """
        code_list = self._find(name)
        if code_list is None:
            return Answer.CANNOT_TELL
        if system is None:
            known = any(code in codes for codes in code_list.displays.values())
        else:
            known = code in code_list.displays.get(system, ())
        return Answer.IN if known else Answer.OUT

    def display_in(self, name: str, code: str, system: str) -> str | None:
        """The words of a code in one value set."""
        code_list = self._find(name)
        return None if code_list is None else code_list.displays.get(system, {}).get(code)

    def display(self, code: str, system: str) -> str | None:
        """The words of a code in the first value set that has it, or None."""
        if self._systems is None:
            self._systems = {}
            for code_list in reversed(list(self._by_name.values())):
                for known, codes in code_list.displays.items():
                    self._systems.update(((known, each), words) for each, words in codes.items())
        return self._systems.get((system, code))

    def _find(self, name: str) -> CodeList | None:
        return self._by_name.get(name) or self._by_name.get(short_name(name))


def short_name(name: str) -> str:
    """`JDV_ModaliteEntree_CISIS` gives `ModaliteEntree`; `JDV_J04_XdsPracticeSettingCode_CISIS` gives `J04`."""
    match = _NAME.match(name)
    short = match["short"] if match else name
    numbered = re.match(r"J\d+(?=[_-])", short)
    return numbered[0] if numbered else short


def same_display(found: str | None, expected: str | None) -> bool:
    """True when the words are the same but for case, accents and punctuation, or when one side has none."""
    return not found or not expected or found == expected or _plain(found[:500]) == _plain(expected[:500])


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE").casefold())
    return _WORDS.sub("", "".join(char for char in letters if not unicodedata.combining(char)))


def _content_key(paths: Iterable[Path]) -> str:
    """A hash of the names and contents of the folder."""
    digest = hashlib.sha256(str(_FORM).encode())
    for path in paths:
        content = path.read_bytes() if path.stat().st_size <= _MAX_FILE else b"too large"
        digest.update(f"\0{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:32]


_Kept = tuple[tuple[CodeList, ...], tuple[str, ...]]
_decoder: Final = msgspec.msgpack.Decoder(_Kept)


def _decode(data: bytes) -> _Kept:
    try:
        found: _Kept = _decoder.decode(zlib.decompress(data))
    except zlib.error as problem:
        raise ValueError(str(problem)) from problem
    return found


def _read_folder(paths: Iterable[Path]) -> _Kept:
    lists: list[CodeList] = []
    problems: list[str] = []
    for path in paths:
        found = _read_svs(path)
        if found is None:
            problems.append(path.name)
        else:
            lists.append(found)
    return tuple(lists), tuple(problems)


def _read_svs(path: Path) -> CodeList | None:
    """One `RetrieveValueSetResponse`; None when it is empty, malformed or something else."""
    if path.stat().st_size > _MAX_FILE:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except etree.XMLSyntaxError:
        return None
    value_set = next(root.iter(f"{_SVS}ValueSet"), None)
    if value_set is None:
        return None
    displays: dict[str, dict[str, str]] = {}
    for concept in value_set.iter(f"{_SVS}Concept"):
        code, system = concept.get("code"), concept.get("codeSystem")
        if code is not None and system is not None:
            displays.setdefault(system, {})[code] = concept.get("displayName") or ""
    names = (path.stem, value_set.get("displayName") or path.stem)
    return CodeList(value_set.get("id") or "", tuple(dict.fromkeys(names)), displays)


class _Concept(msgspec.Struct):
    code: str
    display: str = ""


class _Include(msgspec.Struct):
    system: str
    concept: tuple[_Concept, ...] = ()


class _Compose(msgspec.Struct):
    include: tuple[_Include, ...] = ()


class _Identifier(msgspec.Struct):
    value: str


class _FhirValueSet(msgspec.Struct):
    """What is read of a FHIR ValueSet that lists its codes one by one; without an OID it stands for no national one."""

    name: str
    compose: _Compose
    identifier: tuple[_Identifier, ...] = ()


def _fhir_lists() -> Iterator[CodeList]:
    decoder = msgspec.json.Decoder(_FhirValueSet)
    entries = sorted(files("profiles").iterdir(), key=lambda entry: entry.name)
    for entry in entries:
        if entry.name.startswith("ValueSet-"):
            found = decoder.decode(entry.read_bytes())
            if not found.identifier:
                continue
            displays = {
                _CDA_NAMES.get(part.system, part.system.removeprefix("urn:oid:")): {
                    each.code: each.display for each in part.concept
                }
                for part in found.compose.include
            }
            oid = found.identifier[0].value.removeprefix("urn:oid:")
            yield CodeList(oid, (found.name,), displays)


@cache
def _our_lists() -> tuple[CodeList, ...]:
    return tuple(_fhir_lists())


@cache
def _ours() -> ValueSets:
    return ValueSets(_our_lists())
