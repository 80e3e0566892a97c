"""Exports as rows: asked for, under way, done; each step is an act that holds only while nobody else made one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from fhir_server.ids import month_of, new_id, paris_date
from fhir_server.security.caller import Caller, Scope
from fhir_server.store import tables
from fhir_server.store.acts import Act, Change, Drop, Expect, Put
from fhir_server.store.bulk_tables import export_job
from fhir_server.store.database import database_url

ACTIVE: Final = ("waiting", "running")
DAY: Final = 24 * 3600 * 1_000_000
"""Microseconds that the files of an export are kept."""
_ROWS: Final = 500
_resource = tables.resource


class Order(msgspec.Struct, array_like=True, frozen=True):
    """What is exported: `patients` only what is about one, these types (empty: all but Binary), changed since a moment.

    `request` is the address that asked, `base` that of the links inside.
    """

    patients: bool
    types: tuple[str, ...]
    since: int | None
    request: str
    base: str


class Output(msgspec.Struct, array_like=True, frozen=True):
    """A file: its type, its name in the folder of the export, its lines."""

    type: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Job:
    """An export as it stands; times in microseconds since the epoch."""

    owner: str
    id: str
    state: str
    order: Order
    created: int
    updated: int
    progress: str
    outputs: tuple[Output, ...]


def find(connection: sa.Connection, scope: Scope, job_id: str) -> Job | None:
    """An export of an owner."""
    return next(_jobs(connection, export_job.c.owner == scope.owner, export_job.c.id == job_id), None)


def active(connection: sa.Connection, scope: Scope) -> Job | None:
    """The export of an owner that is not done."""
    return next(_jobs(connection, export_job.c.owner == scope.owner, export_job.c.state.in_(ACTIVE)), None)


def _jobs(connection: sa.Connection, *where: Any) -> Iterator[Job]:
    for row in connection.execute(sa.select(export_job).where(*where)):
        outputs = msgspec.msgpack.decode(row.files, type=tuple[Output, ...]) if row.files is not None else ()
        order = msgspec.msgpack.decode(row.asked, type=Order)
        yield Job(row.owner, row.id, row.state, order, row.created, row.updated, row.progress, outputs)


# -- steps -------------------------------------------------------------------------------------------------------------


def asked(caller: Caller, job: Job) -> Act:
    """Ask for it: refused (429) while another one of the owner is not done."""
    free = tuple(
        Expect("export_job", {"owner": job.owner, "state": state}, False, "EXPORT-BUSY", 429) for state in ACTIVE
    )
    row = {"owner": job.owner, "id": job.id, "state": job.state, "created": job.created, "updated": job.updated,
           "asked": msgspec.msgpack.encode(job.order), "progress": job.progress, "files": None}  # fmt: skip
    return _act(caller, job, job.created, expects=free, puts=(Put("export_job", (row,)),))


def stepped(caller: Caller, job: Job, at: int, **values: object) -> Act:
    """The next state, or a sign of life; refused when it is no longer as `job` says: cancelled, or somebody else's."""
    found = Expect(
        "export_job", {"owner": job.owner, "id": job.id, "state": job.state, "updated": job.updated}, True,
        "EXPORT-BUSY", 409,
    )  # fmt: skip
    change = Change("export_job", {"owner": job.owner, "id": job.id}, {"updated": at, **values})
    return _act(caller, job, at, expects=(found,), changes=(change,))


def cancelled(caller: Caller, job: Job, at: int) -> Act:
    """It was never asked for."""
    return _act(caller, job, at, drops=(Drop("export_job", {"owner": job.owner, "id": job.id}),))


def _act(caller: Caller, job: Job, at: int, **rows: Any) -> Act:
    month = month_of(paris_date(datetime.fromtimestamp(at / 1_000_000, UTC)))
    return Act(job.owner, caller.role.value, new_id(), month, at, "export", f"export/{job.id}", **rows)


# -- what is exported --------------------------------------------------------------------------------------------------


def pages(connection: sa.Connection, owner: str, kind: str, since: int | None) -> Iterator[list[Any]]:
    """The current versions of a type in the order of their ids, some hundreds at a time."""
    last = ""
    while True:
        query = sa.select(_resource).where(
            _resource.c.owner == owner, _resource.c.type == kind, _resource.c.id > last,
            _resource.c.gone == sa.false(), *([_resource.c.updated >= since] if since is not None else []),
        )  # fmt: skip
        rows = list(connection.execute(query.order_by(_resource.c.id).limit(_ROWS)))
        if rows:
            yield rows
        if len(rows) < _ROWS:
            return
        last = rows[-1].id


# -- files -------------------------------------------------------------------------------------------------------------


def folder(database: str, job_id: str = "") -> Path:
    """Where the files of exports are, beside the database; with an id, those of one."""
    path = Path(database_url(database).database or "")
    return path.with_name(f"{path.name}.exports") / job_id


def forget_exports(connection: sa.Connection, database: str, now: int) -> None:
    """Drop exports nobody has touched for a day, and files that belong to none."""
    connection.execute(export_job.delete().where(export_job.c.updated < now - DAY))
    known = set(connection.scalars(sa.select(export_job.c.id)))
    base = folder(database)
    for path in base.iterdir() if base.is_dir() else ():
        if path.name not in known:
            shutil.rmtree(path, ignore_errors=True)
