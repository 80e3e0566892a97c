"""Documents and messages: what comes first, and that every entry hangs together.

Source: FHIR R4, https://hl7.org/fhir/R4/documents.html#content, messaging.html.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from typing import Final

from validators.fhir.bundle.index import BundleIndex, Entry, quoted
from validators.fhir.bundle.links import stylesheets
from validators.fhir.context import Context, Json

_FIRST: Final = {"document": "Composition", "message": "MessageHeader"}
# Strings that name something without leading to it, or that are never addresses.
_NOT_LINKS: Final = frozenset({"fullUrl", "system", "reference", "profile", "div", "data", "id", "resourceType"})
_LONGEST_URL: Final = 2048
# What is expected to point at the document rather than to be pointed at.
_REVERSE: Final = frozenset({"Provenance"})


def check_first(index: BundleIndex, place: str, context: Context) -> None:
    """A document starts with its Composition, a message with its header."""
    expected = _FIRST[index.type]
    if not index.entries:
        context.add("FHIR-BUNDLE-FIRST", place, found="—", expected=expected)
    elif index.entries[0].type != expected:
        context.add("FHIR-BUNDLE-FIRST", f"{place}.entry[0]", found=index.entries[0].type or "—", expected=expected)


def check_reach(
    bundle: Json, index: BundleIndex, place: str, context: Context, edges: Iterable[tuple[int, int]]
) -> None:
    """Every entry can be reached from the first one by its references and URLs, or at least points to what can."""
    graph = _Graph(index, edges, bundle)
    message = index.type == "message"
    for number in graph.reverse:
        if not message and index.entries[number].type not in _REVERSE:
            context.add("FHIR-BUNDLE-REVERSE", f"{place}.entry[{number}]", found=_name(index.entries[number]))
    for entry in index.entries:
        if entry.resource is not None and entry.number not in graph.visited:
            rule = "FHIR-BUNDLE-ORPHAN-MESSAGE" if message else "FHIR-BUNDLE-ORPHAN"
            context.add(rule, f"{place}.entry[{entry.number}]", found=_name(entry))


class _Graph:
    """The entries as a graph: `visited` hang together with the first one, `reverse` are those that only point in.

    The smallest entry that points in goes first, then all that it reaches: each link is looked at once each way.
    """

    def __init__(self, index: BundleIndex, edges: Iterable[tuple[int, int]], bundle: Json) -> None:
        self._targets: dict[int, set[int]] = {}
        self._sources: dict[int, set[int]] = {}
        self.visited: set[int] = set()
        self.reverse: list[int] = []
        for source, target in edges:
            self._link(source, target)
        for entry in index.entries:
            for target in _url_targets(entry, index):
                self._link(entry.number, target)
        self._walk(index, bundle)

    def _link(self, source: int, target: int) -> None:
        if source != target:
            self._targets.setdefault(source, set()).add(target)
            self._sources.setdefault(target, set()).add(source)

    def _walk(self, index: BundleIndex, bundle: Json) -> None:
        waiting: list[int] = []
        first = next((entry.number for entry in index.entries if entry.resource is not None), None)
        if first is not None:
            self._visit(first, waiting)
        for number in stylesheets(bundle, index):
            self.visited.add(number)
            self._wait(number, waiting)
        while waiting:
            number = heapq.heappop(waiting)
            if number not in self.visited:
                self.reverse.append(number)
                self._visit(number, waiting)

    def _visit(self, start: int, waiting: list[int]) -> None:
        stack = [start]
        while stack:
            number = stack.pop()
            if number not in self.visited:
                self.visited.add(number)
                self._wait(number, waiting)
                stack.extend(self._targets.get(number, ()))

    def _wait(self, number: int, waiting: list[int]) -> None:
        for source in self._sources.get(number, ()):
            heapq.heappush(waiting, source)


def _url_targets(entry: Entry, index: BundleIndex) -> Iterator[int]:
    """The entries that URLs of an entry lead to (`Attachment.url`, …): the walk hands over References only."""
    for part in _parts(entry):
        for key, value in part.items():
            if (
                isinstance(value, str)
                and ("/" in value or value[:4] == "urn:")
                and len(value) <= _LONGEST_URL
                and key not in _NOT_LINKS
            ):
                found = index.find(value, entry.full_url)
                if len(found) == 1:
                    yield found[0]


def _parts(entry: Entry) -> Iterator[Json]:
    """The objects of an entry, without those of a Bundle inside it, whose references are its own."""
    stack: list[object] = [entry.raw]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            yield part
            stack.extend(
                value
                for value in part.values()
                if isinstance(value, list) or (isinstance(value, dict) and value.get("resourceType") != "Bundle")
            )
        elif isinstance(part, list):
            stack.extend(part)


def _name(entry: Entry) -> str:
    return quoted(entry.full_url or (f"{entry.type}/{entry.id}" if entry.id else entry.type) or "—")
