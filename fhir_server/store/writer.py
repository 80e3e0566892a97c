"""The writer: one process owns every write of a SQLite database and commits many plans with one fsync.

Workers connect to a UNIX socket and send frames (4 bytes of length, then a msgpack `WritePlan`); answers come back in
the order of the plans of that connection. A plan whose sender is gone before it is applied is dropped, so that what
was never acknowledged is, as far as one process can know, absent.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import socket
import sqlite3
import struct
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec
import sqlalchemy as sa
import structlog

from fhir_server.store.acts import Act
from fhir_server.store.changes import ResourcePlan
from fhir_server.store.database import open_engine
from fhir_server.store.export_jobs import forget_exports
from fhir_server.store.filing import Filer
from fhir_server.store.plan import Outcome, WritePlan
from fhir_server.store.retention import forget_refused

BATCH = 64
"""Plans a commit: past this the wait of the first one costs more than the fsync saved."""

PATIENCE = 5.0
"""Seconds the writer waits for one worker to read its answer."""

SWEEP = 3600.0
"""Seconds between two sweeps of what is past its retention."""

Plan: TypeAlias = WritePlan | Act | ResourcePlan
_LENGTH = struct.Struct(">I")
_PLANS: msgspec.msgpack.Decoder[Plan] = msgspec.msgpack.Decoder(Plan)
_OUTCOMES = msgspec.msgpack.Decoder(Outcome)
_encode = msgspec.msgpack.encode


class WriterGone(Exception):
    """The writer closed the connection before it answered: nobody can say whether the plan was written."""


def frame(payload: bytes) -> bytes:
    """A message with its length in front."""
    return _LENGTH.pack(len(payload)) + payload


@dataclass(slots=True, eq=False)
class _Peer:
    """A worker's connection, its unread bytes and whether it is still there."""

    sock: socket.socket
    buffer: bytearray = field(default_factory=bytearray)
    open: bool = True

    def receive(self) -> None:
        """Read what is there; an end of stream closes the peer."""
        try:
            while chunk := self.sock.recv(1 << 20):
                self.buffer += chunk
                if len(chunk) < 1 << 20:
                    return
            self.open = False
        except BlockingIOError:
            return
        except OSError:
            self.open = False

    def frames(self) -> list[bytes]:
        """The complete messages received so far."""
        found, at, size = [], 0, len(self.buffer)
        while size - at >= 4:
            (length,) = _LENGTH.unpack_from(self.buffer, at)
            if size - at - 4 < length:
                break
            found.append(bytes(self.buffer[at + 4 : at + 4 + length]))
            at += 4 + length
        del self.buffer[:at]
        return found

    def answer(self, outcome: Outcome) -> None:
        """Send an outcome; a peer that is gone, or does not read, misses it."""
        self.sock.settimeout(PATIENCE)
        try:
            self.sock.sendall(frame(_encode(outcome)))
        except OSError:
            self.open = False
        finally:
            self.sock.setblocking(False)


class Writer:
    """The loop of the writer process.

    Args:
        database: as for `open_engine`.
        listener: a listening UNIX socket that workers connect to.
        lifeline: read end of a pipe the supervisor holds open; its end means: finish what is here, then stop.
        refused_days: how long the bytes of refused submissions are kept.
    """

    def __init__(self, database: str, listener: socket.socket, lifeline: int, refused_days: int = 30) -> None:
        self._connection = open_engine(database).connect()
        self._database = database
        self._refused_days = refused_days
        self._swept = -SWEEP
        self._filer = Filer(self._connection)
        self._listener = listener
        self._lifeline = lifeline
        self._selector = selectors.DefaultSelector()
        self._peers: set[_Peer] = set()
        self._queue: deque[tuple[_Peer, Plan]] = deque()
        self._orphan = False

    def run(self) -> None:
        """Serve until the supervisor is gone and the last worker has closed its connection."""
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._lifeline, selectors.EVENT_READ)
        while not (self._orphan and not self._peers and not self._queue):
            self._gather(SWEEP if not self._queue else 0)
            if time.monotonic() - self._swept > SWEEP:
                self._sweep()
            if self._queue:
                self._commit([self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))])

    def _sweep(self) -> None:
        """Once at the start and then every hour: forget what is past its days."""
        self._swept = time.monotonic()
        with contextlib.suppress(sa.exc.SQLAlchemyError, sqlite3.Error), self._connection.begin():
            forget_refused(self._connection, time.time_ns() // 1000, self._refused_days)
            forget_exports(self._connection, self._database, time.time_ns() // 1000)

    def _gather(self, timeout: float | None) -> None:
        for key, _ in self._selector.select(timeout):
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj == self._lifeline:
                self._orphan = True
                self._selector.unregister(self._lifeline)
            else:
                self._read(key.data)

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            sock, _ = self._listener.accept()
            sock.setblocking(False)
            peer = _Peer(sock)
            self._peers.add(peer)
            self._selector.register(sock, selectors.EVENT_READ, peer)

    def _read(self, peer: _Peer) -> None:
        peer.receive()
        self._queue.extend((peer, _PLANS.decode(message)) for message in peer.frames())
        if not peer.open:
            self._selector.unregister(peer.sock)
            self._peers.discard(peer)
            peer.sock.close()

    def _commit(self, batch: list[tuple[_Peer, Plan]]) -> None:
        """One transaction for the batch, one savepoint a plan; answers leave only after the commit is on disk."""
        living = [(peer, plan) for peer, plan in batch if peer.open]
        position = self._filer.position
        try:
            with self._connection.begin():
                outcomes = [(peer, self._one(plan)) for peer, plan in living]
        except (sa.exc.SQLAlchemyError, sqlite3.Error):
            self._filer.position = position
            outcomes = [(peer, _failed(plan)) for peer, plan in living]
        for peer, outcome in outcomes:
            peer.answer(outcome)

    def _one(self, plan: Plan) -> Outcome:
        """One plan in its savepoint; whatever is wrong with it concerns nobody else of the batch."""
        try:
            return self._filer.file(plan)
        except sqlite3.OperationalError:  # the database itself: the whole batch is lost
            raise
        except Exception as error:
            structlog.get_logger("segur").error("plan-failed", submission=plan.id, kind=type(error).__name__)
            return _failed(plan)


def _failed(plan: Plan) -> Outcome:
    """Nothing was written and the sender may try again: 503."""
    return Outcome("failed", plan.id, 503, plan.received, "refused", (), ())


class _Line:
    """One connection to the writer and the plans that wait for their answer on it, in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.open = True
        self._reader = reader
        self._waiting: deque[asyncio.Future[Outcome]] = deque()
        self._task = asyncio.get_running_loop().create_task(self._answers())

    def send(self, plan: Plan) -> asyncio.Future[Outcome]:
        """Put a plan on the line; its answer comes later.

        Raises:
            WriterGone: the line was cut and nobody has noticed yet (uvloop refuses to write on it).
        """
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        try:
            self.writer.write(frame(_encode(plan)))
        except RuntimeError as error:
            self._lose()
            raise WriterGone("the writer is gone") from error
        self._waiting.append(future)
        return future

    async def _answers(self) -> None:
        try:
            while True:
                (length,) = _LENGTH.unpack(await self._reader.readexactly(4))
                outcome = _OUTCOMES.decode(await self._reader.readexactly(length))
                future = self._waiting.popleft()
                if not future.done():
                    future.set_result(outcome)
        except (asyncio.IncompleteReadError, OSError):
            self._lose()

    def _lose(self) -> None:
        self.open = False
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(WriterGone("the writer stopped before it answered"))


class WriterClient:
    """A worker's side of the socket; one connection, opened when it is first needed and again when it was lost."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._line: _Line | None = None
        self._opening = asyncio.Lock()

    async def file(self, plan: Plan) -> Outcome:
        """Hand over a plan and wait until it is durable.

        Raises:
            WriterGone: no writer, or it stopped before it answered.
        """
        line = await self._connected()
        future = line.send(plan)
        with contextlib.suppress(ConnectionError, RuntimeError):
            await line.writer.drain()
        return await future

    async def _connected(self) -> _Line:
        async with self._opening:
            if self._line is None or not self._line.open or self._line.writer.is_closing():
                try:
                    self._line = _Line(*await asyncio.open_unix_connection(self._path))
                except OSError as error:
                    raise WriterGone("no writer is listening") from error
            return self._line

    def close(self) -> None:
        """Close the connection; the writer sees the end of it."""
        if self._line is not None:
            self._line.writer.close()


class DirectWriter:
    """Files plans on a connection of this process: commands and tests, where no server runs the writer."""

    def __init__(self, engine: sa.Engine) -> None:
        self._connection = engine.connect()
        self._filer = Filer(self._connection)

    async def file(self, plan: Plan) -> Outcome:
        """Apply and commit one plan."""
        with self._connection.begin():
            return self._filer.file(plan)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
