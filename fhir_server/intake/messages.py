"""A checked Communication becomes a message row: pseudonyms, audiences, the establishment of its own mailbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from fhir_server.fhir.indexing import index_rows
from fhir_server.ids import Pseudonyms, micros, paris_date
from fhir_server.intake.secrets import Redactor
from fhir_server.security.caller import Caller, Role
from fhir_server.store.messages import find_mailbox
from fhir_server.store.plan import MessageRow, ResourceRow
from validators.ins import (
    INS_NIR,
    INS_OIDS,
    INS_TEST,
    PatientIdentifier,
    PatientIdentity,
    Place,
    check_identity,
)  # fmt: skip
from validators.messages import rule
from validators.mssante import (
    Audience,
    Direction,
    Message,
    Party,
    audience_of,
    check_message,
    redacted_text,
)  # fmt: skip
from validators.report import Mode, Report


def check_subject(subject: tuple[str, str] | None, report: Report, location: str, mode: Mode, at: datetime) -> None:
    """A patient named by an INS is named by a right one, in the mode the server runs in (policy, Identity)."""
    if subject is None or subject[0] not in INS_OIDS:
        return
    place = Place(location)
    identity = PatientIdentity(place, (PatientIdentifier(subject[0], subject[1], place),))
    check_identity(identity, report, mode=mode, source="cda", today=at.date(), traits_optional=True)


class MessageDesk:
    """Turns Communications into rows; one for each submission.

    Args:
        connection: a consistent view of the mailbox table.
        caller: whose messages these are.
        keys: pseudonyms.
        mode: which authority a citizen address without a named patient belongs to.
    """

    def __init__(self, connection: sa.Connection, caller: Caller, keys: Pseudonyms, mode: Mode) -> None:
        self._db, self._keys, self._mode = connection, keys, mode
        self._pseudonym = Redactor(keys).pseudonym
        scope = caller.scope
        assert scope is not None
        self._owner = scope.owner
        self._establishment = caller.role is Role.ESTABLISHMENT

    def row(
        self, resource: Mapping[str, Any], shown: Mapping[str, Any], report: Report, location: str, at: datetime,
        resource_id: str,
    ) -> MessageRow | None:  # fmt: skip
        """Check a Communication and plan its row; None when the report says why not.

        Args:
            resource: as received, its body left out.
            shown: the same without a matricule: what is stored and served.
            report: takes the findings.
            location: where it stands.
            at: when it arrived.
            resource_id: its new id.
        """
        message = check_message(resource, report, location, now=at)
        if message is None:
            return None
        check_subject(message.patient, report, f"{location}.subject.identifier", self._mode, at)
        organization = self._organization(message, report, location) if self._establishment else None
        served = {k: v for k, v in shown.items() if k not in ("id", "meta", "resourceType")}
        meta = {**(shown.get("meta") or {}), "versionId": "1", "lastUpdated": at.isoformat(timespec="milliseconds")}
        whole = {"resourceType": "Communication", "id": resource_id, "meta": meta, **served}
        return MessageRow(
            self._keys.text("message", message.message_id), self._fingerprint(message), message.direction.value,
            ResourceRow("Communication", resource_id, orjson.dumps(whole, default=str)),
            tuple(index_rows(whole, "Communication", resource_id, micros(message.at), None)),
            paris_date(message.at), organization, " ".join(p.address for p in message.own if p.address),
            tuple(self._audiences(message)),
            tuple((a.sha256 or b"", a.kind) for a in message.attachments), location, self._establishment,
            self._content(message), tuple(self._recipients(message)),
        )  # fmt: skip

    def _organization(self, message: Message, report: Report, location: str) -> str | None:
        """The establishment of the own mailbox; `MAILBOX-FORBIDDEN` when every one of them is somebody else's."""
        known = [find_mailbox(self._db, p.address, self._owner) for p in message.own if p.address]
        found = next((box.organization for box in known if box.organization is not None), None)
        if found is None:
            forbidden = bool(known) and all(box.forbidden for box in known)
            report.add(rule("MAILBOX-FORBIDDEN" if forbidden else "MAILBOX_UNKNOWN"), location)
        return found

    def _audience(self, party: Party) -> Audience:
        """What the table knows of a mailbox goes before the guess that it is a person's."""
        if party.address is None or party.audience is not Audience.PROFESSIONAL:
            return party.audience
        return audience_of(party.address, find_mailbox(self._db, party.address, self._owner).kind)

    def _audiences(self, message: Message) -> Iterator[tuple[str, bool, int | None]]:
        """One row an audience: delivered when one of its recipients was reached."""
        reached: dict[Audience, list[Party]] = {}
        for party in message.others:
            reached.setdefault(self._audience(party), []).append(party)
        for audience, parties in sorted(reached.items()):
            # A message that was received was delivered, whatever became of its copies.
            delivered = message.delivered if message.direction == "received" else any(p.delivered for p in parties)
            yield audience.value, delivered, self._patient(message, audience)

    def _recipients(self, message: Message) -> Iterator[tuple[str, str, int]]:
        """What may still be learnt of: the recipients of a message that was sent."""
        for party in message.others if message.direction is Direction.SENT else ():
            yield redacted_text(party.address or "", self._pseudonym), self._audience(party).value, int(party.state)

    def _patient(self, message: Message, audience: Audience) -> int | None:
        """The person's pseudonym: who is named, unless the citizen's own address says somebody else."""
        persons = [p.matricule for p in message.others if p.matricule is not None]
        subject = message.patient
        contradicted = subject is not None and subject[0] in INS_OIDS and subject[1].upper() not in persons
        if audience is Audience.CITIZEN and persons and (subject is None or contradicted):
            subject = (INS_TEST if self._mode is Mode.SANDBOX else INS_NIR, persons[0])
        return self.patient_key(subject, self._owner, self._keys)

    @staticmethod
    def patient_key(subject: tuple[str, str] | None, owner: str, keys: Pseudonyms) -> int | None:
        """By INS over all establishments, else by local identifier within this one, as for documents."""
        if subject is None:
            return None
        oid, value = subject
        if oid in INS_OIDS:
            return keys.number("patient", oid, value.upper())
        return keys.number("patient", owner, oid, value)

    def _fingerprint(self, message: Message) -> str:
        """A pseudonym of what the metadata say, however they are written: from a journal or in FHIR."""
        said = (
            message.direction, message.sender.address or "", message.at.isoformat(), str(message.delivered),
            *sorted(f"{p.address}>{p.audience}>{p.delivered}" for p in message.recipients),
            "|".join(message.patient or ()),
            *sorted(f"{a.kind}>{(a.sha256 or b'').hex()}" for a in message.attachments),
        )  # fmt: skip
        return self._keys.text("message-content", *said)

    def _content(self, message: Message) -> str:
        """A pseudonym of what stays the same when more is learnt of the delivery; of one received, nothing is."""
        received = str(message.delivered) if message.direction is Direction.RECEIVED else ""
        said = (
            message.direction, message.sender.address or "", message.written.isoformat(), received,
            *sorted(f"{p.address}>{p.audience}" for p in message.recipients),
            "|".join(message.patient or ()),
            *sorted(f"{a.kind}>{(a.sha256 or b'').hex()}" for a in message.attachments),
        )  # fmt: skip
        return self._keys.text("message-metadata", *said)
