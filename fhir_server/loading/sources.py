"""The files of a load and the pieces they are taken in: lines of NDJSON, members of archives, single files.

A source is known by the SHA-256 of its content, so that it is the same wherever it lies. Its pieces follow from its
content alone: a load that goes on finds the pieces it had.
"""

from __future__ import annotations

import errno
import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Final

LINES: Final = (".ndjson", ".jsonl")
TAKEN: Final = (".xml", ".cda", ".json", ".zip", *LINES)
"""What is taken of a folder or an archive; a file that is named is always taken."""

_LINES_AT_ONCE: Final = 200
_BYTES_AT_ONCE: Final = 256 * 1024


class Kind(Enum):
    """How a source is read."""

    SINGLE = "single"
    LINES = "lines"
    ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the load.

    Attributes:
        digest: SHA-256 in hexadecimal; empty for a single file, whose bytes are read once, when it is checked.
        places: lines, members, or 1.
        items: places that are not blank.
        size: bytes there are to read; of an archive, once inflated.
        members: of an archive, the numbers of what is taken, in the order of its directory.
        left: members that are left aside.
    """

    path: Path
    kind: Kind
    digest: str = ""
    places: int = 1
    items: int = 1
    size: int = 0
    members: tuple[int, ...] = ()
    left: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive places of a source, the first is 1; `offset` and `size` are bytes of its file."""

    source: int
    first: int
    places: int
    items: int
    offset: int
    size: int

    @property
    def end(self) -> int:
        """The last place: where the source stands once the piece is filed."""
        return self.first + self.places - 1


@dataclass(frozen=True, slots=True)
class Item:
    """What is filed or refused by itself; `data` is None where it is too large to be read."""

    place: int
    data: bytes | None


@dataclass(slots=True)
class _Cut:
    """Lines gathered into pieces: first place, places, items, offset and size of each."""

    pieces: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    place: int = 0
    end: int = 0
    _first: int = 1
    _items: int = 0
    _start: int = 0

    def line(self, size: int, *, alone: bool, blank: bool) -> None:
        """One line more, of so many bytes."""
        if alone or self._items == _LINES_AT_ONCE or self.end - self._start >= _BYTES_AT_ONCE:
            self.close()
        self.place, self.end = self.place + 1, self.end + size
        self._items += not blank
        if alone:
            self.close()

    def close(self) -> None:
        """What was gathered since the last piece is one."""
        if self.place >= self._first:
            places = self.place - self._first + 1
            self.pieces.append((self._first, places, self._items, self._start, self.end - self._start))
        self._first, self._items, self._start = self.place + 1, 0, self.end


@dataclass(slots=True)
class Sources:
    """All files of a load, their pieces in order, and how many files of folders were left aside."""

    limit: int
    files: list[Source] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    left: int = 0

    def add(self, path: Path, *, named: bool = True) -> Iterator[bytes]:
        """Take a file, or what a folder and those below hold; gives the lines of NDJSON on the way.

        Raises:
            OSError: it cannot be read.
        """
        if path.is_dir():
            for found in sorted(path.iterdir()):
                if not found.name.startswith("."):
                    yield from self.add(found, named=False)
        elif named or (path.suffix.lower() in TAKEN and path.is_file()):
            yield from self._file(path)
        else:
            self.left += 1

    def _file(self, path: Path) -> Iterator[bytes]:
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        if path.suffix.lower() in LINES:
            yield from self._lines(path)
        elif (members := _members(path)) is not None:
            self._archive(path, *members)
        else:
            size = path.stat().st_size
            self._put(Source(path, Kind.SINGLE, size=size), [(1, 1, 1, 0, size)])

    def _put(self, source: Source, pieces: Iterable[tuple[int, int, int, int, int]]) -> None:
        number = len(self.files)
        self.files.append(source)
        self.pieces.extend(Piece(number, *piece) for piece in pieces)

    def _archive(self, path: Path, found: list[zipfile.ZipInfo], left: int) -> None:
        digest = digest_of(path, None)
        size = sum(info.file_size for info in found)
        taken = tuple(info.header_offset for info in found)
        source = Source(path, Kind.ARCHIVE, digest, len(found), len(found), size, taken, left)
        self._put(source, [(n, 1, 1, 0, info.file_size) for n, info in enumerate(found, 1)])
        self.left += left

    def _lines(self, path: Path) -> Iterator[bytes]:
        """Cut after so many lines or bytes; a line over the limit is a piece of its own that nobody reads."""
        digest, cut = hashlib.sha256(), _Cut()
        with path.open("rb", buffering=1 << 20) as file:
            while line := file.readline(self.limit + 1):
                digest.update(line)
                size, whole = len(line), len(line) <= self.limit
                while not line.endswith(b"\n") and (more := file.readline(self.limit)):
                    digest.update(more)
                    size, line = size + len(more), more
                cut.line(size, alone=not whole, blank=whole and not line.strip())
                if whole:
                    yield line
        cut.close()
        total = sum(items for _, _, items, _, _ in cut.pieces)
        self._put(Source(path, Kind.LINES, digest.hexdigest(), cut.place, total, cut.end), cut.pieces)

    # -- reading -------------------------------------------------------------------------------------------------------

    def read(self, piece: Piece) -> list[Item]:
        """The items of a piece.

        Raises:
            OSError: the file cannot be read any more.
        """
        source = self.files[piece.source]
        if source.kind is Kind.ARCHIVE:
            return [Item(piece.first, _member(source, piece.first, self.limit))]
        if piece.places == 1 and piece.size > self.limit:
            return [Item(piece.first, None)]
        with source.path.open("rb") as file:
            file.seek(piece.offset)
            data = file.read(piece.size)
        if source.kind is Kind.SINGLE:
            return [Item(1, data)]
        lines = enumerate(data.split(b"\n")[: piece.places], piece.first)
        return [Item(place, line) for place, line in lines if line.strip()]

    def name(self, source: Source, place: int) -> dict[str, object]:
        """Where an item stands, for who has to find it again: its file, and the line or member."""
        found: dict[str, object] = {"file": _text(str(source.path))}
        if source.kind is Kind.LINES:
            found["line"] = place
        elif source.kind is Kind.ARCHIVE:
            found["member"] = _text(_info(source, place).filename)
        return found


def digest_of(path: Path, item: Item | None) -> str:
    """What a file is known by; `item` is its content where it was read.

    Raises:
        OSError: it cannot be read.
    """
    if item is not None and item.data is not None:
        return hashlib.sha256(item.data).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _text(name: str) -> str:
    """A name that is not text is made so, because it is going to be written."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _members(path: Path) -> tuple[list[zipfile.ZipInfo], int] | None:
    """What is taken of an archive of documents and how much is left; None for an IHE_XDM.ZIP and all that is no zip."""
    if path.suffix.lower() != ".zip" or not zipfile.is_zipfile(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except _BROKEN:
        return None
    if any(info.filename.upper().startswith("IHE_XDM/") for info in infos):
        return None
    taken = [info for info in infos if Path(info.filename).suffix.lower() in TAKEN and not _hidden(info.filename)]
    return taken, len(infos) - len(taken)


_BROKEN: Final = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, EOFError, OSError, RuntimeError)


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


@lru_cache(maxsize=1)
def _opened(path: Path) -> tuple[zipfile.ZipFile, dict[int, zipfile.ZipInfo]]:
    """One archive stays open in each process: its directory is read once."""
    archive = zipfile.ZipFile(path)
    return archive, {info.header_offset: info for info in archive.infolist()}


def _info(source: Source, place: int) -> zipfile.ZipInfo:
    return _opened(source.path)[1][source.members[place - 1]]


def _member(source: Source, place: int, limit: int) -> bytes | None:
    """The bytes of a member, never more than the limit of them; empty when it is unreadable, hence no document."""
    archive, _ = _opened(source.path)
    info = _info(source, place)
    if info.file_size > limit:
        return None
    try:
        with archive.open(info) as member:
            data = member.read(limit + 1)
    except (*_BROKEN, zlib.error):
        return b""
    return None if len(data) > limit else data
