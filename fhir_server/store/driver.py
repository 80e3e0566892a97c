"""Core statements at the driver's speed: compiled once, run on the database driver's own cursor.

The tables and statements stay SQLAlchemy Core (one definition, every dialect); what is left out is Core's work at each
execution, measured at 2.5 ms of 3 ms a submission in the writer. Dates travel as ISO text, which both SQLite and
PostgreSQL take for a date; `as_date` reads either back.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement


class Prepared:
    """A statement with named parameters, its driver SQL, and the shape of its rows."""

    __slots__ = ("_constants", "_names", "_row", "sql")

    def __init__(self, statement: ClauseElement) -> None:
        compiled: Any = statement.compile(dialect=sqlite.dialect(paramstyle="qmark"))
        self.sql = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        columns = [column.key for column in getattr(statement, "selected_columns", ())]
        self._row: Any = namedtuple("Row", columns) if columns else None  # its fields are the query's

    def values(self, params: Mapping[str, Any]) -> tuple[Any, ...]:
        """The parameters (and the statement's own constants) in the order of the SQL, dates as text."""
        own = self._constants
        return tuple(_plain(params[name] if name in params else own[name]) for name in self._names)

    def row(self, found: Any) -> Any:
        """A driver row by name."""
        return self._row._make(found)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def as_date(value: Any) -> date | None:
    """A date column as the driver gives it: text (SQLite) or a date."""
    return date.fromisoformat(value) if isinstance(value, str) else value


@cache
def insert(table: sa.Table, *, ignore: bool = False) -> Prepared:
    """Insert one row by column names; with `ignore`, a row that is already there stays."""
    statement = table.insert().values({column.name: sa.bindparam(column.name) for column in table.columns})
    return Prepared(statement.prefix_with("or ignore", dialect="sqlite") if ignore else statement)


class Session:
    """The driver's cursor of a connection that is inside a transaction of ours."""

    def __init__(self, connection: sa.Connection) -> None:
        raw: Any = connection.connection.driver_connection
        self._cursor = raw.cursor()

    def one(self, statement: Prepared, /, **params: Any) -> Any:
        """The only row, or None."""
        self._cursor.execute(statement.sql, statement.values(params))
        found = self._cursor.fetchone()
        return None if found is None else statement.row(found)

    def all(self, statement: Prepared, /, **params: Any) -> list[Any]:
        """Every row."""
        self._cursor.execute(statement.sql, statement.values(params))
        return [statement.row(found) for found in self._cursor.fetchall()]

    def run(self, statement: Prepared, /, **params: Any) -> None:
        """Execute for one set of parameters."""
        self._cursor.execute(statement.sql, statement.values(params))

    def many(self, statement: Prepared, rows: Iterable[Mapping[str, Any]]) -> None:
        """Execute for each row."""
        self._cursor.executemany(statement.sql, [statement.values(row) for row in rows])

    def many_plain(self, statement: Prepared, rows: Iterable[tuple[Any, ...]]) -> None:
        """Execute for each row, its values plain and in the order of the statement's SQL."""
        self._cursor.executemany(statement.sql, rows)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Everything inside, or nothing of it."""
        self._cursor.execute("savepoint plan")
        try:
            yield
        except BaseException:
            self._cursor.execute("rollback to plan")
            self._cursor.execute("release plan")
            raise
        self._cursor.execute("release plan")
