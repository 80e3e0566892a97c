"""A mail server for the relay to send to, with aiosmtpd; it says what it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller

from tests.docs.tour import free_port


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that was taken or turned away: its envelope and its bytes."""

    sender: str
    recipients: list[str]
    content: bytes


@dataclass
class Postbox:
    """The handler: `says` answers the data, `strangers` are recipients it does not know."""

    says: str = "250 OK"
    strangers: tuple[str, ...] = ()
    got: list[Delivery] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        await asyncio.sleep(0)
        if address in self.strangers:
            return "550 5.1.1 unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as aiosmtpd calls it
        await asyncio.sleep(0)
        self.got.append(Delivery(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        return self.says

    @property
    def address(self) -> str:
        """As a route names it."""
        return f"smtp://127.0.0.1:{self.port}"


@contextmanager
def postbox() -> Iterator[Postbox]:
    """A server on a free port."""
    box = Postbox(port=free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
