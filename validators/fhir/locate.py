"""Lines, columns and JSON pointers of FHIRPath locations: one pass of a scanner, when there is something to say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from validators.fhir.locatexml import xml_positions
from validators.fhir.wanted import Node, Position, Wanted
from validators.report import Issue, Report

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_XML = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\x00]*<")
_OPEN: Final = (b"{", b"[")
_CLOSE: Final = (b"}", b"]")


def positions(data: bytes, locations: Iterable[str]) -> dict[str, Position]:
    """Line, column and JSON pointer of each location, or of the nearest ancestor that is there; JSON or XML.

    A location is what the walk reports: `Bundle.entry[1].resource.subject`, `Observation.value.ofType(Quantity)`. What
    stands in `_element` is found under the element's name. Bytes that are neither give what could be found; never
    raises.
    """
    wanted = Wanted(locations)
    if _XML.match(data):
        return wanted.answers(xml_positions(data, wanted.root), Position(1, 1))
    return wanted.answers(_Scanner(data).run(wanted.root), Position(1, 1, ""))


def locate(data: bytes, locations: Iterable[str]) -> dict[str, int]:
    """The line (from 1) of each location, or of the nearest ancestor that is there; see `positions`."""
    return {location: position.line for location, position in positions(data, locations).items()}


def with_lines(data: bytes, report: Report, inside: str = "") -> Report:
    """The same report with line, column and pointer on each located issue that has no line.

    `inside` is where in `data` the resource stands that the issues speak of (`Parameters.parameter[0].resource`), when
    it is not all of it; the locations stay as they are.
    """
    wanted = {i.location: _outer(i.location, inside) for i in report if i.line is None and i.location}
    if not wanted:
        return report
    found = positions(data, wanted.values())
    return Report((_placed(issue, wanted, found) for issue in report), looked_at=report.looked_at)


def _outer(location: str, inside: str) -> str:
    """A location seen from the whole: the type it starts with gives way to the place of the resource."""
    return inside + location[len(location.partition(".")[0]) :] if inside else location


def _placed(issue: Issue, wanted: Mapping[str, str], found: Mapping[str, Position]) -> Issue:
    if issue.line is not None or issue.location not in wanted:
        return issue
    at = found[wanted[issue.location]]
    return replace(issue, line=at.line, column=at.column, pointer=at.pointer)


class _Open:
    """An object or array that is open: the wanted node it stands for, the step that led here, where it has come to."""

    __slots__ = ("index", "node", "step")

    def __init__(self, node: Node | None, step: bytes | int, index: int) -> None:
        self.node = node
        self.step = step
        self.index = index


class _Scanner:
    """Reads tokens and keeps, for each open object or array, the wanted node it stands for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._line = 1
        self._offset = 0
        self._stack: list[_Open] = []
        self._found: dict[Node, Position] = {}

    def run(self, tree: Node) -> dict[Node, Position]:
        """The position of each wanted node that is in the bytes."""
        stack = self._stack
        value: Node | None = tree
        key, start = b"", 0
        member = False  # whether the next value belongs to `key`
        for match in _TOKEN.finditer(self._data):
            token = match[0]
            if token in _OPEN:
                step: bytes | int = key if member or not stack else stack[-1].index
                value = self._value(value, match.start())
                stack.append(_Open(value, step, 0 if token == b"[" else -1))
                value, member = None, False
            elif token in _CLOSE:
                if stack:
                    stack.pop()
                value, member = None, False
            elif token == b":" and stack:
                value, member = _child(stack[-1].node, _name(key)), True
                self._mark(value, start, key)
            elif token == b"," and stack:
                stack[-1].index += stack[-1].index >= 0
                value, member = None, False
            else:
                if not member:
                    key, start = token, match.start()
                self._value(value, match.start())
        return self._found

    def _value(self, value: Node | None, offset: int) -> Node | None:
        """The node of a value that starts here: after a key, or as an item of an array."""
        if value is None and self._stack and self._stack[-1].index >= 0:
            value = _child(self._stack[-1].node, self._stack[-1].index)
            self._mark(value, offset, self._stack[-1].index)
        elif not self._stack:
            self._mark(value, offset, b"")
        return value

    def _mark(self, node: Node | None, offset: int, step: bytes | int) -> None:
        if node is None or node in self._found:
            return
        self._line += self._data.count(b"\n", self._offset, offset)
        self._offset = offset
        before = self._data[self._data.rfind(b"\n", 0, offset) + 1 : offset]
        self._found[node] = Position(self._line, len(before.decode("utf-8", "replace")) + 1, self._pointer(step))

    def _pointer(self, step: bytes | int) -> str:
        steps = [opened.step for opened in self._stack[1:]] + [step] * bool(self._stack)
        return "".join(f"/{part if isinstance(part, int) else _escaped(part)}" for part in steps)


def _child(node: Node | None, step: str | int) -> Node | None:
    if node is None:
        return None
    found = node.children.get(step)
    if found is None and isinstance(step, str) and step.startswith("_"):
        return node.children.get(step[1:])
    return found


def _name(token: bytes) -> str:
    return token[1:-1].decode("utf-8", "replace")


def _escaped(token: bytes) -> str:
    return _name(token).replace("~", "~0").replace("/", "~1")
