"""Days and moments as letters write them, in Paris time (C-06)."""

from __future__ import annotations

from datetime import date, datetime

from indicators.programmes.dates import PARIS
from indicators.programmes.letters._model import Words

_MONTHS = (
    ("janvier", "January"), ("février", "February"), ("mars", "March"), ("avril", "April"), ("mai", "May"),
    ("juin", "June"), ("juillet", "July"), ("août", "August"), ("septembre", "September"), ("octobre", "October"),
    ("novembre", "November"), ("décembre", "December"),
)  # fmt: skip


def day_words(day: date) -> Words:
    """`1er juillet 2022` and `1 July 2022`."""
    fr, en = _MONTHS[day.month - 1]
    first = "1er" if day.day == 1 else str(day.day)
    return Words(f"{first} {fr} {day.year}", f"{day.day} {en} {day.year}")


def moment_words(text: str) -> Words:
    """An ISO day or moment; a moment is told to the second, in Paris: `31 octobre 2022 à 23:59:59`.

    Raises `ValueError` on anything else.
    """
    if len(text) <= 10:
        return day_words(date.fromisoformat(text))
    moment = datetime.fromisoformat(text)
    local = moment.astimezone(PARIS) if moment.tzinfo else moment.replace(tzinfo=PARIS)
    day = day_words(local.date())
    return Words(f"{day.fr} à {local:%H:%M:%S}", f"{day.en} at {local:%H:%M:%S}")
