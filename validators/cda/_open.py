"""Bytes to a CDA tree, safely: bounded, no DTD, no entity, no network, nothing run. Every failure is an issue.

Sources: CI-SIS structuration minimale (XML of the document), cda.B8 (self-presenting form), policy (CDA findings).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from validators.cda._tree import ROOT, V3, line_of, name_of
from validators.messages import rule
from validators.report import Report, Severity
from validators.xmlopen import Cause, Refusal, open_xml

XSL: Final = "{http://www.w3.org/1999/XSL/Transform}"
CONTENT: Final = "{urn:asip-sante:ci-sis}Contenu"
_RULES: Final = {
    Cause.EMPTY: "CDA-EMPTY",
    Cause.NOT_XML: "CDA-NOT-XML",
    Cause.SYNTAX: "CDA-XML",
    Cause.ENCODING: "CDA-ENCODING",
    Cause.DTD: "CDA-DTD",
    Cause.ENTITY: "CDA-DTD",
    Cause.SIZE: "CDA-LIMIT",
    Cause.DEPTH: "CDA-LIMIT",
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
    opened = open_xml(data, max_bytes=limits.max_bytes, max_depth=limits.max_depth)
    if isinstance(opened, Refusal):
        _refused(opened, report)
        return None
    return _clinical_document(opened.getroot(), len(data), report, limits)


def _refused(refusal: Refusal, report: Report) -> None:
    place: dict[str, Any] = {"error": refusal.error, "column": refusal.column} if refusal.parsed else {}
    _fatal(report, _RULES[refusal.cause], line=refusal.line, **place)


def _fatal(report: Report, rule_id: str, location: str = "/", line: int | None = None, **params: object) -> None:
    report.add(rule(rule_id), location, line=line, severity=Severity.FATAL, **params)


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
