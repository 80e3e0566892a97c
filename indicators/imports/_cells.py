"""What a cell may hold: one reader a kind, and the words by which a template names the kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from indicators.imports._faults import Wrong
from indicators.money import parse_euros
from indicators.regions import REGIONS

Cell: TypeAlias = str | float | bool | date
"""What a reader finds in a cell: CSV gives text, a workbook its own types."""
Choices: TypeAlias = tuple[str, ...]

SEPARATOR = "|"
"""Between the values of a cell that holds several: neither a comma nor a semicolon, which part the cells of a CSV."""
_LONGEST = 200
_LONGEST_LIST = 10_000
_FINESS = re.compile(r"(?:\d{2}|2[AB])\d{7}", re.ASCII)
_SEMESTER = re.compile(r"\d{4}-S[12]", re.ASCII)
_FRENCH_MOMENT = re.compile(r"(\d{2})/(\d{2})/(\d{4})[ T](\d{2}:\d{2}(?::\d{2})?)", re.ASCII)
_ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_YES = {"oui": True, "non": False, "yes": True, "no": False, "o": True, "n": False, "1": True, "0": False}


def _text(cell: Cell, _choices: Choices) -> str:
    return _short(cell, _LONGEST)


def _short(cell: Cell, limit: int) -> str:
    if not isinstance(cell, str):
        raise Wrong("CELL_NUMBER")
    if len(cell.strip()) > limit:
        raise Wrong("CELL_LONG", limit=limit)
    return cell.strip()


def _finess(cell: Cell, choices: Choices) -> str:
    text = _text(cell, choices).upper()
    if not _FINESS.fullmatch(text):
        raise Wrong("CELL_FINESS", value=text)
    return text


def _region(cell: Cell, choices: Choices) -> str:
    text = _text(cell, choices)
    if text not in REGIONS:
        raise Wrong("CELL_REGION", value=text)
    return text


def _semester(cell: Cell, choices: Choices) -> str:
    text = _text(cell, choices).upper()
    if not _SEMESTER.fullmatch(text):
        raise Wrong("CELL_SEMESTER", value=text)
    return text


def _date(cell: Cell, _choices: Choices) -> date:
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    text = str(cell).strip()
    for pattern, order in ((r"(\d{4})-(\d{2})-(\d{2})", (1, 2, 3)), (r"(\d{2})/(\d{2})/(\d{4})", (3, 2, 1))):
        found = re.fullmatch(pattern, text, re.ASCII)
        if found:
            try:
                return date(*(int(found[group]) for group in order))
            except ValueError:
                break
    raise Wrong("CELL_DATE", value=text)


def _moment(cell: Cell, _choices: Choices) -> datetime:
    """A moment in Paris, where the texts live, unless it names its zone; a day alone is none (SUN1-R15, C-06)."""
    from indicators.programmes.dates import PARIS

    moment = cell if isinstance(cell, datetime) else _read_moment(str(cell).strip())
    return moment.replace(tzinfo=PARIS) if moment.tzinfo is None else moment.astimezone(PARIS)


def _read_moment(text: str) -> datetime:
    french = _FRENCH_MOMENT.fullmatch(text)
    written = f"{french[3]}-{french[2]}-{french[1]}T{french[4]}" if french else text
    try:
        if _ISO_MOMENT.fullmatch(written):
            return datetime.fromisoformat(written)
    except ValueError:
        pass
    raise Wrong("CELL_MOMENT", value=text)


def _count(cell: Cell, _choices: Choices) -> int:
    if isinstance(cell, float) and cell.is_integer() and 0 <= cell < 2**53:
        return int(cell)
    if isinstance(cell, str) and re.fullmatch(r"\d{1,15}", cell.strip(), re.ASCII):
        return int(cell)
    raise Wrong("CELL_COUNT", value=str(cell).strip())


def _signed_euros(cell: Cell, _choices: Choices) -> int:
    """Cents, exact: the shortest decimal that a workbook's float reads as is what was typed; nothing is rounded."""
    text = repr(cell).removesuffix(".0") if isinstance(cell, float) else str(cell).strip()
    try:
        cents = parse_euros(text)
    except ValueError:
        raise Wrong("CELL_EUROS", value=text) from None
    if abs(cents) >= 10**15:
        raise Wrong("CELL_EUROS", value=text)
    return cents


def _euros(cell: Cell, choices: Choices) -> int:
    cents = _signed_euros(cell, choices)
    if cents < 0:
        raise Wrong("CELL_NEGATIVE")
    return cents


def _yes_no(cell: Cell, _choices: Choices) -> bool:
    if isinstance(cell, bool):
        return cell
    text = str(int(cell)) if isinstance(cell, float) and cell in (0, 1) else str(cell).strip().lower()
    if text not in _YES:
        raise Wrong("CELL_YES_NO", value=text)
    return _YES[text]


def _choice(cell: Cell, choices: Choices) -> str:
    text = str(cell).strip()
    if text not in choices:
        raise Wrong("CELL_CHOICE", value=text, known=", ".join(choices))
    return text


def _list(cell: Cell, choices: Choices) -> tuple[str, ...]:
    values = [part.strip() for part in _short(cell, _LONGEST_LIST).split(SEPARATOR)]
    for value in values:
        if not value:
            raise Wrong("CELL_MISSING")
        if choices:
            _choice(value, choices)
        if values.count(value) > 1:
            raise Wrong("CELL_TWICE", value=value)
    return tuple(values)


def _finess_list(cell: Cell, choices: Choices) -> tuple[str, ...]:
    return tuple(_finess(value, choices) for value in _list(cell, ()))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of cell: how it is read (raises `Wrong`), and what a template says that it holds."""

    read: Callable[[Cell, Choices], Any]
    fr: str
    en: str


KINDS: dict[str, Kind] = {
    "text": Kind(_text, "texte", "text"),
    "finess": Kind(_finess, "texte", "text"),
    "region": Kind(_region, "code INSEE de région", "INSEE code of a region"),
    "semester": Kind(_semester, "semestre AAAA-S1", "half-year YYYY-S1"),
    "date": Kind(_date, "date AAAA-MM-JJ", "date YYYY-MM-DD"),
    "moment": Kind(_moment, "date et heure de Paris", "date and time in Paris"),
    "count": Kind(_count, "nombre entier", "whole number"),
    "euros": Kind(_euros, "montant en euros", "amount in euros"),
    "signed_euros": Kind(_signed_euros, "montant en euros", "amount in euros"),
    "yes_no": Kind(_yes_no, "oui ou non", "oui or non"),
    "choice": Kind(_choice, "liste", "list"),
    "list": Kind(_list, f"valeurs séparées par {SEPARATOR}", f"values parted by {SEPARATOR}"),
    "finess_list": Kind(_finess_list, f"FINESS séparés par {SEPARATOR}", f"FINESS parted by {SEPARATOR}"),
}
"""How each kind of cell is read."""
