"""An export under way: a thread of this worker with a view of its own, which tells how far it is and can be stopped.

What was under way when its process ended is taken up by whichever worker is asked about it: a job that gives no sign of
life is anybody's. Every attempt writes files of its own, so that a late one spoils nothing.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa
import structlog

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.interactions import reads
from fhir_server.security.caller import Caller, Scope
from fhir_server.services import Services
from fhir_server.store import compartment, export_jobs
from fhir_server.store.database import open_engine
from fhir_server.store.export_jobs import ACTIVE, Job, Output

SILENCE: Final = 15_000_000
"""Microseconds without a sign of life after which an export is taken up again."""
_BEAT: Final = 2_000_000
_PATIENCE: Final = 60.0
_ABOUT_A_PATIENT: Final = b'"reference":"Patient/'


class Stopped(Exception):
    """The export was cancelled, or is somebody else's now."""


def now() -> int:
    """This moment in microseconds."""
    return time.time_ns() // 1000


def is_silent(job: Job) -> bool:
    """Whether nobody works at an export that is not done."""
    return job.state in ACTIVE and now() - job.updated > SILENCE


@dataclass(slots=True)
class Exporter:
    """Makes the files of one export.

    Args:
        services: of this worker.
        loop: where the way to the writer is.
        caller: who asked.
        scope: whose rows they are.
        job: as it was last seen.
    """

    services: Services
    loop: asyncio.AbstractEventLoop
    caller: Caller
    scope: Scope
    job: Job

    def start(self) -> None:
        """Begin, beside everything else."""
        threading.Thread(target=self.run, name="export", daemon=True).start()

    def run(self) -> None:
        """Take the job, make its files, tell that they are there; a failure is told, and its kind in the log."""
        folder = export_jobs.folder(self.services.settings.database, self.job.id)
        try:
            self._step(state="running", progress="")
            outputs = self._files(folder)
            self._step(state="done", progress="", files=msgspec.msgpack.encode(outputs))
        except Stopped:
            with self.services.reading() as connection:
                if export_jobs.find(connection, self.scope, self.job.id) is None:
                    shutil.rmtree(folder, ignore_errors=True)
        except Exception as error:
            structlog.get_logger("segur").error("export-failed", job=self.job.id, kind=type(error).__name__)
            self._failed()

    def _failed(self) -> None:
        try:
            self._step(state="failed", progress="")
        except Exception as error:  # the writer is gone too: the next one that is asked takes it up
            structlog.get_logger("segur").error("export-lost", job=self.job.id, kind=type(error).__name__)

    def _step(self, **values: object) -> None:
        """One act; from now on the job is as it says.

        Raises:
            Stopped: it no longer was as we knew it.
        """
        at = max(now(), self.job.updated + 1)
        act = export_jobs.stepped(self.caller, self.job, at, **values)
        outcome = asyncio.run_coroutine_threadsafe(self.services.writer.file(act), self.loop).result(_PATIENCE)
        if outcome.kind != "filed":
            raise Stopped
        self.job = replace(self.job, updated=at, state=str(values.get("state", self.job.state)))

    # -- files ---------------------------------------------------------------------------------------------------------

    def _files(self, folder: Path) -> tuple[Output, ...]:
        """One file a type that has something, on one view of the database."""
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        attempt, engine = self.job.updated, open_engine(self.services.settings.database, read_only=True)
        try:
            with engine.connect() as connection:
                made = [
                    self._file(connection, folder, kind, f"{kind}.{attempt}.ndjson") for kind in self._types(connection)
                ]
        finally:
            engine.dispose()
        return tuple(output for output in made if output.count)

    def _types(self, connection: sa.Connection) -> list[str]:
        there = compartment.types_of(connection, self.scope.owner)
        wanted = self.job.order.types
        return [kind for kind in there if (kind in wanted if wanted else kind != "Binary")]

    def _file(self, connection: sa.Connection, folder: Path, kind: str, name: str) -> Output:
        count = 0
        descriptor = os.open(folder / name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
            for rows in export_jobs.pages(connection, self.scope.owner, kind, self.job.order.since):
                for body in self._bodies(connection, rows):
                    file.write(body + b"\n")
                    count += 1
                if now() - self.job.updated > _BEAT:
                    self._step(progress=f"{kind}: {count}")
        if not count:
            (folder / name).unlink()
        return Output(kind, name, count)

    def _bodies(self, connection: sa.Connection, rows: list[Any]) -> Iterator[bytes]:
        """As they are read; a Binary whose bytes are no longer kept is left out, as reading it answers 410."""
        order = self.job.order
        for row in rows:
            if order.patients and row.type not in ("Patient", "Binary") and _ABOUT_A_PATIENT not in row.body:
                continue
            try:
                yield reads.served(connection, self.scope, row, order.base)
            except Refusal:
                continue
