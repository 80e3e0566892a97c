"""Code systems that a rule decides instead of a list: media types, language tags, currencies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MEDIA_TYPE = re.compile(rf"{_NAME}/{_NAME}(?:\s*;\s*[^\s;=]+=(?:\"[^\"]*\"|[^\s;]+))*").fullmatch
_LANGUAGE = re.compile(
    r"(?:[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(?:-[0-9A-WY-Za-wy-z](?:-[A-Za-z0-9]{2,8})+)*"
    r"(?:-x(?:-[A-Za-z0-9]{1,8})+)?|x(?:-[A-Za-z0-9]{1,8})+|i-[a-z]+"
).fullmatch

_ISO_4217: Final = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
    GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD
    LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR
    PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
    TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR XOF XPD XPF XPT
    XSU XTS XUA XXX YER ZAR ZMW ZWL
"""
"""Active alphabetic codes, funds and precious metals among them."""
_CURRENCIES: Final = frozenset(_ISO_4217.split())

_SHORT: Final = frozenset({"json", "ttl", "xml"})
"""What FHIR itself writes for its formats (CapabilityStatement.format, http.html#parameters)."""

GRAMMARS: Final[Mapping[str, Callable[[str], bool]]] = {
    "urn:ietf:bcp:13": lambda code: _MEDIA_TYPE(code) is not None or code in _SHORT,
    "urn:ietf:bcp:47": lambda code: _LANGUAGE(code) is not None,
    "urn:iso:std:iso:4217": lambda code: code in _CURRENCIES,
}
"""By code system: whether a code is well formed. RFC 6838 (media types), RFC 5646 (language tags), ISO 4217."""
