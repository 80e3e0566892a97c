"""Where measures run: a protocol of three methods, its DuckDB version, and the two shapes facts arrive in.

Measures are written on unbound Ibis tables that carry the contract's schema; an engine only has to compile and run
them, so no engine is asked for its catalogue and a PostgreSQL or Spark engine adds one class. DuckDB runs with its
extension loader off: a closed network has nowhere to fetch an extension from.
"""

from __future__ import annotations

import glob
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from indicators.facts import PARTITIONED, TABLES, FactsError, columns, schema

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
_NO_MONTH = "__HIVE_DEFAULT_PARTITION__"


class Engine(Protocol):
    """What measures need of a database."""

    def table(self, name: str) -> ibis.Table:
        """One fact table, with exactly the columns of `indicators.facts`."""
        ...

    def rows(self, expression: ibis.Table) -> list[dict[str, Any]]:
        """Run an expression; integers come back as int, dates as date, nulls as None."""
        ...

    def close(self) -> None:
        """Give back files and memory; the engine is not usable afterwards."""
        ...


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
        files = [glob.escape(str(path)) for path in _parquet_files(Path(self.directory) / table)]
        if not files:
            return connection.from_arrow(schema(table).empty_table())
        return connection.read_parquet(files, hive_partitioning=True, union_by_name=True)


def _parquet_files(folder: Path) -> list[Path]:
    """Data files in a stable order; names in `_` or `.` are the scratch space of the tool that wrote them."""
    found = sorted(folder.rglob("*.parquet"))
    return [path for path in found if not any(part[0] in "_." for part in path.relative_to(folder).parts)]


class DuckDBEngine:
    """An `Engine` over one in-memory DuckDB connection; calls from several threads take turns."""

    def __init__(self, source: Source, *, threads: int | None = None, memory_limit: str | None = None) -> None:
        import duckdb

        limits = {"threads": threads, "memory_limit": memory_limit}
        chosen = {name: value for name, value in limits.items() if value is not None}
        self._connection = duckdb.connect(":memory:", config={**_SETTINGS, **chosen})
        self._lock = Lock()
        try:
            for name in TABLES:
                _define(name, source.relation(self._connection, name))
        except BaseException:
            self._connection.close()
            raise

    def table(self, name: str) -> ibis.Table:
        """One fact table as an unbound Ibis table."""
        import ibis

        return ibis.table({column.name: column.kind for column in columns(name)}, name=name)

    def rows(self, expression: ibis.Table) -> list[dict[str, Any]]:
        """Compile, run, and bring DuckDB's 128-bit sums back to the type the expression announces."""
        import ibis

        sql = str(ibis.to_sql(expression, dialect="duckdb", pretty=False))
        with self._lock:
            found = self._connection.sql(sql).to_arrow_table()
        typed: list[dict[str, Any]] = found.cast(expression.schema().to_pyarrow()).to_pylist()
        return typed

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def duckdb_engine(source: Source, *, threads: int | None = None, memory_limit: str | None = None) -> DuckDBEngine:
    """A DuckDB engine over `ParquetFacts` or `ArrowFacts`; `memory_limit` is a DuckDB size such as `2GB`.

    Raises `FactsError` when a table lacks a column of the contract.
    """
    return DuckDBEngine(source, threads=threads, memory_limit=memory_limit)


def _define(table: str, relation: duckdb.DuckDBPyRelation) -> None:
    """A view with the contract's columns and types, whatever integer width or encoding the writer chose."""
    present = set(relation.columns)
    missing = [column.name for column in columns(table) if column.name not in present and not column.extra]
    if missing:
        raise FactsError(f"fact table {table} lacks the columns: {', '.join(missing)}")
    casts = (
        f"CAST({_quoted(column.name) if column.name in present else 'NULL'} AS {_SQL_TYPES[column.kind]})"
        f" AS {_quoted(column.name)}"
        for column in columns(table)
    )
    relation.project(", ".join(casts)).create_view(table)


def _quoted(name: str) -> str:
    return f'"{name}"'


def write_parquet(tables: Mapping[str, pa.Table], directory: Path | str) -> None:
    """Write fact tables as Parquet: one folder per month where the table has one, rows sorted by organization.

    A table that is already there is replaced as a whole, so no month of an older export survives; tables not given
    are left alone. Raises `FactsError` when a column of the contract is missing.
    """
    for name, table in tables.items():
        target = Path(directory) / name
        fresh = target.with_name(f".{name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        _write_table(name, _conformed(name, table), fresh)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)


def _conformed(name: str, table: pa.Table) -> pa.Table:
    import pyarrow as pa

    wanted = schema(name)
    missing = [c.name for c in columns(name) if c.name not in table.column_names and not c.extra]
    if missing:
        raise FactsError(f"fact table {name} lacks the columns: {', '.join(missing)}")
    for field in wanted:
        if field.name not in table.column_names:
            table = table.append_column(field, pa.nulls(len(table), field.type))
    return table.select(wanted.names).cast(wanted)


def _write_table(name: str, table: pa.Table, folder: Path) -> None:
    import pyarrow.compute as pc

    folder.mkdir(parents=True)
    key = columns(name)[0].name
    ordered = table.sort_by([(column, "ascending") for column in dict.fromkeys(("organization", key))])
    if name not in PARTITIONED:
        return _write_file(ordered, folder)
    for month in pc.unique(ordered["month"]).to_pylist():
        rows = pc.is_null(ordered["month"]) if month is None else pc.equal(ordered["month"], month)
        part = ordered.filter(rows).drop_columns(["month"])
        _write_file(part, folder / f"month={_NO_MONTH if month is None else month}")
    return None


def _write_file(table: pa.Table, folder: Path) -> None:
    """Small row groups, so that one establishment in a sorted file is a few of them (docs: 0.05 s over 50 M rows)."""
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / "part-0.parquet", compression="zstd", row_group_size=65_536)
