"""HL7 v2 times (DTM): a moment in Paris when they give no offset, a day when they give no hour."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from validators.adt._read import Segment
from validators.messages import rule
from validators.report import Report

PARIS: Final = ZoneInfo("Europe/Paris")
_DTM: Final = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:\.[0-9]{1,4})?)?)?([+-][0-9]{4})?)?"
)


def read_time(text: str) -> datetime | date | None:
    """The moment or the day a DTM says; None when it says neither. Fractions of a second are dropped.

    >>> str(read_time("202607011030"))
    '2026-07-01 10:30:00+02:00'
    """
    match = _DTM.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, offset = match.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        clock = (int(hour), int(minute or 0), int(second or 0))
        return datetime(int(year), int(month), int(day), *clock, tzinfo=_zone(offset))
    except ValueError:
        return None


def _zone(offset: str | None) -> tzinfo:
    if offset is None:
        return PARIS
    span = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
    return timezone(-span if offset[0] == "-" else span)


def time_at(segment: Segment | None, field: int, report: Report) -> datetime | date | None:
    """The time in a field; `ADT-TIME` when something else stands there."""
    text = segment.text(field) if segment is not None else ""
    found = read_time(text)
    if segment is not None and text and found is None:
        report.add(rule("ADT-TIME"), segment.place(field))
    return found
