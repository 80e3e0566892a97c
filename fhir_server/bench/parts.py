"""Where the time of a submission goes: CPU of each part alone, on the same bodies, in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from fhir_server.ids import Pseudonyms
from fhir_server.intake import mhd
from fhir_server.intake.checks import Checks
from fhir_server.intake.filing import Site, plan_acceptance
from fhir_server.intake.pipeline import Pipeline
from fhir_server.intake.submission import received
from fhir_server.security.caller import Caller, find_caller
from fhir_server.settings import settings_from
from fhir_server.store.database import open_engine
from fhir_server.store.filing import Filer
from fhir_server.store.organizations import find_site
from fhir_server.store.plan import Outcome, WritePlan
from fhir_server.store.reading import pseudonyms
from fhir_server.store.writer import Plan
from validators.cda import check_cda
from validators.fhir import default_walker, parse_json
from validators.report import Mode, Report

_BATCH = 8


def measure(database: str, token: str, bodies: list[bytes]) -> dict[str, float]:
    """CPU milliseconds a submission of each part; `path` is the worker's whole path, its parts are listed under it."""
    reader, writer = open_engine(database, read_only=True), open_engine(database)
    with reader.connect() as connection:
        caller = find_caller(connection, f"Bearer {token}")
        keys = pseudonyms(connection)
    assert caller is not None
    bench = _Bench(caller, bodies, keys)
    parts = {
        "authentication": _each(bodies, lambda _: _with(reader, lambda c: find_caller(c, f"Bearer {token}"))),
        "site": _each(bodies, lambda _: _with(reader, lambda c: find_site(c, None, caller.organization or ""))),
        **bench.checks(),
    }
    plans = bench.plans()
    parts["path"] = _path(database, reader, keys, caller, bodies)
    parts["codec"] = _each(plans, lambda plan: msgspec.msgpack.decode(msgspec.msgpack.encode(plan), type=WritePlan))
    parts["write"] = _write(writer, plans)
    reader.dispose()
    writer.dispose()
    return {name: round(value, 3) for name, value in parts.items()}


def _with(engine: Any, use: Callable[[Any], object]) -> object:
    with engine.connect() as connection:
        return use(connection)


def _each(items: Iterable[Any], part: Callable[[Any], object]) -> float:
    """CPU milliseconds an item."""
    items = list(items)
    for item in items[:20]:
        part(item)
    started = time.process_time()
    for item in items:
        part(item)
    return 1000 * (time.process_time() - started) / len(items)


class _Bench:
    """The parts of the check, each fed with what the part before it gives."""

    def __init__(self, caller: Caller, bodies: list[bytes], keys: Pseudonyms) -> None:
        self._caller, self._bodies, self._keys = caller, bodies, keys
        self._now = datetime.now(UTC)
        self._submissions = [self._open(body) for body in bodies]

    def _open(self, body: bytes) -> Any:
        return mhd.open_bundle(received("mhd", body, self._caller, self._now), Checks())

    def checks(self) -> dict[str, float]:
        """JSON, structure and profiles, CDA, and the whole check (envelope rules, identity, cross-checks with them)."""
        bundles = [parse_json(body, Report()) for body in self._bodies]
        documents = [s.bundle.documents[0].data for s in self._submissions]
        return {
            "json": _each(self._bodies, lambda body: parse_json(body, Report())),
            "structure": _each(bundles, lambda bundle: default_walker().check(bundle, Report())),
            "cda": _each(documents, lambda data: check_cda(data, mode=Mode.SANDBOX, now=self._now)),
            "check": _each(self._bodies, self._open),
            "plan": _each(self._submissions, self._plan),
        }

    def _plan(self, submission: Any) -> WritePlan:
        return plan_acceptance(submission, list(submission.report), [Site(None, None)], self._keys)

    def plans(self) -> list[WritePlan]:
        """A plan each, with the ids of this run."""
        return [self._plan(self._open(body)) for body in self._bodies]


class _Nowhere:
    """A writer that answers at once."""

    async def file(self, plan: Plan) -> Outcome:
        entries = plan.entries if isinstance(plan, WritePlan) else ()
        placed = tuple((resource_id, 1) for _, resource_id in entries)
        return Outcome("filed", plan.id, 200, plan.received, "accepted", placed, ())


def _path(database: str, reader: Any, keys: Pseudonyms, caller: Caller, bodies: list[bytes]) -> float:
    pipeline = Pipeline(settings_from(database=database), _Nowhere(), reader.connect, keys)

    async def all_of_them() -> float:
        started = time.process_time()
        for body in bodies:
            await pipeline.receive(received("mhd", body, caller, datetime.now(UTC)))
        return 1000 * (time.process_time() - started) / len(bodies)

    return asyncio.run(all_of_them())


def _write(engine: Any, plans: list[WritePlan]) -> float:
    """The writer's part: rows, index, facts, audit, and one durable commit for every eight plans."""
    connection = engine.connect()
    filer = Filer(connection)
    started = time.process_time()
    for at in range(0, len(plans), _BATCH):
        with connection.begin():
            for plan in plans[at : at + _BATCH]:
                filer.file(plan)
    spent = time.process_time() - started
    connection.close()
    return 1000 * spent / len(plans)
