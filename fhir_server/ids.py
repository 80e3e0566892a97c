"""Identifiers we make: time-ordered ids, keyed pseudonyms, and the local month everything is filed under."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
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


def moment(microseconds: int) -> str:
    """Microseconds since the epoch as an ISO 8601 instant in UTC, with milliseconds."""
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC).isoformat(timespec="milliseconds")


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

    Re-keying applies one more key to every pseudonym there is (the identities behind them are not kept), so a
    pseudonym of version n is a chain of n keys. Ids of resources are made under the first key and never change.

    Args:
        key: the first key.
        version: of the newest key.
        later: the keys that came after the first, in order.
    """

    __slots__ = ("_key", "_later", "version")

    def __init__(self, key: bytes, version: int = 1, later: Sequence[bytes] = ()) -> None:
        self._key = key
        self._later = tuple(later)
        self.version = version

    def take(self, other: Pseudonyms) -> None:
        """Go on with the keys of another: the database was re-keyed while this process ran."""
        self._key, self._later, self.version = other._key, other._later, other.version

    def _digest(self, domain: str, parts: tuple[str, ...]) -> bytes:
        return hmac.digest(self._key, "\x1f".join((domain, *parts)).encode(), hashlib.sha256)

    def number(self, domain: str, *parts: str) -> int:
        """A signed 64-bit key: the widest integer that DuckDB, PostgreSQL and Spark share."""
        found = int.from_bytes(self._digest(domain, parts)[:8], "big", signed=True)
        for key in self._later:
            found = next_number(key, found)
        return found

    def text(self, domain: str, *parts: str) -> str:
        """A key of 32 hexadecimal digits."""
        found = self.stable(domain, *parts)
        for key in self._later:
            found = next_text(key, found)
        return found

    def stable(self, domain: str, *parts: str) -> str:
        """A key of 32 hexadecimal digits that no re-keying changes: for ids, which others have written down."""
        return self._digest(domain, parts)[:16].hex()


def next_number(key: bytes, number: int) -> int:
    """A number of one version under the next key."""
    return int.from_bytes(
        hmac.digest(key, number.to_bytes(8, "big", signed=True), hashlib.sha256)[:8], "big", signed=True
    )


def next_text(key: bytes, text: str) -> str:
    """A text of one version under the next key."""
    return hmac.digest(key, text.encode(), hashlib.sha256)[:16].hex()
