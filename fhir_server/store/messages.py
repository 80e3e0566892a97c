"""Messages on their way into the tables: one claim a Message-ID and direction, one fact row an audience.

Runs inside the savepoint of a plan. A message and a document meet by the SHA-256 of an attachment, whichever comes
first: the document then came by MSSanté too, and what was filed decides what the message carries.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.ids import month_of
from fhir_server.store import tables
from fhir_server.store.driver import Prepared, Session, insert
from fhir_server.store.plan import DocumentRow, Finding, MailboxRow, MessageRow

SDM_MR = "SDM-MR"
LEARNT, IMPORTED = "learnt", "imported"

_messages, _claims, _attachments = tables.messages, tables.message_identity, tables.message_attachment
_identity, _documents, _mailbox = tables.document_identity, tables.documents, tables.mailbox

_P = sa.bindparam
_CLAIM = Prepared(
    sa.select(_claims).where(
        _claims.c.owner == _P("owner"), _claims.c.direction == _P("direction"), _claims.c.message == _P("message")
    )
)
_FILED = Prepared(
    sa.select(_documents.c.document, _documents.c.kind)
    .select_from(
        _identity.join(
            _documents,
            sa.and_(_documents.c.legal_entity == _identity.c.owner, _documents.c.document == _identity.c.document),
        )
    )
    .where(_identity.c.owner == _P("owner"), _identity.c.sha256 == _P("sha256"))
)
_CARRIED = Prepared(
    sa.select(_attachments.c.direction, _attachments.c.message).where(
        _attachments.c.owner == _P("owner"), _attachments.c.sha256 == _P("sha256")
    )
)
_DELIVERED = Prepared(
    sa.select(_messages.c.delivered).where(
        _messages.c.legal_entity == _P("owner"), _messages.c.direction == _P("direction"),
        _messages.c.message == _P("message"), _messages.c.delivered,
    )
)  # fmt: skip
_BY_MSSANTE = Prepared(
    _documents.update()
    .where(_documents.c.legal_entity == _P("b_owner"), _documents.c.document == _P("b_document"))
    .values(mssante=True)
)
_CHANNELS = Prepared(
    _documents.update()
    .where(_documents.c.legal_entity == _P("b_owner"), _documents.c.document == _P("b_document"))
    .values(
        dmp=sa.or_(_documents.c.dmp, _P("by_dmp", type_=sa.Boolean)),
        mssante=sa.or_(_documents.c.mssante, _P("by_mssante", type_=sa.Boolean)),
    )
)
_CARRIES = Prepared(
    _messages.update()
    .where(
        _messages.c.legal_entity == _P("b_owner"), _messages.c.direction == _P("b_direction"),
        _messages.c.message == _P("b_message"),
    )
    .values(sdm_mr=_P("sdm_mr"))
)  # fmt: skip
_LEARN = insert(_mailbox, ignore=True)
_OF_ADDRESS = Prepared(sa.select(_mailbox).where(_mailbox.c.address == _P("address")))
_WAITING = Prepared(
    sa.select(_messages).where(_messages.c.legal_entity == _P("legal_entity"), _messages.c.organization.is_(None))
)
_KNOWN = Prepared(
    _messages.update()
    .where(
        _messages.c.legal_entity == _P("b_legal_entity"), _messages.c.direction == _P("b_direction"),
        _messages.c.message == _P("b_message"), _messages.c.audience == _P("b_audience"),
    )
    .values(organization=_P("organization"))
)  # fmt: skip


def claimed(db: Session, owner: str, row: MessageRow) -> Any:
    """The claim of an earlier message with the same Message-ID and direction; None when it is new."""
    return db.one(_CLAIM, owner=owner, direction=row.direction, message=row.message)


def claim(db: Session, owner: str, row: MessageRow, submission: str, month: int) -> None:
    """Take the Message-ID for this content."""
    db.run(
        insert(_claims), owner=owner, direction=row.direction, message=row.message, fingerprint=row.fingerprint,
        reference=row.resource.id, submission=submission, month=month, content=row.content,
        recipients=msgspec.msgpack.encode(row.recipients),
    )  # fmt: skip


def count(db: Session, owner: str, row: MessageRow, key_version: int) -> list[Finding]:
    """Write the fact rows and meet the documents that are attached; what the filed documents contradict."""
    findings: list[Finding] = []
    carries = False
    for sha256, declared in row.attachments:
        if not sha256:
            carries = carries or declared == SDM_MR
            continue
        db.run(
            insert(_attachments, ignore=True), owner=owner, sha256=sha256, direction=row.direction,
            message=row.message, kind=declared,
        )  # fmt: skip
        filed = db.one(_FILED, owner=owner, sha256=sha256)
        carries = carries or (declared if filed is None else filed.kind) == SDM_MR
        if filed is None:
            continue
        if declared is not None and declared != filed.kind:
            findings.append(Finding("MSS-KIND-FILED", row.location, {"declared": declared, "filed": filed.kind}))
        if any(delivered for _, delivered, _ in row.audiences):
            db.run(_BY_MSSANTE, b_owner=owner, b_document=filed.document)
    for audience, delivered, patient in row.audiences:
        db.run(
            insert(_messages), legal_entity=owner, direction=row.direction, message=row.message, audience=audience,
            month=month_of(row.day), organization=row.organization, sent=row.day, delivered=delivered,
            sdm_mr=carries, patient=patient, key_version=key_version, mailbox=row.mailbox, reference=row.resource.id,
        )  # fmt: skip
    return findings


def carried(db: Session, owner: str, sha256: bytes, kind: str) -> bool:
    """Whether a delivered message carries a document of these bytes; such messages now carry what was filed."""
    found = False
    for row in db.all(_CARRIED, owner=owner, sha256=sha256):
        named = {"owner": owner, "direction": row.direction, "message": row.message}
        found = found or db.one(_DELIVERED, **named) is not None
        if kind == SDM_MR:
            db.run(_CARRIES, **{f"b_{name}": value for name, value in named.items()}, sdm_mr=True)
    return found


def delivered_with(db: Session, owner: str, sha256: bytes) -> bool:
    """Whether a message that was delivered carries these bytes."""
    return any(
        db.one(_DELIVERED, owner=owner, direction=row.direction, message=row.message) is not None
        for row in db.all(_CARRIED, owner=owner, sha256=sha256)
    )


def channels(db: Session, owner: str, document: str, row: DocumentRow) -> None:
    """A document that is filed came again, perhaps by another channel: it has come by both."""
    db.run(_CHANNELS, b_owner=owner, b_document=document, by_dmp=row.dmp, by_mssante=row.mssante)


# -- mailboxes -----------------------------------------------------------------------------------------------------


def learn(db: Session, owner: str, rows: Iterable[MailboxRow]) -> None:
    """Keep the mailboxes that the owner's own Organizations name."""
    for row in rows:
        db.run(
            _LEARN, address=row.address, legal_entity=owner, organization=row.organization, kind=row.kind,
            source=LEARNT,
        )  # fmt: skip


class KnownMailbox:
    """What the table says of an address, seen by one legal entity."""

    __slots__ = ("forbidden", "kind", "organization")

    def __init__(self, rows: Iterable[Any], legal_entity: str) -> None:
        found = list(rows)
        imported = [row for row in found if row.source == IMPORTED]
        own = next((row for row in found if row.legal_entity == legal_entity), None)
        # What a sender says of itself must not take away what was imported for another.
        self.forbidden = bool(imported) and all(row.legal_entity != legal_entity for row in imported)
        self.organization: str | None = None if own is None or self.forbidden else own.organization
        self.kind: str | None = next((row.kind for row in [*imported, *found] if row.kind), None)


def find_mailbox(connection: sa.Connection, address: str, legal_entity: str) -> KnownMailbox:
    """Resolve a normalised address for a legal entity (policy, Who and when)."""
    return KnownMailbox(Session(connection).all(_OF_ADDRESS, address=address), legal_entity)


def store_mailboxes(connection: sa.Connection, rows: Iterable[dict[str, Any]]) -> int:
    """Insert or replace imported mailboxes, then find the establishment of messages that waited; how many rows.

    A row has address (normalised), organization, legal_entity, kind.
    """
    given = list(rows)
    for row in given:
        connection.execute(
            _mailbox.delete().where(
                _mailbox.c.address == row["address"],
                sa.or_(_mailbox.c.legal_entity == row["legal_entity"], _mailbox.c.source == IMPORTED),
            )
        )
        connection.execute(_mailbox.insert(), {**row, "source": IMPORTED})
    for legal_entity in sorted({row["legal_entity"] for row in given}):
        relink(connection, legal_entity)
    return len(given)


def relink(connection: sa.Connection, owner: str) -> int:
    """Find the establishment of the owner's messages that have none; how many rows found one."""
    db = Session(connection)
    found = 0
    for row in db.all(_WAITING, legal_entity=owner):
        known = (KnownMailbox(db.all(_OF_ADDRESS, address=a), owner) for a in row.mailbox.split())
        organization = next((box.organization for box in known if box.organization is not None), None)
        if organization is not None:
            db.run(
                _KNOWN, b_legal_entity=owner, b_direction=row.direction, b_message=row.message,
                b_audience=row.audience, organization=organization,
            )  # fmt: skip
            found += 1
    return found
