"""A load from its files to its sum: what there is, what an earlier load has done, the rest of it checked and filed."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import orjson
import sqlalchemy as sa

from fhir_server.fhir.indexing import warm
from fhir_server.fhir.patients import patient_id
from fhir_server.guides import load_guides
from fhir_server.ids import Pseudonyms
from fhir_server.intake.checks import Checks, checks_of
from fhir_server.loading.checking import Checker
from fhir_server.loading.depot import Depot
from fhir_server.loading.journal import Journal
from fhir_server.loading.parts import CHECKED, Checked, Tally
from fhir_server.loading.pool import Pool
from fhir_server.loading.rejects import Rejects
from fhir_server.loading.sources import Kind, Source, Sources, digest_of
from fhir_server.security.caller import Caller, Scope
from fhir_server.settings import Settings
from fhir_server.store.alone import require_alone
from fhir_server.store.database import open_engine
from fhir_server.store.reading import pseudonyms
from validators.documents import registry
from validators.fhir import default_walker
from validators.messages import catalogue

COMMIT_ITEMS: Final = 2_000
COMMIT_PIECES: Final = 32
COMMIT_SECONDS: Final = 1.0
"""A commit waits for the disk: it takes this many items, pieces or seconds, whichever is first."""


@dataclass(slots=True)
class Progress:
    """Exactly how far the load is: of all its items and bytes, what an earlier one had done included."""

    items: int = 0
    total_items: int = 0
    bytes: int = 0
    total_bytes: int = 0
    tally: Tally = field(default_factory=Tally)
    before: int = 0
    left: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        counts = {name: getattr(self.tally, name) for name in Tally.__struct_fields__}
        return {"items": self.items, "total_items": self.total_items, "bytes": self.bytes,
                "total_bytes": self.total_bytes, **counts, "before": self.before, "left": self.left}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """After a commit: how far the load is, and what the commit refused."""

    progress: Progress
    rejects: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Load:
    """What to load, for whom, and how."""

    settings: Settings
    caller: Caller
    paths: Sequence[Path]
    jobs: int = 1
    rejects: Path | None = None
    resume: bool = True

    @property
    def scope(self) -> Scope:
        """Whose rows they become."""
        assert self.caller.scope is not None
        return self.caller.scope

    def run(self) -> Iterator[Step]:
        """Load; the first step tells what there is to do, the last one what became of it.

        Raises:
            CheckingLost: a process ended; what was filed stays.
            DatabaseError: the database is open elsewhere.
            GuideError: a package to judge by is missing or broken.
            OSError: a file cannot be read, or a reject not written.
        """
        require_alone(self.settings.database)
        engine = open_engine(self.settings.database)
        try:
            with engine.connect() as connection:
                keys = pseudonyms(connection)
            sources, moved = self._sources(keys)
            tasks, progress = self._left(engine, sources)
            engine.dispose()  # no connection crosses a fork
            yield from self._checked(engine, sources, tasks, progress, keys, moved)
        finally:
            engine.dispose()

    def _sources(self, keys: Pseudonyms) -> tuple[Sources, dict[str, str]]:
        """The files, and the Patients whose id is another here: it follows from their identity."""
        sources, moved = Sources(self.settings.max_body), {}
        for path in self.paths:
            for line in sources.add(path):
                if b'"Patient"' in line:
                    moved.update(_moved(line, self.scope.owner, keys))
        return sources, moved

    def _left(self, engine: sa.Engine, sources: Sources) -> tuple[list[int], Progress]:
        """The numbers of the pieces that are still to be done; the others are counted as done."""
        progress = Progress(0, sum(one.items for one in sources.files), 0, sum(one.size for one in sources.files))
        progress.left = sources.left
        at: dict[int, int] = {}
        with engine.begin() as connection:
            journal = Journal(connection, self.scope.owner)
            for number, source in enumerate(sources.files):
                if source.kind is not Kind.SINGLE:
                    at[number] = self._position(journal, source, progress, [*at], sources)
        return [n for n, piece in enumerate(sources.pieces) if piece.end > at.get(piece.source, 0)], progress

    def _position(
        self, journal: Journal, source: Source, progress: Progress, earlier: Sequence[int], sources: Sources
    ) -> int:
        """Where a source goes on; one that is there twice is all duplicates."""
        if any(sources.files[number].digest == source.digest for number in earlier):
            self._count(progress, source, source.places, Tally(duplicates=source.items), sources)
            return source.places
        if not self.resume:
            journal.forget(source.digest)
        position, tally = journal.position(source.digest), journal.tally(source.digest)
        progress.before += tally.items
        self._count(progress, source, position, tally, sources)
        return position

    @staticmethod
    def _count(progress: Progress, source: Source, position: int, tally: Tally, sources: Sources) -> None:
        done = [one for one in sources.pieces if sources.files[one.source] is source and one.end <= position]
        progress.items += sum(one.items for one in done)
        progress.bytes += sum(one.size for one in done)
        progress.tally += tally

    # -- checking and filing -------------------------------------------------------------------------------------------

    def _checked(
        self, engine: sa.Engine, sources: Sources, tasks: Sequence[int], progress: Progress, keys: Pseudonyms,
        moved: dict[str, str],
    ) -> Iterator[Step]:  # fmt: skip
        checks = _preloaded(self.settings)
        pool = Pool(self.jobs, tasks, lambda: self._worker(sources, checks, keys, moved))
        connection = engine.connect()
        journal = Journal(connection, self.scope.owner)
        checker = Checker(self.settings, self.caller, checks, keys, engine.connect, moved)
        try:
            yield Step(progress)
            rejects = Rejects(self.rejects, self.scope.owner, journal.position)
            try:
                depot = Depot(connection, self.scope, sources, checker, rejects)
                for batch in _batches(pool.answers(), sources):
                    yield _told(depot, batch, progress)
            finally:
                rejects.close()
        finally:
            pool.close()
            connection.close()

    def _worker(
        self, sources: Sources, checks: Checks, keys: Pseudonyms, moved: dict[str, str]
    ) -> Callable[[int], bytes]:  # fmt: skip
        """What a checking process does with the number of a piece; its connections are its own."""
        reader = open_engine(self.settings.database, read_only=True)
        connection = reader.connect()
        checker = Checker(self.settings, self.caller, checks, keys, reader.connect, moved)
        journal = Journal(connection, self.scope.owner)

        def check(number: int) -> bytes:
            piece = sources.pieces[number]
            source, items = sources.files[piece.source], sources.read(piece)
            digest = source.digest or digest_of(source.path, items[0])
            if source.kind is Kind.SINGLE and self.resume and journal.position(digest):
                return msgspec.msgpack.encode(Checked(number, digest, before=journal.tally(digest)))
            parts = tuple(checker.parts(connection, digest, items))
            return msgspec.msgpack.encode(Checked(number, digest, parts))

        return check


def _told(depot: Depot, batch: Sequence[Checked], progress: Progress) -> Step:
    refused = []
    for piece, tally, before, lines in depot.store(batch):
        progress.items += piece.items
        progress.bytes += piece.size
        progress.tally += tally
        progress.before += piece.items if before else 0
        refused += lines
    return Step(progress, refused)


def _batches(answers: Iterator[bytes], sources: Sources) -> Iterator[list[Checked]]:
    """Checked pieces, as many as a commit takes."""
    batch: list[Checked] = []
    items, since = 0, time.monotonic()
    for answer in answers:
        checked = CHECKED.decode(answer)
        batch.append(checked)
        items += sources.pieces[checked.piece].items
        if items >= COMMIT_ITEMS or len(batch) >= COMMIT_PIECES or time.monotonic() - since > COMMIT_SECONDS:
            yield batch
            batch, items, since = [], 0, time.monotonic()
    if batch:
        yield batch


def _moved(line: bytes, owner: str, keys: Pseudonyms) -> dict[str, str]:
    """A line of a Patient that has another id here than it says."""
    with suppress(orjson.JSONDecodeError, AttributeError, TypeError):
        found = orjson.loads(line)
        if isinstance(found, dict) and found.get("resourceType") == "Patient" and isinstance(found.get("id"), str):
            derived = patient_id(found, "Patient", owner, keys)
            if derived is not None and derived != found["id"]:
                return {f"Patient/{found['id']}": f"Patient/{derived}"}
    return {}


def _preloaded(settings: Settings) -> Checks:
    """What every checking process needs, loaded before they are forked; the collector is kept off it."""
    default_walker(), registry(), catalogue()
    warm()
    checks = checks_of(settings)
    if settings.package:
        checks = replace(checks, guides=load_guides(settings.package, settings.packages, settings.pdsm))
    assert checks.walker is not None
    checks.cda(b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>", datetime.now(UTC))  # compiles schema and rules
    gc.collect()
    gc.freeze()
    return checks
