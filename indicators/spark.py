"""Measures on Spark, over exported Parquet: for those who have a cluster and facts by the hundred million.

Spark reads files only: JDBC drivers would have to be downloaded, which a closed network forbids. pyspark is no
dependency of ours (`requirements-spark.lock`), and Java has to be there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from indicators.engine import Statement, parquet_files, projection
from indicators.facts import TABLES, FactsError, columns

if TYPE_CHECKING:
    import ibis
    from pyspark.sql import DataFrame, SparkSession

_TYPES = {"string": "string", "int64": "bigint", "int32": "int", "boolean": "boolean", "date": "date"}
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.parquet.mergeSchema": "true",
}


class SparkEngine:
    """An `Engine` over one Spark session.

    Args:
        directory: a folder of exported facts, at the same path for every worker.
        master: `local[2]`, or the address of a cluster: `spark://HOST:PORT`.
        settings: further Spark settings, by name.

    Raises:
        FactsError: no such folder, no pyspark, no Java, or a column of the contract is missing.
    """

    dialect: ClassVar[str] = "pyspark"

    def __init__(
        self, directory: Path | str, *, master: str = "local[*]", settings: dict[str, str] | None = None
    ) -> None:
        if not Path(directory).is_dir():
            raise FactsError(f"no such facts folder: {directory}")
        self._session = _session(master, {**_SETTINGS, **(settings or {})})
        try:
            for name in TABLES:
                _define(self._session, name, Path(directory))
        except BaseException:
            self._session.stop()
            raise

    def rows(self, asked: ibis.Table | Statement) -> list[dict[str, Any]]:
        """Run."""
        statement = Statement.of(asked, self.dialect)
        return [row.asDict() for row in self._session.sql(statement.sql).collect()]

    def close(self) -> None:
        """Stop the session and its Java process."""
        self._session.stop()


def _session(master: str, settings: dict[str, str]) -> SparkSession:
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise FactsError("Spark needs pyspark: pip install -r requirements-spark.lock") from error
    builder = SparkSession.builder.master(master).appName("segur")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except PySparkRuntimeError as error:  # Java is absent or too old
        raise FactsError(f"Spark does not start: {error}") from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def _define(session: SparkSession, table: str, directory: Path) -> None:
    found = _read(session, table, directory)
    found.createOrReplaceTempView(f"found_{table}")
    casts = projection(table, found.columns, _TYPES, "`")
    session.sql(f"SELECT {casts} FROM found_{table}").createOrReplaceTempView(table)  # noqa: S608


def _read(session: SparkSession, table: str, directory: Path) -> DataFrame:
    if not parquet_files(directory / table):
        nothing = ", ".join(f"CAST(NULL AS {_TYPES[column.kind]}) AS `{column.name}`" for column in columns(table))
        return session.sql(f"SELECT {nothing} WHERE false")
    return session.read.parquet(str((directory / table).resolve()))
