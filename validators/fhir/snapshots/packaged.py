"""The StructureDefinitions of a package with their snapshots: made, written, and compared with those they came with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from validators.fhir.loading import as_written
from validators.fhir.parse import parse_json
from validators.fhir.snapshots.compare import Difference, differences
from validators.fhir.snapshots.generate import SnapshotError, Snapshots
from validators.fhir.snapshots.store import over_r4
from validators.messages import render
from validators.packages import PackageError
from validators.report import Report

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """One definition: its file, itself as it came, itself with its snapshot (None when there is none) and why not."""

    name: str
    definition: Json
    whole: Json | None
    problem: str = ""

    @property
    def elements(self) -> int:
        """How many elements the snapshot has."""
        return len(self.whole["snapshot"]["element"]) if self.whole is not None else 0

    @property
    def published(self) -> list[Json]:
        """The elements of the snapshot it came with."""
        view = self.definition.get("snapshot")
        found: list[Json] = view.get("element", []) if isinstance(view, dict) else []
        return found

    def differences(self) -> list[Difference]:
        """Where the snapshot it came with says something else; nothing when it came without one.

        Raises:
            PackageError: that snapshot is malformed.
        """
        if self.whole is None or not self.published:
            return []
        try:
            return differences(self.published, self.whole["snapshot"]["element"])
        except (AttributeError, KeyError, TypeError) as problem:
            raise PackageError(f"{self.name}: malformed snapshot ({problem!r})") from problem


def structure_definitions(source: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, Json]]:
    """The StructureDefinitions of a package by file name, numbers as they were written.

    Raises:
        PackageError: a file that is not JSON, or a definition without url or type.
    """
    for name, content in source:
        if name.endswith(".json") and b'"StructureDefinition"' in content:
            report = Report()
            found = parse_json(content, report)
            if not isinstance(found, dict):
                raise PackageError(f"{name}: {render(report.issues[0], 'en')}")
            if found.get("resourceType") == "StructureDefinition":
                if not {"url", "type"} <= found.keys():
                    raise PackageError(f"{name}: a StructureDefinition needs url and type")
                yield name, found


def made(definitions: Mapping[str, Json], beside: Iterable[Json] = ()) -> list[Made]:
    """Each definition with the snapshot made from its differential, over R4, `beside` and one another."""
    snapshots = Snapshots(over_r4([*beside, *definitions.values()]))
    return [_made(name, definition, snapshots.of) for name, definition in definitions.items()]


def _made(name: str, definition: Json, of: Callable[[Json], Json]) -> Made:
    try:
        return Made(name, definition, of(definition))
    except SnapshotError as problem:
        return Made(name, definition, None, str(problem))


def written(definition: Json) -> bytes:
    """A definition as the bytes of a file."""
    return orjson.dumps(definition, default=as_written, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def with_snapshots(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a package, each StructureDefinition that has no snapshot written again with one.

    Raises:
        PackageError: no snapshot can be made; the message names the file, the element and why.
    """
    definitions = dict(structure_definitions(files.items()))
    bare = {name: one for name, one in definitions.items() if not one.get("snapshot")}
    found = dict(files)
    for one in made(bare, definitions.values()):
        if one.whole is None:
            raise PackageError(f"{one.name}: {one.problem}")
        found[one.name] = written(one.whole)
    return found
