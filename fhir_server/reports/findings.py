"""Findings in the order people read them, the lines they are about, and characters no reader should meet."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from fhir_server.reports.options import Judged, Options
from validators.messages import rule
from validators.report import Issue, Severity

if TYPE_CHECKING:
    from validators.fhir.wanted import Position

_WIDTH = 120
"""Characters of a line that are shown; minified JSON is one line of megabytes."""

_WORST_FIRST = {severity: rank for rank, severity in enumerate(Severity)}
_NUMBER = re.compile(r"(\d+)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ADDRESS = re.compile(r"https?://[^\s;,()]+")


def printable(text: str) -> str:
    """The text without what could steer a terminal, break XML or turn a line around: such characters become U+FFFD."""
    return _CONTROL.sub("\ufffd", text)


def writable(text: str) -> str:
    """The text with what UTF-8 cannot hold (half of a surrogate pair, from a command line) as U+FFFD."""
    return _HALF.sub("\ufffd", text)


def rule_link(rule_id: str) -> str:
    """The page the rule comes from; empty when its source is a document without an address."""
    found = _ADDRESS.search(rule(rule_id).source)
    return found.group() if found else ""


def in_order(issues: Iterable[Issue]) -> list[Issue]:
    """Worst first, then by place: the container before the documents inside, then by line."""
    return sorted(issues, key=lambda issue: (_WORST_FIRST[issue.severity], _place_key(issue)))


def by_severity(issues: Iterable[Issue]) -> Iterator[tuple[Severity, list[Issue]]]:
    """The findings of each severity, worst first."""
    for severity, found in groupby(in_order(issues), key=lambda issue: issue.severity):
        yield severity, list(found)


def _place_key(issue: Issue) -> tuple[list[tuple[int, str]], int, int, list[tuple[int, str]]]:
    outer, inside, inner = issue.location.rpartition("!/")
    return _natural(outer if inside else ""), issue.line or 0, issue.column or 0, _natural(inner)


def _natural(text: str) -> list[tuple[int, str]]:
    """Entry 2 before entry 10."""
    return [(int(part), "") if number else (0, part) for number, part in _parts(text)]


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    return ((index % 2 == 1, part) for index, part in enumerate(_NUMBER.split(text)))


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A few lines of a file: their numbers and texts, and which of them is meant."""

    lines: tuple[tuple[int, str], ...]
    at: int


class Looked:
    """A judged file whose bytes are read when a line of it is wanted."""

    def __init__(self, judged: Judged, options: Options) -> None:
        self.name, self.verdict = judged
        self._source = options.source

    @cached_property
    def _data(self) -> bytes:
        return self._source(self.name) or b""

    @cached_property
    def _lines(self) -> list[str]:
        return _decoded(self._data).split("\n")

    @cached_property
    def _containers(self) -> dict[str, Position]:
        """Where the documents inside are; known for FHIR, whose bundles are containers with lines."""
        outer = {i.location.partition("!/")[0] for i in self.verdict.report if "!/" in i.location}
        known = outer and self._data and self.verdict.kind.startswith("fhir")
        if not known:
            return {}
        from validators.fhir.locate import positions  # a CDA is reported without the FHIR engine

        return positions(self._data, outer)

    def place(self, issue: Issue) -> tuple[int, int | None] | None:
        """Line and column in the file itself; for a finding inside a container, those of the document inside."""
        outer, inside, _ = issue.location.partition("!/")
        if inside:
            found = self._containers.get(outer)
            return (found.line, found.column) if found is not None else None
        return (issue.line, issue.column) if issue.line is not None else None

    def excerpt(self, issue: Issue) -> Excerpt | None:
        """The line of a finding between its neighbours; None where the file or the line is not at hand."""
        if issue.line is None or "!/" in issue.location or not self._data or issue.line > len(self._lines):
            return None
        first, last = max(1, issue.line - 1), min(len(self._lines), issue.line + 1)
        column = issue.column or 1
        shown = ((n, _cut(self._lines[n - 1], column if n == issue.line else 1)) for n in range(first, last + 1))
        return Excerpt(tuple((n, text) for n, text in shown if text.strip() or n == issue.line), issue.line)


def _decoded(data: bytes) -> str:
    """The text as an editor would show it; what cannot be decoded is marked, never fatal."""
    declared = _ENCODING.match(data[:200])
    encoding = declared.group(1).decode("ascii") if declared else "utf-8"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return data.decode(encoding, "replace").removeprefix("\ufeff")
    except (LookupError, UnicodeError):
        return data.decode("utf-8", "replace")


def _cut(line: str, column: int) -> str:
    """What is around the column, with a sign where something is left out."""
    line = line.rstrip("\r")
    start = max(0, column - 1 - _WIDTH // 3) if len(line) > _WIDTH else 0
    piece = line[start : start + _WIDTH]
    text = f"{'…' if start else ''}{piece}{'…' if start + _WIDTH < len(line) else ''}"
    return printable(text).expandtabs(2)
