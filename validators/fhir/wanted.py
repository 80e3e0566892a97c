"""The locations that somebody asks for, as a tree that a scanner of JSON or XML walks down with the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_STEP = re.compile(r"ofType\((?P<type>\w+)\)|(?P<name>[^.\[\]()]+)|\[(?P<index>\d+)\]")


class Position(NamedTuple):
    """Where something stands in the bytes: line and column from 1 (column in characters), and its JSON pointer.

    The pointer is RFC 6901, with the key that is really there (`/_birthDate/extension/0`); None in XML.
    """

    line: int
    column: int
    pointer: str | None = None


class Node:
    """One step of the wanted locations."""

    __slots__ = ("children",)

    def __init__(self) -> None:
        self.children: dict[str | int, Node] = {}


class Wanted:
    """The tree of all wanted locations (`Bundle.entry[1].resource.subject`, `Observation.value.ofType(Quantity)`)."""

    def __init__(self, locations: Iterable[str]) -> None:
        self.root = Node()
        self._paths: dict[str, list[Node]] = {}
        for location in locations:
            path = [self.root]
            for step in _steps(location):
                path.append(path[-1].children.setdefault(step, Node()))
            self._paths[location] = path

    def answers(self, found: Mapping[Node, Position], start: Position) -> dict[str, Position]:
        """The position of each location, or of its nearest ancestor that is there; `start` when none is."""
        return {location: _nearest(path, found, start) for location, path in self._paths.items()}


def _nearest(path: list[Node], found: Mapping[Node, Position], start: Position) -> Position:
    return next((found[node] for node in reversed(path) if node in found), start)


def _steps(location: str) -> list[str | int]:
    """The steps of a FHIRPath location, without the resource type it starts with."""
    steps: list[str | int] = []
    for match in _STEP.finditer(location):
        if match["type"] and steps and isinstance(steps[-1], str):
            steps[-1] += match["type"][0].upper() + match["type"][1:]
        elif match["index"] is not None:
            steps.append(int(match["index"]))
        elif match["name"]:
            steps.append(match["name"])
    return steps[1:]
