"""From the bytes of an HL7 v2 message to the texts of its segments, by place. Bounded before anything is parsed.

hl7apy reads the fields; it takes about 70 µs an element, so only the segments that are looked at are given to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from validators.messages import rule
from validators.report import Report

MAX_BYTES: Final = 200_000
MAX_PARTS: Final = 2_000
"""Fields, repetitions, components and subcomponents of the segments that are read: a fifth of a second at most."""
READ: Final = frozenset({"MSH", "EVN", "PID", "PV1", "MRG"})
_VERSION: Final = "2.5"
_TOLERANT: Final = 2
_CHARSETS: Final = {
    "": "ascii", "ASCII": "ascii", "8859/1": "latin-1", "8859/15": "iso8859-15", "UNICODE UTF-8": "utf-8",
}  # fmt: skip
_LINES: Final = re.compile(r"\r\n?|\n")
_NULL: Final = '""'


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; `texts` by (field, repetition, component, subcomponent), all from 1, empty ones left out."""

    name: str
    number: int
    texts: Mapping[tuple[int, int, int, int], str]

    def text(self, field: int, component: int = 1, sub: int = 1, repetition: int = 1) -> str:
        """The text at a place; empty when there is none. The HL7 null (`""`) is none."""
        return self.texts.get((field, repetition, component, sub), "")

    def repetitions(self, field: int) -> tuple[int, ...]:
        """The repetitions of a field that hold something."""
        return tuple(sorted({at[1] for at in self.texts if at[0] == field}))

    def place(self, field: int, component: int | None = None, repetition: int | None = None) -> str:
        """Where that is: `PID-3[2].4`."""
        name = f"{self.name}[{self.number}]" if self.number > 1 else self.name
        at = f"{name}-{field}" + (f"[{repetition}]" if repetition is not None else "")
        return f"{at}.{component}" if component is not None else at


@dataclass(frozen=True, slots=True)
class Marks:
    """The separators a message gives itself in MSH-1 and MSH-2."""

    field: str
    component: str
    repetition: str
    escape: str
    sub: str

    @classmethod
    def of(cls, text: str) -> Marks | None:
        """Those of a message; None when it does not begin as one."""
        given = text[3:8]
        if text[:3] != "MSH" or len(set(given)) != 5 or any(mark.isalnum() or mark.isspace() for mark in given):
            return None
        return cls(*given)

    def named(self) -> dict[str, str]:
        """As hl7apy calls them."""
        return {"FIELD": self.field, "COMPONENT": self.component, "REPETITION": self.repetition,
                "ESCAPE": self.escape, "SUBCOMPONENT": self.sub, "SEGMENT": "\r", "GROUP": "\r"}  # fmt: skip

    def parts(self, text: str) -> int:
        """How many pieces a text has."""
        return 1 + sum(text.count(mark) for mark in (self.field, self.component, self.repetition, self.sub))


def read_segments(data: bytes, report: Report) -> list[Segment]:
    """The segments that are looked at, in order; empty when the report says why the message cannot be read.

    Rules: `ADT-PARSE`, `ADT-LIMIT`, `ADT-ENCODING`.
    """
    if len(data) > MAX_BYTES:
        report.add(rule("ADT-LIMIT"), "MSH", found=f"{len(data)} octets", limit=MAX_BYTES)
        return []
    found = _decoded(data, report)
    if found is None:
        return []
    text, charset = found
    marks = Marks.of(text)
    assert marks is not None
    lines = [line for line in _LINES.split(text) if line[:3] in READ and line[3:4] == marks.field]
    parts = sum(marks.parts(line) for line in lines)
    if parts > MAX_PARTS:
        report.add(rule("ADT-LIMIT"), "MSH", found=f"{parts} éléments", limit=MAX_PARTS)
        return []
    return list(_segments(lines, marks, charset, report))


def _decoded(data: bytes, report: Report) -> tuple[str, str] | None:
    """The text and its character set, which MSH-18 names; what names none is ASCII, or UTF-8 where it is UTF-8."""
    head = _LINES.split(data.decode("latin-1"), 1)[0]
    marks = Marks.of(head)
    if marks is None:
        report.add(rule("ADT-PARSE"), "MSH")
        return None
    fields = head.split(marks.field)
    named = fields[17].split(marks.repetition)[0].strip() if len(fields) > 17 else ""
    charset = _CHARSETS.get(named.upper())
    for tried in (charset, "utf-8") if charset == "ascii" else (charset,):
        try:
            if tried is not None:
                return data.decode(tried), tried
        except UnicodeDecodeError:
            continue
    report.add(rule("ADT-ENCODING"), "MSH-18", found=named if charset else "?")
    return None


def _segments(lines: list[str], marks: Marks, charset: str, report: Report) -> Iterator[Segment]:
    from hl7apy.exceptions import HL7apyException
    from hl7apy.parser import parse_segment

    seen: dict[str, int] = {}
    for line in lines:
        name = line[:3]
        seen[name] = seen.get(name, 0) + 1
        try:
            parsed = parse_segment(line.strip(), _VERSION, marks.named(), _TOLERANT)
            texts = dict(_texts(parsed, marks, charset))
        except (HL7apyException, ValueError, LookupError, AttributeError, TypeError):
            # A number or a date that is none makes the library raise what it likes: it is one unreadable segment.
            report.add(rule("ADT-PARSE"), name)
            continue
        yield Segment(name, seen[name], texts)


def _texts(segment: Any, marks: Marks, charset: str) -> Iterator[tuple[tuple[int, int, int, int], str]]:
    repetitions: dict[int, int] = {}
    for field in segment.children:
        number = _numbered(field.name)
        if number is None:  # beyond the fields of the version
            continue
        repetitions[number] = repetitions.get(number, 0) + 1
        for position, component in enumerate(field.children, 1):
            at = (number, repetitions[number], _numbered(component.name) or position)
            for place, sub in enumerate(component.children, 1):
                text = _plain(sub, marks, charset)
                if text:
                    yield (*at, _numbered(sub.name) or place), text


def _numbered(name: str | None) -> int | None:
    """The place in the name of an element of the library: 4 of `CX_4`."""
    end = (name or "").rpartition("_")[2]
    return int(end) if "_" in (name or "") and end.isdigit() else None


def _plain(sub: Any, marks: Marks, charset: str) -> str:
    """The text as it was written, its escapes resolved (2.5, chapter 2.7)."""
    value = getattr(sub.value, "value", sub.value)
    text = value if isinstance(value, str) else sub.to_er7(marks.named())
    text = "" if text == _NULL else text.strip()
    if marks.escape not in text:
        return text
    escape = re.escape(marks.escape)
    said = {"F": marks.field, "S": marks.component, "T": marks.sub, "R": marks.repetition, "E": marks.escape}
    return re.sub(f"{escape}([^{escape}]*){escape}", lambda m: _escaped(m.group(1), said, charset), text)


def _escaped(code: str, said: Mapping[str, str], charset: str) -> str:
    """What an escape stands for; highlighting and other formatting stand for nothing."""
    if code[:1] == "X" and re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", code[1:]):
        return bytes.fromhex(code[1:]).decode(charset, "replace")
    return said.get(code, "")
