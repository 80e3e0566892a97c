"""FHIR packages on disk: a folder, an npm-style .tgz or a .zip, read without ever unpacking to disk.

A source yields `(file name, bytes)` for the resources at the top of the package; nested folders (examples, openapi) are
left out. Nothing here knows HTTP: a source that downloads lives in the server and speaks the same protocol.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol, runtime_checkable

SUFFIXES = (".json", ".xml")


class PackageError(ValueError):
    """A package cannot be read: absent, not an archive, hostile paths, or larger than the limits."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a package may weigh at most; the R4 core (4 600 files, 35 MB) fits twelve times."""

    files: int = 60_000
    file_bytes: int = 64 * 1024 * 1024
    total_bytes: int = 512 * 1024 * 1024


@runtime_checkable
class PackageSource(Protocol):
    """Anything that can be iterated as (file name, content).

    Source: FHIR R4 packages, https://confluence.hl7.org NPM package specification (resources live in `package/`).
    """

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        """Yield each resource file of the package.

        Raises:
            PackageError: the package cannot be read safely.
        """
        ...


class FolderPackage:
    """A package as a folder: its `package/` sub-folder when there is one, else the folder itself."""

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        self._root = path / "package" if (path / "package").is_dir() else path
        self._limits = limits or Limits()

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        meter = _Meter(self._limits)
        root = self._root.resolve()
        for path in sorted(self._root.iterdir()):
            if path.suffix not in SUFFIXES or not path.is_file():
                continue
            if path.resolve().parent != root:
                raise PackageError(f"{path.name}: a link that leaves the package folder")
            meter.count(path.name, path.stat().st_size)
            yield path.name, path.read_bytes()


class TarPackage:
    """A package as a gzip-compressed tar file, read as one stream."""

    def __init__(self, source: Path | bytes, limits: Limits | None = None) -> None:
        self._source = source
        self._limits = limits or Limits()

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        try:
            yield from self._members()
        except (tarfile.TarError, OSError, EOFError, zlib.error) as problem:
            raise PackageError(f"not a readable .tgz: {problem}") from problem

    def _members(self) -> Iterator[tuple[str, bytes]]:
        meter = _Meter(self._limits)
        opened = _opened(self._source)
        with opened, gzip.open(opened) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
            for member in archive:
                meter.count(member.name, member.size)
                name = _resource_name(member.name)
                content = archive.extractfile(member) if name and member.isreg() else None
                if name and content:
                    yield name, content.read(self._limits.file_bytes)


class ZipPackage:
    """A package as a .zip file (also a wheel that carries one)."""

    def __init__(self, source: Path | bytes, limits: Limits | None = None) -> None:
        self._source = source
        self._limits = limits or Limits()

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        try:
            yield from self._members()
        except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError) as problem:
            raise PackageError(f"not a readable .zip: {problem}") from problem

    def _members(self) -> Iterator[tuple[str, bytes]]:
        meter = _Meter(self._limits)
        with _opened(self._source) as opened, zipfile.ZipFile(opened) as archive:
            for member in archive.infolist():
                meter.count(member.filename, member.file_size)
                if name := _resource_name(member.filename):
                    yield name, archive.read(member)


def open_package(path: Path, limits: Limits | None = None) -> PackageSource:
    """The reader that fits what lies at `path`.

    Raises:
        PackageError: nothing there, or neither a folder nor a .tgz nor a .zip.
    """
    if path.is_dir():
        return FolderPackage(path, limits)
    if not path.is_file():
        raise PackageError(f"{path}: no such package")
    with path.open("rb") as file:
        magic = file.read(4)
    if magic[:2] == b"\x1f\x8b":
        return TarPackage(path, limits)
    if magic == b"PK\x03\x04":
        return ZipPackage(path, limits)
    raise PackageError(f"{path}: neither a folder nor a .tgz nor a .zip")


class _Meter:
    """Counts what was read and stops a package that grows beyond the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._files = 0
        self._bytes = 0

    def count(self, name: str, size: int) -> None:
        self._files += 1
        self._bytes += size
        if size > self._limits.file_bytes:
            raise PackageError(f"{name}: larger than {self._limits.file_bytes} bytes")
        if self._files > self._limits.files or self._bytes > self._limits.total_bytes:
            raise PackageError(f"more than {self._limits.files} files or {self._limits.total_bytes} bytes")


def _opened(source: Path | bytes) -> IO[bytes]:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def _resource_name(member: str) -> str | None:
    """The file name of a resource at the top of the package or in `package/`; None for everything else."""
    path = PurePosixPath(member)
    if path.is_absolute() or ".." in path.parts or "\\" in member:
        raise PackageError(f"{member}: a path that leaves the package")
    if path.suffix not in SUFFIXES or path.parts[:-1] not in ((), ("package",)):
        return None
    return path.name
