"""Resources as bytes: read from JSON or XML, written as JSON with their numbers as they were."""

from __future__ import annotations

from typing import Any, Final

import orjson

from fhir_server.fhir.http import FHIR_JSON, Refusal
from fhir_server.fhir.interactions.errors import Unfit
from validators.fhir import load_definitions, parse_json
from validators.fhir.xml import parse_xml
from validators.report import Report

Json = dict[str, Any]

JSON_TYPES: Final = (FHIR_JSON, "application/json")
XML_TYPES: Final = ("application/fhir+xml", "application/xml", "text/xml")
_CHARSETS: Final = frozenset({"", "utf-8", "utf8", "us-ascii"})


def media_type(header: str) -> str:
    """The type of a Content-Type, without parameters.

    Raises:
        Refusal: 415, the text is in another character set than UTF-8.
    """
    name, _, parameters = header.partition(";")
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in _CHARSETS:
        raise Refusal(415, "SUBMISSION-MEDIA-TYPE", found=f"charset={charset[:20]}", expected="charset=utf-8")
    return name.strip().lower()


def resource_in(data: bytes, type_: str) -> Json:
    """The resource in a body of one of the media types.

    Raises:
        Unfit: 400, it cannot be read.
    """
    report = Report()
    found = parse_xml(data, report, load_definitions()) if type_ in XML_TYPES else parse_json(data, report)
    if not isinstance(found, dict) or not report.conformant:
        raise Unfit(400, report)
    return found


def stored(body: bytes) -> Json:
    """A resource as it was stored."""
    found = parse_json(body, Report())
    assert isinstance(found, dict)
    return found


def encoded(node: Any, option: int = 0) -> bytes:
    """As JSON."""
    return orjson.dumps(node, default=_number, option=option)


def _number(value: object) -> object:
    """Numbers as they were written (jiter keeps them): 1.50 stays 1.50."""
    return orjson.Fragment(bytes(value))  # type: ignore[call-overload]


def content(resource: Json) -> Json:
    """A resource without what the server says of its version."""
    meta = resource.get("meta")
    if isinstance(meta, dict):
        meta = {k: v for k, v in meta.items() if k not in ("versionId", "lastUpdated")} or None
    rest = {k: v for k, v in resource.items() if k != "meta"}
    return rest if meta is None else rest | {"meta": meta}


def same(one: Json, other: Json) -> bool:
    """Whether two resources say the same, version and order of members apart."""
    return encoded(content(one), orjson.OPT_SORT_KEYS) == encoded(content(other), orjson.OPT_SORT_KEYS)
