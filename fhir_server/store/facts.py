"""Facts out of the database as Arrow tables: what DuckDB measures, and what `export-facts` writes as Parquet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fhir_server.store.database import database_url
from indicators.facts import PARTITIONED, TABLES, columns, schema

if TYPE_CHECKING:
    import pyarrow as pa

EXTRAS = {"documents": ("link",), "stays": ("field",)}
_INTEGERS = {"int64", "int32", "boolean"}


def fact_tables(
    database: str, *, legal_entities: Iterable[str] | None = None, names: Iterable[str] = TABLES
) -> dict[str, pa.Table]:
    """The fact tables with the contract's columns, of some legal entities or (for commands) of all.

    Read through ADBC: 100 000 documents cross in about a tenth of a second, without a Python object per cell.
    """
    entities = None if legal_entities is None else tuple(legal_entities)
    with _connected(database) as connection, connection.cursor() as cursor:
        return {name: _read(cursor, name, entities) for name in names}


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """The database as what an export is brought up to date from: see `indicators.export.MonthlyFacts`.

    The state of a month is a sum over its rows that the database works out by itself: no row crosses for a month that
    is as it was. Months before `since` (yyyymm) are not even looked at, and stay in the export as they are.
    """

    database: str
    since: int | None = None

    def states(self, table: str) -> dict[int | None, str]:
        """The months that have rows, each with a digest of what its rows hold."""
        month = "month" if table in PARTITIONED else "0"
        asked = [column for column in _wanted(table) if column != "month"]
        sums = ", ".join(f"sum((rowid % 10007 + 1) * ({_weight(table, column)}))" for column in asked)
        since = f"where month >= {self.since:d}" if self.since and table in PARTITIONED else ""
        sql = f"select {month} as month, count(*), {sums} from {table} {since} group by 1"  # noqa: S608
        with _connected(self.database) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            found = cursor.fetchall()
        return {row[0] or None: hashlib.sha256(repr(row[1:]).encode()).hexdigest()[:16] for row in found if row[1]}

    def rows(self, table: str, month: int | None) -> pa.Table:
        """The rows of one month."""
        where = f" where month = {month or 0:d}" if table in PARTITIONED else ""
        with _connected(self.database) as connection, connection.cursor() as cursor:
            return _read(cursor, table, None, where)


def _connected(database: str) -> Any:
    import adbc_driver_sqlite.dbapi as adbc

    return adbc.connect(f"file:{database_url(database).database}?mode=ro")


def _wanted(table: str) -> list[str]:
    return [c.name for c in columns(table) if not c.extra or c.name in EXTRAS.get(table, ())]


def _weight(table: str, name: str) -> str:
    """A small number that changes with the value, null included."""
    kind = next(column.kind for column in columns(table) if column.name == name)
    if kind in _INTEGERS:
        return f"coalesce(({_followed(table, name)} % 999983 + 999983) % 999983 + 1, 0)"
    text = f"coalesce({name}, '')"
    if kind == "date":
        return f"coalesce(cast(julianday({name}) as integer), 0)"
    letters = " + ".join(f"coalesce(unicode(substr({text}, {-place})), 0) * {place * 31}" for place in range(1, 10))
    return f"length({text}) + {letters}"


def _read(cursor: object, table: str, entities: tuple[str, ...] | None, where: str = "") -> pa.Table:
    wanted = [c for c in columns(table) if c.name in _wanted(table)]
    select = ", ".join(_selected(table, c.name, c.kind) for c in wanted)
    parameters: tuple[str, ...] = ()
    if entities is not None:
        where = f" where legal_entity in ({', '.join('?' * len(entities))})"
        parameters = entities
    cursor.execute(f"select {select} from {table}{where}", parameters)  # type: ignore[attr-defined]  # noqa: S608
    return _typed(cursor.fetch_arrow_table(), table, [c.name for c in wanted])  # type: ignore[attr-defined]


def _selected(table: str, name: str, kind: str) -> str:
    """The driver guesses a type from the first rows, and takes nulls for numbers: text is never null here."""
    return f"{_followed(table, name)} as {name}" if kind in _INTEGERS else f"coalesce({name}, '') as {name}"


def _followed(table: str, name: str) -> str:
    """A column, and for a patient the pseudonym the person goes by (`fhir_server.store.identity`)."""
    if name != "patient":
        return name
    same = f"owner = {table}.legal_entity and identity_link.patient = {table}.patient"
    return f"coalesce((select canonical from identity_link where {same}), {table}.patient)"  # noqa: S608


def _typed(found: pa.Table, table: str, names: list[str]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    typed = schema(table)
    if not found.num_rows:  # the driver calls every column of an empty table a number
        return pa.schema([typed.field(name) for name in names]).empty_table()
    arrays = []
    for name in names:
        column, wanted = found.column(name), typed.field(name)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)
        elif name == "month":
            column = pc.if_else(pc.equal(column, 0), pa.scalar(None, column.type), column)
        arrays.append(column.cast(wanted.type))
    return pa.table(arrays, schema=pa.schema([typed.field(name) for name in names]))
