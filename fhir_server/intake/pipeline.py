"""The way of a submission, in one screen: open, check, decide, file, answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

import sqlalchemy as sa

from fhir_server.ids import Pseudonyms
from fhir_server.intake import cda, mhd, tddui, xdm
from fhir_server.intake.answer import Answer, answer
from fhir_server.intake.checks import Checks, checks_of
from fhir_server.intake.facts import MAIL, named_site
from fhir_server.intake.filing import Site, plan_acceptance, plan_refusal
from fhir_server.intake.folders import folder_ids
from fhir_server.intake.passing import Passing, passed_on, tagged
from fhir_server.intake.record import Record, record_of
from fhir_server.intake.submission import Received, Submission
from fhir_server.relay.routes import Route, Routes, routes_of
from fhir_server.security.caller import Role
from fhir_server.settings import Settings
from fhir_server.store.acts import Act
from fhir_server.store.changes import ResourcePlan
from fhir_server.store.organizations import find_site
from fhir_server.store.plan import Outcome, WritePlan
from fhir_server.store.reading import pseudonyms
from validators.messages import rule
from validators.mhd.bundle import FOLDER

Opener = Callable[[Received, Checks], Submission]

DOORS: dict[str, Opener] = {
    "mhd": mhd.open_bundle, "cda": cda.open_document, "xdm": xdm.open_archive,
    tddui.DOOR: tddui.open_transfer,
}  # fmt: skip
"""One envelope, one module: a new door is a row here and a module beside it.

A door that has to read a message before it knows what is asked (SOAP) brings its own opener (`Pipeline.file`).
"""


HOSTILE = frozenset({
    "CDA-DTD", "CDA-LIMIT", "FHIR-DEPTH", "FHIR-XML-DTD", "FHIR-XML-LIMIT", "MHD-ENTRY-LIMIT",
    "MAIL-LIMIT", "MIME-LIMIT", "SOAP-DTD", "SOAP-LIMIT", "XDM-LIMIT", "XDM-LINK", "XDM-PATH", "XDS-DTD", "XDS-LIMIT",
})  # fmt: skip
"""Findings on input that is over a limit or hostile: its bytes are never kept (policy, What is kept)."""

FORBIDDEN = frozenset({"SITE-FORBIDDEN", "VIHF-AUDIENCE", "VIHF-FORM", "VIHF-SIGNATURE", "VIHF-TIME"})
"""Findings on who sends, not on what is sent: 403."""

Reading = Callable[[], AbstractContextManager[sa.Connection]]


class PlanWriter(Protocol):
    """Where plans go: the writer process over its socket, or a connection of this process."""

    async def file(self, plan: WritePlan | Act | ResourcePlan) -> Outcome:
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
        routes: where submissions are passed on to; read from the settings when not given.

    Attributes:
        passing: the ways of what is passed on; a mail leaves by them too.
    """

    def __init__(
        self, settings: Settings, writer: PlanWriter, reading: Reading, keys: Pseudonyms,
        checks: Checks | None = None, routes: Routes | None = None,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._writer = writer
        self._reading = reading
        self._keys = keys
        self._checks = checks or checks_of(settings)
        found = routes if routes is not None else routes_of(settings.relay)
        self.passing = Passing(found, settings.refused_days > 0)

    async def receive(self, received: Received, lang: str = "fr") -> Answer:
        """The whole way of one submission, and its answer in FHIR.

        Raises:
            WriterGone: nothing can be written at the moment.
        """
        outcome, record = await self.file(received, DOORS[received.door])
        return answer(outcome, record, lang)

    async def file(self, received: Received, opener: Opener) -> tuple[Outcome, Record]:
        """What became of one submission, and its record: that of the first when it is sent again.

        Raises:
            WriterGone: nothing can be written at the moment.
        """
        submission = self._with_folders(opener(received, self._checks))
        sites = self.sites(submission)
        plan = self.plan(submission, sites)
        outcome = await self._writer.file(plan)
        if outcome.kind == "stale":
            with self._reading() as connection:
                self._keys.take(pseudonyms(connection))
            plan = self.plan(submission, sites)
            outcome = await self._writer.file(plan)
        return outcome, record_of(outcome, plan.record)

    def _with_folders(self, submission: Submission) -> Submission:
        """The submission with the folders it puts; most put none."""
        bundle, scope = submission.bundle, submission.received.caller.scope
        if bundle is None or scope is None or not any(one.method == "PUT" for one in bundle.entries.of(FOLDER)):
            return submission
        with self._reading() as connection:
            return replace(submission, folders=folder_ids(connection, scope, bundle, submission.report))

    def sites(self, submission: Submission) -> list[Site]:
        """The establishment of each document; what is wrong with one is added to the report, hence asked once."""
        if not submission.report.conformant:
            return []
        with self._reading() as connection:  # given back before the wait for the writer
            return _sites(submission, connection)

    def plan(self, submission: Submission, sites: list[Site]) -> WritePlan:
        """The acceptance policy: only what is not conformant is refused, in the mode the server runs in."""
        issues = list(submission.report)
        if submission.bundle is not None and submission.report.conformant:
            plan = plan_acceptance(submission, issues, sites, self._keys)
            ways = self._ways(submission.received, [d.kind for d in plan.documents], conformant=True)
            return passed_on(plan, ways, submission.received.content_type)
        rules = submission.report.rules()
        status = 400 if submission.malformed else 403 if rules & FORBIDDEN else 422
        keep = self._settings.refused_days > 0 and not rules & HOSTILE
        # What could not be opened, or comes from somebody who may not send it, goes nowhere.
        ways = self._ways(submission.received, (), conformant=False) if keep and status == 422 else ()
        if ways:
            status = 202
            tagged(submission.report, ways)
            issues = list(submission.report)
        plan = plan_refusal(submission, issues, status, keep=keep, keys=self._keys)
        return passed_on(plan, ways, submission.received.content_type)

    def _ways(self, received: Received, kinds: Iterable[str], *, conformant: bool) -> tuple[Route, ...]:
        """The ways out; what came in a mail leaves with the mail."""
        return () if received.door == MAIL else self.passing.ways(received, kinds, conformant=conformant)


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
