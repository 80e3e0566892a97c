"""What bytes are, told from how they begin, without parsing: media types, and FHIR apart from other XML."""

from __future__ import annotations

import re
from typing import Final

_FHIR: Final = b"http://hl7.org/fhir"
_V3: Final = b"urn:hl7-org:v3"
SIGNATURES = (
    (b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png"),
    (b"II*\x00", "image/tiff"), (b"MM\x00*", "image/tiff"), (b"{\\rtf", "text/rtf"), (b"PK\x03\x04", "application/zip"),
)  # fmt: skip
"""Media types by the bytes they begin with."""
_START: Final = 64 * 1024
_NEAR: Final = 2000
# Atomic groups keep the search linear on hostile input.
_PROLOG: Final = rb"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?>\[.*?\]\s*)?>)*+"
_ROOT: Final = re.compile(_PROLOG + rb"<(?:[\w.-]+:)?(?P<name>[\w.-]+)(?P<attributes>[^>]*+)", re.DOTALL)


def sniff(data: bytes) -> str:
    """The media type the bytes show; `application/octet-stream` when they show none."""
    for signature, media_type in SIGNATURES:
        if data.startswith(signature):
            return media_type
    head = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<") or data[:4] in (b"\xff\xfe<\x00", b"\xfe\xff\x00<"):
        return "application/xml"
    return "application/octet-stream"


def is_fhir_xml(data: bytes) -> bool:
    """Whether the root element is in the FHIR namespace, or bears the name of an R4 resource (CDA set apart)."""
    start = data[:_START].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    match = _ROOT.match(start)
    if match is None:
        return _FHIR in start[:_NEAR]
    if _FHIR in match["attributes"]:
        return True
    if _V3 in match["attributes"]:
        return False
    from validators.fhir.definitions import load  # only for XML of neither name space

    return match["name"].decode("ascii", "replace") in load().resource_types
