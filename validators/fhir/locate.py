"""Lines of FHIRPath locations in JSON bytes: one pass of a small scanner, when there is something to say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from validators.report import Issue, Report

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_STEP = re.compile(r"ofType\((?P<type>\w+)\)|(?P<name>[^.\[\]()]+)|\[(?P<index>\d+)\]")
_OPEN: Final = (b"{", b"[")
_CLOSE: Final = (b"}", b"]")


class _Node:
    """One step of the wanted locations; `names` are the locations that end here."""

    __slots__ = ("children", "names")

    def __init__(self) -> None:
        self.children: dict[str | int, _Node] = {}
        self.names: list[str] = []


def locate(data: bytes, locations: Iterable[str]) -> dict[str, int]:
    """The line (from 1) of each location, or of the nearest ancestor that is there.

    A location is what the walk reports: `Bundle.entry[1].resource.subject`, `Observation.value.ofType(Quantity)`. What
    stands in `_element` is found under the element's name. Bytes that are not JSON give what could be found; never
    raises.
    """
    wanted = list(locations)
    tree = _Node()
    for location in wanted:
        node = tree
        for step in _steps(location):
            node = node.children.setdefault(step, _Node())
        node.names.append(location)
    lines = _Scanner(data).run(tree)
    return {location: _nearest(tree, location, lines) for location in wanted}


def with_lines(data: bytes, report: Report) -> Report:
    """The same report with a line on each located issue that has none."""
    missing = {issue.location for issue in report if issue.line is None and issue.location}
    if not missing:
        return report
    lines = locate(data, missing)
    issues = [_with_line(issue, lines) for issue in report]
    return Report(issues, looked_at=report.looked_at)


def _with_line(issue: Issue, lines: dict[str, int]) -> Issue:
    line = issue.line if issue.line is not None else lines.get(issue.location)
    return Issue(issue.rule, issue.severity, issue.scope, issue.code, issue.location, issue.params, line)


def _steps(location: str) -> list[str | int]:
    """JSON steps of a FHIRPath location, without the resource type it starts with."""
    steps: list[str | int] = []
    for match in _STEP.finditer(location):
        if match["type"] and steps and isinstance(steps[-1], str):
            steps[-1] += match["type"][0].upper() + match["type"][1:]
        elif match["index"] is not None:
            steps.append(int(match["index"]))
        elif match["name"]:
            steps.append(match["name"])
    return steps[1:]


def _nearest(tree: _Node, location: str, lines: dict[_Node, int]) -> int:
    node, best = tree, 1
    best = lines.get(tree, best)
    for step in _steps(location):
        node = node.children[step]
        best = lines.get(node, best)
    return best


class _Scanner:
    """Reads tokens and keeps, for each open object or array, the wanted node it stands for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._line = 1
        self._offset = 0
        self._lines: dict[_Node, int] = {}

    def run(self, tree: _Node) -> dict[_Node, int]:
        """The line of each wanted node that is in the bytes."""
        stack: list[tuple[_Node | None, int]] = []  # (node, position in an array or -1 in an object)
        value: _Node | None = tree
        key = b""
        for match in _TOKEN.finditer(self._data):
            token = match[0]
            if token in _OPEN:
                value = self._enter(stack, value, match.start())
                stack.append((value, 0 if token == b"[" else -1))
                value = None
            elif token in _CLOSE:
                if stack:
                    stack.pop()
                value = None
            elif token == b":" and stack:
                value = self._child(stack[-1][0], _name(key))
                self._mark(value, match.start())
            elif token == b"," and stack:
                node, index = stack[-1]
                stack[-1] = (node, index + 1 if index >= 0 else -1)
                value = None
            else:
                key = token
                self._mark(self._enter(stack, value, match.start()), match.start())
        return self._lines

    def _enter(self, stack: list[tuple[_Node | None, int]], value: _Node | None, offset: int) -> _Node | None:
        """The node of a value that starts here: after a key, or as an item of an array."""
        if value is None and stack and stack[-1][1] >= 0:
            value = self._child(stack[-1][0], stack[-1][1])
        self._mark(value, offset)
        return value

    @staticmethod
    def _child(node: _Node | None, step: str | int) -> _Node | None:
        if node is None:
            return None
        found = node.children.get(step)
        if found is None and isinstance(step, str) and step.startswith("_"):
            return node.children.get(step[1:])
        return found

    def _mark(self, node: _Node | None, offset: int) -> None:
        if node is not None and node not in self._lines:
            self._line += self._data.count(b"\n", self._offset, offset)
            self._offset = offset
            self._lines[node] = self._line


def _name(token: bytes) -> str:
    return token[1:-1].decode("utf-8", "replace")
