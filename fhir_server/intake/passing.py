"""What the doors do for the relay: which ways a submission goes, and its places in the line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from fhir_server.intake.submission import Received
from fhir_server.relay.queue import Parcel, joined
from fhir_server.relay.routes import Route, Routes
from fhir_server.security.caller import Role
from fhir_server.store.plan import WritePlan
from validators.messages import rule
from validators.report import Report


@dataclass(frozen=True, slots=True)
class Passing:
    """The routes as the doors see them; `keeps_refused`: the bytes of what is refused may be kept."""

    routes: Routes
    keeps_refused: bool

    def ways(self, received: Received, kinds: Iterable[str], *, conformant: bool) -> tuple[Route, ...]:
        """The routes a submission is passed on by; an editor's sandbox passes nothing on."""
        caller = received.caller
        if caller.role is not Role.ESTABLISHMENT or caller.organization is None:
            return ()
        if not (conformant or self.keeps_refused):
            return ()
        return self.routes.of(caller.organization, received.door, kinds, conformant=conformant)


def tagged(report: Report, ways: Iterable[Route]) -> None:
    """Say that it is passed on although it does not conform. Rule `RELAY-PASSED`."""
    report.add(rule("RELAY-PASSED"), routes=", ".join(route.name for route in ways))


def passed_on(
    plan: WritePlan, ways: Iterable[Route], content_type: str, parcel: Parcel | None = None
) -> WritePlan:  # fmt: skip
    """The plan with its places in the relay's line: what is filed and what is to go are one write."""
    puts = joined(plan, ways, content_type, parcel)
    return msgspec.structs.replace(plan, puts=puts) if puts else plan
