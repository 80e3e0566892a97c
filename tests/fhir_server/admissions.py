"""ADT messages handed in in this process."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from fhir_server.intake.adt import Admissions
from fhir_server.intake.checks import Checks
from fhir_server.intake.record import issues_of
from fhir_server.intake.submission import received
from fhir_server.security.caller import Caller, Role
from fhir_server.store import tables
from fhir_server.store.facts import fact_tables
from fhir_server.store.plan import Outcome
from testdata import Stay
from tests.fhir_server.conftest import Desk


class Counter:
    """The admissions' counter beside a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._admissions = Admissions(desk._writer, desk.reads.connect, desk.keys, Checks())

    def send(self, *messages: bytes, legal_entity: str = "") -> list[Outcome]:
        """Hand in messages, one after the other."""
        return [self.one(message, legal_entity)[0] for message in messages]

    def one(self, message: bytes, legal_entity: str = "") -> tuple[Outcome, list[str]]:
        """What became of a message, and the rules that were said, those of the test authority aside."""
        caller = Caller(Role.ESTABLISHMENT, legal_entity or self.desk.site.legal_entity)
        outcome, record, _ = asyncio.run(self._admissions.receive(received("adt", message, caller, datetime.now(UTC))))
        return outcome, [i.rule for i in issues_of(record, outcome.findings) if i.rule != "INS-TEST"]

    def stay(self, stay: Stay) -> Any:
        """The row of a stay."""
        (row,) = self.desk.rows(tables.stays, tables.stays.c.number == stay.id)
        return row

    def served(self, stay: Stay) -> dict[str, Any]:
        """Its Encounter."""
        found = self.desk.rows(tables.resource, tables.resource.c.type == "Encounter")
        bodies = [json.loads(row.body) for row in found]
        (body,) = [body for body in bodies if body["identifier"][0]["value"] == stay.id]
        return dict(body)

    def persons(self) -> list[int]:
        """The persons of the documents, as the figures see them."""
        table = fact_tables(str(self.desk.database), names=["documents"])["documents"]
        return [key for key in table["patient"].to_pylist() if key is not None]
