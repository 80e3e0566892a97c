"""Measures inside PostgreSQL: over its own fact tables, or over a copy of exported facts in temporary tables.

Nothing is left behind: views and copies live in the session's temporary schema, which also hides a table of the same
name from the measures. Ibis only writes the SQL; psycopg runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from indicators.engine import DuckDBEngine, Source, Statement, projection
from indicators.facts import TABLES, FactsError, columns

if TYPE_CHECKING:
    import ibis
    import psycopg
    import pyarrow as pa

_TYPES = {"string": "text", "int64": "bigint", "int32": "integer", "boolean": "boolean", "date": "date"}


class PostgresEngine:
    """An `Engine` over one PostgreSQL session.

    Args:
        url: `postgresql://…`, or a psycopg connection string.
        source: facts to copy into temporary tables; without one, the fact tables of the database are read.

    Raises:
        FactsError: the database cannot be reached, or lacks a fact table or a column of the contract.
    """

    dialect: ClassVar[str] = "postgres"

    def __init__(self, url: str, source: Source | None = None) -> None:
        import psycopg

        try:
            self._connection = psycopg.connect(_plain(url), autocommit=True)
        except psycopg.Error as error:
            raise FactsError(f"PostgreSQL: {str(error).strip()}") from error
        try:
            self._prepare(source)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, source: Source | None) -> None:
        self._run("SET client_encoding = 'UTF8'")
        if source is None:
            for name in TABLES:
                self._view(name)
            return
        copy = DuckDBEngine(source)
        try:
            for name in TABLES:
                self._load(name, copy)
        finally:
            copy.close()

    def _view(self, name: str) -> None:
        found = self._run("SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0", name)
        if not found:
            raise FactsError(f"the database has no fact table {name}")
        where = self._run("SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass(%s)", name)
        casts = projection(name, {row[0] for row in found}, _TYPES)
        self._run(f'CREATE TEMPORARY VIEW "{name}" AS SELECT {casts} FROM {where[0][0]}."{name}"')  # noqa: S608

    def _load(self, name: str, copy: DuckDBEngine) -> None:
        types = ", ".join(f'"{column.name}" {_TYPES[column.kind]}' for column in columns(name))
        self._run(f'CREATE TEMPORARY TABLE "{name}" ({types})')
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f'COPY pg_temp."{name}" FROM STDIN (FORMAT csv)'.encode()) as target,
        ):
            for batch in copy.batches(name):
                target.write(_csv(batch))
        self._run(f'ANALYZE pg_temp."{name}"')

    def _run(self, sql: str, *parameters: str) -> list[tuple[Any, ...]]:
        cursor = self._connection.execute(sql.encode(), parameters or None)
        return [] if cursor.description is None else cursor.fetchall()

    @property
    def connection(self) -> psycopg.Connection[Any]:
        """The session, for a plan or a timing."""
        return self._connection

    def rows(self, asked: ibis.Table | Statement) -> list[dict[str, Any]]:
        """Run; PostgreSQL adds big integers up as decimals, which become integers again."""
        statement = Statement.of(asked, self.dialect)
        wanted = statement.schema
        numbers = [kind.is_integer() for kind in wanted.types]
        return [
            {
                name: int(value) if number and value is not None else value
                for name, number, value in zip(wanted.names, numbers, row, strict=True)
            }
            for row in self._run(statement.sql)
        ]

    def close(self) -> None:
        """End the session; its temporary tables go with it."""
        self._connection.close()


def _plain(url: str) -> str:
    """A URL without the driver name that SQLAlchemy wants in it."""
    scheme, sign, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}{sign}{rest}"


def _csv(batch: pa.RecordBatch) -> bytes:
    """A batch as CSV, where only null is unquoted and empty."""
    import pyarrow as pa
    from pyarrow import csv

    sink = pa.BufferOutputStream()
    csv.write_csv(batch, sink, csv.WriteOptions(include_header=False, quoting_style="all_valid"))
    return bytes(sink.getvalue())
