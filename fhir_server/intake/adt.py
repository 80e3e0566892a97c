"""Admissions by HL7 v2: an ADT message becomes the Encounter it tells of, and links between identities.

The stay goes the way of `POST /fhir/Encounter` (`encounters.py`). Of the message itself nothing is kept: it is full of
names, and a stay needs none of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import msgspec
import sqlalchemy as sa

from fhir_server.ids import Pseudonyms, micros, month_of, paris_date
from fhir_server.intake.adt_stay import Known, encounter
from fhir_server.intake.checks import Checks
from fhir_server.intake.encounters import StayDesk
from fhir_server.intake.exchange_answer import status_of
from fhir_server.intake.messages import MessageDesk
from fhir_server.intake.pipeline import PlanWriter, Reading
from fhir_server.intake.record import EntryRecord, Record, record_of, stored
from fhir_server.intake.secrets import Redactor
from fhir_server.intake.submission import Received
from fhir_server.store.admissions import last_event
from fhir_server.store.driver import Session
from fhir_server.store.envelope import packed
from fhir_server.store.identity import MERGE, NIA
from fhir_server.store.organizations import find_site
from fhir_server.store.plan import (
    AdmissionRow,
    IndexRow,
    KnownIdentity,
    LinkRow,
    Outcome,
    ResourceRow,
    StayRow,
    UnlinkRow,
    WritePlan,
)  # fmt: skip
from fhir_server.store.reading import pseudonyms
from validators.adt import (
    Admission,
    Effect,
    Header,
    Visit,
    check_adt,
    ins_of,
    locals_of,
    pairs,
    person_of,
    waiting,
    within,
)  # fmt: skip
from validators.ins import PatientIdentifier, PatientIdentity
from validators.messages import rule
from validators.report import Report

CONTENT_TYPES = ("application/hl7-v2", "x-application/hl7-v2+er7", "application/hl7-v2+er7")

_PLACES = {
    "Encounter.serviceProvider": "PV1-3.4", "Encounter.identifier": "PV1-19", "Encounter.period": "PV1-45",
    "Encounter.period.end": "PV1-45",
}  # fmt: skip


@dataclass(slots=True)
class Draft:
    """A message being turned into rows."""

    report: Report
    header: Header | None = None
    admission: AdmissionRow | None = None
    resource: tuple[ResourceRow, tuple[IndexRow, ...]] | None = None
    stay: StayRow | None = None
    identities: list[KnownIdentity] = field(default_factory=list)
    links: list[LinkRow] = field(default_factory=list)
    unlinks: tuple[UnlinkRow, ...] = ()


class Admissions:
    """Takes ADT messages to a durable decision; arguments as for `Pipeline`."""

    def __init__(self, writer: PlanWriter, reading: Reading, keys: Pseudonyms, checks: Checks) -> None:
        self._writer, self._reading, self._keys, self._checks = writer, reading, keys, checks

    async def receive(self, received: Received) -> tuple[Outcome, Record, Header | None]:
        """The whole way of one message: what became of it, what was found, and whom to answer.

        Raises:
            WriterGone: nothing can be written at the moment.
        """
        plan, header = self._planned(received)
        outcome = await self._writer.file(plan)
        if outcome.kind == "stale":
            with self._reading() as connection:
                self._keys.take(pseudonyms(connection))
            plan, header = self._planned(received)
            outcome = await self._writer.file(plan)
        return outcome, record_of(outcome, plan.record), header

    def _planned(self, received: Received) -> tuple[WritePlan, Header | None]:
        with self._reading() as connection:  # given back before the wait for the writer
            return plan_adt(received, connection, self._keys, self._checks)


def plan_adt(
    received: Received, connection: sa.Connection, keys: Pseudonyms, checks: Checks
) -> tuple[WritePlan, Header | None]:
    """Read, check, decide: what will be written, and the header to answer."""
    draft = Draft(Report())
    draft.header, admission = check_adt(received.body, draft.report, mode=checks.mode, now=received.at)
    if admission is not None:
        AdmissionDesk(received, connection, keys, checks).draw(admission, draft)
    return _plan(received, draft, keys), draft.header


def _plan(received: Received, draft: Draft, keys: Pseudonyms) -> WritePlan:
    scope = received.caller.scope
    assert scope is not None
    refused = draft.admission is None or not draft.report.conformant
    resource = None if refused else draft.resource
    entries = (EntryRecord("Encounter", resource[0].id, True),) if resource is not None else ()
    day = paris_date(received.at)
    plan = WritePlan(
        scope.owner, received.caller.role.value, received.id, month_of(day), day, received.door, micros(received.at),
        "refused" if refused else "accepted", _status(draft) if refused else 200,
        hashlib.sha256(digest(received, keys).encode()).digest(), len(received.body), None, packed(()),
        msgspec.msgpack.encode(Record(stored(draft.report), entries, ())), keys.version,
        tuple((entry.type, entry.id) for entry in entries),
    )  # fmt: skip
    if refused:
        return plan
    return msgspec.structs.replace(
        plan, admission=draft.admission, identities=tuple(draft.identities), links=tuple(draft.links),
        unlinks=draft.unlinks, resources=(resource[0],) if resource is not None else (),
        index=resource[1] if resource is not None else (), stays=(draft.stay,) if draft.stay is not None else (),
    )  # fmt: skip


def _status(draft: Draft) -> int:
    return 400 if draft.header is None else status_of(draft.report)


def digest(received: Received, keys: Pseudonyms) -> str:
    """What the same message is known again by. Keyed: it must not help anybody to guess what was in it."""
    scope = received.caller.scope
    assert scope is not None
    return keys.stable("adt", scope.owner, received.body.strip().decode("latin-1"))


class AdmissionDesk:
    """Turns one message into rows, by what is known of its stay."""

    def __init__(self, received: Received, connection: sa.Connection, keys: Pseudonyms, checks: Checks) -> None:
        scope = received.caller.scope
        assert scope is not None
        self._received, self._db, self._keys, self._scope = received, connection, keys, scope
        self._stays = StayDesk(connection, received.caller, keys, checks.mode)

    def draw(self, admission: Admission, draft: Draft) -> None:
        """Everything the message writes."""
        recorded = micros(admission.recorded)
        draft.admission = AdmissionRow(digest(self._received, self._keys), recorded)
        if admission.visit is not None:
            self._stay(admission, admission.visit, recorded, draft)
        if admission.effect is Effect.UNLINK:
            assert admission.other is not None
            draft.unlinks = (UnlinkRow(self._all(admission.identity), self._all(admission.other)),)
            return
        for identity in (admission.identity, admission.other):
            if identity is not None:
                draft.identities += self._known(identity)
        found = within(admission.identity)
        found += pairs(admission.identity, admission.other) if admission.other is not None else ()
        draft.links = [
            LinkRow(self._key(prior), self._key(target), NIA if waiting(prior) else MERGE) for prior, target in found
        ]

    # -- persons ---------------------------------------------------------------------------------------------------

    def _key(self, identifier: PatientIdentifier) -> int:
        found = MessageDesk.patient_key((identifier.oid, identifier.value or ""), self._scope.owner, self._keys)
        assert found is not None
        return found

    def _all(self, identity: PatientIdentity) -> tuple[int, ...]:
        return tuple(self._key(identifier) for identifier in (*ins_of(identity), *locals_of(identity)))

    def _known(self, identity: PatientIdentity) -> Iterator[KnownIdentity]:
        local = tuple(self._key(identifier) for identifier in locals_of(identity))
        if local:
            for identifier in ins_of(identity):
                yield KnownIdentity(self._key(identifier), waiting(identifier), local)

    # -- the stay --------------------------------------------------------------------------------------------------

    def _stay(self, admission: Admission, visit: Visit, recorded: int, draft: Draft) -> None:
        key = self._keys.number("stay", self._scope.owner, visit.number)
        seen = last_event(Session(self._db), self._scope.owner, key)
        if seen is not None and seen > recorded:
            draft.report.add(rule("ADT-LATE"), "EVN-2")
            return
        draft.admission = AdmissionRow(digest(self._received, self._keys), recorded, key, seen)
        resource_id = self._keys.stable("encounter-resource", self._scope.owner, visit.number)
        known = Known.of(self._db, self._scope, key, resource_id)
        person = person_of(admission.identity)
        resource = encounter(admission, visit, known, self._site(visit, known), person)
        report = Report()
        shown = {**Redactor(self._keys).json(resource), **known.subject(admission)}
        row = self._stays.row(resource, shown, report, "Encounter", self._received.at)
        _take_over(report, draft.report, person)
        if row is not None:
            draft.resource, draft.stay = row[:2], known.kept(row[2], admission)

    def _site(self, visit: Visit, known: Known) -> str | None:
        """The first FINESS of the message that is a site of the sender's, else any it names, else where the stay is."""
        found = (find_site(self._db, named, self._scope.owner).organization for named in visit.sites)
        return next((site for site in found if site is not None), next(iter(visit.sites), known.site))


def _take_over(report: Report, into: Report, person: PatientIdentifier | None) -> None:
    """What was found of the Encounter, where it stands in the message; what is said already is not said again."""
    said = {(issue.rule, issue.location) for issue in into}
    for issue in report:
        subject = issue.location.startswith("Encounter.subject") and person is not None
        place = person.location if subject and person is not None else _PLACES.get(issue.location, "PV1")
        if (issue.rule, place) not in said:
            into.issues.append(replace(issue, location=place))
