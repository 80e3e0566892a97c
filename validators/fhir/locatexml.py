"""Lines and columns in FHIR XML: the positions of the wanted elements, from expat's own account of them."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from typing import Any, Final
from xml.parsers import expat

from validators.fhir.wanted import Node, Position, Wanted
from validators.fhir.xmltext import same_length

_UPPER: Final = re.compile(r"[A-Z]").match


class _Stop(Exception):
    """A DTD: nobody asks for the positions of what was refused."""


def locate_xml(data: bytes, locations: list[str]) -> dict[str, int]:
    """The line (from 1) of each FHIRPath location in FHIR XML, or of the nearest ancestor that is there."""
    wanted = Wanted(locations)
    answers = wanted.answers(xml_positions(data, wanted.root), Position(1, 1))
    return {location: position.line for location, position in answers.items()}


def xml_positions(data: bytes, tree: Node) -> dict[Node, Position]:
    """The position of each wanted node that is in the bytes, as far as they can be read. Never raises."""
    scanner = _Scanner(tree)
    with suppress(expat.ExpatError, ValueError, _Stop):
        scanner.parser.Parse(same_length(data), True)
    return scanner.found


class _Scanner:
    """Follows the elements down the tree of wanted nodes; a step may be a name, and then a number among its likes."""

    def __init__(self, tree: Node) -> None:
        self.found: dict[Node, Position] = {}
        self.parser: Any = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._tree = tree
        self._stack: list[tuple[Node | None, Counter[str]]] = []

    def _start(self, tag: str, _attributes: object) -> None:
        name = tag.rpartition(":")[2]
        node = self._tree if not self._stack else self._step(name)
        self._mark(node)
        self._stack.append((node, Counter()))

    def _step(self, name: str) -> Node | None:
        parent, counts = self._stack[-1]
        if parent is None or _UPPER(name):  # a resource stands in its wrapper without a step of its own
            return parent
        index = counts[name]
        counts[name] += 1
        node = parent.children.get(name)
        if node is None:
            return None
        self._mark(node)
        # Steps after a name without number (`Patient.name.family`) mean the first one.
        return node.children.get(index, node if index == 0 else None)

    def _mark(self, node: Node | None) -> None:
        if node is not None and node not in self.found:
            self.found[node] = Position(self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)

    def _end(self, _tag: str) -> None:
        self._stack.pop()

    @staticmethod
    def _refuse(*_declaration: object) -> None:
        raise _Stop
