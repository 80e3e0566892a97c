"""`segur bench submit`: a real server, distinct submissions with a 50 kB CDA, and their floor in the same run.

The floor is the least any server could do with the same letters in Python: read, JSON, base64, SHA-1, XML parse and one
durable commit of the document. It is that of ITI-65 whatever the door, so that `ratio_to_floor` compares doors.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
from lxml import etree

from fhir_server.bench.doors import DOORS, Door, Message
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
        letters, token = _prepare(database, size)
        aside = min(200, size // 4)
        bare = [DOORS["mhd"].pack(letter, 0).body for letter in (*letters[-aside:], *letters[: _FLOOR - aside])]
        floor = _floor(bare, Path(folder) / "floor.db")
        parts = measure(database, token, bare[:aside]) if door == "mhd" else None
        messages = [way.pack(letter, number) for number, letter in enumerate(letters[:-aside])]
        process, origin = start_server(database)
        try:
            warm = max(20, size // 50)
            asyncio.run(send(origin, token, messages[:warm], clients, way))
            before = cpu_seconds(process.pid)
            result = asyncio.run(send(origin, token, messages[warm:], clients, way))
            used = cpu_seconds(process.pid) - before
            memory = memory_mb(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    done = len(messages) - warm
    return {
        "door": door, "rate_per_s": round(done / result["wall"], 1), "p50_ms": result["p50"], "p99_ms": result["p99"],
        "cpu_ms": round(1000 * used / done, 3), "floor_cpu_ms": round(floor, 3),
        "ratio_to_floor": round(1000 * used / done / floor, 2), "errors": result["errors"], "n": done,
        **({} if parts is None else {"parts_cpu_ms": parts}), "clients": clients,
        "size_bytes": sum(len(message.body) for message in messages) // len(messages), "memory_mb": memory,
        "versions": {"python": sys.version.split()[0], "segur-fhir": version("segur-fhir"), "cores": os.cpu_count()},
    }  # fmt: skip


def _prepare(database: str, size: int) -> tuple[list[bytes], str]:
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


def start_server(database: str, *options: str) -> tuple[subprocess.Popen[str], str]:
    """Start `segur serve` on a free port; its process and origin."""
    command = [sys.executable, "-m", "fhir_server.cli", "serve", "--port", "0", "--database", database, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    if "http" not in line:
        raise RuntimeError("the server did not start")
    return process, line.rpartition(" ")[2].strip()


async def send(origin: str, token: str, messages: list[Message], clients: int, door: Door) -> dict[str, Any]:
    """Send the messages over `clients` connections, each as fast as it is answered; errors are those not filed."""
    host, _, port = origin.removeprefix("http://").partition(":")
    head = f"POST {door.path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
    queue, times, errors = iter(messages), [], 0

    async def client() -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection(host, int(port))
        for body, kind in queue:
            started = time.perf_counter()
            writer.write(f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            status, answer = await _response(reader)
            times.append(time.perf_counter() - started)
            errors += status != 200 or not door.filed(answer)
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    wall = time.perf_counter() - started
    times.sort()
    return {
        "wall": wall, "errors": errors, "p50": round(1000 * times[len(times) // 2], 2),
        "p99": round(1000 * times[min(len(times) - 1, int(len(times) * 0.99))], 2),
    }  # fmt: skip


async def _response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one response whole; its status and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.index(b"content-length:") + 15
    body = await reader.readexactly(int(lower[at : lower.index(b"\r\n", at)]))
    return int(head[9:12]), body


def _family(pid: int) -> list[int]:
    """A process and its children."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of a server's processes."""
    ticks = 0
    for one in _family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Proportional memory of a server's processes: what they share counts once."""
    total = 0
    for one in _family(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return round(total / 1024, 1)
