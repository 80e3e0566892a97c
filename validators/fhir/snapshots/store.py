"""R4's own definitions with their words, which snapshots are made over: compiled beside r4.bin, opened when asked for.

Run `python -m validators.fhir.snapshots.store WHEEL_OR_TGZ OUT.bin`. Base types are held with their snapshots, profiles
and extensions with their differentials. The file that every validation reads holds neither words nor weak bindings;
this one is read by nothing but snapshots.
"""

from __future__ import annotations

import lzma
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import orjson

from validators.fhir.build import build
from validators.fhir.definitions import DefinitionsError

Json = dict[str, Any]
DEFAULT_PATH: Final = Path(__file__).parents[1] / "compiled" / "r4-snapshots.bin"
_MAGIC: Final = b"SEGUR-SNAP\x01"
_LEFT_OUT: Final = frozenset({"text", "contact", "mapping", "meta", "extension"})
"""Of a definition; the mappings of its elements go with the list that names what they map to."""


def compile_definitions(source: Iterable[tuple[str, bytes]]) -> bytes:
    """The file's bytes for the StructureDefinitions of a package; the same ones give the same bytes."""
    found: dict[str, bytes] = {}
    for name, content in source:
        if name.startswith("StructureDefinition-"):
            definition = orjson.loads(content)
            found[definition["url"]] = orjson.dumps(_kept(definition))
    return _MAGIC + lzma.compress(msgspec.msgpack.encode(dict(sorted(found.items()))))


def _kept(definition: Json) -> Json:
    left = "snapshot" if definition.get("derivation") == "constraint" else "differential"
    kept = {key: value for key, value in definition.items() if key not in _LEFT_OUT and key != left}
    for view in ("snapshot", "differential"):
        if view in kept:
            elements = kept[view].get("element", ())
            kept[view] = {"element": [{k: v for k, v in one.items() if k != "mapping"} for one in elements]}
    return kept


def r4_definition(canonical: str) -> Json | None:
    """A StructureDefinition of R4 by canonical without version.

    Raises:
        DefinitionsError: the file is absent or damaged.
    """
    content = _opened(DEFAULT_PATH).get(canonical)
    return None if content is None else orjson.loads(content)


@cache
def _opened(path: Path) -> dict[str, bytes]:
    try:
        data = path.read_bytes()
        if not data.startswith(_MAGIC):
            raise DefinitionsError(f"{path}: of another format; run `make setup` to compile it again")
        return msgspec.msgpack.decode(lzma.decompress(data[len(_MAGIC) :]), type=dict[str, bytes])
    except OSError as problem:
        raise DefinitionsError(f"{path}: R4 snapshots not found; run `make setup` to compile them") from problem
    except (lzma.LZMAError, EOFError, msgspec.DecodeError) as problem:
        raise DefinitionsError(f"{path}: damaged ({problem}); run `make setup` to compile it again") from problem


def over_r4(definitions: Iterable[Json]) -> Callable[[str], Json | None]:
    """A finder for `snapshot`: these definitions, then those of R4."""
    known = {str(one.get("url")): one for one in definitions}

    def find(canonical: str) -> Json | None:
        return known[canonical] if canonical in known else r4_definition(canonical)

    return find


def main(arguments: list[str]) -> int:
    """Command line of `python -m validators.fhir.snapshots.store`."""
    return build("validators.fhir.snapshots.store", arguments, compile_definitions)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
