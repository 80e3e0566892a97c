"""Definitional resources kept as bytes until they are asked for, and the packages compiled to them.

A package is compiled once: its resources are read and checked, and kept by what they are found by. The next process
reads the index alone, and of the resources those that a document names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from validators.caching import cache_folder, keep, kept
from validators.fhir.parse import parse_json
from validators.report import Report

Json: TypeAlias = dict[str, Any]
_FORM: Final = 1
"""Raise it when what is kept changes: older files are then left aside."""


class Stored(msgspec.Struct, array_like=True, frozen=True):
    """One resource: its type, its canonical, the canonicals it stands for, and its JSON."""

    kind: str
    url: str
    aliases: tuple[str, ...]
    content: bytes

    def read(self) -> Json:
        """The resource, parsed as everything else is: numbers as they were written."""
        found = parse_json(self.content, Report())
        assert isinstance(found, dict)  # it was when it was kept
        return found


def aliases_of(resource: Mapping[str, Any]) -> Iterator[str]:
    """Canonicals a definition stands for: identifiers of system urn:ietf:rfc:3986."""
    for identifier in resource.get("identifier", ()):
        if identifier.get("system") == "urn:ietf:rfc:3986":
            yield str(identifier.get("value")).partition("|")[0]


def stored(resource: Mapping[str, Any], content: bytes) -> Stored | None:
    """A resource with a canonical, as it is kept; None for one without, which nothing could ask for."""
    url = resource.get("url")
    if not isinstance(url, str) or not url:
        return None
    return Stored(str(resource.get("resourceType")), url, tuple(aliases_of(resource)), content)


class Shelf:
    """The resources of one type by canonical."""

    __slots__ = ("_items",)

    def __init__(self) -> None:
        self._items: dict[str, Json | Stored] = {}

    def put(self, url: str, item: Json | Stored) -> None:
        """Keep a resource; one of the same canonical goes."""
        self._items[url] = item

    def get(self, url: str) -> Json | None:
        """The resource of a canonical, read now if it was not."""
        found = self._items.get(url)
        if isinstance(found, Stored):
            found = self._items[url] = found.read()
        return found

    def __contains__(self, url: object) -> bool:
        return url in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def read(self) -> list[str]:
        """Canonicals of what was read."""
        return [url for url, item in self._items.items() if not isinstance(item, Stored)]

    def items(self) -> Iterable[Json | Stored]:
        """Everything, read or not."""
        return self._items.values()


def compiled_path(archive: bytes, folder: Path | None = None) -> Path:
    """Where the compiled form of a package is kept, by its content."""
    key = hashlib.sha256(archive).hexdigest()[:32]
    return (folder or cache_folder()) / f"package-{_FORM}-{key}.bin"


_decoder: Final = msgspec.msgpack.Decoder(list[Stored])


def read_compiled(path: Path) -> list[Stored] | None:
    """What was kept; None when nothing was, or something else is there."""
    return kept(path, _decoder.decode)


def write_compiled(path: Path, resources: list[Stored]) -> None:
    """Keep it; nothing is lost when it cannot be written."""
    keep(path, msgspec.msgpack.encode(resources))
