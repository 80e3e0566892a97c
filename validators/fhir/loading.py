"""Definitions somebody brings along: files and packages of conformance resources, laid over R4 and our own profiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from validators.fhir.definitions import Definitions, load
from validators.fhir.parse import parse_json
from validators.fhir.profiles import ProfileError, default_profiles
from validators.fhir.walk import Walker
from validators.fhir.xml import parse_xml
from validators.messages import render
from validators.packages import PackageError, open_package
from validators.report import Report

Json = dict[str, Any]
_LEFT_OUT = frozenset({".index.json", "package.json", "ig-r4.json"})


class LoadingError(ValueError):
    """A file of definitions cannot be used; the message names it and says why."""


def walker_over(files: Sequence[Path] = (), packages: Sequence[Path] = ()) -> Walker:
    """The walker over R4, our own profiles, and these definitions.

    Args:
        files: conformance resources (StructureDefinition, ValueSet, CodeSystem…) or Bundles of them, JSON or XML.
        packages: FHIR packages: folder, .tgz or .zip.

    Raises:
        LoadingError: a file or package is absent, unreadable, or holds a StructureDefinition that makes no sense.
    """
    definitions = load()
    loaded = [*_from_packages(packages, definitions), *_from_files(files)]
    try:
        profiles = default_profiles().extended(loaded)
    except ProfileError as problem:
        raise LoadingError(str(problem)) from problem
    return Walker(definitions, profiles)


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


def _from_packages(packages: Iterable[Path], definitions: Definitions) -> Iterator[Json]:
    for path in packages:
        try:
            for name, content in open_package(path):
                if name.endswith(".json") and name not in _LEFT_OUT:
                    yield from _opened(_parsed(f"{path}: {name}", content, definitions))
        except PackageError as problem:
            raise LoadingError(f"{path}: {problem}") from problem


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
