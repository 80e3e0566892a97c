"""The service in this process: a database with the establishments of the country, and a third party's programme."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

import indicators.programmes as programmes
from fhir_server.programmes import registry
from fhir_server.programmes.actors import hand_of
from fhir_server.programmes.files import Wish, create, enter
from fhir_server.programmes.moves import make_move
from fhir_server.programmes.office import Office
from fhir_server.programmes.parameters import Posted, post
from fhir_server.programmes.records import File, Moved, any_file
from fhir_server.security.caller import Caller, Role
from fhir_server.store.database import open_engine
from fhir_server.store.writer import DirectWriter
from testdata import Country, Establishment
from tests.conftest import two_sites
from tests.support.synthetic import establish

T = TypeVar("T")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SET = """id: {id}
version: {version}
programme: extra
signed_off: {{by: "Direction", role: ars, signed_on: 2026-01-15}}
parameters:
  - {{name: credits, value: "{credits}", mark: CONFIG, source: "essai"}}
"""


def wait(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


@dataclass
class Bench:
    """The service, whoever calls it, and the tables underneath."""

    office: Office
    site: Establishment
    stranger: Establishment
    writes: sa.Engine
    database: Path

    @property
    def holder(self) -> Caller:
        return Caller(Role.ESTABLISHMENT, self.site.legal_entity)

    @property
    def ars(self) -> Caller:
        return Caller(Role.ARS, self.site.region)

    @property
    def ministry(self) -> Caller:
        return Caller(Role.MINISTRY, None)

    def post(self, version: int = 1, euros: str = "1000.00", name: str = "ars-test") -> Posted:
        text = SET.format(id=name, version=version, credits=euros)
        return wait(post(self.office, hand_of(self.ars), self.site.region, text, NOW))

    def open(self, caller: Caller | None = None, organization: str | None = None, **key: str) -> File:
        asked = caller or self.holder
        wish = Wish("extra", None, organization or self.site.finess, {"year": "2026", "part": "a"} | key)
        return wait(create(self.office, asked, hand_of(asked), wish, NOW))

    def enter(self, file: File, caller: Caller | None = None, **values: Any) -> File:
        wait(enter(self.office, self.read(file), hand_of(caller or self.holder), values, NOW))
        return self.read(file)

    def move(self, file: File, to: str, caller: Caller | None = None, at: datetime = NOW) -> Moved:
        return wait(make_move(self.office, file, hand_of(caller or self.ars), to, at))

    def asked(self, amount: str = "600.00", **key: str) -> File:
        """A file that was asked for, and agreed to."""
        file = self.enter(self.open(**key), asked=amount, signed=True)
        self.move(file, "ASKED", self.holder)
        return self.enter(file, self.ars, agreed=True)

    def read(self, file: File) -> File:
        with self.office.reading() as connection:
            return any_file(connection, file.id)

    def rows(self, table: sa.Table) -> list[Any]:
        with self.office.reading() as connection:
            return list(connection.execute(sa.select(table)))


@pytest.fixture
def extra(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The third party's programme beside the built-in ones, by their own extension point."""
    monkeypatch.setattr(programmes, "BUILT_IN", (*programmes.BUILT_IN, "tests.fhir_server.programmes.extra"))
    registry.known.cache_clear()
    yield
    registry.known.cache_clear()


@pytest.fixture
def bench(database: Path, demo_country: Country, extra: None) -> Iterator[Bench]:
    establish(database, demo_country)
    writes, reads = open_engine(str(database)), open_engine(str(database), read_only=True)
    writer = DirectWriter(writes)
    yield Bench(Office(str(database), reads.connect, writer), *two_sites(demo_country), writes, database)
    writer.close()
    reads.dispose()
    writes.dispose()
