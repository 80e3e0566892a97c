"""Local dates: every period is inclusive and in Europe/Paris (C-06), whatever the clock of the machine."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Period:
    """Local dates, both ends included."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


def local_date(moment: date | datetime) -> date:
    """The day it is in Paris. Raises `ValueError` on a date and time without zone: it could be either of two days."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its time zone: {moment.isoformat()}")
    return moment.astimezone(PARIS).date()


def read_day(text: str | date | datetime) -> date:
    """The local day of an ISO date or moment; a moment without zone is one of Paris, where the texts live.

    `2022-10-31T23:00:00Z` is 1 November. Raises `ValueError` on anything else.
    """
    if isinstance(text, date):
        return local_date(text)
    written = text.strip()
    if len(written) <= 10:
        return date.fromisoformat(written)
    moment = datetime.fromisoformat(written)
    return local_date(moment if moment.tzinfo else moment.replace(tzinfo=PARIS))


def month_before(day: date, months: int) -> Period:
    """The full calendar month that lies `months` before the month of a day: 2022-03-05, 1 gives February 2022."""
    index = day.year * 12 + day.month - 1 - months
    year, month = index // 12, index % 12 + 1
    return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
