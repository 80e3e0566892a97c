"""What header fields say: words, addresses, moments and message ids (RFC 5322, RFC 2047). Nothing here raises."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final

from validators.mail._mime import raw_values
from validators.messages import rule
from validators.mssante import normalised
from validators.report import Report

_ID: Final = re.compile(r"<?([^<>\s@]{1,500}@[^<>\s@]{1,490})>?")
_BRACKETED: Final = re.compile(r"<([^<>\s@]{1,500}@[^<>\s@]{1,500})>")
_ENCODED: Final = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?")
_UNREADABLE: Final = (MessageError, LookupError, ValueError, UnicodeError)
LONGEST: Final = 320
"""Characters of an address (RFC 5321, 4.5.3.1)."""
_NESTED: Final = 50
"""Comments in a list of addresses: the stdlib reads them by recursion."""


def one(header: Message, name: str, report: Report | None = None) -> str:
    """The text of a field, unfolded; the first where it stands twice, and empty where it does not stand."""
    found = raw_values(header, name)
    if len(found) > 1 and report is not None:
        report.add(rule("MAIL-TWICE"), name, name=name)
    return found[0] if found else ""


def words(header: Message, name: str, report: Report) -> str:
    """A field of words with its encoded ones decoded; what cannot be is left as it stands, and said."""
    text = one(header, name, report)
    if not _ENCODED.search(text):
        return text
    try:
        pieces = decode_header(text)
        return "".join(p if isinstance(p, str) else p.decode(charset or "ascii") for p, charset in pieces).strip()
    except _UNREADABLE:
        report.add(rule("MAIL-CHARSET"), name)
        return text


def addresses(header: Message, names: Iterable[str]) -> tuple[str, ...]:
    """The addresses of some fields, normalised, each once, in order; names of people are left behind."""
    found = (address for name in names for text in raw_values(header, name) for address in listed(text))
    return tuple(dict.fromkeys(found))


def listed(text: str) -> list[str]:
    """The addresses of one list; none when it is nested beyond reason."""
    if text.count("(") > _NESTED or text.count("<") > 10_000:
        return []
    try:
        pairs = getaddresses([text])
    except (ValueError, IndexError):
        return []
    return [normalised(address) for _, address in pairs if "@" in address and len(address) <= LONGEST]


def moment(text: str) -> datetime | None:
    """A date-time of RFC 5322 in UTC; `-0000` says that the offset is UTC and the place unknown."""
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def zoned(text: str) -> datetime | None:
    """A date-time that says its offset: which day it was in Paris must not be guessed."""
    return moment(text) if re.search(r"[+-]\d{4}\b|\b(?:GMT|UT|UTC|Z)\b", text) else None


def message_id(text: str) -> str | None:
    """A Message-ID without its brackets; None when it is none."""
    found = _ID.fullmatch(text.strip())
    return found[1] if found is not None else None


def message_ids(text: str) -> list[str]:
    """The Message-IDs of a list such as References, in order."""
    return _BRACKETED.findall(text)
