"""The text of a PDF that fpdf2 wrote: its content streams read back through the ToUnicode maps of its fonts.

Written against the format (ISO 32000-1, 9.10.3), not against fpdf2: a font without a map reads as nothing.
"""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\b(.*?)\bendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)\r?\nendstream", re.DOTALL)
_FONTS = re.compile(rb"/(F\d+) (\d+) 0 R")
_CHAR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_SHOW = re.compile(rb"/(F\d+) [\d.]+ Tf|\((?:[^()\\]|\\.)*\)|(-?[\d.]+) Td|(?<!\S)([qQ])(?!\S)", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pdf_text(data: bytes) -> str:
    """Every text shown, in the order it is painted, blanks made one."""
    objects = {int(number): body for number, body in _OBJECT.findall(data)}
    fonts = {
        name.decode(): _map(objects, int(number)) for body in objects.values() for name, number in _FONTS.findall(body)
    }
    streams = (_inflated(body) for body in objects.values())
    return " ".join(" ".join(_shown(text, fonts) for text in streams if b" Tj" in text or b"] TJ" in text).split())


def pdf_info(data: bytes, name: str) -> str:
    """A text of the document information or of the catalogue."""
    found = re.search(rb"/%s (?:\(((?:[^()\\]|\\.)*)\)|<([0-9a-fA-F]*)>)" % name.encode(), data)
    assert found is not None, name
    if found[2] is not None:
        return bytes.fromhex(found[2].decode()).decode("utf-16")
    return _unescaped(found[1]).decode("latin-1")


def _inflated(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if found is None:
        return b""
    try:
        return zlib.decompress(found[1])
    except zlib.error:
        return found[1]


def _map(objects: dict[int, bytes], number: int) -> dict[int, str]:
    found = re.search(rb"/ToUnicode (\d+) 0 R", objects[number])
    if found is None:
        return {}
    made: dict[int, str] = {}
    text = _inflated(objects[int(found[1])])
    for section in re.findall(rb"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        for code, shown in _CHAR.findall(section):
            made[int(code, 16)] = bytes.fromhex(shown.decode()).decode("utf-16-be")
    for section in re.findall(rb"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for first, last, shown in _RANGE.findall(section):
            for offset in range(int(last, 16) - int(first, 16) + 1):
                made[int(first, 16) + offset] = chr(int(shown, 16) + offset)
    return made


def _shown(text: bytes, fonts: dict[str, dict[int, str]]) -> str:
    pieces: list[str] = []
    known: dict[int, str] = {}
    kept: list[dict[int, str]] = []
    for match in _SHOW.finditer(text):
        if match[1]:
            known = fonts[match[1].decode()]
        elif match[3]:  # a graphics state has its font
            if match[3] == b"q":
                kept.append(known)
            else:
                known = kept.pop()
        elif match[2]:
            pieces.append(" ")
        else:
            raw = _unescaped(match[0][1:-1])
            pieces.append("".join(known.get(int.from_bytes(raw[i : i + 2]), "") for i in range(0, len(raw), 2)))
    return "".join(pieces)


def _unescaped(text: bytes) -> bytes:
    return _ESCAPE.sub(lambda m: _NAMED.get(m[1], m[1]), text)
