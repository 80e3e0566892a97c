"""Messages and stays handed in in this process."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from fhir_server.intake.checks import Checks
from fhir_server.intake.exchange import Exchange
from fhir_server.intake.exchange_answer import ExchangeAnswer
from fhir_server.intake.submission import received
from fhir_server.security.caller import Caller, Role
from fhir_server.settings import settings_from
from tests.fhir_server.conftest import Desk


class ExchangeDesk:
    """Beside a `Desk`, on its connections."""

    def __init__(self, desk: Desk, checks: Checks | None = None, **settings: Any) -> None:
        chosen = settings_from(database=str(desk.database), **settings)
        self._desk = desk
        self._exchange = Exchange(chosen, desk._writer, desk.reads.connect, desk.keys, checks or Checks())

    def post(
        self, resource: Any, *, kind: str | None = "", at: datetime | None = None, caller: Caller | None = None
    ) -> ExchangeAnswer:
        """Hand in a resource, or a Bundle of them."""
        data = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
        chosen = (None if resource["resourceType"] == "Bundle" else resource["resourceType"]) if kind == "" else kind
        sender = caller or Caller(Role.ESTABLISHMENT, self._desk.site.legal_entity)
        arrived = received((chosen or "batch").lower(), data, sender, at or datetime.now(UTC))
        return asyncio.run(self._exchange.receive(arrived, chosen))
