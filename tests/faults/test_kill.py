"""`kill -9` of any process amid concurrent submissions.

Acknowledged means present, whole and counted once. Not acknowledged means absent, or, when only the answer was lost,
present once, and still once when it is sent again.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from fhir_server.security.caller import Role
from fhir_server.store.database import prepare
from testdata import Country, Establishment
from tests.conftest import two_sites
from tests.support.faces import Face
from tests.support.server import Server, alive, children, wait_until
from tests.support.storm import Sent, storm, submissions
from tests.support.synthetic import admit, establish, new_stay, token_for

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are found in /proc")

KINDS = ("supervisor", "worker", "writer", "everything")
WORKERS = 2


@dataclass
class Tally:
    """What the rounds of one kind added up to."""

    sent: int = 0
    acknowledged: int = 0
    unavailable: int = 0
    unanswered: int = 0
    lost_answers: int = 0
    doubles: int = 0
    missing: int = 0

    def say(self, kind: str) -> None:
        """A line for the report of the run."""
        sys.stdout.write(f"\nkill {kind}: {json.dumps(vars(self))}\n")


@dataclass
class Arena:
    """A server of its own, an establishment with a few stays, and what was sent so far."""

    server: Server
    site: Establishment
    token: str
    land: Country
    tally: Tally = field(default_factory=Tally)
    rounds: int = 0
    filed: int = 0
    stays_with_letter: int = 0

    def round(self, kind: str, count: int, *, thorough: bool = True) -> None:
        """One round: a storm, a death, the way back, and the count of everything.

        `thorough` counts before anything is sent again too, and looks at the figure of stays.
        """
        self.rounds += 1
        stays = [new_stay(self.land, self.site) for _ in range(4)]
        admit(self.server.database, *stays)
        sent = submissions(stays, count, f"{kind}{self.rounds}")
        victims: list[int] = []
        statuses = storm(self.server.port, self.token, sent, lambda: victims.extend(self.kill(kind)), count // 4)
        self.recover(kind, victims)
        face = Face(self.server.origin, self.token)
        try:
            self.judge(face, sent, statuses, thorough=thorough)
        finally:
            face.close()
        self.stays_with_letter += len(stays)
        self.count()
        if thorough:
            stays_counted = self.figure("I-SUN1-LDL")
            assert stays_counted["numerator"] == self.stays_with_letter, "each stay once, however many letters"

    def kill(self, kind: str) -> list[int]:
        """End the process; the ones that must be gone afterwards."""
        if kind == "supervisor":
            return self.server.kill_supervisor()
        if kind == "everything":
            family = children(self.server.pid)
            os.kill(self.server.pid, signal.SIGSTOP)  # so that nothing is started again in between
            for pid in family:
                os.kill(pid, signal.SIGKILL)
            self.server.kill_supervisor()
            return family
        [victim, *_] = self.server.workers() if kind == "worker" else self.server.writers()
        self.server.kill(victim)
        return [victim]

    def recover(self, kind: str, victims: list[int]) -> None:
        """What died is started again by the server; a dead server's children end, and a new one takes its place."""
        wait_until(lambda: not any(map(alive, victims)), "what was killed, or lost its supervisor, ends", patience=12)
        if kind in ("supervisor", "everything"):
            self.server.start()
        wait_until(lambda: len(self.server.workers()) == WORKERS, "all workers are there")
        wait_until(lambda: len(self.server.writers()) == 1, "the writer is there")
        assert not set(victims) & set(children(self.server.pid))

    def judge(self, face: Face, sent: list[Sent], statuses: list[int | None], *, thorough: bool) -> None:
        """Look for every document, then send again what was not acknowledged."""
        assert set(statuses) <= {200, 503, None}, statuses
        tally = self.tally
        tally.sent += len(sent)
        again = []
        for item, status in zip(sent, statuses, strict=True):
            found = self.found(face, item)
            if status == 200:
                tally.acknowledged += 1
                tally.missing += found == 0
            else:
                tally.unavailable += status == 503
                tally.unanswered += status is None
                tally.lost_answers += found
                again.append(item)
            tally.doubles += found > 1
            self.filed += min(found, 1)
        if thorough:
            self.count()
        for item in again:
            before = self.found(face, item)
            assert face.provide(item.body).status_code == 200
            assert self.found(face, item) == 1
            self.filed += 1 - before
        assert (tally.missing, tally.doubles) == (0, 0), tally

    def found(self, face: Face, item: Sent) -> int:
        """How many current references the document has; each leads to its very bytes."""
        references = face.search(identifier=f"urn:ietf:rfc:3986|{item.unique_id}", status="current")
        for reference in references:
            assert face.http.get(reference["content"][0]["attachment"]["url"]).content == item.document
        return len(references)

    def count(self) -> None:
        """The figure of documents is what was found, no more and no less."""
        found = self.figure("I-SUN1-INS")
        assert found == {"initial-population": self.filed, "denominator": self.filed, "numerator": self.filed}

    def figure(self, measure: str) -> dict[str, int]:
        """A figure of the establishment now."""
        face = Face(self.server.origin, self.token)
        try:
            return face.figure(measure, self.site.finess)
        finally:
            face.close()


@pytest.fixture
def arena(tmp_path: Path, demo_country: Country) -> Iterator[Arena]:
    """A server nobody else uses."""
    database = tmp_path / "kill.db"
    prepare(str(database))
    establish(database, demo_country)
    site, _ = two_sites(demo_country)
    token = token_for(database, Role.ESTABLISHMENT, site.legal_entity)
    with Server(database, tmp_path, "--workers", str(WORKERS)) as server:
        yield Arena(server, site, token, demo_country)


@pytest.mark.parametrize("kind", KINDS[:3])
def test_what_was_acknowledged_survives_a_kill(arena: Arena, kind: str) -> None:
    arena.round(kind, 40)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_acknowledged_survives_many_kills(arena: Arena, kind: str, record_property) -> None:
    for _ in range(3 if kind == "everything" else 9):
        arena.round(kind, 50, thorough=False)
    arena.round(kind, 200 if kind == "everything" else 500)
    record_property("tally", vars(arena.tally))
    arena.tally.say(kind)


def test_a_new_server_takes_the_port_of_one_that_was_killed(arena: Arena) -> None:
    port, orphans = arena.server.port, arena.server.kill_supervisor()
    assert len(orphans) == WORKERS + 1
    arena.server.start()  # it waits for the port that the old workers still hold
    assert arena.server.port == port
    wait_until(lambda: not any(map(alive, orphans)), "the old children end", patience=5)
    face = Face(arena.server.origin)
    assert face.get("/health/ready").status_code == 200
    face.close()


def test_a_stopped_server_answers_what_it_holds(arena: Arena) -> None:
    sent = submissions([new_stay(arena.land, arena.site)], 40, "stop")
    statuses = storm(arena.server.port, arena.token, sent, lambda: os.kill(arena.server.pid, signal.SIGTERM), 10)
    assert arena.server.stop(told=True) == 0
    arena.server.start()
    face = Face(arena.server.origin, arena.token)
    for item, status in zip(sent, statuses, strict=True):
        assert (arena.found(face, item) == 1) == (status == 200), status
    face.close()


def test_the_server_restarts_what_dies_again_and_again(arena: Arena) -> None:
    for _ in range(3):
        for pids in (arena.server.workers, arena.server.writers):
            [victim, *_] = pids()
            arena.server.kill(victim)
            wait_until(lambda gone=victim: not alive(gone), "the victim is gone")
            wait_until(lambda: len(children(arena.server.pid)) == WORKERS + 1, "it was started again")
    face = Face(arena.server.origin, arena.token)
    deadline = time.monotonic() + 10
    [item] = submissions([new_stay(arena.land, arena.site)], 1, "after")
    status = 0
    while status != 200 and time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            status = face.provide(item.body).status_code
    face.close()
    assert status == 200
    assert arena.server.stderr.count('"child-died"') == 6
