"""Is this XML meant to be a FHIR resource? Told from the first tag, without parsing."""

from __future__ import annotations

import re
from typing import Final

from validators.fhir.definitions import load

_FHIR: Final = b"http://hl7.org/fhir"
_V3: Final = b"urn:hl7-org:v3"
_START: Final = 64 * 1024
_NEAR: Final = 2000
# Atomic groups keep the search linear on hostile input.
_PROLOG: Final = rb"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?>\[.*?\]\s*)?>)*+"
_ROOT: Final = re.compile(_PROLOG + rb"<(?:[\w.-]+:)?(?P<name>[\w.-]+)(?P<attributes>[^>]*+)", re.DOTALL)


def is_fhir_xml(data: bytes) -> bool:
    """Whether the root element is in the FHIR namespace, or bears the name of an R4 resource (CDA set apart)."""
    start = data[:_START].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    match = _ROOT.match(start)
    if match is None:
        return _FHIR in start[:_NEAR]
    if _FHIR in match["attributes"]:
        return True
    return _V3 not in match["attributes"] and match["name"].decode("ascii", "replace") in load().resource_types
