"""The two tables of a search in a real SQLite and in a real PostgreSQL: the same questions, the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fhir_server.store import tables
from fhir_server.store.database import open_engine, prepare
from tests.fhir_server.search.shelf import Shelf
from tests.indicators.conftest import postgresql  # noqa: F401  # a fixture

SEARCHED = [tables.resource, tables.search_index]


@pytest.fixture(scope="session")
def postgresql_engine(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """PostgreSQL with the two tables."""
    url = request.getfixturevalue("postgresql").replace("postgresql:", "postgresql+psycopg:")
    engine = sa.create_engine(url)
    tables.metadata.create_all(engine, SEARCHED)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """SQLite as the server has it."""
    path: Path = tmp_path_factory.mktemp("search") / "search.db"
    prepare(str(path))
    engine = open_engine(str(path))
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def shelf(request: pytest.FixtureRequest) -> Iterator[Shelf]:
    """An empty shelf; what a test puts on it is taken away again."""
    engine: sa.Engine = request.getfixturevalue(f"{request.param}_engine")
    with engine.connect() as connection:
        transaction = connection.begin()
        yield Shelf(connection)
        transaction.rollback()
