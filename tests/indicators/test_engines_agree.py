"""PostgreSQL and Spark count what the naive count counts: 50 countries as one fact set, one job a measure."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from indicators.engine import ArrowFacts, Engine
from indicators.export import write_parquet
from indicators.measures import MEASURES, Window, compute, evidence
from tests.indicators.oracle.events import Land, lands
from tests.indicators.oracle.fold import tables
from tests.indicators.test_parity import WINDOWS, expected

WINDOW: Window = WINDOWS[2]
pytestmark = [
    pytest.mark.slow,
    # py4j leaves sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def land() -> Land:
    return lands(500, 50, WINDOW)


@pytest.fixture(scope="module")
def in_postgresql(postgresql: str, land: Land) -> Iterator[Engine]:
    from indicators.postgresql import PostgresEngine

    engine = PostgresEngine(postgresql, ArrowFacts(tables(land)))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def on_spark(spark_master: str, land: Land, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    from indicators.spark import SparkEngine

    folder = tmp_path_factory.mktemp("facts")
    write_parquet(tables(land), folder)
    settings = {
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.executor.memory": "512m",
        "spark.sql.shuffle.partitions": "2",
    }  # fmt: skip
    engine = SparkEngine(folder, master=spark_master, settings=settings)
    yield engine
    engine.close()
    gc.collect()


@pytest.mark.parametrize("by_month", [False, True], ids=["period", "months"])
@pytest.mark.parametrize("measure", MEASURES)
def test_postgresql_equals_the_naive_count(in_postgresql: Engine, land: Land, measure: str, by_month: bool) -> None:
    found = compute(in_postgresql, WINDOW, measures=[measure], by_month=by_month, parts=True)
    assert found == expected(land, WINDOW, measure, by_month=by_month)


@pytest.mark.parametrize("measure", MEASURES)
def test_spark_equals_the_naive_count(on_spark: Engine, land: Land, measure: str) -> None:
    found = compute(on_spark, WINDOW, measures=[measure], by_month=True, parts=True)
    assert found == expected(land, WINDOW, measure, by_month=True)


@pytest.mark.parametrize("measure", ["I-SUN1-LDL", "I-SUN1-BIO", "I-SUN2-INS", "I-ESMS-E1", "I-CC-2"])
def test_evidence_is_the_same_in_postgresql(in_postgresql: Engine, land: Land, measure: str) -> None:
    from indicators.engine import duckdb_engine

    here = duckdb_engine(ArrowFacts(tables(land)))
    assert evidence(in_postgresql, measure, WINDOW) == evidence(here, measure, WINDOW)
    here.close()
