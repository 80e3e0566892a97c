"""The topics that can be subscribed to, each as what it takes from the change feed.

An event is a change: it is found again from the position a subscription began at, always with the same number, because
changes and versions are never altered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa

from fhir_server.security.caller import Role, Scope
from fhir_server.store import feed, reading
from validators.mhd.update import is_mask

BASE: Final = "https://segur-fhir.example/fhir/SubscriptionTopic/"
_LOOK: Final = 200
"""Changes looked at in one go."""
_OTHERS: Final = frozenset({"communication", "encounter", "batch", "adt"})
"""Doors of messages, stays and admissions."""

Holds = Callable[[sa.Connection, str, Any], bool]


@dataclass(frozen=True, slots=True)
class Event:
    """One change that a topic is about."""

    seq: int
    type: str
    id: str
    at: int


@dataclass(frozen=True, slots=True)
class Topic:
    """What a topic looks at in the feed, and who may subscribe to it. `holds` judges one change."""

    code: str
    type: str
    action: str
    holds: Holds
    roles: tuple[Role, ...]

    @property
    def url(self) -> str:
        """Its canonical: `Subscription.criteria`."""
        return BASE + self.code


@dataclass(frozen=True, slots=True)
class Scan:
    """The events that were found; `position` is the change up to which everything was looked at."""

    events: tuple[Event, ...]
    position: int
    more: bool


def scan(connection: sa.Connection, owner: str, topic: Topic, after: int, limit: int) -> Scan:
    """The next events of a topic after a change, `limit` at most."""
    rows = feed.of_action(connection, owner, topic.type, topic.action, after, _LOOK)
    events: list[Event] = []
    for row in rows:
        if topic.holds(connection, owner, row):
            events.append(Event(row.seq, row.type, row.id, row.at))
        if len(events) == limit:
            return Scan(tuple(events), row.seq, more=True)
    more = len(rows) == _LOOK
    return Scan(tuple(events), rows[-1].seq if more else max(after, feed.newest(connection)), more)


def _is_of_documents(connection: sa.Connection, owner: str, row: Any) -> bool:
    """A refusal of documents, or of a mail that may carry some."""
    found = reading.submission(connection, Scope(owner), row.id)
    return found is not None and found.row.door not in _OTHERS


def _is_replaced(connection: sa.Connection, owner: str, row: Any) -> bool:
    before, after = _versions(connection, owner, row)
    return after.get("status") == "superseded" != before.get("status")


def _is_hidden(connection: sa.Connection, owner: str, row: Any) -> bool:
    before, after = (_masks(version) for version in _versions(connection, owner, row))
    return after > before


def _always(connection: sa.Connection, owner: str, row: Any) -> bool:
    del connection, owner, row
    return True


def _versions(connection: sa.Connection, owner: str, row: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """A resource before and after a change."""
    numbers = (row.version - 1, row.version)
    found = (reading.version(connection, Scope(owner), row.type, row.id, number) for number in numbers)
    before, after = ({} if one is None else orjson.loads(one.body) for one in found)
    return before, after


def _masks(reference: Mapping[str, Any]) -> int:
    """How many labels hide a document from somebody."""
    labels = reference.get("securityLabel")
    return sum(1 for label in labels if is_mask(label)) if isinstance(labels, list) else 0


_SENDERS: Final = (Role.ESTABLISHMENT, Role.EDITOR)
TOPICS: Final[Mapping[str, Topic]] = {
    topic.code: topic
    for topic in (
        Topic("document-refused", "Submission", "refused", _is_of_documents, _SENDERS),
        Topic("document-replaced", "DocumentReference", "update", _is_replaced, _SENDERS),
        Topic("document-hidden", "DocumentReference", "update", _is_hidden, _SENDERS),
        Topic("measure-computed", "MeasureReport", "create", _always, (Role.ESTABLISHMENT, Role.ARS)),
    )
}
