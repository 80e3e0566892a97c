"""multipart/related, read by place: a part is where it stands in the body, nothing is copied until it is asked for.

Strict where leniency would let two readers see two messages (CRLF, boundaries, one Content-ID a part), and bounded.
Sources: RFC 2046, 5.1.1; RFC 2387; RFC 2392 (cid).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Final

from validators.messages import rule
from validators.report import Report, Severity

_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_FIELD: Final = re.compile(r"([!-9;-~]{1,80}):[ \t]*(.*)", re.DOTALL)
_RAW: Final = frozenset({"binary", "8bit", "7bit"})
_ROOTS: Final = ("application/xop+xml", "application/soap+xml")


@dataclass(frozen=True, slots=True)
class MimeLimits:
    """What a message may cost: parts, and bytes of a part's headers."""

    parts: int = 1_000
    headers: int = 8_192


@dataclass(frozen=True, slots=True)
class Part:
    """One part: where its content stands in the body, and what its headers say of it. `number` is its rank, from 1."""

    number: int
    start: int
    end: int
    content_id: str
    media_type: str
    encoding: str


@dataclass(frozen=True, slots=True)
class Related:
    """A message of several parts: its root, and the others by Content-ID."""

    body: bytes = field(repr=False)
    root: Part
    others: Mapping[str, Part]

    def content(self, part: Part, report: Report) -> bytes | None:
        """The bytes of a part; None, with a finding, when they are not in its encoding. Rule `MIME-ENCODING`."""
        raw = self.body[part.start : part.end]
        data = raw if part.encoding in _RAW else _decoded(raw) if part.encoding == "base64" else None
        if data is None:
            report.add(rule("MIME-ENCODING"), part=part.number)
        return data


class _Malformed(Exception):
    """Why a message is not read: a rule and its words."""

    def __init__(self, rule_id: str, **params: Any) -> None:
        super().__init__(rule_id)
        self.rule_id, self.params = rule_id, params


def parameters(content_type: str) -> tuple[str, dict[str, str]]:
    """A Content-Type as its media type and parameters, both in lower case but for the values."""
    header = Message()
    header["Content-Type"] = " ".join(content_type.split())
    found = header.get_params(failobj=[]) or []
    named = {str(name).lower(): value for name, value in reversed(found[1:]) if isinstance(value, str)}
    return header.get_content_type(), named


def read_related(body: bytes, content_type: str, report: Report, limits: MimeLimits | None = None) -> Related | None:
    """Find the parts of a body; None, with a fatal finding, when it is malformed or over a limit. Never raises.

    Rules `MIME-HEADER`, `MIME-STRUCTURE`, `MIME-LIMIT`, `MIME-CONTENT-ID`.
    """
    try:
        boundary, start = _announced(content_type)
        parts = list(_parts(body, boundary, limits or MimeLimits()))
        root = _root(parts, start)
        return Related(body, root, _by_id(parts, root))
    except _Malformed as found:
        report.add(rule(found.rule_id), severity=Severity.FATAL, **found.params)
        return None


def _announced(content_type: str) -> tuple[bytes, str | None]:
    """The boundary, and the Content-ID of the root when it is given."""
    _, named = parameters(content_type)
    boundary = named.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise _Malformed("MIME-HEADER", reason="boundary")
    if named.get("type", _ROOTS[0]).lower() not in _ROOTS:
        raise _Malformed("MIME-HEADER", reason="type")
    return boundary.encode(), _bare(named["start"]) if "start" in named else None


def _bare(content_id: str) -> str:
    return content_id.strip().removeprefix("<").removesuffix(">")


# -- delimiters ------------------------------------------------------------------------------------------------------


def _parts(body: bytes, boundary: bytes, limits: MimeLimits) -> Iterator[Part]:
    delimiter = b"--" + boundary
    at = 0 if body.startswith(delimiter) else _next(body, delimiter, 0)
    number = 0
    while True:
        begin, last = _line_end(body, at + len(delimiter))
        if last:
            return
        number += 1
        if number > limits.parts:
            raise _Malformed("MIME-LIMIT", reason="parts")
        at = _next(body, delimiter, begin - 2)
        yield _part(number, body, begin, at - 2, limits)


def _next(body: bytes, delimiter: bytes, start: int) -> int:
    """Where the next delimiter line begins; a line that only starts like one is content."""
    at = body.find(b"\r\n" + delimiter, start)
    while at >= 0:
        after = body[at + 2 + len(delimiter) : at + 4 + len(delimiter)]
        if after[:1] in (b" ", b"\t") or after in (b"\r\n", b"--"):
            return at + 2
        at = body.find(b"\r\n" + delimiter, at + 2)
    raise _Malformed("MIME-STRUCTURE", reason="closing boundary")


def _line_end(body: bytes, at: int) -> tuple[int, bool]:
    """The end of a delimiter line, and whether it is the last one."""
    if body.startswith(b"--", at):
        return at + 2, True
    end = at
    while body[end : end + 1] in (b" ", b"\t"):
        end += 1
    if not body.startswith(b"\r\n", end):
        raise _Malformed("MIME-STRUCTURE", reason="boundary line")
    return end + 2, False


def _part(number: int, body: bytes, begin: int, end: int, limits: MimeLimits) -> Part:
    """One part: headers, an empty line, content."""
    if body.startswith(b"\r\n", begin):
        found: dict[str, str] = {}
        start = begin + 2
    else:
        blank = body.find(b"\r\n\r\n", begin, min(end, begin + limits.headers + 4))
        if blank < 0:
            long = end - begin > limits.headers
            raise _Malformed("MIME-LIMIT" if long else "MIME-STRUCTURE", reason="headers")
        found, start = _headers(body[begin:blank]), blank + 4
    if start > end:
        raise _Malformed("MIME-STRUCTURE", reason="headers")
    encoding = found.get("content-transfer-encoding", "7bit").strip().lower()
    return Part(number, start, end, _bare(found.get("content-id", "")), found.get("content-type", ""), encoding)


def _headers(block: bytes) -> dict[str, str]:
    unfolded = re.sub(rb"\r\n[ \t]+", b" ", block).decode("latin-1")
    found: dict[str, str] = {}
    for line in unfolded.split("\r\n"):
        match = _FIELD.fullmatch(line)
        if match is None or (name := match.group(1).lower()) in found:
            raise _Malformed("MIME-STRUCTURE", reason="headers")
        found[name] = match.group(2)
    return found


# -- parts -----------------------------------------------------------------------------------------------------------


def _root(parts: list[Part], start: str | None) -> Part:
    named = parts if start is None else [part for part in parts if part.content_id == start]
    if not named:
        raise _Malformed("MIME-HEADER", reason="start") if parts else _Malformed("MIME-STRUCTURE", reason="no part")
    if parameters(named[0].media_type)[0] not in _ROOTS:
        raise _Malformed("MIME-STRUCTURE", reason="media type of the root")
    return named[0]


def _by_id(parts: list[Part], root: Part) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for part in parts:
        if part is root:
            continue
        if not part.content_id or part.content_id == root.content_id or part.content_id in found:
            raise _Malformed("MIME-CONTENT-ID", part=part.number)
        found[part.content_id] = part
    return found


def _decoded(raw: bytes) -> bytes | None:
    try:
        return base64.b64decode(b"".join(raw.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
