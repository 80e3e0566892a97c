"""A mail as it arrives: its metadata become a message, its XDM archives submissions, a notice an update of a message.

The mail itself is not kept, but in the relay's line until it has left: its hash is, and what its metadata and its
documents say. A message goes the way of a posted Communication and an archive that of `/xdm`, so that each is judged
and counted once by the same rules.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from fhir_server.ids import Pseudonyms, micros, month_of, paris_date
from fhir_server.intake import xdm
from fhir_server.intake.answer import answer
from fhir_server.intake.checks import Checks
from fhir_server.intake.exchange import plan_communications
from fhir_server.intake.facts import MAIL
from fhir_server.intake.filing import Site
from fhir_server.intake.journal import column_of, communication_of
from fhir_server.intake.mail_answer import MailAnswer, mail_answer
from fhir_server.intake.passing import Passing, passed_on, tagged
from fhir_server.intake.pipeline import HOSTILE, Pipeline, PlanWriter, Reading
from fhir_server.intake.record import EntryRecord, Record, record_of, stored
from fhir_server.intake.secrets import Kept, Redactor
from fhir_server.intake.submission import Received, Submission, received
from fhir_server.relay.queue import Parcel
from fhir_server.store.envelope import packed
from fhir_server.store.messages import find_mailbox
from fhir_server.store.plan import NoticeRow, WritePlan
from fhir_server.store.reading import pseudonyms
from validators.ins import Matricule
from validators.mail import OF_ATTACHMENT, Mail, MailResult, Notice, check_mail, listed
from validators.messages import rule
from validators.mhd import Provided
from validators.mssante import CITIZEN_DOMAIN, Direction
from validators.report import REFUSING, Issue, Report, Scope

CONTENT_TYPES = ("message/rfc822", "message/global")
_MATRICULE: Final = re.compile(rb"(?<![0-9A-Za-z])[1-8][0-9]{4}[0-9ABab]{2}[0-9]{8}(?![0-9A-Za-z])")
_PLACES: Final = {
    "message_id": "Message-ID", "sender": "From", "recipients": "To", "sent": "Date", "received": "Received",
}  # fmt: skip
_UNREADABLE: Final = frozenset({"MAIL-LIMIT", "MAIL-HEADER", "MAIL-BOUNDARY"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the relay says beside the message: the recipients it is for, and the direction where somebody decides it."""

    recipients: tuple[str, ...] = ()
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A mail that was looked at: what arrived, what it says, and each archive with its place, as a submission."""

    arrived: Received
    envelope: Envelope
    result: MailResult
    archives: tuple[tuple[str, Submission], ...] = ()

    @property
    def documents(self) -> tuple[Provided, ...]:
        """The documents of the archives that are right."""
        right = (one.bundle for _, one in self.archives if one.bundle is not None and one.report.conformant)
        return tuple(d for bundle in right for d in bundle.documents if d.data is not None)

    @property
    def hostile(self) -> bool:
        """Whether something in it is over a limit or an attack: then it goes nowhere."""
        reports = (self.result.report, *(one.report for _, one in self.archives))
        return any(report.rules() & HOSTILE for report in reports)


def open_mail(arrived: Received, envelope: Envelope, checks: Checks) -> Opened:
    """Read a mail and check its archives."""
    result = check_mail(arrived.body, envelope=envelope.recipients)
    archives = tuple(
        (one.place, xdm.open_archive(received(MAIL, one.data, arrived.caller, arrived.at), checks))
        for one in result.attachments if one.is_xdm and result.mail is not None
    )  # fmt: skip
    return Opened(arrived, envelope, result, archives)


def refusing(issues: Iterable[Issue]) -> bool:
    """Whether a finding refuses the message; what is wrong with an attachment does not."""
    return any(i.severity in REFUSING and i.scope is Scope.CONFORMITY and i.rule not in OF_ATTACHMENT for i in issues)


class MailRoom:
    """Takes mails to a durable decision and its answer.

    Args:
        pipeline: takes the archives.
        writer: where plans go.
        reading: opens a consistent view of the database.
        keys: pseudonyms.
        checks: what the doors check by.
    """

    def __init__(
        self, pipeline: Pipeline, writer: PlanWriter, reading: Reading, keys: Pseudonyms, checks: Checks
    ) -> None:
        self._pipeline, self._writer, self._reading = pipeline, writer, reading
        self._keys, self._checks = keys, checks

    async def receive(self, arrived: Received, envelope: Envelope, lang: str = "fr") -> MailAnswer:
        """The whole way of one mail: the message and, when it is accepted, the documents it carries, in one write.

        Raises:
            WriterGone: nothing can be written at the moment.
        """
        opened = open_mail(arrived, envelope, self._checks)
        sites = [self._pipeline.sites(one) for _, one in opened.archives]
        plan = self._planned(opened, sites)
        outcome = await self._writer.file(plan)
        if "stale" in (outcome.kind, *(one.kind for one in outcome.then)):
            # What was filed of it is filed again, and answers as what it is: a duplicate.
            with self._reading() as connection:
                self._keys.take(pseudonyms(connection))
            plan = self._planned(opened, sites)
            outcome = await self._writer.file(plan)
        parts = [
            (place, answer(one, record_of(one, planned.record), lang))
            for (place, _), planned, one in zip(opened.archives, plan.then, outcome.then, strict=False)
        ]
        return mail_answer(outcome, record_of(outcome, plan.record), parts, lang)

    def _planned(self, opened: Opened, sites: Sequence[list[Site]]) -> WritePlan:
        with self._reading() as connection:  # given back before the wait for the writer
            desk = _Desk(connection, opened, self._keys, self._checks)
            plan = desk.notice(opened.result.notice) if opened.result.notice else desk.message()
        archives = zip(opened.archives, sites, strict=True) if plan.decision == "accepted" else ()
        then = tuple(self._pipeline.plan(one, places) for (_, one), places in archives)
        return msgspec.structs.replace(_sent_on(plan, opened, self._pipeline.passing), then=then)


class _Desk:
    """Plans one mail."""

    def __init__(self, connection: sa.Connection, opened: Opened, keys: Pseudonyms, checks: Checks) -> None:
        self._db, self._opened, self._keys, self._checks = connection, opened, keys, checks
        self._redactor = Redactor(keys)
        scope = opened.arrived.caller.scope
        assert scope is not None
        self._owner = scope.owner

    # -- messages --------------------------------------------------------------------------------------------------

    def message(self) -> WritePlan:
        """The message as the Communications it stands for; refused where its metadata are not right."""
        opened, mail = self._opened, self._opened.result.mail
        report = Report(opened.result.report)
        if mail is None or refusing(report):
            return self._plan(report, 400 if report.rules() & _UNREADABLE else 422)
        resources = [communication_of(self._values(mail, direction)) for direction in self._directions(mail, report)]
        kept = Kept(None, self._hash(), len(opened.arrived.body))
        plan = plan_communications(opened.arrived, resources, self._db, self._keys, self._checks, kept)
        record = msgspec.msgpack.decode(plan.record, type=Record)
        moved = tuple(
            msgspec.structs.replace(i, location=_PLACES.get(column_of(i.location), ""), line=None)
            for i in record.issues
        )  # fmt: skip
        record = msgspec.structs.replace(record, issues=(*stored(report), *moved))
        return msgspec.structs.replace(
            plan, record=msgspec.msgpack.encode(record),
            messages=tuple(msgspec.structs.replace(m, location="") for m in plan.messages),
        )  # fmt: skip

    def _directions(self, mail: Mail, report: Report) -> tuple[Direction, ...]:
        """Which side is the establishment's: as given, by its mailboxes, by a citizen on the other side."""
        if self._opened.envelope.direction is not None:
            return (self._opened.envelope.direction,)
        sender = find_mailbox(self._db, mail.sender, self._owner)
        found = [Direction.SENT] if sender.organization is not None else []
        if self._owns_any(mail.recipients):
            found.append(Direction.RECEIVED)
        if not found and (sender.forbidden or mail.sender.endswith(f"@{CITIZEN_DOMAIN}")):
            found.append(Direction.RECEIVED)
        if not found:
            report.add(rule("MAIL-DIRECTION"), "From")
        return tuple(found) or (Direction.SENT,)

    def _owns_any(self, addresses: Iterable[str]) -> bool:
        return any(find_mailbox(self._db, a, self._owner).organization is not None for a in addresses)

    def _values(self, mail: Mail, direction: Direction) -> dict[str, Any]:
        """A line of a journal (`journal.COLUMNS`) that says what the mail says."""
        received = direction is Direction.RECEIVED
        at = mail.received or mail.sent if received else mail.sent or mail.received
        assert at is not None
        values: dict[str, Any] = {
            "message_id": f"<{mail.message_id}>", "direction": direction.value, "delivery": "delivered",
            "sender": mail.sender, "recipients": list(mail.recipients), direction.value: at.isoformat(),
            "attachments": list(self._attached(mail)),
        }  # fmt: skip
        if received and mail.sent is not None and mail.sent <= at:
            values["sent"] = mail.sent.isoformat()
        patient = self._patient()
        return values | ({"patient_system": patient[0], "patient": patient[1]} if patient else {})

    def _attached(self, mail: Mail) -> Iterable[str]:
        """Each attachment by its hash, then each document of a right archive by its kind and hash."""
        for one in mail.attachments:
            yield f":{one.sha256.hex()}"
        for document in self._opened.documents:
            yield f"{_kind(document)}:{hashlib.sha256(document.data or b'').hexdigest()}"

    def _patient(self) -> tuple[str, str] | None:
        """Who the documents are about, when it is one person with an INS."""
        known = (d.ins for d in self._opened.documents if d.ins is not None)
        found = {(ins.oid, ins.matricule.text) for ins in known if ins.oid and ins.matricule}
        return next(iter(found)) if len(found) == 1 else None

    # -- notices ---------------------------------------------------------------------------------------------------

    def notice(self, notice: Notice) -> WritePlan:
        """What a notice tells of a message that was sent."""
        report = Report(self._opened.result.report)
        if notice.original is None or not report.conformant:
            return self._plan(report, 422)
        senders, recipients = self._opened.result.sides
        if self._owns_any(senders) and not self._owns_any(recipients):
            report.add(rule("MAIL-NOTICE-OWN"))
            return self._plan(report, 200)
        told = tuple((self._redactor.json(address), int(state)) for address, state in notice.states)
        rows = (NoticeRow(self._keys.text("message", notice.original), told, ""),) if told else ()
        return self._plan(report, 200, rows)

    def _plan(self, report: Report, status: int, notices: Sequence[NoticeRow] = ()) -> WritePlan:
        """A submission that writes nothing but itself, and what a notice tells."""
        arrived, day = self._opened.arrived, paris_date(self._opened.arrived.at)
        entries = tuple(EntryRecord("Communication", "", False) for _ in notices)
        record = Record(stored(report), entries, ())
        return WritePlan(
            self._owner, arrived.caller.role.value, arrived.id, month_of(day), day, MAIL, micros(arrived.at),
            "accepted" if status == 200 else "refused", status, self._hash(), len(arrived.body), None, packed(()),
            msgspec.msgpack.encode(record), self._keys.version, tuple((e.type, e.id) for e in entries),
            notices=tuple(notices),
        )  # fmt: skip

    def _hash(self) -> bytes:
        """Of the mail; a matricule in it has its pseudonym in its place, or the hash would tell it (decision 0016)."""

        def replaced(match: re.Match[bytes]) -> bytes:
            text = match[0].decode("ascii").upper()
            matricule = Matricule.parse(text)
            right = matricule is not None and matricule.key_is_right
            return self._redactor.pseudonym(text).encode() if right else match[0]

        return hashlib.sha256(_MATRICULE.sub(replaced, self._opened.arrived.body)).digest()


def _sent_on(plan: WritePlan, opened: Opened, passing: Passing) -> WritePlan:
    """The plan with the mail's places in the relay's line, as `Pipeline` does it; a mail conforms with its archives."""
    accepted = plan.decision == "accepted"
    if opened.hostile or not (accepted or plan.status == 422):
        return plan
    conformant = accepted and all(one.report.conformant for _, one in opened.archives)
    ways = passing.ways(opened.arrived, [_kind(d) for d in opened.documents], conformant=conformant)
    if ways and not accepted:
        report, record = Report(), msgspec.msgpack.decode(plan.record, type=Record)
        tagged(report, ways)
        record = msgspec.structs.replace(record, issues=(*record.issues, *stored(report)))
        plan = msgspec.structs.replace(plan, record=msgspec.msgpack.encode(record), status=202)
    named = (address for text in opened.envelope.recipients for address in listed(text))
    return passed_on(plan, ways, CONTENT_TYPES[0], Parcel(opened.arrived.body, tuple(dict.fromkeys(named))))


def _kind(document: Provided) -> str:
    return document.kind.code if document.kind is not None else ""
