"""A listener for the journal of a mail system (SMTP or LMTP) in front of `POST /mail`: nothing is kept or relayed here.

A message is acknowledged when the server says that it is durable. While the server is away the answer is a temporary
one, so that the mail system keeps the message in its own queue and tries again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from validators.mssante import Direction, in_trust_space, normalised

MAX_RECIPIENTS = 100
"""Of one transaction (RFC 5321, 4.5.3.1.8)."""
MAX_CONNECTIONS = 100
GRACE = 10
"""Seconds that a message on its way to the server is waited for when the listener is told to stop."""
_LINE = 65_536
"""Longest line; RFC 5321 says 1,000, and what systems send is what has to be taken."""

DONE, NO_RECIPIENT = "250 2.0.0 OK", "550 5.7.1 Not a mailbox of the trust space: nothing is relayed here"
LATER = "451 4.3.0 The server is away, try again"
TOO_MANY = "452 4.5.3 Too many recipients"
BUSY = b"421 4.3.2 Too many connections\r\n"
_TEMPORARY = frozenset({401, 404, 408, 429})
"""Answers of the server that are about the listener or the moment, not about the message."""


@dataclass(frozen=True, slots=True)
class Listening:
    """How to listen, and for whom; sizes in bytes, times in seconds.

    `journal` is an address outside the trust space that the mail system sends its copies to.
    """

    to: str
    token: str
    host: str = "127.0.0.1"
    port: int = 8025
    lmtp: bool = False
    journal: str = ""
    direction: Direction | None = None
    max_size: int = 20_000_000
    timeout: float = 60.0


class MailDoor:
    """The way to `POST /mail`, as the handler of SMTP transactions."""

    def __init__(self, how: Listening) -> None:
        headers = {"Authorization": f"Bearer {how.token}", "Content-Type": "message/rfc822", "Accept-Language": "en"}
        if how.direction is not None:
            headers["Segur-Mail-Direction"] = how.direction.value
        limits = httpx.Limits(max_connections=8)
        self._http = httpx.AsyncClient(
            base_url=how.to.rstrip("/"), headers=headers, timeout=how.timeout, limits=limits
        )  # fmt: skip
        self._journal = normalised(how.journal)
        self._log: Any = structlog.get_logger("segur")
        self.posting = 0

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def handle_RCPT(  # noqa: N802, the name is the library's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Mailboxes of the trust space and the journal's own address; this is no relay for anybody else."""
        found = normalised(address)
        if not (in_trust_space(found) or (self._journal and found == self._journal)):
            return NO_RECIPIENT
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return TOO_MANY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Hand the message over; the answer waits for the server's."""
        content = envelope.content
        assert isinstance(content, bytes)
        recipients = ", ".join(a for a in envelope.rcpt_tos if normalised(a) != self._journal)
        named = [(b"Segur-Mail-Rcpt", recipients.encode("utf-8", "replace"))] if recipients else []
        self.posting += 1
        try:
            response = await self._http.post("/mail", content=content, headers=named)
        except httpx.HTTPError as error:
            self._log.error("mail-later", reason=type(error).__name__)
            return LATER
        finally:
            self.posting -= 1
        return self._reply(response)

    def _reply(self, response: httpx.Response) -> str:
        rules = _rules(response)
        if response.status_code in (200, 202):
            return f"{DONE} {response.headers.get('Segur-Submission', '')}"
        if response.status_code >= 500 or response.status_code in _TEMPORARY or "AUTH-FORBIDDEN" in rules:
            self._log.error("mail-later", status=response.status_code)
            return LATER
        self._log.warning("mail-refused", status=response.status_code, rules=rules)
        size = "552 5.3.4" if response.status_code == 413 else "554 5.6.0"
        return f"{size} Refused: {' '.join(rules[:5]) or response.status_code}"

    async def handle_exception(self, error: Exception) -> str:
        """What nobody expected is tried again, and says nothing of the message."""
        self._log.error("mail-later", reason=type(error).__name__)
        return LATER


def _rules(response: httpx.Response) -> list[str]:
    """The rule ids of an OperationOutcome."""
    try:
        issues = response.json().get("issue", [])
        return [issue["details"]["coding"][0]["code"] for issue in issues if issue["severity"] in ("error", "fatal")]
    except (ValueError, LookupError, TypeError, AttributeError):
        return []


class _PerRecipient(LMTP):
    """LMTP answers a message once for each recipient (RFC 2033, 4.2)."""

    _recipients = 0

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """The data of one message, for as many recipients as were named."""
        self._recipients = len(self.envelope.rcpt_tos) if self.envelope is not None else 0
        try:
            await super().smtp_DATA(arg)
        finally:
            self._recipients = 0

    async def push(self, status: Any) -> None:
        """One line a recipient, but for what asks for the data."""
        asks = str(status).startswith(("354", "501", "503"))
        for _ in range(1 if asks else max(1, self._recipients)):
            await super().push(status)


class _Busy(asyncio.Protocol):
    """What a connection too many is told."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say it and hang up."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(BUSY)
        transport.close()


class Listener:
    """The listening socket and the connections it has."""

    def __init__(self, how: Listening, door: MailDoor) -> None:
        self._how, self._door = how, door
        self._open: set[asyncio.BaseTransport] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; the port.

        Raises:
            OSError: the address cannot be listened on.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, self._how.host, self._how.port)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def _connection(self) -> asyncio.BaseProtocol:
        self._open = {transport for transport in self._open if not transport.is_closing()}
        if len(self._open) >= MAX_CONNECTIONS:
            return _Busy()
        kind = _PerRecipient if self._how.lmtp else SMTP
        made = kind(
            self._door, data_size_limit=self._how.max_size, enable_SMTPUTF8=True, hostname=socket.gethostname(),
            ident="segur-fhir", timeout=self._how.timeout, loop=asyncio.get_running_loop(),
        )  # fmt: skip
        return self._counted(made)

    def _counted(self, protocol: SMTP) -> SMTP:
        begin = protocol.connection_made

        def connection_made(transport: asyncio.BaseTransport) -> None:
            self._open.add(transport)
            begin(transport)

        protocol.connection_made = connection_made  # type: ignore[method-assign]
        return protocol

    async def stop(self) -> None:
        """Take no more connections, let what is on its way to the server arrive, hang up."""
        assert self._server is not None
        self._server.close()
        deadline = asyncio.get_running_loop().time() + GRACE
        while self._door.posting and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0)  # the answers of the last ones are written
        for transport in self._open:
            transport.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._server.wait_closed(), 1)


def listen(how: Listening, announce: Callable[[str], None]) -> int:
    """Run until SIGTERM or SIGINT. Returns an exit code.

    Raises:
        OSError: the address cannot be listened on.
    """
    SMTP.line_length_limit = _LINE
    logging.getLogger("mail.log").disabled = True  # it names addresses
    return asyncio.run(_run(how, announce))


async def _run(how: Listening, announce: Callable[[str], None]) -> int:
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    door = MailDoor(how)
    listener = Listener(how, door)
    try:
        port = await listener.start()
        host = f"[{how.host}]" if ":" in how.host else how.host
        announce(f"{'lmtp' if how.lmtp else 'smtp'}://{host}:{port}")
        await told.wait()
        await listener.stop()
    finally:
        await door.close()
    return 0
