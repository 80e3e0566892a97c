"""The MLLP side of the admissions door: frames from hospitals' engines, each posted to `/adt`, answered by its ACK.

A process of its own, beside the server: it holds no message, and acknowledges (AA) only what the server has made
durable. What cannot be handed on is rejected (AR), so that the sender tries again.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import httpx
import structlog

from fhir_server.intake.adt_answer import MEDIA_TYPE, acknowledgement
from validators.adt import MAX_BYTES, header_of
from validators.messages import rule
from validators.report import Issue

START, END = b"\x0b", b"\x1c\r"
"""The block of the Minimal Lower Layer Protocol (HL7 v2, appendix C)."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a connection: bytes of a frame, seconds for one once it began, seconds between two, connections."""

    frame: int = MAX_BYTES
    frame_seconds: float = 30.0
    idle_seconds: float = 600.0
    connections: int = 100


class TooLarge(Exception):
    """A frame is over the limit."""


class Listener:
    """Takes MLLP connections and posts each message; several messages a connection, one after the other.

    Args:
        origin: of the server, scheme://host:port.
        token: of the establishment whose admissions these are.
        lang: of the sentences in acknowledgements, fr or en.
        limits: of each connection.
        transport: an httpx transport, for tests.
    """

    def __init__(
        self, origin: str, token: str, lang: str = "fr", limits: Limits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        headers = {"Authorization": f"Bearer {token}", "Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE,
                   "Accept-Language": lang}  # fmt: skip
        self._limits, self._lang = limits or Limits(), lang
        self._http = httpx.AsyncClient(base_url=origin.rstrip("/"), headers=headers, timeout=60, transport=transport)
        self._open: set[asyncio.Task[None]] = set()

    async def run(self, host: str, port: int, announce: Callable[[str], None]) -> None:
        """Listen until SIGTERM or SIGINT; what is being handed on then is still answered.

        Raises:
            OSError: the address cannot be listened on.
        """
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        server = await asyncio.start_server(self._accept, host, port, limit=self._limits.frame + len(END))
        announce("mllp://{}:{}".format(*server.sockets[0].getsockname()[:2]))
        await stop.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._http.aclose()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            if len(self._open) <= self._limits.connections:
                await self._converse(reader, writer)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the sender is gone, silent, or half way through: it has no answer and will send again
        finally:
            self._open.discard(task)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                message = await self._frame(reader)
            except TooLarge:
                await self._answer(writer, self._refused(b"", "ADT-LIMIT", found="?", limit=self._limits.frame))
                return
            if message is None:
                return
            handed = asyncio.ensure_future(self.hand_on(message))
            try:
                answer = await asyncio.shield(handed)
            except asyncio.CancelledError:  # told to stop: what was taken is still answered
                await self._answer(writer, await handed)
                raise
            await self._answer(writer, answer)

    async def _frame(self, reader: asyncio.StreamReader) -> bytes | None:
        """The next message; None at the end of the connection, or when something else than a block comes."""
        first = await asyncio.wait_for(reader.read(1), self._limits.idle_seconds)
        if first != START:
            return None
        try:
            block = await asyncio.wait_for(reader.readuntil(END), self._limits.frame_seconds)
        except asyncio.LimitOverrunError:
            raise TooLarge from None
        return block[: -len(END)]

    @staticmethod
    async def _answer(writer: asyncio.StreamWriter, answer: bytes) -> None:
        writer.write(START + answer + END)
        await writer.drain()

    async def hand_on(self, message: bytes) -> bytes:
        """Post one message; the server's ACK, or ours when the server has none."""
        try:
            response = await self._http.post("/adt", content=message)
        except httpx.HTTPError as error:
            _log.warning("mllp.unreachable", error=type(error).__name__)
            return self._refused(message, "WRITER-UNAVAILABLE")
        if response.headers.get("content-type", "").startswith(MEDIA_TYPE):
            return response.content
        _log.warning("mllp.refused", status=response.status_code)
        return self._refused(message, _RULES.get(response.status_code, "WRITER-UNAVAILABLE"))

    def _refused(self, message: bytes, rule_id: str, **params: object) -> bytes:
        row = rule(rule_id)
        said = {name: str(value) for name, value in params.items()}
        issue = Issue(row.id, row.severity, row.scope, row.code, "", said)
        return acknowledgement(header_of(message), [issue], self._lang)


_RULES = {400: "ADT-PARSE", 401: "AUTH-MISSING", 403: "AUTH-FORBIDDEN", 413: "ADT-LIMIT"}


def exchange(host: str, port: int, messages: Iterable[bytes], seconds: float = 60.0) -> Iterator[bytes]:
    """Send messages one after the other over one connection; the answer to each.

    Raises:
        OSError: no connection, or no answer in time.
        EOFError: the other side hung up.
    """
    with socket.create_connection((host, port), timeout=seconds) as connection:
        for message in messages:
            connection.sendall(START + message + END)
            received = b""
            while not received.endswith(END):
                more = connection.recv(65_536)
                if not more:
                    raise EOFError
                received += more
            yield received[len(START) : -len(END)]
