"""`segur bench rest`: reads, searches and counts on a large database, and what creating costs there and on a small one.

The database is one real letter repeated (see `replicas`), of one establishment. A second one of the same letter, of at
most ten thousand, has a server of its own at the same time: both are sent the same letters in turn, so that whatever
else the machine does burdens both alike.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fhir_server.bench.doors import DOORS
from fhir_server.bench.driving import Ask, Load, Served, drive, serving, versions
from fhir_server.bench.replicas import Copy, Template, fill
from fhir_server.bench.submit import sender
from fhir_server.ids import PARIS
from fhir_server.intake.pipeline import Pipeline
from fhir_server.intake.submission import received
from fhir_server.security.caller import find_caller
from fhir_server.settings import settings_from
from fhir_server.store.database import open_engine, prepare
from fhir_server.store.reading import pseudonyms
from fhir_server.store.writer import DirectWriter

SMALL: Final = 10_000
"""Documents of the database that creating is compared with."""
PAGE: Final = 20
"""Documents of a page."""
_ASKED: Final = 500
"""Requests of an operation, at most."""
_SENT: Final = 300
"""Letters created in each database, at most."""
_TURN: Final = 25
"""Letters that one database is sent before it is the other's turn."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A request about a copy, and what its answer has to hold."""

    path: Callable[[Copy, Template], str]
    holds: bytes


def run(size: int, clients: int) -> dict[str, Any]:
    """Figures of one run; those of reading stand for all at the top, those of each operation under `operations`.

    `create_ratio` is of CPU and `create_time_ratio` of time: creating at `size` against creating at `small` documents.
    """
    small = min(SMALL, max(1, size // 2))
    with tempfile.TemporaryDirectory(prefix="segur-bench-") as folder:
        large, less = (str(Path(folder) / f"{name}.db") for name in ("large", "small"))
        started = time.perf_counter()
        token, letters, template = databases(large, less, size, small)
        fill_s = time.perf_counter() - started
        with serving(large) as server:
            found = {name: asyncio.run(_asked(server, token, template, size, clients, each)) for name, each in _ASKS}
            with serving(less) as other:
                created, before = _created(server, other, token, letters, clients)
            memory = server.memory_mb()
        stored = Path(large).stat().st_size
    operations = {name: load.figures() for name, load in found.items()}
    operations |= {"create": created.figures(), "create_small": before.figures()}
    return {
        **operations["read"], "errors": sum(one["errors"] for one in operations.values()), "clients": clients,
        "documents": size, "small": small, "create_ratio": _ratio(created.cpu, before.cpu),
        "create_time_ratio": _ratio(created.wall, before.wall), "operations": operations, "fill_s": round(fill_s, 1),
        "database_mb": round(stored / 1e6, 1), "memory_mb": memory, "versions": versions(),
    }  # fmt: skip


# -- the two databases -------------------------------------------------------------------------------------------------


def databases(large: str, less: str, size: int, small: int) -> tuple[str, list[bytes], Template]:
    """Both databases, from one letter; a token, and letters that are still to be sent."""
    prepare(large)
    count = max(2, min(_SENT, size // 4))
    letters, token = sender(large, count + _warm(count) + 1)
    bodies = [DOORS["mhd"].pack(letter, 0).body for letter in letters]
    asyncio.run(_file(large, token, bodies.pop()))
    with closing(sqlite3.connect(large)) as connection:
        template = Template(connection, size - 1)
    fill(large, template, 0, small - 1)
    shutil.copyfile(large, less)
    fill(large, template, small - 1, size - 1)
    return token, bodies, template


async def _file(database: str, token: str, body: bytes) -> None:
    """Take one submission in as the server does."""
    engine, reader = open_engine(database), open_engine(database, read_only=True)
    with reader.connect() as connection:
        caller, keys = find_caller(connection, f"Bearer {token}"), pseudonyms(connection)
    assert caller is not None
    writer = DirectWriter(engine)
    pipeline = Pipeline(settings_from(database=database), writer, reader.connect, keys)
    answer = await pipeline.receive(received("mhd", body, caller, datetime.now(UTC)))
    writer.close()
    engine.dispose()
    reader.dispose()
    if answer.status != 200:
        raise RuntimeError("the letter to repeat was refused")


# -- reading and searching ---------------------------------------------------------------------------------------------


def _read(copy: Copy, _: Template) -> str:
    return f"/{copy.reference}"


def _patient(copy: Copy, template: Template) -> str:
    return _query(("patient.identifier", f"{template.identifier['system']}|{copy.matricule}"), ("status", "current"))


def _day(*more: tuple[str, str]) -> Callable[[Copy, Template], str]:
    """The documents of the establishment of one day."""

    def path(copy: Copy, template: Template) -> str:
        day = str(copy.written.astimezone(PARIS).date())
        custodian = f"{template.custodian['system']}|{template.custodian['value']}"
        return _query(("custodian:identifier", custodian), ("date", day), *more)

    return path


def _query(*items: tuple[str, str]) -> str:
    return f"?{urlencode(items)}"


_ASKS: Final = (
    ("read", Operation(_read, b'"resourceType":"DocumentReference"')),
    ("search_patient", Operation(_patient, b'"mode":"match"')),
    ("search_establishment_date", Operation(_day(("_count", str(PAGE))), b'"mode":"match"')),
    ("count", Operation(_day(("_summary", "count")), b'"total":')),
)


async def _asked(
    server: Served, token: str, template: Template, size: int, clients: int, operation: Operation
) -> Load:  # fmt: skip
    """One operation on random copies, other ones each time; the first requests are not measured."""
    chance = random.Random(2026)  # noqa: S311
    count = max(clients, min(_ASKED, size))
    copies = (template.copy(chance.randrange(max(1, size - 1))) for _ in range(count + _warm(count)))
    asks = [Ask("GET", f"/fhir/DocumentReference{operation.path(copy, template)}") for copy in copies]

    def good(answer: bytes) -> bool:
        return operation.holds in answer

    await drive(server, token, asks[count:], clients, good)
    return await drive(server, token, asks[:count], clients, good)


def _warm(count: int) -> int:
    """Requests to warm up by."""
    return max(2, count // 10)


# -- creating ----------------------------------------------------------------------------------------------------------


def _created(large: Served, less: Served, token: str, letters: list[bytes], clients: int) -> tuple[Load, Load]:
    """The same letters to both servers in turn; the first ones are not measured."""
    sums = Load(), Load()
    for measured, turn in _turns(letters):
        for server, one in zip((large, less), sums, strict=True):
            load = asyncio.run(drive(server, token, turn, clients, DOORS["mhd"].filed))
            if measured:
                one.add(load)
    return sums


def _turns(letters: list[bytes]) -> Iterator[tuple[bool, list[Ask]]]:
    asks = [Ask("POST", DOORS["mhd"].path, body, "application/fhir+json") for body in letters]
    warm = len(asks) - len(asks) * 10 // 11
    yield False, asks[:warm]
    for start in range(warm, len(asks), _TURN):
        yield True, asks[start : start + _TURN]


def _ratio(large: float, small: float) -> float:
    return round(large / small, 3) if small else 0.0


# -- for people --------------------------------------------------------------------------------------------------------


def table(result: dict[str, Any]) -> str:
    """The figures of a run, a line an operation."""
    names = ("rate_per_s", "p50_ms", "p99_ms", "cpu_ms", "errors", "n")
    rows = [f"{'':28}" + "".join(f"{name:>12}" for name in names)]
    for operation, figures in result["operations"].items():
        rows.append(f"{operation:28}" + "".join(f"{figures[name]:>12}" for name in names))
    shown = {name: value for name, value in result.items() if name not in ("operations", *names, "size_bytes")}
    return "\n".join((*rows, *(f"{name:28} {value}" for name, value in shown.items())))
