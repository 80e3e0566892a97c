"""A small run of the benchmark of reads and searches; copies of a letter are what filing them would have left."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from fhir_server.bench.driving import Ask, Load, Served, drive
from fhir_server.bench.replicas import EACH, Template
from fhir_server.bench.rest import databases, table
from fhir_server.fhir.indexing.stored import stored_rows
from fhir_server.ids import PARIS
from fhir_server.store import tables
from fhir_server.store.database import open_engine
from tests.support.server import segur
from validators.ins import control_key

SIZE, SMALL = 60, 30


def test_every_operation_is_answered_and_has_its_figures() -> None:
    done = segur("bench", "rest", "--size", "40", "--clients", "2", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["documents"], found["small"], found["clients"], found["errors"]) == (40, 20, 2, 0)
    assert list(found["operations"]) == [
        "read", "search_patient", "search_establishment_date", "count", "create", "create_small"
    ]  # fmt: skip
    for figures in found["operations"].values():
        assert 0 < figures["p50_ms"] <= figures["p99_ms"]
        assert min(figures[name] for name in ("rate_per_s", "n", "size_bytes")) > 0
    assert found["p99_ms"] == found["operations"]["read"]["p99_ms"]
    assert min(found["create_ratio"], found["create_time_ratio"], found["memory_mb"], found["database_mb"]) > 0
    shown = table(found)
    assert all(name in shown for name in (*found["operations"], "create_ratio", "versions"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Template]:
    """A database of `SIZE` documents and the smaller one it grew from."""
    folder = tmp_path_factory.mktemp("bench")
    large, less = folder / "large.db", folder / "small.db"
    _, _, template = databases(str(large), str(less), SIZE, SMALL)
    return large, less, template


@pytest.fixture
def rows(filled: tuple[Path, Path, Template]) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(filled[0])) as connection:
        yield connection


def test_the_databases_have_as_many_documents_as_they_say(filled: tuple[Path, Path, Template]) -> None:
    for path, count in zip(filled, (SIZE, SMALL), strict=False):
        with closing(sqlite3.connect(str(path))) as connection:
            for name in ("documents", "document_identity", "document_encounter", "submission", "audit"):
                assert connection.execute(f"select count(*) from {name}").fetchone() == (count,), name
            found = dict(connection.execute("select type, count(*) from resource group by type").fetchall())
            changes = dict(connection.execute("select type, count(*) from change group by type").fetchall())
            assert {found[kind] for kind in ("Binary", "DocumentReference", "List")} == {count}
            assert found == changes
            assert connection.execute("pragma journal_mode").fetchone() == ("wal",)


def test_nothing_that_filing_writes_is_left_out(rows: sqlite3.Connection) -> None:
    made = {"organization", "stays", "token", "pseudonym_key", "alembic_version", "document_content"}
    names = {name for (name,) in rows.execute("select name from sqlite_schema where type = 'table'")}
    filled = {name for name in names if rows.execute(f"select count(*) from {name}").fetchone() != (0,)}
    assert {name for name in filled if not name.startswith("sqlite_")} - made == {
        "resource", "search_index", "change", "document_identity", "documents", "document_encounter", "submission",
        "audit",
    }  # fmt: skip


def test_a_copy_is_found_by_what_filing_it_would_have_indexed(filled: tuple[Path, Path, Template]) -> None:
    engine, index = open_engine(str(filled[0]), read_only=True), tables.search_index
    with engine.connect() as connection:
        for row in connection.execute(sa.select(tables.resource)).all():
            kept = connection.execute(
                sa.select(index.c.param, index.c.value, index.c.system, index.c.sort_date, index.c.month).where(
                    index.c.type == row.type, index.c.id == row.id
                )
            ).all()
            made = [
                (one.param, one.value, one.system, one.sort_date, row.month) for one in stored_rows(connection, row)
            ]
            assert sorted(map(tuple, kept)) == sorted(made), (row.type, row.id)
    engine.dispose()


def test_a_patient_has_twenty_documents_on_different_days(rows: sqlite3.Connection) -> None:
    found = rows.execute(
        "select value, count(*), count(distinct sort_date / 86400000000) from search_index"
        " where type = 'DocumentReference' and param = 'patient' group by value order by 2 desc"
    ).fetchall()
    assert [(count, days) for _, count, days in found] == [(EACH, EACH), (EACH, EACH), (EACH - 1, EACH - 1), (1, 1)]


def test_a_copy_has_ids_and_dates_of_its_own_in_its_body_too(filled: tuple[Path, Path, Template]) -> None:
    large, _, template = filled
    one = template.copy(7)
    with closing(sqlite3.connect(large)) as connection:
        body, month, updated = connection.execute(
            "select body, month, updated from resource where id = ?", (one.reference,)
        ).fetchone()
    document = json.loads(body)
    assert document["subject"] == {
        "reference": f"Patient/{one.patient}", "identifier": {**template.identifier, "value": one.matricule}
    }  # fmt: skip
    assert document["date"] == document["content"][0]["attachment"]["creation"]
    assert datetime.fromisoformat(document["date"]) == one.written < template.written
    assert document["meta"]["lastUpdated"] == one.received.isoformat(timespec="milliseconds")
    assert updated // 1000 == round(datetime.fromisoformat(document["meta"]["lastUpdated"]).timestamp() * 1000)
    assert month == int(one.received.astimezone(PARIS).strftime("%Y%m"))
    assert one.matricule[13:] == control_key(one.matricule[:13])


def test_what_belongs_to_one_letter_is_in_no_copy(filled: tuple[Path, Path, Template]) -> None:
    large, _, template = filled
    with closing(sqlite3.connect(large)) as connection:
        bodies = [body.decode() for (body,) in connection.execute("select body from resource")]
    for text in template.texts[:8]:
        assert sum(text in body for body in bodies) <= 3, text  # its own resource, and those that refer to it


def test_what_is_not_answered_as_expected_is_an_error() -> None:
    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
                writer.write(b"HTTP/1.1 %s X\r\nContent-Length: 2\r\n\r\nok" % path[1:4])
        writer.close()

    async def asked(expected: bytes) -> Load:
        async with await asyncio.start_server(answers, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            asks = [Ask("GET", path) for path in ("/200", "/404", "/200")]
            return await drive(Served(f"http://127.0.0.1:{port}", os.getpid()), "t", asks, 1, lambda a: a == expected)

    assert (asyncio.run(asked(b"ok")).errors, asyncio.run(asked(b"other")).errors) == (1, 3)


def test_loads_add_up_and_say_what_share_was_answered_within() -> None:
    load = Load(wall=1.0, cpu=0.5, times=[0.001] * 98, received=980)
    load.add(Load(wall=1.0, cpu=0.1, times=[0.5, 0.2], errors=1, received=20))
    assert load.figures() == {
        "rate_per_s": 50.0, "p50_ms": 1.0, "p99_ms": 500.0, "cpu_ms": 6.0, "errors": 1, "n": 100, "size_bytes": 10
    }  # fmt: skip
