"""What a request demands of a version: If-Match, If-None-Match, If-Modified-Since (FHIR R4, http.html#concurrency)."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final

from fhir_server.fhir.http import Refusal

_TAG: Final = re.compile(r'\s*(?:W/)?"([^"]*)"\s*')


def etag(version: int) -> str:
    """The tag of a version."""
    return f'W/"{version}"'


def _tags(text: str, name: str) -> list[str]:
    """The versions in a list of tags; `*` is any.

    Raises:
        Refusal: 400, one of them is no tag.
    """
    if text.strip() == "*":
        return ["*"]
    found = [_TAG.fullmatch(part) for part in text.split(",")]
    if not all(found):
        raise Refusal(400, "INTERACTION-HEADER", name=name, found=text[:40], expected='W/"1"')
    return [match[1] for match in found if match is not None]


def must_match(row: Any, if_match: str | None, if_none_match: str | None = None) -> None:
    """Go on only with the version the client means; `row` is the current one, None or `gone` where there is none.

    Raises:
        Refusal: 400 no tag, 412 another version.
    """
    current = None if row is None or row.gone else str(row.version)
    if if_match is not None:
        wanted = _tags(if_match, "If-Match")
        if current is None or ("*" not in wanted and current not in wanted):
            raise _conflict("If-Match", if_match, current)
    if if_none_match is not None and current is not None:
        wanted = _tags(if_none_match, "If-None-Match")
        if "*" in wanted or current in wanted:
            raise _conflict("If-None-Match", if_none_match, current)


def _conflict(name: str, wanted: str, current: str | None) -> Refusal:
    return Refusal(412, "VERSION-CONFLICT", name=name, expected=wanted[:40], found=current or "—")


def not_modified(row: Any, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """Whether a reader already has this version; a tag says more than a date (RFC 9110, 13.1).

    What is no tag or no date is no condition: the reader gets the resource.
    """
    if if_none_match is not None:
        found = (_TAG.fullmatch(part) for part in if_none_match.split(","))
        return if_none_match.strip() == "*" or any(tag is not None and tag[1] == str(row.version) for tag in found)
    if if_modified_since is None:
        return False
    try:
        moment = parsedate_to_datetime(if_modified_since)
    except ValueError:
        return False
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return bool(row.updated // 1_000_000 <= moment.timestamp())
