"""Mails handed in in this process."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from fhir_server.intake.checks import Checks
from fhir_server.intake.mail import Envelope, MailRoom
from fhir_server.intake.mail_answer import MailAnswer
from fhir_server.intake.submission import received
from fhir_server.security.caller import Caller, Role
from tests.fhir_server.conftest import Desk
from tests.support.faces import rules


class MailDesk:
    """Beside a `Desk`, on its connections."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._room = MailRoom(desk._pipeline, desk._writer, desk.reads.connect, desk.keys, Checks())

    def send(self, data: bytes, *, envelope: Envelope | None = None, caller: Caller | None = None) -> MailAnswer:
        """Hand in a mail as the establishment."""
        sender = caller or Caller(Role.ESTABLISHMENT, self._desk.site.legal_entity)
        arrived = received("mail", data, sender, datetime.now(UTC))
        return asyncio.run(self._room.receive(arrived, envelope or Envelope()))


def entries(answer: MailAnswer) -> list[str]:
    """The status of each entry."""
    return [entry["response"]["status"] for entry in json.loads(answer.body)["entry"]]


def said(answer: MailAnswer) -> list[str]:
    """The rules of an answer."""
    body: Any = json.loads(answer.body)
    return rules(body)
