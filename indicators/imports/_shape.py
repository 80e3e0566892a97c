"""What a file to import looks like: its columns, the key of its rows, how a row becomes a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from indicators.imports._cells import KINDS, Cell
from indicators.imports._faults import Wrong

Record = TypeVar("Record")


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
        return KINDS[self.kind].read(cell, self.choices)


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


def read_cell(kind: str, text: str, column: str) -> Any:
    """A part of a cell as a kind of its own. Raises `Wrong` at the column."""
    try:
        return KINDS[kind].read(text, ())
    except Wrong as wrong:
        raise Wrong(wrong.code, column, **wrong.parameters) from None


def in_order(row: Mapping[str, Any], start: str = "debut", end: str = "fin") -> None:
    """A period ends on or after its first day. Raises `Wrong`."""
    if row[start] is not None and row[end] is not None and row[end] < row[start]:
        raise Wrong("PERIOD_REVERSED", end)


def both_or_none(row: Mapping[str, Any], one: str, other: str) -> None:
    """Two cells that mean nothing apart. Raises `Wrong`."""
    for here, there in ((one, other), (other, one)):
        if row[here] is not None and row[there] is None:
            raise Wrong("PAIR", here, other=there)
