"""Identifiers we make: time-ordered ids, keyed pseudonyms, and the local month everything is filed under."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def new_id() -> str:
    """A UUID version 7 (RFC 9562): sorted by time, so that new index rows land next to each other."""
    millis = time.time_ns() // 1_000_000
    raw = millis << 80 | 0x7 << 76 | int.from_bytes(os.urandom(10)) & ((1 << 76) - 1)
    raw = raw & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=raw))


def micros(moment: datetime) -> int:
    """Microseconds since the epoch of an aware datetime."""
    return int(moment.timestamp() * 1_000_000)


def paris_date(moment: datetime) -> date:
    """The local day in Paris of an aware datetime: what every period of a programme is counted in."""
    return moment.astimezone(PARIS).date()


def month_of(day: date) -> int:
    """The month as an integer, 202603 for March 2026."""
    return day.year * 100 + day.month


class Pseudonyms:
    """Keyed pseudonyms (HMAC-SHA256) of patients, stays and documents.

    Figures need to tell persons apart, never to know them: facts carry these keys, no identity. `version` is written
    beside each key so that a change of key can be told from a change of person.
    """

    __slots__ = ("_key", "version")

    def __init__(self, key: bytes, version: int = 1) -> None:
        self._key = key
        self.version = version

    def _digest(self, domain: str, parts: tuple[str, ...]) -> bytes:
        return hmac.digest(self._key, "\x1f".join((domain, *parts)).encode(), hashlib.sha256)

    def number(self, domain: str, *parts: str) -> int:
        """A signed 64-bit key: the widest integer that DuckDB, PostgreSQL and Spark share."""
        return int.from_bytes(self._digest(domain, parts)[:8], "big", signed=True)

    def text(self, domain: str, *parts: str) -> str:
        """A key of 32 hexadecimal digits."""
        return self._digest(domain, parts)[:16].hex()
