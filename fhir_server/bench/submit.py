"""`segur bench submit`: a real server, distinct submissions with a 50 kB CDA, and their floor in the same run.

The floor is the least any server could do with the same letters in Python: read, JSON, base64, SHA-1, XML parse and one
durable commit of the document. It is that of ITI-65 whatever the door, so that `ratio_to_floor` compares doors.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sqlite3
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from lxml import etree

from fhir_server.bench.doors import DOORS
from fhir_server.bench.driving import Ask, drive, serving, versions
from fhir_server.bench.parts import measure
from fhir_server.cli.country import load
from fhir_server.security.caller import Role, create_token
from fhir_server.store.database import open_engine, prepare

DOCUMENT_BYTES = 50_000
_FLOOR = 300


def run(size: int, clients: int, door: str = "mhd") -> dict[str, Any]:
    """Figures of one run: times in milliseconds, rates a second, CPU of all server processes a submission.

    `parts_cpu_ms` is where the time of ITI-65 goes, and of that door alone.
    """
    way = DOORS[door]
    with tempfile.TemporaryDirectory(prefix="segur-bench-") as folder:
        database = str(Path(folder) / "bench.db")
        prepare(database)
        letters, token = sender(database, size)
        aside = min(200, size // 4)
        bare = [DOORS["mhd"].pack(letter, 0).body for letter in (*letters[-aside:], *letters[: _FLOOR - aside])]
        floor = _floor(bare, Path(folder) / "floor.db")
        parts = measure(database, token, bare[:aside]) if door == "mhd" else None
        messages = [way.pack(letter, number) for number, letter in enumerate(letters[:-aside])]
        asks = [Ask("POST", way.path, *message) for message in messages]
        warm = max(20, size // 50)
        with serving(database) as server:
            asyncio.run(drive(server, token, asks[:warm], clients, way.filed))
            sent = asyncio.run(drive(server, token, asks[warm:], clients, way.filed))
            memory = server.memory_mb()
    found = sent.figures()
    return {
        "door": door, **found, "floor_cpu_ms": round(floor, 3), "ratio_to_floor": round(found["cpu_ms"] / floor, 2),
        **({} if parts is None else {"parts_cpu_ms": parts}), "clients": clients,
        "size_bytes": sum(len(message.body) for message in messages) // len(messages), "memory_mb": memory,
        "versions": versions(),
    }  # fmt: skip


def sender(database: str, size: int) -> tuple[list[bytes], str]:
    """A country with stays, a token of one of its establishments, and distinct letters of that establishment."""
    from testdata import country, discharge_letter

    land = country(2026, datetime.now(UTC).date())
    load(database, land, documents=False)
    health = next(e for e in land.establishments if e.sector == "health")
    stays = [stay for stay in land.stays_of(health.finess) if stay.discharged]
    engine = open_engine(database)
    with engine.begin() as connection:
        token = create_token(connection, Role.ESTABLISHMENT, health.legal_entity)
    engine.dispose()
    letters = [
        discharge_letter(
            stays[i % len(stays)], when=_when(stays[i % len(stays)]), unique=f"bench{i}", size=DOCUMENT_BYTES
        )
        for i in range(size)
    ]
    return letters, token


def _when(stay: Any) -> datetime:
    return stay.discharged + timedelta(hours=1)  # type: ignore[no-any-return]


def _floor(bodies: list[bytes], path: Path) -> float:
    """CPU milliseconds a submission of the least work on the same bytes."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    connection.execute("create table t (id integer primary key, data blob)")
    started = time.process_time()
    for body in bodies:
        bundle = orjson.loads(body)
        binary = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Binary")
        data = base64.b64decode(binary["data"])
        hashlib.sha1(data, usedforsecurity=False).digest()
        etree.fromstring(data)
        connection.execute("insert into t (data) values (?)", (data,))
    spent = time.process_time() - started
    connection.close()
    return 1000 * spent / len(bodies)
