"""The parts of a mail, cut out without trust: every bound is checked before anything is decoded (RFC 2045, 2046).

The stdlib reads one header at a time; it is never given a whole message, whose nesting it would follow without end.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Final

from validators.messages import rule
from validators.report import Report, Severity

_NEW_LINE: Final = 10
_REST: Final = re.compile(rb"(--)?[ \t]*\r?(?=\n|\Z)")
"""What may follow a boundary on its line."""


@dataclass(frozen=True, slots=True)
class MailLimits:
    """What a mail may cost: bytes, lines, parts, levels, recipients, archives."""

    max_bytes: int = 64 * 1024 * 1024
    max_header: int = 128 * 1024
    max_field: int = 32 * 1024
    max_fields: int = 500
    max_parts: int = 200
    max_depth: int = 20
    max_attachment: int = 33 * 1024 * 1024
    max_recipients: int = 1_000
    max_archives: int = 4


@dataclass(slots=True)
class Part:
    """One part: its header, where its body is in the message, its parts if it has any; `number` is its place."""

    header: Message
    start: int
    end: int
    number: str
    parts: list[Part] = field(default_factory=list)

    @property
    def media_type(self) -> str:
        """The media type in lower case; that of the standard where none is readable."""
        return self.header.get_content_type()

    def parameter(self, name: str) -> str:
        """A parameter of Content-Type in lower case; empty when there is none."""
        return parameter(self.header, name).lower()

    @property
    def filename(self) -> str:
        """The name the part gives itself; empty when it gives none."""
        return parameter(self.header, "filename", "content-disposition") or parameter(self.header, "name")

    @property
    def is_attached(self) -> bool:
        """Whether it is more than the words of the message."""
        disposition = raw_values(self.header, "content-disposition")
        if self.parts:
            return False
        told = bool(disposition) and disposition[0].lower().startswith("attachment")
        return told or bool(self.filename) or not self.media_type.startswith("text/")

    def walk(self) -> Iterator[Part]:
        """Itself, then every part below."""
        yield self
        for part in self.parts:
            yield from part.walk()


_HEADER_END: Final = re.compile(rb"\r?\n\r?\n")
_FIELD: Final = re.compile(rb"[!-9;-~]+[ \t]*:")
_FIRST: Final = re.compile(rb"\r?\n")
_PARSER: Final = BytesParser(policy=compat32)
_PLAIN: Final = frozenset({"", "7bit", "8bit", "binary"})
_SPACE: Final = b" \t\r\n"


def text_of(value: object) -> str:
    """A header's text as Unicode: raw bytes are UTF-8 (RFC 6532), an RFC 2231 triple is its value."""
    if isinstance(value, tuple):
        return text_of(value[2])
    return str(value or "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def raw_values(header: Message, name: str) -> list[str]:
    """The values of a field as they were written, unfolded: the stdlib's own access hides what is not ASCII."""
    found = (text_of(value) for key, value in header.raw_items() if key.lower() == name.lower())
    return [re.sub(r"\r?\n(?=[ \t])", "", value).strip() for value in found]


def parameter(header: Message, name: str, of: str = "content-type") -> str:
    """A parameter of a field; empty when it is not there or cannot be read."""
    try:
        return text_of(header.get_param(name, None, of)).strip()
    except (ValueError, LookupError):  # such as a continuation of RFC 2231 with a number of five thousand digits
        return ""


def read_parts(data: bytes, report: Report, limits: MailLimits) -> Part | None:
    """The tree of a message; None, with a fatal finding, when it is over a limit or no message. Never raises."""
    if len(data) > limits.max_bytes:
        _over(report, "", "bytes", limits.max_bytes)
        return None
    return _Reader(data, report, limits).part(0, len(data), "", 0)


def _over(report: Report, location: str, reason: str, limit: int) -> None:
    report.add(rule("MAIL-LIMIT"), location, severity=Severity.FATAL, reason=reason, limit=limit)


def place_of(number: str) -> str:
    """Where a part stands: the message itself, or `part[1.2]`."""
    return f"part[{number}]" if number else ""


class _Reader:
    """Cuts one message; parts are places in its bytes, nothing is copied."""

    def __init__(self, data: bytes, report: Report, limits: MailLimits) -> None:
        self._data, self._report, self._limits = data, report, limits
        self._left = limits.max_parts

    def part(self, start: int, end: int, number: str, depth: int) -> Part | None:
        """One part and those below; None when a limit stops the reading."""
        self._left -= 1
        if self._left < 0:
            _over(self._report, place_of(number), "parts", self._limits.max_parts)
            return None
        if depth > self._limits.max_depth:
            _over(self._report, "", "levels", self._limits.max_depth)
            return None
        body, header = self._header(start, end, number)
        if header is None:
            return None
        part = Part(header, body, end, number)
        return part if part.header.get_content_maintype() != "multipart" else self._multipart(part, depth)

    def _header(self, start: int, end: int, number: str) -> tuple[int, Message | None]:
        """Where the body begins, and the header; a part may have none (RFC 2046, 5.1)."""
        first = _FIRST.match(self._data, start, end)
        if first is not None and number:
            return first.end(), Message()
        found = _HEADER_END.search(self._data, start, min(end, start + self._limits.max_header))
        stop, body = (found.start(), found.end()) if found is not None else (end, end)
        if stop - start > self._limits.max_header:
            _over(self._report, place_of(number), "header", self._limits.max_header)
            return 0, None
        block = self._data[start:stop]
        if not self._fields(block, number):
            return 0, None
        return body, _PARSER.parsebytes(block + b"\r\n\r\n", headersonly=True)

    def _fields(self, block: bytes, number: str) -> bool:
        """Whether the lines of a header are fields and their continuations, none of them too long."""
        count = size = 0
        for line in block.splitlines():
            if line[:1] in (b" ", b"\t") and count:
                size += len(line)
            elif _FIELD.match(line):
                count, size = count + 1, len(line)
            else:
                self._report.add(rule("MAIL-HEADER"), place_of(number), severity=Severity.FATAL)
                return False
            if size > self._limits.max_field or count > self._limits.max_fields:
                long = size > self._limits.max_field
                limit = self._limits.max_field if long else self._limits.max_fields
                _over(self._report, place_of(number), "field" if long else "fields", limit)
                return False
        return True

    def _multipart(self, part: Part, depth: int) -> Part | None:
        boundary = parameter(part.header, "boundary")
        marks, closed = self._marks(part, boundary) if 0 < len(boundary) <= 200 else ([], False)
        if not marks:
            self._report.add(rule("MAIL-BOUNDARY"), place_of(part.number))
            return part
        if not closed:
            self._report.add(rule("MAIL-BOUNDARY-END"), place_of(part.number))
        for count, (begin, stop) in enumerate(marks, 1):
            inner = self.part(begin, stop, f"{part.number}.{count}".lstrip("."), depth + 1)
            if inner is None:
                return None
            part.parts.append(inner)
        return part

    def _marks(self, part: Part, boundary: str) -> tuple[list[tuple[int, int]], bool]:
        """Where each part begins and ends, and whether the last boundary is there; one more than allowed at most."""
        found: list[tuple[int, int]] = []
        begin = -1
        for start, rest in self._lines(part, b"--" + boundary.encode("utf-8", "replace")):
            if begin >= 0:
                found.append((begin, max(begin, self._before(start))))
            if rest[1] or len(found) > self._limits.max_parts:
                return found, True
            begin = min(rest.end() + 1, part.end)
        return ([*found, (begin, part.end)] if begin >= 0 else found), False

    def _lines(self, part: Part, words: bytes) -> Iterator[tuple[int, re.Match[bytes]]]:
        """Where a line of the body holds these words and nothing else but the closing sign and blanks."""
        at = self._data.find(words, part.start, part.end)
        while at >= 0:
            after = at + len(words)
            if at == part.start or self._data[at - 1] == _NEW_LINE:
                rest = _REST.match(self._data, after, part.end)
                if rest is not None:
                    yield at, rest
            at = self._data.find(words, after, part.end)

    def _before(self, at: int) -> int:
        """The end of the line before: it belongs to the boundary."""
        at -= 1
        return at - 1 if self._data[at - 1 : at] == b"\r" else at


def decoded(data: bytes, part: Part, limits: MailLimits) -> bytes | str:
    """The bytes of a part without their transfer encoding, or why there are none: `limit`, or the encoding's name."""
    name = next(iter(raw_values(part.header, "content-transfer-encoding")), "").lower()
    raw = data[part.start : part.end]
    if len(raw) * 3 // 4 > limits.max_attachment * 1.1:
        return "limit"
    if name in _PLAIN:
        made = raw
    elif name == "base64":
        try:
            made = binascii.a2b_base64(raw.translate(None, _SPACE), strict_mode=True)
        except binascii.Error:
            return "base64"
    elif name == "quoted-printable":
        made = binascii.a2b_qp(raw)
    else:
        return name[:40] if name.isascii() and name.isprintable() else "?"
    return made if len(made) <= limits.max_attachment else "limit"
