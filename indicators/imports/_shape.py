"""What a file of declared data looks like: its columns, what a cell may hold, and what is said when it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

Record = TypeVar("Record")

MESSAGES: dict[str, tuple[str, str]] = {
    "FILE_EMPTY": ("le fichier est vide", "the file is empty"),
    "FILE_ENCODING": ("le fichier n'est pas en UTF-8", "the file is not UTF-8"),
    "FILE_UNREADABLE": ("classeur illisible : {detail}", "unreadable workbook: {detail}"),
    "FILE_TOO_LARGE": ("plus de {limit} {unit}", "more than {limit} {unit}"),
    "COLUMN_MISSING": ("la colonne manque", "the column is missing"),
    "COLUMN_UNKNOWN": ("colonne inconnue ; attendues : {known}", "unknown column; expected: {known}"),
    "COLUMN_TWICE": ("la colonne est donnée deux fois", "the column is given twice"),
    "ROW_LENGTH": ("{found} cellules au lieu de {wanted}", "{found} cells instead of {wanted}"),
    "ROW_TWICE": ("même clé qu'à la ligne {first}", "same key as line {first}"),
    "CELL_MISSING": ("valeur obligatoire absente", "a value is required"),
    "CELL_DATE": (
        "« {value} » n'est pas une date AAAA-MM-JJ ou JJ/MM/AAAA",
        "{value!r} is no date YYYY-MM-DD or DD/MM/YYYY",
    ),
    "CELL_COUNT": ("« {value} » n'est pas un nombre entier, zéro compris", "{value!r} is no whole number from 0 on"),
    "CELL_YES_NO": ("« {value} » n'est ni oui ni non", "{value!r} is neither oui nor non (yes, no)"),
    "CELL_CHOICE": ("« {value} » n'est pas l'une de : {known}", "{value!r} is none of: {known}"),
    "CELL_FINESS": ("« {value} » n'a pas la forme d'un FINESS (9 caractères)", "{value!r} is no FINESS (9 characters)"),
    "CELL_NUMBER": (
        "la cellule est un nombre : la mettre en texte, sinon les zéros de tête se perdent",
        "the cell is a number: make it text, or leading zeros are lost",
    ),
    "CELL_LONG": ("plus de {limit} caractères", "more than {limit} characters"),
    "PERIOD_REVERSED": ("la fin précède le début", "the end is before the start"),
    "AFTER_PERIOD": ("date postérieure à la fin de la période", "a date after the end of the period"),
    "PAIR": ("donner aussi {other}", "{other} has to be given too"),
    "ABOVE": ("supérieur à {other}", "above {other}"),
}
"""What each fault says, in French and in English."""

_LONGEST = 200
_FINESS = re.compile(r"(?:\d{2}|2[AB])\d{7}", re.ASCII)
_YES = {"oui": True, "non": False, "yes": True, "no": False, "o": True, "n": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class Fault:
    """One error: `line` as a spreadsheet numbers it (the header is 1, null for the whole file), `column` by name."""

    code: str
    line: int | None = None
    column: str | None = None
    parameters: tuple[tuple[str, Any], ...] = ()

    def text(self, lang: str = "fr") -> str:
        """One line for people: `ligne 3, date_sortie : valeur obligatoire absente`."""
        fr = lang == "fr"
        words = MESSAGES[self.code][0 if fr else 1].format(**dict(self.parameters))
        places = [f"{'ligne' if fr else 'line'} {self.line}"] if self.line is not None else []
        places += [self.column] if self.column else []
        return f"{', '.join(places)}{' : ' if fr else ': '}{words}" if places else words


class ImportRefused(ValueError):
    """The file is not imported; `faults` says everything that is wrong with it, in the order of its lines."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.text("en") for fault in faults[:5]))
        self.faults = faults


class Wrong(Exception):  # caught where the line is known
    """A cell or a row is not right: a message code, the column, and the words that go into the message."""

    def __init__(self, code: str, column: str | None = None, **parameters: Any) -> None:
        super().__init__(code)
        self.code, self.column, self.parameters = code, column, parameters

    def at(self, line: int, column: str | None) -> Fault:
        """The fault at its place."""
        return Fault(self.code, line, self.column or column, tuple(self.parameters.items()))


Cell = str | float | bool | date
"""What a reader finds in a cell: CSV gives text, a workbook its own types."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `kind` is a key of `KINDS`; `fr` and `en` explain it in the template and in the reference."""

    name: str
    kind: str
    fr: str
    en: str
    example: str
    required: bool = True
    choices: tuple[str, ...] = ()

    def value(self, cell: Cell | None) -> Any:
        """The typed value of a cell, null when it is empty and may be. Raises `Wrong`."""
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            if self.required:
                raise Wrong("CELL_MISSING")
            return None
        return KINDS[self.kind](self, cell)


@dataclass(frozen=True, slots=True)
class Shape(Generic[Record]):
    """One kind of file. `key` names the columns that no two rows share; `make` builds and checks a record."""

    id: str
    title_fr: str
    title_en: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    make: Callable[[Mapping[str, Any]], Record]

    def column(self, name: str) -> Column | None:
        """A column by name."""
        return next((column for column in self.columns if column.name == name), None)


def _text(_column: Column, cell: Cell) -> str:
    if not isinstance(cell, str):
        raise Wrong("CELL_NUMBER")
    if len(cell.strip()) > _LONGEST:
        raise Wrong("CELL_LONG", limit=_LONGEST)
    return cell.strip()


def _finess(column: Column, cell: Cell) -> str:
    text = _text(column, cell).upper()
    if not _FINESS.fullmatch(text):
        raise Wrong("CELL_FINESS", value=text)
    return text


def _date(_column: Column, cell: Cell) -> date:
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


def _count(_column: Column, cell: Cell) -> int:
    if isinstance(cell, float) and cell.is_integer() and 0 <= cell < 2**53:
        return int(cell)
    if isinstance(cell, str) and re.fullmatch(r"\d{1,15}", cell.strip(), re.ASCII):
        return int(cell)
    raise Wrong("CELL_COUNT", value=str(cell).strip())


def _yes_no(_column: Column, cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    text = str(int(cell)) if isinstance(cell, float) and cell in (0, 1) else str(cell).strip().lower()
    if text not in _YES:
        raise Wrong("CELL_YES_NO", value=text)
    return _YES[text]


def _choice(column: Column, cell: Cell) -> str:
    text = str(cell).strip()
    if text not in column.choices:
        raise Wrong("CELL_CHOICE", value=text, known=", ".join(column.choices))
    return text


KINDS: dict[str, Callable[[Column, Cell], Any]] = {
    "text": _text,
    "finess": _finess,
    "date": _date,
    "count": _count,
    "yes_no": _yes_no,
    "choice": _choice,
}
"""How each kind of cell is read."""


def in_order(row: Mapping[str, Any], start: str = "debut", end: str = "fin") -> None:
    """A period ends on or after its first day. Raises `Wrong`."""
    if row[start] is not None and row[end] is not None and row[end] < row[start]:
        raise Wrong("PERIOD_REVERSED", end)


def both_or_none(row: Mapping[str, Any], one: str, other: str) -> None:
    """Two cells that mean nothing apart. Raises `Wrong`."""
    for here, there in ((one, other), (other, one)):
        if row[here] is not None and row[there] is None:
            raise Wrong("PAIR", here, other=there)
