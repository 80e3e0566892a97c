"""The way of a submission, in one screen: open, check, decide, file, answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import sqlalchemy as sa

from fhir_server.ids import Pseudonyms
from fhir_server.intake import cda, mhd, xdm
from fhir_server.intake.answer import Answer, answer
from fhir_server.intake.checks import Checks, checks_of
from fhir_server.intake.facts import named_site
from fhir_server.intake.filing import Site, plan_acceptance, plan_refusal
from fhir_server.intake.record import record_of
from fhir_server.intake.submission import Received, Submission
from fhir_server.security.caller import Role
from fhir_server.settings import Settings
from fhir_server.store.acts import Act
from fhir_server.store.organizations import find_site
from fhir_server.store.plan import Outcome, WritePlan
from fhir_server.store.reading import pseudonyms
from validators.messages import rule

Opener = Callable[[Received, Checks], Submission]

DOORS: dict[str, Opener] = {
    "mhd": mhd.open_bundle, "cda": cda.open_document, "xdm": xdm.open_archive,
}  # fmt: skip
"""One envelope, one module: a new door is a row here and a module beside it."""


HOSTILE = frozenset({
    "CDA-DTD", "CDA-LIMIT", "FHIR-DEPTH", "MHD-ENTRY-LIMIT",
    "XDM-LIMIT", "XDM-LINK", "XDM-PATH", "XDS-DTD", "XDS-LIMIT",
})  # fmt: skip
"""Findings on input that is over a limit or hostile: its bytes are never kept (policy, What is kept)."""

Reading = Callable[[], AbstractContextManager[sa.Connection]]


class PlanWriter(Protocol):
    """Where plans go: the writer process over its socket, or a connection of this process."""

    async def file(self, plan: WritePlan | Act) -> Outcome:
        """Make the plan durable, or say why not."""
        ...


class Pipeline:
    """Takes received bytes to a durable decision and its answer.

    Args:
        settings: limits, mode and retention.
        writer: where plans go.
        reading: opens a consistent view of the database.
        keys: pseudonyms of patients, stays and documents.
        checks: what the doors check by; made from the settings when not given.
    """

    def __init__(
        self, settings: Settings, writer: PlanWriter, reading: Reading, keys: Pseudonyms, checks: Checks | None = None
    ) -> None:
        self._settings = settings
        self._writer = writer
        self._reading = reading
        self._keys = keys
        self._checks = checks or checks_of(settings)

    async def receive(self, received: Received, lang: str = "fr") -> Answer:
        """The whole way of one submission.

        Raises:
            WriterGone: nothing can be written at the moment.
        """
        submission = DOORS[received.door](received, self._checks)
        sites: list[Site] = []
        if submission.report.conformant:
            with self._reading() as connection:  # given back before the wait for the writer
                sites = _sites(submission, connection)
        plan = self._decide(submission, sites)
        outcome = await self._writer.file(plan)
        if outcome.kind == "stale":
            with self._reading() as connection:
                self._keys.take(pseudonyms(connection))
            plan = self._decide(submission, sites)
            outcome = await self._writer.file(plan)
        return answer(outcome, record_of(outcome, plan.record), lang)

    def _decide(self, submission: Submission, sites: list[Site]) -> WritePlan:
        """The acceptance policy: only what is not conformant is refused, in the mode the server runs in."""
        issues = list(submission.report)
        if submission.bundle is not None and submission.report.conformant:
            return plan_acceptance(submission, issues, sites, self._keys)
        rules = submission.report.rules()
        status = 400 if submission.malformed else 403 if "SITE-FORBIDDEN" in rules else 422
        keep = self._settings.refused_days > 0 and not rules & HOSTILE
        return plan_refusal(submission, issues, status, keep=keep, keys=self._keys)


def _sites(submission: Submission, connection: sa.Connection) -> list[Site]:
    """The establishment of each document; one of another legal entity is forbidden (policy, Who and when)."""
    caller = submission.received.caller
    documents = submission.bundle.documents if submission.bundle is not None else []
    if caller.role is not Role.ESTABLISHMENT:
        return [Site(named_site(document), None, counted=False) for document in documents]
    assert caller.organization is not None
    sites = []
    for document in documents:
        named = named_site(document)
        known = find_site(connection, named, caller.organization)
        if known.forbidden:
            submission.report.add(rule("SITE-FORBIDDEN"), document.entry.at, site=named or "-")
        sites.append(Site(named, known.organization))
    return sites
