"""From a plan to a durable write: planned again while others were faster, then done or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

from starlette.concurrency import run_in_threadpool

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.interactions.desk import Desk
from fhir_server.fhir.interactions.writes import Asked, Done, perform, settle
from fhir_server.security.caller import Caller, Scope
from fhir_server.services import Services
from fhir_server.store.changes import ResourcePlan
from fhir_server.store.writer import WriterGone

ATTEMPTS: Final = 5
"""How often a write is planned before it is refused: each time somebody else was faster."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Office:
    """Who asks, what it may see, and what a write needs."""

    services: Services
    caller: Caller
    scope: Scope

    async def one(self, asked: Asked) -> Done:
        """Make one write.

        Raises:
            Refusal: whatever keeps it from being made.
        """
        return await self.made(asked.interaction.value, lambda desk: perform(desk, settle(desk, asked)))

    async def made(self, door: str, work: Callable[[Desk], T], *, aside: bool = False) -> T:
        """Plan with `work` and write; `aside` says that planning may take long.

        Raises:
            Refusal: what `work` raises; 409 others were always faster, 503 nothing can be written now.
        """
        for _ in range(ATTEMPTS):
            found, plan = await run_in_threadpool(self._planned, door, work) if aside else self._planned(door, work)
            if not plan.versions or await self._filed(plan):
                return found
        raise Refusal(409, "RESOURCE-BUSY", headers={"Retry-After": "1"})

    def _planned(self, door: str, work: Callable[[Desk], T]) -> tuple[T, ResourcePlan]:
        with self.services.reading() as connection:  # given back before the wait for the writer
            desk = Desk(
                connection, self.caller, self.scope, self.services.keys, self.services.checks, datetime.now(UTC)
            )
            found = work(desk)
            return found, desk.plan(door)

    async def _filed(self, plan: ResourcePlan) -> bool:
        try:
            outcome = await self.services.writer.file(plan)
        except WriterGone:
            raise unavailable() from None
        if outcome.kind == "failed":
            raise unavailable()
        return outcome.kind == "filed"


def unavailable() -> Refusal:
    """503: nobody can say whether it was written."""
    return Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"})
