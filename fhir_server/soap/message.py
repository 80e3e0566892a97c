"""A SOAP message as it came over HTTP: its envelope, and its documents inline or beside it (MTOM/XOP)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from lxml import etree

from fhir_server.soap.envelope import Envelope, read_envelope
from fhir_server.soap.fault import SoapFault, sender
from fhir_server.soap.mime import MimeLimits, Part, Related, parameters, read_related
from fhir_server.soap.names import RELATED, SOAP_XML, XOP
from validators.messages import rule
from validators.report import Report

CONTENT_TYPES: Final = (RELATED, SOAP_XML)
_INCLUDE: Final = f"{{{XOP}}}Include"


@dataclass(frozen=True, slots=True)
class SoapMessage:
    """An envelope and the parts beside it; `is_mtom` says that it came as multipart/related."""

    envelope: Envelope
    related: Related | None = field(default=None, repr=False)

    @property
    def is_mtom(self) -> bool:
        """Whether it came as multipart/related."""
        return self.related is not None

    def contents(self, elements: Iterable[tuple[str, etree._Element]], report: Report) -> dict[int, bytes]:
        """The bytes of elements, by their rank: inline base64, or the part that their xop:Include names.

        `elements` come with their places. A part serves one element, and every part serves. Rules `XOP-…`,
        `MIME-ENCODING`, `XDSB-DOCUMENT-BASE64`.
        """
        found: dict[int, bytes] = {}
        taken: set[int] = set()
        for rank, (location, element) in enumerate(elements):
            href = _href(element)
            data = _inline(element, location, report) if href is None else self._part(href, location, taken, report)
            if data is not None:
                found[rank] = data
        for part in self.related.others.values() if self.related is not None else ():
            if part.number not in taken:
                report.add(rule("XOP-UNUSED"), part=part.number)
        return found

    def _part(self, href: str, location: str, taken: set[int], report: Report) -> bytes | None:
        part = self._named(href)
        if part is None or self.related is None:
            report.add(rule("XOP-DANGLING"), location)
            return None
        if part.number in taken:
            report.add(rule("XOP-TWICE"), location)
            return None
        taken.add(part.number)
        return self.related.content(part, report)

    def _named(self, href: str) -> Part | None:
        if self.related is None or not href.startswith("cid:"):
            return None
        written = href.removeprefix("cid:")
        return self.related.others.get(written) or self.related.others.get(unquote(written))


def read_message(body: bytes, content_type: str, limits: MimeLimits | None = None) -> SoapMessage:
    """Read a message of one of `CONTENT_TYPES`.

    Raises:
        SoapFault: it cannot be read, with the rules that say why.
    """
    media_type, named = parameters(content_type)
    related = None
    if media_type == RELATED:
        report = Report()
        related = read_related(body, content_type, report, limits)
        root = related.content(related.root, report) if related is not None else None
        if root is None or not report.conformant:
            raise SoapFault("Sender", report.issues)
        found = read_envelope(root)
    else:
        found = read_envelope(body)
    action = named.get("action")
    if action is not None and action != found.action:
        raise sender("SOAP-ACTION-MISMATCH", "wsa:ActionMismatch", found.message_id)
    return SoapMessage(found, related)


def _href(element: etree._Element) -> str | None:
    """The reference of an element that holds an xop:Include and nothing else."""
    if len(element) == 1 and element[0].tag == _INCLUDE and not (element.text or "").strip():
        return element[0].get("href", "")
    return None


def _inline(element: etree._Element, location: str, report: Report) -> bytes | None:
    """Inline base64; white space is allowed in it."""
    text = element.text or ""
    try:
        data = base64.b64decode("".join(text.split()), validate=True) if not len(element) else None
    except (binascii.Error, ValueError):
        data = None
    if not data:
        report.add(rule("XDSB-DOCUMENT-BASE64"), location)
    return data or None
