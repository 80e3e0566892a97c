"""Bytes to an XML tree, safely: bounded, no DTD, no entity, no network. What cannot be opened is named, never raised.

CDA and FHIR XML both open here; each turns a refusal into a rule of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final

from lxml import etree

_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# Comments and instructions may come before the DTD; atomic groups keep the search linear on hostile input.
_DOCTYPE: Final = re.compile(rb"(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)


class Cause(Enum):
    """Why a document was not opened."""

    EMPTY = "empty"
    NOT_XML = "not-xml"
    SYNTAX = "syntax"
    ENCODING = "encoding"
    DTD = "dtd"
    ENTITY = "entity"
    SIZE = "size"
    DEPTH = "depth"


_CAUSES: Final = {
    etree.ErrorTypes.ERR_INVALID_ENCODING: Cause.ENCODING,
    etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING: Cause.ENCODING,
    etree.ErrorTypes.ERR_UNKNOWN_ENCODING: Cause.ENCODING,
    etree.ErrorTypes.ERR_NAME_TOO_LONG: Cause.SIZE,
    etree.ErrorTypes.ERR_UNDECLARED_ENTITY: Cause.ENTITY,
    114: Cause.SIZE,  # libxml2 XML_ERR_RESOURCE_LIMIT, which lxml does not name
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document that was not opened. `error` is libxml2's name of a syntax error: its sentence may quote the content.

    `parsed` tells a refusal of the parser, which has a place, from one of ours.
    """

    cause: Cause
    line: int = 1
    column: int = 1
    error: str = ""

    @property
    def parsed(self) -> bool:
        """Whether the parser itself stopped."""
        return self.error != ""


def open_xml(
    data: bytes, *, max_bytes: int, max_depth: int, keep_comments: bool = False
) -> etree._ElementTree | Refusal:  # fmt: skip
    """The tree in `data`, or why there is none. Never raises, never reads anything but `data`.

    libxml2 adds its own bounds (10 MB a text node, 256 levels): `huge_tree` stays off. `keep_comments` also keeps
    processing instructions.
    """
    cause = _refused_before_parsing(data, max_bytes)
    if cause is not None:
        return Refusal(cause)
    try:
        root = etree.fromstring(data, _parser(keep_comments))
    except etree.XMLSyntaxError as error:
        return _not_parsed(error)
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None:  # hidden by an encoding from the look before
        return Refusal(Cause.DTD)
    return Refusal(Cause.DEPTH) if _too_deep(max_depth)(root) else tree


def _parser(keep_comments: bool) -> etree.XMLParser:
    # A parser is not safe to share between threads.
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=not keep_comments, remove_pis=not keep_comments,
    )  # fmt: skip


def _refused_before_parsing(data: bytes, max_bytes: int) -> Cause | None:
    """What refuses the bytes as they are. A DTD is refused before anything reads it."""
    if len(data) > max_bytes:
        return Cause.SIZE
    if not data or data.isspace():
        return Cause.EMPTY
    bom = next((mark for mark in _BOMS if data.startswith(mark)), b"")
    start = data[len(bom) : len(bom) + 64].replace(b"\0", b"").lstrip()
    if not start.startswith(b"<"):
        return Cause.NOT_XML
    return Cause.DTD if _DOCTYPE.match(data, len(bom)) else None


def _not_parsed(error: etree.XMLSyntaxError) -> Refusal:
    line, column = error.position
    code: int = getattr(error, "code", 0) or 0
    name = etree.ErrorTypes._getName(code) if hasattr(etree.ErrorTypes, "_getName") else None
    text = str(name or f"XML-{code}").removeprefix("ERR_")
    return Refusal(_CAUSES.get(code, Cause.SYNTAX), line, column, text)


@cache
def _too_deep(depth: int) -> etree.XPath:
    return etree.XPath(f"boolean(/*{'/*' * depth})")
