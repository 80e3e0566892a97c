"""Dates and numbers as ranges of text whose order is theirs: what is indexed, and what a search compares it with.

A value stands for the whole range its precision leaves open (FHIR R4, search.html#date, #number): `2026-02` for a
month, `1.50` for [1.495, 1.505). A range is (first, after): two texts of one length, compared by code point. Each
function is monotone, so that a range within another stays within it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from fhir_server.ids import PARIS
from validators.fhir.fhirpath.items import to_decimal

Range = tuple[str, str]
"""The first value, and the one after the last."""

FIRST_MOMENT, LAST_MOMENT = "0" * 19, "9" * 19
LEAST_NUMBER, GREATEST_NUMBER = "0" * 16, "f" * 16

OFFSET: Final = 10**18
"""Added to the microseconds since 1970, so that every moment of the calendar is a positive number."""

_DATE_TIME: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


# -- dates -------------------------------------------------------------------------------------------------------------


def moment(microseconds: int) -> str:
    """A moment as it is indexed: 19 digits.

    Args:
        microseconds: since 1970, UTC.
    """
    return f"{microseconds + OFFSET:019d}"


def span(text: object) -> tuple[int, int] | None:
    """The first microsecond a date, dateTime or instant stands for and the one after the last, since 1970 in UTC.

    What has no zone is in Europe/Paris: its days and months are those of the periods everything is counted in. None for
    what is no date.
    """
    return _span(text) if isinstance(text, str) else None


@lru_cache(maxsize=1024)
def _span(text: str) -> tuple[int, int] | None:
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        return None
    try:
        return _clock(found) if found[4] else _days(found)
    except (ValueError, OverflowError):
        return None


def _days(found: re.Match[str]) -> tuple[int, int]:
    start = datetime(int(found[1]), int(found[2] or 1), int(found[3] or 1), tzinfo=PARIS)
    try:
        if found[3]:
            end = start + timedelta(days=1)
        elif found[2]:
            end = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
        else:
            end = start.replace(year=start.year + 1)
    except (ValueError, OverflowError):  # the last day, month or year of the calendar
        end = datetime.max.replace(tzinfo=UTC)
    return _micros(start), _micros(end)


def _clock(found: re.Match[str]) -> tuple[int, int]:
    start = datetime.fromisoformat(found[0])
    first = _micros(start if start.tzinfo is not None else start.replace(tzinfo=PARIS))
    if found[6] is None:
        return first, first + 60_000_000
    return first, first + 10 ** (6 - min(len(found[7] or ""), 6))


def _micros(start: datetime) -> int:
    return (start - _EPOCH) // _MICROSECOND


def date_range(text: object) -> Range | None:
    """What a date, dateTime or instant stands for; None for what is no date."""
    found = span(text)
    return None if found is None else (moment(found[0]), moment(found[1]))


def period_range(period: Mapping[str, Any]) -> Range | None:
    """A Period, an end that is not given open; None when neither is."""
    start, end = date_range(period.get("start")), date_range(period.get("end"))
    if start is None and end is None:
        return None
    return (start[0] if start else FIRST_MOMENT), (end[1] if end else LAST_MOMENT)


def timing_range(timing: Mapping[str, Any]) -> Range | None:
    """The outer limits of a Timing: its events and the period of its repetition (FHIR R4, search.html#date)."""
    events, repeat = timing.get("event"), timing.get("repeat")
    ranges = [date_range(event) for event in events] if isinstance(events, list) else []
    bounds = repeat.get("boundsPeriod") if isinstance(repeat, dict) else None
    ranges.append(period_range(bounds) if isinstance(bounds, dict) else None)
    known = [found for found in ranges if found is not None]
    return (min(first for first, _ in known), max(after for _, after in known)) if known else None


# -- numbers -----------------------------------------------------------------------------------------------------------


def number(value: float | Decimal) -> str:
    """A number as 16 hexadecimal digits in the order of the numbers: its binary64 bits, those of a negative turned."""
    try:
        found = float(value) + 0.0  # -0.0 is 0.0
    except OverflowError:
        return GREATEST_NUMBER if value > 0 else LEAST_NUMBER
    [bits] = struct.unpack(">Q", struct.pack(">d", found))
    return f"{bits ^ ((1 << 64) - 1 if bits >> 63 else 1 << 63):016x}"


def bounds(value: object) -> tuple[Decimal, Decimal] | None:
    """What a number stands for: half a unit of its last digit to either side; None for what is no number.

    Args:
        value: a number of JSON, or its text: `100` is [99.5, 100.5), `1e2` is [50, 150).
    """
    found = to_decimal(_number_of(value)) if isinstance(value, str) else to_decimal(value)
    if found is None:
        return None
    half = Decimal(5).scaleb(int(found.as_tuple().exponent) - 1)
    return found - half, found + half


_NUMBER: Final = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?", re.ASCII)


def _number_of(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def number_range(value: object) -> Range | None:
    """What a number, as JSON or as text, stands for; None for what is no number."""
    found = bounds(value)
    return None if found is None else (number(found[0]), number(found[1]))


def quantity_range(quantity: Mapping[str, Any]) -> Range | None:
    """What the value of a Quantity stands for: with a comparator, all below or above it."""
    found = number_range(quantity.get("value"))
    comparator = str(quantity.get("comparator") or "")
    if found is None or not comparator:
        return found
    value = number(to_decimal(quantity.get("value")) or 0)
    if comparator.startswith("<"):
        return LEAST_NUMBER, found[1] if "=" in comparator else value
    return found[0] if "=" in comparator else value, GREATEST_NUMBER
