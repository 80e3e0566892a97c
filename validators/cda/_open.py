"""Bytes to a CDA tree, safely: bounded, no DTD, no entity, no network, nothing run. Every failure is an issue.

Sources: CI-SIS structuration minimale (XML of the document), cda.B8 (self-presenting form), policy (CDA findings).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from lxml import etree

from validators.cda._tree import ROOT, V3, line_of, name_of
from validators.messages import rule
from validators.report import Report, Severity

XSL: Final = "{http://www.w3.org/1999/XSL/Transform}"
CONTENT: Final = "{urn:asip-sante:ci-sis}Contenu"
_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# Comments and instructions may come before the DTD; atomic groups keep the search linear on hostile input.
_DOCTYPE: Final = re.compile(rb"(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_RULES: Final = {
    etree.ErrorTypes.ERR_INVALID_ENCODING: "CDA-ENCODING",
    etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING: "CDA-ENCODING",
    etree.ErrorTypes.ERR_UNKNOWN_ENCODING: "CDA-ENCODING",
    etree.ErrorTypes.ERR_NAME_TOO_LONG: "CDA-LIMIT",
    etree.ErrorTypes.ERR_UNDECLARED_ENTITY: "CDA-DTD",
    114: "CDA-LIMIT",  # libxml2 XML_ERR_RESOURCE_LIMIT, which lxml does not name
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may cost. libxml2 adds its own bounds (10 MB a text node, 256 levels): `huge_tree` stays off.

    `max_header` bounds the elements of the header: places are counted among siblings, which repetition makes dear.
    """

    max_bytes: int = 32 * 1024 * 1024
    max_depth: int = 128
    max_header: int = 5000


@dataclass(frozen=True, slots=True)
class CdaDocument:
    """An opened document: its `ClinicalDocument` element, and whether it came inside its own style sheet."""

    root: etree._Element
    self_presenting: bool
    size: int


def open_cda(data: bytes, report: Report, *, limits: Limits | None = None) -> CdaDocument | None:
    """Parse a CDA R2 document; None, with one fatal issue, when it cannot be read. Never raises.

    Rules `CDA-EMPTY`, `CDA-NOT-XML`, `CDA-XML`, `CDA-ENCODING`, `CDA-DTD`, `CDA-LIMIT`, `CDA-ROOT`.
    """
    limits = limits or Limits()
    refusal = _refused_before_parsing(data, limits)
    if refusal is not None:
        _fatal(report, refusal, line=1)
        return None
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        _not_parsed(error, report)
        return None
    refusal = _refused_after_parsing(root, limits)
    if refusal is not None:
        _fatal(report, refusal, line=1)
        return None
    return _clinical_document(root, len(data), report, limits)


def _parser() -> etree.XMLParser:
    # A parser is not safe to share between threads. Comments and instructions carry nothing that is checked.
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )


def _fatal(report: Report, rule_id: str, location: str = "/", line: int | None = None, **params: object) -> None:
    report.add(rule(rule_id), location, line=line, severity=Severity.FATAL, **params)


def _refused_before_parsing(data: bytes, limits: Limits) -> str | None:
    """The rule that refuses the bytes as they are, or None. A DTD is refused before anything reads it."""
    if len(data) > limits.max_bytes:
        return "CDA-LIMIT"
    if not data or data.isspace():
        return "CDA-EMPTY"
    bom = next((mark for mark in _BOMS if data.startswith(mark)), b"")
    start = data[len(bom) : len(bom) + 64].replace(b"\0", b"").lstrip()
    if not start.startswith(b"<"):
        return "CDA-NOT-XML"
    return "CDA-DTD" if _DOCTYPE.match(data, len(bom)) else None


def _refused_after_parsing(root: etree._Element, limits: Limits) -> str | None:
    """A DTD hidden by an encoding, or a tree too deep to walk."""
    if root.getroottree().docinfo.internalDTD is not None:
        return "CDA-DTD"
    return "CDA-LIMIT" if _too_deep(limits.max_depth)(root) else None


def _not_parsed(error: etree.XMLSyntaxError, report: Report) -> None:
    """A located issue; libxml2's own sentence may quote the document, so only the name of the error is kept."""
    line, column = error.position
    code: int = getattr(error, "code", 0) or 0
    _fatal(report, _RULES.get(code, "CDA-XML"), line=line, error=_error_name(code), column=column)


def _error_name(code: int) -> str:
    name = etree.ErrorTypes._getName(code) if hasattr(etree.ErrorTypes, "_getName") else None
    return str(name or f"XML-{code}").removeprefix("ERR_")


@cache
def _too_deep(depth: int) -> etree.XPath:
    return etree.XPath(f"boolean(/*{'/*' * depth})")


def _clinical_document(root: etree._Element, size: int, report: Report, limits: Limits) -> CdaDocument | None:
    """The root itself, or what a self-presenting document carries in `data:Contenu`; its style sheet is never run."""
    document: etree._Element | None = root
    self_presenting = root.tag == f"{XSL}stylesheet"
    if self_presenting:
        document = root.find(f"{CONTENT}/{ROOT}")
    if document is None or document.tag != ROOT:
        _fatal(report, "CDA-ROOT", f"/{name_of(root)}", line=line_of(root), found=name_of(root))
        return None
    if _header_size(document, limits.max_header) > limits.max_header:
        _fatal(report, "CDA-LIMIT", "/ClinicalDocument", line=line_of(document))
        return None
    return CdaDocument(document, self_presenting, size)


def _header_size(document: etree._Element, enough: int) -> int:
    size = 0
    for child in document:
        if child.tag != f"{V3}component":
            size += sum(1 for _ in child.iter())
        if size > enough:
            break
    return size
