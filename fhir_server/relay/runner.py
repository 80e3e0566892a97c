"""The process that sends: it looks for what is due, says that it is sending, sends, and says what came of it.

Both sayings go through the writer and are durable before the next step: killed anywhere, the next process sends again,
and a receiver that has it already says so. Each establishment and route is one thread's work at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import structlog

from fhir_server.intake.pipeline import PlanWriter
from fhir_server.lifeline import run_until_stopped
from fhir_server.relay import queue
from fhir_server.relay.routes import Routes
from fhir_server.relay.senders import Answer, Sender, sender_of
from fhir_server.store.acts import Act
from fhir_server.store.writer import WriterGone

IDLE = 0.5
"""Seconds between two looks at the line when nothing was due."""

Reading = Callable[[], AbstractContextManager[sa.Connection]]


class Relay:
    """Sends what is due.

    Args:
        routes: where things go.
        reading: opens a consistent view of the database.
        writer: where what is learnt is written.
        clock: the moment, with its zone.
    """

    def __init__(
        self, routes: Routes, reading: Reading, writer: PlanWriter,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._routes = routes
        self._reading = reading
        self._writer = writer
        self._clock = clock
        self._senders: dict[str, Sender] = {route.name: sender_of(route) for route in routes.all}
        self._log = structlog.get_logger("segur")

    async def run(self, stopped: asyncio.Event) -> None:
        """Until `stopped`: what is being sent then is brought to its end."""
        while not stopped.is_set():
            try:
                sent = await self.once()
            except (WriterGone, sa.exc.SQLAlchemyError) as problem:
                self._log.warning("relay-waits", kind=type(problem).__name__)
                sent = 0
            if not sent:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopped.wait(), IDLE)

    async def once(self) -> int:
        """One look at the line: everything due is tried once; how many that were."""
        with self._reading() as connection:
            rows = queue.due(connection, self._clock())
        results = await asyncio.gather(*(self._pass(row) for row in rows), return_exceptions=True)
        for problem in results:
            if isinstance(problem, BaseException):
                raise problem
        return len(rows)

    async def _pass(self, row: Any) -> None:
        await self._write(queue.starting(row, self._clock()))
        answer = await self._answer(row)
        with self._reading() as connection:
            act = queue.ending(connection, row, answer, self._routes.get(row.route), self._clock())
        await self._write(act)
        self._log.info("relay", route=row.route, submission=row.submission, state=answer.state, code=answer.code)

    async def _answer(self, row: Any) -> Answer:
        sender = self._senders.get(row.route)
        if sender is None:
            return Answer("refused", "no-such-route")
        with self._reading() as connection:
            item = queue.loaded(connection, row)
        content = item.content
        if content is None:
            return Answer("refused", "bytes-not-kept")
        return await asyncio.to_thread(
            sender.send, content, row.content_type, sent_before=item.sent_before, recipients=item.recipients
        )

    async def _write(self, act: Act) -> None:
        """Make it durable. Raises `WriterGone` when it cannot be: the item stays as it was and is tried again."""
        outcome = await self._writer.file(act)
        if outcome.kind != "filed":
            raise WriterGone(f"the writer answered {outcome.kind}")

    def close(self) -> None:
        """Close the senders."""
        for sender in self._senders.values():
            sender.close()


def run_relay(database: str, routes: Routes, writer_address: str, lifeline: int) -> None:
    """The relay's process, until SIGTERM or until the supervisor is gone."""
    from fhir_server.store.database import open_engine, reading
    from fhir_server.store.writer import WriterClient

    async def work(stopped: asyncio.Event) -> None:
        engine, writer = open_engine(database, read_only=True), WriterClient(writer_address)
        relay = Relay(routes, lambda: reading(engine), writer)
        try:
            await relay.run(stopped)
        finally:
            relay.close()
            writer.close()
            engine.dispose()

    run_until_stopped(lifeline, work)
