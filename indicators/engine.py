"""Where measures run: a protocol of two methods, its DuckDB version, and the two shapes facts arrive in.

Measures are written on unbound Ibis tables that carry the contract's schema; an engine only has to compile and run
them, so no engine is asked for its catalogue. PostgreSQL and Spark are one module each (`postgresql`, `spark`). DuckDB
runs with its extension loader off: a closed network has nowhere to fetch an extension from.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from indicators.facts import TABLES, FactsError, columns, schema

if TYPE_CHECKING:
    import duckdb
    import ibis
    import pyarrow as pa

_SQL_TYPES = {"string": "VARCHAR", "int64": "BIGINT", "int32": "INTEGER", "boolean": "BOOLEAN", "date": "DATE"}
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,  # a typo in a table name must not find a Python variable
}


_SESSION = (
    "enable_progress_bar = false",  # figures are read from standard output
    "preserve_insertion_order = false",  # nobody asks for rows in the order they were read
    "parquet_metadata_cache = true",  # the next establishment does not parse the same footers again
)


class Engine(Protocol):
    """What measures need of a database; `dialect` is what `Statement.of` compiles for it."""

    dialect: ClassVar[str]

    def rows(self, asked: ibis.Table | Statement) -> list[dict[str, Any]]:
        """Run an expression or a statement; integers come back as int, dates as date, nulls as None."""
        ...

    def close(self) -> None:
        """Give back files and memory; the engine is not usable afterwards."""
        ...


_PLACEHOLDER = re.compile(r"'\?(\w+)\?'")


@dataclass(frozen=True, slots=True)
class Statement:
    """An expression compiled for a dialect of sqlglot, and the columns it gives.

    Compiling costs more than running it for one establishment: built with a `placeholder`, it serves them all.
    """

    sql: str
    schema: ibis.Schema
    dialect: str

    @classmethod
    def of(cls, asked: ibis.Table | Statement, dialect: str) -> Statement:
        """Compile an expression; a statement stays what it is."""
        import ibis

        if isinstance(asked, Statement):
            return asked
        return cls(str(ibis.to_sql(asked, dialect=dialect, pretty=False)), asked.schema(), dialect)

    def filled(self, values: Mapping[str, str]) -> Statement:
        """The same with a text in the place of each placeholder. Raises `KeyError` for one that has no value."""
        from sqlglot import exp

        def text(found: re.Match[str]) -> str:
            return exp.Literal.string(values[found[1]]).sql(dialect=self.dialect)

        return replace(self, sql=_PLACEHOLDER.sub(text, self.sql))


def placeholder(name: str) -> str:
    """What stands in an expression for a text that `Statement.filled` gives."""
    return f"?{name}?"


class Source(Protocol):
    """Where a DuckDB engine finds the rows of a fact table."""

    def relation(self, connection: duckdb.DuckDBPyConnection, table: str) -> duckdb.DuckDBPyRelation:
        """The rows of one table as they were written; the engine casts them to the contract's columns."""
        ...


@dataclass(frozen=True, slots=True)
class ArrowFacts:
    """Facts held in memory as Arrow tables; a table left out is empty."""

    tables: Mapping[str, pa.Table]

    def relation(self, connection: duckdb.DuckDBPyConnection, table: str) -> duckdb.DuckDBPyRelation:
        """The Arrow table itself, read in place."""
        found = self.tables.get(table)
        return connection.from_arrow(schema(table).empty_table() if found is None else found)


@dataclass(frozen=True, slots=True)
class ParquetFacts:
    """Facts in a folder: `documents/month=202603/*.parquet` and so on. A table without files is empty.

    Raises `FactsError` when the folder does not exist: an empty country and a mistyped path must not look alike.
    """

    directory: Path | str

    def __post_init__(self) -> None:
        if not Path(self.directory).is_dir():
            raise FactsError(f"no such facts folder: {self.directory}")

    def relation(self, connection: duckdb.DuckDBPyConnection, table: str) -> duckdb.DuckDBPyRelation:
        """Every Parquet file under the table's folder, whoever wrote it and in whatever column order."""
        files = [glob.escape(str(path)) for path in parquet_files(Path(self.directory) / table)]
        if not files:
            return connection.from_arrow(schema(table).empty_table())
        return connection.read_parquet(files, hive_partitioning=True, union_by_name=True)


def parquet_files(folder: Path) -> list[Path]:
    """Data files in a stable order; names in `_` or `.` are the scratch space of the tool that wrote them."""
    found = sorted(folder.rglob("*.parquet"))
    return [path for path in found if not any(part[0] in "_." for part in path.relative_to(folder).parts)]


class DuckDBEngine:
    """An `Engine` over one in-memory DuckDB connection; calls from several threads take turns."""

    dialect: ClassVar[str] = "duckdb"

    def __init__(self, source: Source, *, threads: int | None = None, memory_limit: str | None = None) -> None:
        import duckdb

        limits = {"threads": threads, "memory_limit": memory_limit}
        chosen = {name: value for name, value in limits.items() if value is not None}
        self._connection = duckdb.connect(":memory:", config={**_SETTINGS, **chosen})
        self._lock = Lock()
        for setting in _SESSION:
            self._connection.execute(f"SET {setting}")
        try:
            for name in TABLES:
                _define(name, source.relation(self._connection, name))
        except BaseException:
            self._connection.close()
            raise

    def rows(self, asked: ibis.Table | Statement) -> list[dict[str, Any]]:
        """Run, and bring DuckDB's 128-bit sums back to the type the expression announces."""
        statement = Statement.of(asked, self.dialect)
        with self._lock:
            found = self._connection.sql(statement.sql).to_arrow_table()
        typed: list[dict[str, Any]] = found.cast(statement.schema.to_pyarrow()).to_pylist()
        return typed

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection, for a plan or a timing."""
        return self._connection

    def batches(self, name: str, rows: int = 100_000) -> Iterator[pa.RecordBatch]:
        """The rows of one fact table, for an engine that has to be given a copy of them."""
        with self._lock:
            yield from self._connection.table(name).to_arrow_reader(rows)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def unbound(name: str) -> ibis.Table:
    """A fact table of the contract that belongs to no engine yet."""
    import ibis

    return ibis.table({column.name: column.kind for column in columns(name)}, name=name)


def projection(table: str, present: Collection[str], types: Mapping[str, str], quote: str = '"') -> str:
    """The columns of the contract out of whatever somebody wrote: cast to its types, extras null when they are absent.

    Args:
        table: a fact table.
        present: the columns that were found.
        types: the engine's type for each `Column.kind`.
        quote: the sign around the engine's names.

    Raises:
        FactsError: a column of the contract is missing.
    """
    missing = [column.name for column in columns(table) if column.name not in present and not column.extra]
    if missing:
        raise FactsError(f"fact table {table} lacks the columns: {', '.join(missing)}")
    return ", ".join(
        f"CAST({f'{quote}{column.name}{quote}' if column.name in present else 'NULL'} AS {types[column.kind]})"
        f" AS {quote}{column.name}{quote}"
        for column in columns(table)
    )


def duckdb_engine(source: Source, *, threads: int | None = None, memory_limit: str | None = None) -> DuckDBEngine:
    """A DuckDB engine over `ParquetFacts` or `ArrowFacts`; `memory_limit` is a DuckDB size such as `2GB`.

    Raises `FactsError` when a table lacks a column of the contract.
    """
    return DuckDBEngine(source, threads=threads, memory_limit=memory_limit)


def _define(table: str, relation: duckdb.DuckDBPyRelation) -> None:
    """A view with the contract's columns and types, whatever integer width or encoding the writer chose."""
    relation.project(projection(table, relation.columns, _SQL_TYPES)).create_view(table)
