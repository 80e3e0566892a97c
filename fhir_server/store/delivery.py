"""What is learnt of a message's delivery after it was filed: notices wait, states only rise, facts follow.

Runs inside the savepoint of a plan. The states of a recipient are ordered (`validators.mssante.Delivery`) and the
highest one stays, so that what arrives twice, or in another order, ends in the same figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.store import messages, tables
from fhir_server.store.driver import Prepared, Session, insert
from fhir_server.store.mail_tables import message_notice
from fhir_server.store.plan import MessageRow, NoticeRow, WritePlan
from validators.mssante import DELIVERY, Delivery

SENT = "sent"
Recipient = tuple[str, str, int]
"""Address without a matricule, audience, state."""
Told = Iterable[tuple[str, int]]
"""States by address; an empty address is that of the only recipient."""

_claims, _messages, _documents = tables.message_identity, tables.messages, tables.documents
_attachments, _identity, _index = tables.message_attachment, tables.document_identity, tables.search_index

_P = sa.bindparam
_CLAIMED = Prepared(
    sa.select(_claims).where(
        _claims.c.owner == _P("owner"), _claims.c.direction == SENT, _claims.c.message == _P("message")
    )
)
_LEARNT = Prepared(
    _claims.update()
    .where(_claims.c.owner == _P("b_owner"), _claims.c.direction == SENT, _claims.c.message == _P("b_message"))
    .values(recipients=_P("recipients"))
)
_AUDIENCE = Prepared(
    _messages.update()
    .where(
        _messages.c.legal_entity == _P("b_owner"), _messages.c.direction == SENT,
        _messages.c.message == _P("b_message"), _messages.c.audience == _P("b_audience"),
    )
    .values(delivered=_P("delivered"))
)  # fmt: skip
_STATUS = Prepared(
    _index.update()
    .where(
        _index.c.owner == _P("b_owner"), _index.c.type == "Communication", _index.c.param == "status",
        _index.c.id == _P("b_id"),
    )
    .values(value=_P("status"))
)  # fmt: skip
_ATTACHED = Prepared(
    sa.select(_identity.c.document)
    .distinct()
    .select_from(
        _attachments.join(
            _identity, sa.and_(_identity.c.owner == _attachments.c.owner, _identity.c.sha256 == _attachments.c.sha256)
        )
    )
    .where(
        _attachments.c.owner == _P("owner"), _attachments.c.direction == SENT, _attachments.c.message == _P("message")
    )
)
_VERSIONS = Prepared(
    sa.select(_identity.c.sha256).where(_identity.c.owner == _P("owner"), _identity.c.document == _P("document"))
)
_CHANNEL = Prepared(
    _documents.update()
    .where(_documents.c.legal_entity == _P("b_owner"), _documents.c.document == _P("b_document"))
    .values(mssante=_P("mssante"))
)
_WAITING = Prepared(
    sa.select(message_notice).where(message_notice.c.owner == _P("owner"), message_notice.c.message == _P("message"))
)
_FORGET = Prepared(
    message_notice.delete().where(message_notice.c.owner == _P("owner"), message_notice.c.message == _P("message"))
)


def same_message(first: Any, row: MessageRow) -> bool:
    """Whether an earlier claim says the same apart from the delivery; unknown of what was filed by earlier versions."""
    return bool(row.content) and first.content == row.content


def packed(recipients: Iterable[Recipient]) -> bytes:
    """Recipients as they are kept with the claim."""
    return msgspec.msgpack.encode(list(recipients))


def learn(db: Session, owner: str, first: Any, told: Told) -> tuple[list[Recipient] | None, bool]:
    """Take over what is told of a claimed message: its recipients if something rose, and whether all were known.

    A notice about somebody else than the only recipient is about that one: mail is forwarded and renamed on its way.
    """
    known: list[Recipient] = msgspec.msgpack.decode(first.recipients or b"\x90", type=list[Recipient])
    risen, matched = list(known), True
    for address, state in told:
        places = [n for n, recipient in enumerate(known) if recipient[0] == address]
        places = places or ([0] if len(known) == 1 else [])
        matched = matched and bool(places)
        for place in places:
            name, audience, before = risen[place]
            risen[place] = (name, audience, max(before, state))
    if risen == known:
        return None, matched
    _apply(db, owner, first, risen)
    return risen, matched


def _apply(db: Session, owner: str, first: Any, recipients: Sequence[Recipient]) -> None:
    db.run(_LEARNT, b_owner=owner, b_message=first.message, recipients=packed(recipients))
    reached: dict[str, bool] = {}
    for _, audience, state in recipients:
        reached[audience] = reached.get(audience, False) or state != Delivery.BOUNCED
    for audience, delivered in reached.items():
        db.run(_AUDIENCE, b_owner=owner, b_message=first.message, b_audience=audience, delivered=delivered)
    db.run(_STATUS, b_owner=owner, b_id=first.reference, status=_status(recipients))
    for row in db.all(_ATTACHED, owner=owner, message=first.message):
        db.run(_CHANNEL, b_owner=owner, b_document=row.document, mssante=_by_mssante(db, owner, row.document))


def _by_mssante(db: Session, owner: str, document: str) -> bool:
    """Whether a delivered message carries any version of a document."""
    versions = db.all(_VERSIONS, owner=owner, document=document)
    return any(messages.delivered_with(db, owner, version.sha256) for version in versions)


def _status(recipients: Iterable[Recipient]) -> str:
    return "not-done" if all(state == Delivery.BOUNCED for _, _, state in recipients) else "completed"


def shown(body: Mapping[str, Any], recipients: Sequence[Recipient]) -> dict[str, Any]:
    """The Communication with what is known of each recipient."""
    named = {Delivery.BOUNCED: "bounced", Delivery.CONFIRMED: "delivered"}
    made = []
    for node, (_, _, state) in zip(body["recipient"], recipients, strict=True):
        kept = [e for e in node.get("extension") or [] if e.get("url") != DELIVERY]
        kept += [{"url": DELIVERY, "valueCode": named[Delivery(state)]}] if state in named else []
        bare = {name: value for name, value in node.items() if name != "extension"}
        made.append(bare | ({"extension": kept} if kept else {}))
    return {**body, "status": _status(recipients), "recipient": made}


# -- notices -------------------------------------------------------------------------------------------------------


def claimed(db: Session, owner: str, row: NoticeRow) -> Any:
    """The message that was sent which a notice is about; None while it is not known."""
    return db.one(_CLAIMED, owner=owner, message=row.message)


def wait(db: Session, plan: WritePlan, row: NoticeRow) -> None:
    """Keep a notice until its message comes; the highest state of each recipient is enough."""
    before = {found.recipient: found.state for found in db.all(_WAITING, owner=plan.owner, message=row.message)}
    states: dict[str, int] = dict(before)
    for address, state in row.recipients:
        states[address] = max(state, states.get(address, state))
    db.run(_FORGET, owner=plan.owner, message=row.message)
    for address, state in states.items():
        db.run(
            insert(message_notice), owner=plan.owner, message=row.message, recipient=address, state=state,
            submission=plan.id, month=plan.month,
        )  # fmt: skip


def waited(db: Session, owner: str, row: MessageRow) -> list[tuple[str, int]]:
    """What was told of a message before it came; it waits no longer."""
    if row.direction != SENT:
        return []
    found = [(notice.recipient, notice.state) for notice in db.all(_WAITING, owner=owner, message=row.message)]
    if found:
        db.run(_FORGET, owner=owner, message=row.message)
    return found
