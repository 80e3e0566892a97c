"""Code systems that a rule decides instead of a CodeSystem: media types, languages, currencies, countries, units.

RFC 6838 (media types), RFC 5646 (language tags), ISO 4217, ISO 3166, UCUM.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from validators.fhir import ucum
from validators.fhir.countries import CODES, COUNTRIES, SUBDIVISIONS, is_country, is_subdivision
from validators.fhir.languages import is_language

_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = re.compile(rf"(?P<top>{_NAME})/{_NAME}(?:\s*;\s*[^\s;=]+=(?:\"[^\"]*\"|[^\s;]+))*").fullmatch
_TOP_LEVEL: Final = frozenset(
    {"application", "audio", "example", "font", "haptics", "image", "message", "model", "multipart", "text", "video"}
)
"""Registered top-level types (RFC 6838, section 4.2, and the registry)."""

_ISO_4217: Final = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
    GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD
    LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR
    PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
    TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD
    XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG ZWL
"""
"""Active alphabetic codes, funds and precious metals among them."""
CURRENCIES: Final = "urn:iso:std:iso:4217"
_CURRENCIES: Final = frozenset(_ISO_4217.split())

_SHORT: Final = frozenset({"json", "ttl", "xml"})
"""What FHIR itself writes for its formats (CapabilityStatement.format, http.html#parameters)."""


@lru_cache(maxsize=1024)
def _is_media_type(code: str) -> bool | None:
    """A type whose top level is registered; of another one it cannot be told. Subtypes are not looked up."""
    match = _MEDIA_TYPE(code)
    if match is None:
        return code in _SHORT
    return True if match["top"].lower() in _TOP_LEVEL else None


GRAMMARS: Final[Mapping[str, Callable[[str], bool | None]]] = {
    "urn:ietf:bcp:13": _is_media_type,
    "urn:ietf:bcp:47": is_language,
    CURRENCIES: lambda code: code in _CURRENCIES,
    COUNTRIES: is_country,
    SUBDIVISIONS: is_subdivision,
    ucum.SYSTEM: ucum.is_unit,
}
"""By code system: whether a code is one of it; None when it is well formed, and whether it exists cannot be told."""

LISTED: Final[Mapping[str, frozenset[str]]] = {CURRENCIES: _CURRENCIES, COUNTRIES: CODES}
"""Those of them that are a list."""
