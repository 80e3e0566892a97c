"""The pipeline in this process, without HTTP and without a writer process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fhir_server.intake.answer import Answer
from fhir_server.intake.pipeline import Pipeline
from fhir_server.intake.submission import received
from fhir_server.security.caller import Caller, Role, Scope
from fhir_server.settings import settings_from
from fhir_server.store import tables
from fhir_server.store.database import open_engine, prepare
from fhir_server.store.reading import pseudonyms
from fhir_server.store.writer import DirectWriter
from testdata import Country, Establishment
from tests.conftest import two_sites
from tests.support.synthetic import establish


class Desk:
    """Where submissions are handed in, and the tables they end in."""

    def __init__(self, database: Path, land: Country, **settings: Any) -> None:
        self.database, self.land = database, land
        self.site, self.stranger = two_sites(land)
        self.writes = open_engine(str(database))
        self.reads = open_engine(str(database), read_only=True)
        with self.reads.connect() as connection:
            self.keys = pseudonyms(connection)
        self._writer = DirectWriter(self.writes)
        chosen = settings_from(database=str(database), **settings)
        self._pipeline = Pipeline(chosen, self._writer, self.reads.connect, self.keys)

    def send(self, data: bytes, *, site: Establishment | None = None, at: datetime | None = None) -> Answer:
        """Hand in a CDA or a bundle as an establishment."""
        caller = Caller(Role.ESTABLISHMENT, (site or self.site).legal_entity)
        door = "mhd" if data[:1] == b"{" else "cda"
        return asyncio.run(self._pipeline.receive(received(door, data, caller, at or datetime.now(UTC))))

    @property
    def scope(self) -> Scope:
        """What the sending establishment may see."""
        return Scope(self.site.legal_entity)

    def rows(self, table: sa.Table, *conditions: Any) -> list[Any]:
        """Rows of a table."""
        with self.reads.connect() as connection:
            return list(connection.execute(sa.select(table).where(*conditions)))

    def facts(self) -> list[Any]:
        """Every logical document."""
        return self.rows(tables.documents)

    def close(self) -> None:
        """Give the connections back."""
        self._writer.close()
        self.writes.dispose()
        self.reads.dispose()


def rules_of(answer: Answer) -> list[str]:
    """The rule ids of an answer, in order."""
    from tests.support.faces import rules

    return rules(json.loads(answer.body))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """An empty database with today's schema."""
    path = tmp_path / "unit.db"
    prepare(str(path))
    return path


@pytest.fixture
def desk(database: Path, demo_country: Country) -> Iterator[Desk]:
    """A desk in sandbox mode that knows every establishment."""
    establish(database, demo_country)
    made = Desk(database, demo_country)
    yield made
    made.close()
