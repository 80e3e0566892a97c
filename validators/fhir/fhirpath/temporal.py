"""Date, DateTime and Time with partial precision (https://hl7.org/fhirpath/N1/#date): read, written, compared, moved.

Comparison is three-valued: None when the precision of one side does not allow to tell.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

_TEXT: Final = re.compile(
    r"(?:(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?)?"
    r"(?P<t>T)?"
    r"(?:(?<=T)(?P<hour>[0-9]{2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}(?:\.[0-9]+)?))?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_WHOLE: Final = ("year", "month", "day", "hour", "minute")
_MONTH_DAYS: Final = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LOWEST: Final = (1, 1, 1, 0, 0, Decimal(0))
_DAY_MINUTES: Final = 24 * 60
_ZONE_SPREAD: Final = timedelta(hours=26)
"""From +14:00 to -12:00: how far apart two clocks without a common zone may be."""

Parts = tuple[int | Decimal, ...]


class Temporal:
    """A Date, DateTime or Time: `kind`, the parts that were given, and the zone in minutes (None: none given).

    `parts` are (year, month, day, hour, minute, second) cut at the precision; those of a Time start at the hour.
    Seconds are decimals that keep the digits written, because N1 takes seconds and milliseconds for one precision.
    """

    __slots__ = ("kind", "parts", "zone")

    def __init__(self, kind: str, parts: Parts, zone: int | None = None) -> None:
        self.kind = kind
        self.parts = parts
        self.zone = zone

    def __str__(self) -> str:
        first = 3 if self.kind == "Time" else 0
        texts = [_part_text(first + i, part) for i, part in enumerate(self.parts)]
        if first:
            return ":".join(texts)
        date, clock = "-".join(texts[:3]), ":".join(texts[3:])
        return date + (f"T{clock}{zone_text(self.zone)}" if clock else "")

    def __repr__(self) -> str:
        return f"{self.kind}({self})"

    @property
    def is_time(self) -> bool:
        """Whether it is a time of day, which no date compares with."""
        return self.kind == "Time"

    def key(self) -> tuple[object, ...]:
        """What equal values share, for sets."""
        parts = _common(self, self.zone is not None)
        return (self.is_time, parts, self.zone is not None)

    def compare(self, other: Temporal) -> int | None:
        """Negative, zero or positive; None when precision or a zone is missing, or when a Time meets a Date."""
        if self.is_time is not other.is_time:
            return None
        if (self.zone is None) is not (other.zone is None) and min(len(self.parts), len(other.parts)) > 3:
            return self._without_zone(other)
        zoned = self.zone is not None and other.zone is not None
        left, right = _common(self, zoned), _common(other, zoned)
        for one, two in zip(left, right, strict=False):
            if one != two:
                return -1 if one < two else 1
        return 0 if len(left) == len(right) else None

    def _without_zone(self, other: Temporal) -> int | None:
        """Compare two clocks of which one has no zone: certain only when they are further apart than all zones."""
        try:
            apart = _moment(self) - _moment(other)
        except (OverflowError, ValueError):
            return None
        if abs(apart) <= _ZONE_SPREAD:
            return None
        return -1 if apart < timedelta(0) else 1

    def plus(self, unit: str, count: int) -> Temporal | None:
        """Moved by whole calendar units (`year` … `millisecond`); None when it leaves the years 1 to 9999.

        A unit finer than the precision counts for the units of the precision it fills (N1, Date/Time Arithmetic).
        """
        if self.kind == "Time":
            return self._clock_plus(unit, count)
        unit, count = _coarser(unit, count, len(self.parts))
        try:
            if unit in ("year", "month"):
                return self._months_plus(count * 12 if unit == "year" else count)
            moved = _moment(self, zoned=False) + _DELTAS[unit] * count
        except (OverflowError, ValueError):
            return None
        return self._rebuilt(moved)

    def _months_plus(self, months: int) -> Temporal:
        numbers = [int(p) for p in self.parts[:3]]
        month = (numbers[1] if len(numbers) > 1 else 1) - 1 + months
        year = numbers[0] + month // 12
        if not 1 <= year <= 9999:
            raise OverflowError
        moved = [year, month % 12 + 1, *numbers[2:]][: len(numbers)] if len(numbers) > 1 else [year]
        if len(moved) == 3:
            moved[2] = min(moved[2], month_days(moved[0], moved[1]))
        return Temporal(self.kind, (*moved, *self.parts[3:]), self.zone)

    def _clock_plus(self, unit: str, count: int) -> Temporal | None:
        step = _DELTAS.get(unit)
        if step is None:
            return None
        start = _moment(Temporal("DateTime", (2000, 1, 1, *self.parts)))
        try:
            moved = start + step * count
        except OverflowError:
            return None
        return self._rebuilt(moved)

    def _rebuilt(self, moved: datetime) -> Temporal:
        """The same precision and digits of a second, at another moment."""
        second = Decimal(moved.second) + Decimal(moved.microsecond) / 1_000_000
        first = 3 if self.kind == "Time" else 0
        old = self.parts[-1]
        if isinstance(old, Decimal):
            digits = max(_digits(old), _digits(second.normalize()) if moved.microsecond else 0)
            second = second.quantize(Decimal(1).scaleb(-digits))
        parts: Parts = (moved.year, moved.month, moved.day, moved.hour, moved.minute, second)
        return Temporal(self.kind, parts[first : first + len(self.parts)], self.zone)


_DELTAS: Final = {
    "week": timedelta(weeks=1),
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
    "millisecond": timedelta(milliseconds=1),
}
_COARSER: Final = {
    "millisecond": ("second", 1000), "second": ("minute", 60), "minute": ("hour", 60), "hour": ("day", 24),
    "week": ("day", 7), "day": ("month", 30), "month": ("year", 12),
}  # fmt: skip
_RANK: Final = {"year": 1, "month": 2, "week": 3, "day": 3, "hour": 4, "minute": 5, "second": 6, "millisecond": 6}


def _coarser(unit: str, count: int, precision: int) -> tuple[str, int]:
    """The same duration in a unit that a value of this precision has, fractions cut off."""
    while _RANK[unit] > precision:
        if unit == "day" and precision == 1:
            return "year", _cut(count, 365)
        if unit == "week":
            unit, count = "day", count * 7
            continue
        unit, size = _COARSER[unit]
        count = _cut(count, size)
    return unit, count


def _cut(count: int, size: int) -> int:
    return abs(count) // size * (1 if count >= 0 else -1)


def _moment(value: Temporal, *, zoned: bool = True) -> datetime:
    """The earliest moment of a value, in UTC when it has a zone and `zoned` is asked for."""
    parts = [*value.parts, *_LOWEST[len(value.parts) :]]
    second = Decimal(parts[5])
    whole = int(second)
    year, month, day, hour, minute = (int(p) for p in parts[:5])
    base = datetime(year, month, day, hour, minute)  # noqa: DTZ001  (the zone is taken off below)
    base += timedelta(seconds=whole, microseconds=int((second - whole) * 1_000_000))
    return base - timedelta(minutes=value.zone) if zoned and value.zone else base


def _common(value: Temporal, zoned: bool) -> Parts:
    """The parts, in UTC when both sides have a zone and there is a clock to move."""
    if not zoned or not value.zone or len(value.parts) < 4:
        return value.parts
    try:
        moved = _moment(value)
    except (OverflowError, ValueError):
        return value.parts
    second = Decimal(moved.second) + (Decimal(value.parts[5]) % 1 if len(value.parts) > 5 else 0)
    return (moved.year, moved.month, moved.day, moved.hour, moved.minute, second)[: len(value.parts)]


@lru_cache(maxsize=4096)
def parse_temporal(text: str, kind: str) -> Temporal | None:
    """A Date, DateTime or Time from its text (`2015-02`, `2015-02-04T14:34Z`, `14:34`, a `T` before it or not).

    None when the text has another form, or is no day of the calendar or no time of the day.
    """
    match = _TEXT.fullmatch("T" + text if kind == "Time" and not text.startswith("T") else text)
    if match is None or (match["year"] is None) is not (kind == "Time"):
        return None
    if (kind == "Date" and match["t"]) or (kind == "Time" and (match["zone"] or match["hour"] is None)):
        return None
    if match["hour"] is not None and match["day"] is None and kind != "Time":
        return None
    parts: list[int | Decimal] = [int(match[name]) for name in _WHOLE if match[name] is not None]
    if match["second"] is not None:
        parts.append(Decimal(match["second"]))
    value = Temporal(kind, tuple(parts), _zone(match["zone"]))
    return value if _exists(value) else None


def _exists(value: Temporal) -> bool:
    """Whether every part is in its range."""
    parts = [None, None, None, *value.parts] if value.kind == "Time" else list(value.parts)
    parts += [None] * (6 - len(parts))
    year, month, day, hour, minute, second = parts
    if year == 0 or (month is not None and not 1 <= month <= 12):
        return False
    if day is not None and not 1 <= day <= month_days(int(year or 1), int(month or 1)):
        return False
    clock = (hour or 0) <= 23 and (minute or 0) <= 59 and (second or 0) < 61
    return clock and (value.zone is None or abs(value.zone) <= 14 * 60)


def month_days(year: int, month: int) -> int:
    """The days of a month."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _MONTH_DAYS[month] + leap


def _zone(text: str | None) -> int | None:
    if text is None or text == "Z":
        return None if text is None else 0
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return -minutes if text[0] == "-" else minutes


def zone_text(zone: int | None) -> str:
    """`Z`, `+02:00`, or nothing."""
    if not zone:
        return "" if zone is None else "Z"
    return f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02}:{abs(zone) % 60:02}"


def _part_text(rank: int, part: int | Decimal) -> str:
    if rank == 0:
        return f"{int(part):04}"
    if isinstance(part, Decimal):
        whole, point, rest = f"{part:f}".partition(".")
        return f"{whole:>02}{point}{rest}"
    return f"{part:02}"


def _digits(value: Decimal) -> int:
    return max(0, -int(value.as_tuple().exponent))


def from_datetime(moment: datetime) -> Temporal:
    """A DateTime to the millisecond, in the zone of an aware datetime."""
    offset = moment.utcoffset()
    second = Decimal(moment.second) + Decimal(moment.microsecond // 1000).scaleb(-3)
    zone = None if offset is None else int(offset.total_seconds() // 60)
    return Temporal("DateTime", (moment.year, moment.month, moment.day, moment.hour, moment.minute, second), zone)
