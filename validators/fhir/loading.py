"""Definitions somebody brings along: files and packages of conformance resources, laid over R4 and our own profiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from validators.fhir.definitions import Definitions, load
from validators.fhir.parse import parse_json
from validators.fhir.profiles import ProfileError, ProfileSet, default_profiles
from validators.fhir.stored import Stored, compiled_path, read_compiled, stored, write_compiled
from validators.fhir.walk import Walker
from validators.fhir.xml import parse_xml
from validators.messages import render
from validators.packages import PackageError, open_package
from validators.report import Report

Json = dict[str, Any]
_LEFT_OUT = frozenset({".index.json", "package.json", "ig-r4.json"})


class LoadingError(ValueError):
    """A file of definitions cannot be used; the message names it and says why."""


def walker_over(files: Sequence[Path] = (), packages: Sequence[Path] = (), over: ProfileSet | None = None) -> Walker:
    """The walker over R4, our own profiles, and these definitions.

    An archive is compiled once and kept in the user's cache directory; what is kept is read as it is asked for.

    Args:
        files: conformance resources (StructureDefinition, ValueSet, CodeSystem…) or Bundles of them, JSON or XML.
        packages: FHIR packages: folder, .tgz or .zip; of two definitions with one canonical the later one stays.
        over: the profiles they are laid over; our own when not given.

    Raises:
        LoadingError: a file or package is absent, unreadable, or holds a StructureDefinition that makes no sense.
    """
    definitions = load()
    archives = [_archive(path) for path in packages]
    loaded: list[Json | Stored] = [item for one in archives for item in one.resources]
    loaded += _from_files(files)
    try:
        profiles = (default_profiles() if over is None else over).extended(loaded)
        if not all(one.known for one in archives):
            list(profiles)  # everything is read once, so that what makes no sense is told now
            for one in archives:
                one.keep()
    except ProfileError as problem:
        raise LoadingError(str(problem)) from problem
    return Walker(definitions, profiles)


@dataclass(frozen=True, slots=True)
class _Archive:
    """The definitions of a package; `compiled` is where they are kept, None for a folder: it may change any time."""

    resources: list[Stored]
    compiled: Path | None
    known: bool

    def keep(self) -> None:
        if self.compiled is not None and not self.known:
            write_compiled(self.compiled, self.resources)


def _archive(path: Path) -> _Archive:
    compiled = compiled_path(path.read_bytes()) if path.is_file() else None
    found = read_compiled(compiled) if compiled is not None else None
    return _Archive(list(_from_package(path)) if found is None else found, compiled, found is not None)


def read_definition(path: Path) -> Json:
    """One conformance resource from a file, JSON or XML.

    Raises:
        LoadingError: the file is absent or holds no resource.
    """
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise LoadingError(f"{path}: {problem.strerror}") from problem
    return _parsed(str(path), data, load())


def _from_files(files: Iterable[Path]) -> Iterator[Json]:
    for path in files:
        yield from _opened(read_definition(path))


def _from_package(path: Path) -> Iterator[Stored]:
    definitions = load()
    try:
        for name, content in open_package(path):
            if name.endswith(".json") and name not in _LEFT_OUT:
                whole = _parsed(f"{path}: {name}", content, definitions)
                for resource in _opened(whole):
                    alone = content if resource is whole else orjson.dumps(resource, default=as_written)
                    item = stored(resource, alone)
                    if item is not None:
                        yield item
    except PackageError as problem:
        raise LoadingError(f"{path}: {problem}") from problem


def as_written(value: object) -> object:
    """Numbers as they were written (jiter keeps them)."""
    return orjson.Fragment(bytes(value))  # type: ignore[call-overload]


def _parsed(name: str, data: bytes, definitions: Definitions) -> Json:
    report = Report()
    is_xml = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
    resource = parse_xml(data, report, definitions) if is_xml else parse_json(data, report)
    if not isinstance(resource, dict):
        why = render(report.issues[0], "en") if report.issues else "not a resource"
        raise LoadingError(f"{name}: {why}")
    return resource


def _opened(resource: Json) -> Iterator[Json]:
    """The resource itself, or those of a Bundle."""
    if resource.get("resourceType") != "Bundle":
        yield resource
        return
    for entry in resource.get("entry") or ():
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            yield entry["resource"]
