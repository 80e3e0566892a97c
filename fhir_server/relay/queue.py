"""The line of what is to be passed on: joined in the write of the submission, left with the receiver's last word.

One establishment's submissions leave by one route in the order they came: a replacement never overtakes what it
replaces. Another establishment, or another route, does not wait for them.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from fhir_server.ids import micros, new_id, paris_date
from fhir_server.relay.routes import Route
from fhir_server.relay.senders import Answer
from fhir_server.security.caller import Scope
from fhir_server.store import declared, reading
from fhir_server.store.acts import Act, Change, Expect, Put, act_now
from fhir_server.store.envelope import envelope_of
from fhir_server.store.plan import WritePlan
from fhir_server.store.relay_tables import relay_item

OPEN: Final = ("waiting", "sending")
DONE: Final = ("acknowledged", "refused", "expired")


class Parcel(msgspec.Struct, array_like=True, frozen=True):
    """Bytes that their submission does not keep, and the recipients beside them where their envelope named any."""

    content: bytes
    recipients: tuple[str, ...] = ()


def joined(
    plan: WritePlan, routes: Iterable[Route], content_type: str, parcel: Parcel | None = None
) -> tuple[Put, ...]:
    """The rows that put a submission on its routes, for the very write that files it."""
    ways = tuple(routes)
    if not ways:
        return ()
    row = {
        "owner": plan.owner, "submission": plan.id, "month": plan.month, "state": "waiting", "queued": plan.received,
        "next_at": plan.received, "updated": plan.received, "attempts": 0, "content_type": content_type,
        "unique_ids": json.dumps([document.unique_id for document in plan.documents]),
        "payload": None if parcel is None else zlib.compress(msgspec.msgpack.encode(parcel), 1),
    }  # fmt: skip
    return (Put("relay_item", tuple({**row, "route": route.name} for route in ways)),)


@dataclass(frozen=True, slots=True)
class Item:
    """One submission on one route, and its bytes as they were received; None when they are no longer kept."""

    row: Any
    content: bytes | None
    recipients: tuple[str, ...] = ()

    @property
    def sent_before(self) -> bool:
        """Whether an earlier try may have reached the receiver."""
        return bool(self.row.attempts)


def due(connection: sa.Connection, now: datetime, limit: int = 64) -> list[Any]:
    """The first open item of each establishment and route, where its time has come."""
    table = relay_item
    place = sa.func.row_number().over(
        partition_by=(table.c.owner, table.c.route), order_by=(table.c.queued, table.c.submission)
    )
    line = sa.select(table, place.label("place")).where(table.c.state.in_(OPEN)).subquery()
    query = sa.select(line).where(line.c.place == 1, line.c.next_at <= micros(now)).order_by(line.c.queued).limit(limit)
    return list(connection.execute(query))


def loaded(connection: sa.Connection, row: Any) -> Item:
    """An item with its bytes."""
    if row.payload is not None:
        parcel = msgspec.msgpack.decode(zlib.decompress(row.payload), type=Parcel)
        return Item(row, parcel.content, parcel.recipients)
    scope = Scope(row.owner)
    found = reading.submission(connection, scope, row.submission)
    return Item(row, None if found is None else envelope_of(connection, scope, found.row))


def of_submission(connection: sa.Connection, owner: str, submission: str) -> list[Any]:
    """Where a submission stands on its routes."""
    table = relay_item
    query = sa.select(table).where(table.c.owner == owner, table.c.submission == submission).order_by(table.c.route)
    return list(connection.execute(query))


def listed(connection: sa.Connection, owner: str, states: Iterable[str], limit: int) -> list[Any]:
    """An establishment's items in some states, the oldest first."""
    table = relay_item
    query = sa.select(table).where(table.c.owner == owner, table.c.state.in_(list(states)))
    return list(connection.execute(query.order_by(table.c.queued, table.c.submission).limit(limit)))


def counts(connection: sa.Connection) -> list[Any]:
    """How many items there are by route and state, and the oldest of them."""
    table = relay_item
    number, oldest = sa.func.count().label("number"), sa.func.min(table.c.queued).label("oldest")
    query = sa.select(table.c.route, table.c.state, number, oldest).group_by(table.c.route, table.c.state)
    return list(connection.execute(query.order_by(table.c.route, table.c.state)))


def starting(row: Any, now: datetime) -> Act:
    """What is written before a try: that it is being made, so that the next one knows of it whatever happens."""
    return _act(row, now, "relay-send", {"state": "sending", "attempts": row.attempts + 1, "updated": micros(now)})


def ending(connection: sa.Connection, row: Any, answer: Answer, route: Route | None, now: datetime) -> Act:
    """What is written after a try; an acknowledgement labels the documents it is of."""
    state = answer.state if answer.state != "retry" else _again(row, route, now)
    values: dict[str, Any] = {"state": state, "updated": micros(now), "code": answer.code}
    if state in DONE:
        values |= {"payload": None, "reference": answer.reference}
    elif route is not None:
        values["next_at"] = micros(now + route.retry.wait(row.attempts + 1))
    puts, changes = _acknowledged(connection, row, answer, now) if state == "acknowledged" else ((), ())
    return _act(row, now, f"relay-{state}", values, puts, changes)


def again(row: Any, now: datetime) -> Act:
    """Put what was refused or given up back in the line; it is sent as if for the second time."""
    expect = Expect("relay_item", {**_key(row), "state": row.state}, present=True, rule="RELAY-STATE")
    moment = micros(now)
    values = {"state": "waiting", "next_at": moment, "queued": moment, "updated": moment}
    return act_now(
        row.owner, "operator", new_id(), now, "relay-again", row.submission,
        expects=(expect,), changes=(Change("relay_item", _key(row), values),),
    )  # fmt: skip


def _again(row: Any, route: Route | None, now: datetime) -> str:
    """Whether there is a next try."""
    if route is None:
        return "expired"
    return "expired" if micros(now) - row.queued > route.retry.give_up_after * 1_000_000 else "waiting"


def _key(row: Any) -> dict[str, Any]:
    return {"owner": row.owner, "submission": row.submission, "route": row.route}


def _act(
    row: Any, now: datetime, door: str, values: dict[str, Any], puts: tuple[Put, ...] = (),
    changes: tuple[Change, ...] = (),
) -> Act:  # fmt: skip
    change = Change("relay_item", _key(row), values)
    return act_now(row.owner, "relay", new_id(), now, door, row.submission, puts=puts, changes=(change, *changes))


def _acknowledged(
    connection: sa.Connection, row: Any, answer: Answer, now: datetime
) -> tuple[tuple[Put, ...], tuple[Change, ...]]:
    """The acknowledgement of each document the submission brought."""
    known = declared.filed(connection, (row.owner,), json.loads(row.unique_ids))
    return declared.acknowledgements((one, paris_date(now), answer.reference) for one in known.values())
