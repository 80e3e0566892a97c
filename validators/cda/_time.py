"""HL7 v3 timestamps (TS): lexical form, calendar, zone; a missing zone is read as Europe/Paris."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

PARIS: Final = ZoneInfo("Europe/Paris")
_TS: Final = re.compile(
    r"([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:\.[0-9]+)?)?)?"
    r"([+-][0-9]{1,4})?)?)?)?"
)
_MAX_ZONE: Final = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A parsed TS: the instant it starts at; `precision` is 1 for a year to 6 for a second."""

    raw: str
    start: datetime
    precision: int
    has_zone: bool

    @property
    def has_hour(self) -> bool:
        """Whether the hour is written."""
        return self.precision > 3

    @property
    def has_minute(self) -> bool:
        """Whether the minute is written."""
        return self.precision > 4

    @property
    def end(self) -> datetime:
        """The instant before which it ends: `19790328` lasts a day."""
        if self.precision == 1:
            return self.start.replace(year=self.start.year + 1)
        if self.precision == 2:
            return (self.start + timedelta(days=32)).replace(day=1)
        return self.start + timedelta(seconds=(86400, 3600, 60, 1)[self.precision - 3])


def parse_timestamp(raw: str | None) -> Timestamp | None:
    """The timestamp, or None when the text is not a TS of the calendar. Never raises (CDA R2 datatypes, TS).

    >>> parse_timestamp("20240229103000+0100").start.isoformat()
    '2024-02-29T10:30:00+01:00'
    """
    match = _TS.fullmatch(raw or "")
    if raw is None or match is None:
        return None
    *parts, zone = match.groups()
    numbers = [int(part) for part in parts if part is not None]
    try:
        where = _zone(zone) if zone else PARIS
        year, month, day, hour, minute, second = [*numbers, *(1, 1, 1, 0, 0, 0)[len(numbers) :]]
        # The year is kept off both ends of the calendar, where an instant has no UTC equivalent.
        if not 1000 <= year <= 9990:
            return None
        start = datetime(year, month, day, hour, minute, second, tzinfo=where)
    except ValueError:
        return None
    return Timestamp(raw, start, len(numbers), zone is not None)


@lru_cache(maxsize=256)
def _zone(text: str) -> tzinfo:
    """`+0100`, `+100`, `+01` and `+1`: the schema allows one to four digits.

    Raises:
        ValueError: no such zone.
    """
    digits = text[1:]
    hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > _MAX_ZONE or int(minutes) > 59:
        raise ValueError(text)
    return timezone(-offset if text[0] == "-" else offset)
