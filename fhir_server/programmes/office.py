"""What the service works with, the same behind HTTP and behind a command: a database to read, a writer, acts filed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from fhir_server.fhir.http import Refusal
from fhir_server.store.acts import Act
from fhir_server.store.writer import WriterGone

if TYPE_CHECKING:
    from fhir_server.intake.pipeline import PlanWriter


@dataclass(frozen=True, slots=True)
class Office:
    """`database` is what figures are counted in, `reading` a consistent view of it, `writer` the only way in."""

    database: str
    reading: Callable[[], AbstractContextManager[sa.Connection]]
    writer: PlanWriter

    async def file(self, act: Act) -> None:
        """Write an act.

        Raises:
            Refusal: what the act expected is no longer so; 503 when nothing can be written.
        """
        try:
            outcome = await self.writer.file(act)
        except WriterGone:
            raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"}) from None
        if outcome.kind == "conflict":
            found = outcome.findings[0]
            raise Refusal(outcome.status, found.rule, found.location, None, **found.params)
        if outcome.kind != "filed":
            raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"})
