"""The process that notifies: it looks how far each subscription has come, sends what is next, and writes that it did.

What is written comes after what was answered: killed anywhere, the next process sends the same events under the same
numbers. One notification of a subscription is on its way at a time, so events arrive in their order; a receiver that is
slow or down keeps nobody else waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
import structlog

from fhir_server.following.notice import notification
from fhir_server.following.sending import Courier
from fhir_server.following.topics import TOPICS, Scan, scan
from fhir_server.ids import micros, new_id
from fhir_server.intake.pipeline import PlanWriter
from fhir_server.lifeline import run_until_stopped
from fhir_server.relay.routes import Retry
from fhir_server.settings import Settings
from fhir_server.store import feed, subscriptions
from fhir_server.store.acts import Change, Expect, act_now
from fhir_server.store.writer import WriterGone

IDLE: Final = 0.5
"""Seconds between two looks."""
BATCH: Final = 50
"""Events a notification."""
_MOST: Final = 32
"""Notifications on their way at a time."""

_PAGES: Final = 20
"""Pages of the feed looked through for one subscription in one go."""
_FAR: Final = 10_000
"""Changes of others, or of no interest, after which the position is written though there was nothing to tell."""

Reading = Callable[[], AbstractContextManager[sa.Connection]]
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Next:
    """What a subscription is to be sent."""

    kind: str
    found: Scan


class Notifier:
    """Serves every subscription.

    Args:
        courier: sends.
        retry: when a notification is sent again, and when that ends.
        reading: opens a consistent view of the database.
        writer: where what was told is written.
        clock: the moment, with its zone.
    """

    def __init__(
        self, courier: Courier, retry: Retry, reading: Reading, writer: PlanWriter,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._courier = courier
        self._retry = retry
        self._reading = reading
        self._writer = writer
        self._clock = clock
        self._busy: dict[_Key, asyncio.Task[None]] = {}
        self._seen: dict[_Key, int] = {}
        self._log = structlog.get_logger("segur")

    async def run(self, stopped: asyncio.Event) -> None:
        """Until `stopped`: what is on its way then is broken off, and sent again by the next process."""
        while not stopped.is_set():
            try:
                self.look()
            except sa.exc.SQLAlchemyError as problem:
                self._log.warning("notifier-waits", kind=type(problem).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), IDLE)
        await self.settle(cancel=True)

    def look(self) -> int:
        """Begin to serve whoever is due and not being served; how many that are."""
        now, begun = micros(self._clock()), 0
        with self._reading() as connection:
            rows = subscriptions.due(connection, now)
            newest = feed.newest(connection)
        for row in rows:
            wanted = row.status == "requested" or newest > self._reached(row) or _over(row, now)
            if wanted and (row.owner, row.id) not in self._busy and len(self._busy) < _MOST:
                self._busy[row.owner, row.id] = asyncio.get_running_loop().create_task(self._serve(row))
                begun += 1
        return begun

    def _reached(self, row: Any) -> int:
        """The change up to which nothing is left for a subscription, as far as this process knows."""
        return max(int(row.position), self._seen.get((row.owner, row.id), 0))

    async def settle(self, *, cancel: bool = False) -> None:
        """Wait for what is on its way, or break it off."""
        tasks = list(self._busy.values())
        for task in tasks if cancel else ():
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, row: Any) -> None:
        try:
            await self._step(row)
        except (WriterGone, sa.exc.SQLAlchemyError) as problem:
            self._log.warning("notifier-waits", kind=type(problem).__name__)
        except Exception as problem:
            self._log.error("notifier-failed", subscription=row.id, kind=type(problem).__name__)
        finally:
            del self._busy[row.owner, row.id]

    async def _step(self, row: Any) -> None:
        """One notification, and what came of it."""
        now = self._clock()
        if _over(row, micros(now)):
            await self._write(row, {"status": "off"})
            return
        found = await asyncio.to_thread(self._next, row)
        if found is None:
            if self._reached(row) - row.position > _FAR:
                await self._write(row, {"position": self._reached(row)})
            return
        events = found.found.events
        last = row.events + len(events)
        told = notification(row, found.kind, events, row.events + 1, last)
        failure = await self._courier.send(row, told, int(now.timestamp()))
        self._log.info("notified", subscription=row.id, kind=found.kind, events=len(events), failure=failure)
        values = self._failed(row, failure) if failure else {
            "status": "active", "error": None, "attempts": 0, "failing": None, "events": last,
            "position": found.found.position,
        }  # fmt: skip
        await self._write(row, values)

    def _next(self, row: Any) -> _Next | None:
        """A handshake, or the next events; None when there are none."""
        if row.status == "requested":
            return _Next("handshake", Scan((), row.position, more=False))
        for _ in range(_PAGES):
            with self._reading() as connection:
                found = scan(connection, row.owner, TOPICS[row.topic], self._reached(row), BATCH)
            if found.events:
                return _Next("event-notification", found)
            self._seen[row.owner, row.id] = found.position
            if not found.more:
                break
        return None

    def _failed(self, row: Any, failure: str) -> dict[str, Any]:
        """When to try again, or that there is no further try."""
        now = self._clock()
        since = row.failing if row.failing is not None else micros(now)
        over = micros(now) - since > self._retry.give_up_after * 1_000_000
        again = micros(now + self._retry.wait(row.attempts + 1))
        return {"status": "error" if over else row.status, "error": failure, "attempts": row.attempts + 1,
                "failing": since, "next_at": again}  # fmt: skip

    async def _write(self, row: Any, values: dict[str, Any]) -> None:
        """Make it durable, if the row still is as it was; what its owner has changed meanwhile is read again."""
        key = {"owner": row.owner, "id": row.id}
        state = key | {"version": row.version, "position": row.position, "events": row.events}
        act = act_now(
            row.owner, "notifier", new_id(), self._clock(), "notify", f"Subscription/{row.id}",
            expects=(Expect("subscription", state, True, "SUBSCRIPTION-CHANGED"),),
            changes=(Change("subscription", key, values),),
        )  # fmt: skip
        outcome = await self._writer.file(act)
        if outcome.kind == "failed":
            raise WriterGone("the writer could not write")


def _over(row: Any, now: int) -> bool:
    """Whether a subscription has come to its end."""
    return row.ends is not None and row.ends <= now


def run_notifier(settings: Settings, writer_address: str, lifeline: int) -> None:
    """The notifier's process, until SIGTERM or until the supervisor is gone."""
    from fhir_server.store.database import open_engine, reading
    from fhir_server.store.writer import WriterClient

    async def work(stopped: asyncio.Event) -> None:
        engine, writer = open_engine(settings.database, read_only=True), WriterClient(writer_address)
        retry = Retry(first=settings.notify_retry, give_up_after=settings.notify_give_up)
        courier = Courier(settings.mode, settings.notify_timeout)
        try:
            await Notifier(courier, retry, lambda: reading(engine), writer).run(stopped)
        finally:
            writer.close()
            engine.dispose()

    run_until_stopped(lifeline, work)
