"""The payload of a level 1 document (`nonXMLBody/text`): there, decodable, and what its media type says.

Sources: CI-SIS, level 1 body (IHE XDS-SD, IHE France profiles for RTF, JPEG and TIFF); rules `CDA-N1-*`.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from typing import Final

from lxml import etree

from validators.cda._tree import V3, say
from validators.documents import registry
from validators.report import Report

_BLANKS: Final = b" \t\r\n"
_SIGNATURES: Final[dict[str, tuple[bytes, ...]]] = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    "text/rtf": (b"{\\rtf",),
}
_PDF_HEADER_WITHIN: Final = 1024  # readers accept a PDF header after some leading bytes (ISO 32000-1, annex H)


@dataclass(frozen=True, slots=True)
class Payload:
    """What a level 1 document carries; `content` is None when it could not be decoded."""

    media_type: str | None
    content: bytes | None


def read_payload(body: etree._Element, report: Report) -> Payload:
    """Read and check a `nonXMLBody`.

    Rules `CDA-N1-MEDIA` (not one of the five), `CDA-N1-EMPTY`, `CDA-N1-BASE64`, `CDA-N1-SIGNATURE`.
    """
    text = body.find(f"{V3}text")
    if text is None:
        say(report, "CDA-N1-EMPTY", body)
        return Payload(None, None)
    media_type = text.get("mediaType")
    if media_type not in registry().media:
        say(report, "CDA-N1-MEDIA", text, found=media_type or "-", expected=", ".join(registry().media))
    content = _content(text, report)
    if content and media_type is not None and not _is(content, media_type):
        say(report, "CDA-N1-SIGNATURE", text, media=media_type)
    return Payload(media_type, content)


def _content(text: etree._Element, report: Report) -> bytes | None:
    written = (text.text or "") if not len(text) else "".join(str(part) for part in text.itertext())
    if not written.strip():
        say(report, "CDA-N1-EMPTY", text)
        return b""
    if text.get("representation", "TXT") != "B64":
        return _plain(text, written, report)
    try:
        content = binascii.a2b_base64(written.encode("ascii").translate(None, _BLANKS), strict_mode=True)
    except ValueError:  # binascii.Error and UnicodeEncodeError are both
        say(report, "CDA-N1-BASE64", text)
        return None
    return content


def _plain(text: etree._Element, written: str, report: Report) -> bytes | None:
    """Only plain text may be written as it is; anything else needs base64."""
    if text.get("mediaType") == "text/plain":
        return written.encode()
    say(report, "CDA-N1-BASE64", text)
    return None


def _is(content: bytes, media_type: str) -> bool:
    """Does the content start the way its media type says? A media type that is not ours has no opinion."""
    if media_type == "text/plain":
        return _is_text(content)
    if media_type == "application/pdf":
        return b"%PDF-" in content[:_PDF_HEADER_WITHIN]
    signatures = _SIGNATURES.get(media_type)
    return signatures is None or content.startswith(signatures)


def _is_text(content: bytes) -> bool:
    """Readable as UTF-8 or as the Latin alphabet of the older software, without control characters."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return not any(char < " " and char not in "\t\r\n\f" for char in text)
