"""Items become plans: a document by the pipeline of its door, a resource by the interaction that would write it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import msgspec
import orjson
import sqlalchemy as sa
import structlog

from fhir_server.fhir.http import FHIR_JSON, Refusal
from fhir_server.fhir.interactions.bodies import XML_TYPES, Json, resource_in
from fhir_server.fhir.interactions.desk import Desk
from fhir_server.fhir.interactions.types import Interaction, require
from fhir_server.fhir.interactions.writes import Asked, perform, settle
from fhir_server.fhir.patients import patient_id
from fhir_server.ids import Pseudonyms
from fhir_server.intake import tddui
from fhir_server.intake.checks import Checks
from fhir_server.intake.pipeline import DOORS, HOSTILE, Pipeline
from fhir_server.intake.submission import received
from fhir_server.loading.parts import Part, Reject, reasons_of
from fhir_server.loading.sources import Item
from fhir_server.relay.routes import Routes
from fhir_server.security.caller import Caller, Scope
from fhir_server.settings import Settings
from fhir_server.store.acts import Act
from fhir_server.store.changes import ResourcePlan
from fhir_server.store.driver import Session
from fhir_server.store.plan import Outcome, WritePlan
from fhir_server.store.resources import Resources
from validators.sniffing import is_fhir_xml, sniff

_BLANK: Final = b" \t\r\n\xef\xbb\xbf"


class _NoWriter:
    """Where checking processes file: nowhere."""

    async def file(self, plan: WritePlan | Act | ResourcePlan) -> Outcome:
        """Never called: a checking process has no way to the database but to read it."""
        raise NotImplementedError(plan.id)


@dataclass(slots=True)
class _Desk(Desk):
    """The desk of a load: one prepared look-up a resource."""

    _rows: Resources | None = None

    def current(self, kind: str, resource_id: str) -> Any:
        """The current version of a resource, which may be its deletion; None when there is none."""
        key = (kind, resource_id)
        if key not in self._seen:
            self._rows = self._rows or Resources(Session(self.connection))
            self._seen[key] = self._rows.current(self.scope.owner, kind, resource_id)
        return self._seen[key]


@dataclass(slots=True)
class _Lot:
    """Resources that go into one plan: no two versions of the same one."""

    desk: _Desk
    first: int
    last: int = 0
    filed: int = 0
    unchanged: int = 0
    rejects: list[Reject] = field(default_factory=list)
    named: set[tuple[str, str]] = field(default_factory=set)

    def part(self, digest: str) -> Part:
        """Its plan; none when nothing changes."""
        made = self.desk.plan("load") if self.desk.versions else None
        entity = f"load/{digest[:16]}/{self.first}-{self.last}"
        plan = msgspec.structs.replace(made, entity=entity) if made is not None else None
        return Part(self.first, self.last, plan, self.filed, self.unchanged, tuple(self.rejects))


class Checker:
    """Checks items for one owner.

    Args:
        settings: limits and mode.
        caller: whose load it is; has a scope.
        checks: what the doors check by.
        keys: pseudonyms.
        reading: opens a view of the database.
        moved: `Patient/id` as given to `Patient/id` as filed, where the two differ.
    """

    def __init__(
        self, settings: Settings, caller: Caller, checks: Checks, keys: Pseudonyms,
        reading: Callable[[], AbstractContextManager[sa.Connection]], moved: dict[str, str],
    ) -> None:  # fmt: skip
        assert caller.scope is not None
        self._caller, self._scope = caller, Scope(caller.scope.owner)
        self._checks, self._keys, self._moved = checks, keys, moved
        # What is loaded is of the past: it is not passed on.
        self._pipeline = Pipeline(settings, _NoWriter(), reading, keys, checks, Routes())

    def parts(self, connection: sa.Connection, digest: str, items: Iterable[Item]) -> Iterator[Part]:
        """The plans of consecutive items, in order; `connection` is where current versions are looked up."""
        lot: _Lot | None = None
        for item in items:
            if (door := _door(item.data)) is not None and item.data is not None:
                if lot is not None:
                    yield lot.part(digest)
                    lot = None
                yield self._document(door, item)
                continue
            asked = self._asked(digest, item)
            if lot is not None and isinstance(asked, Asked) and (asked.kind, asked.id) in lot.named:
                yield lot.part(digest)  # the next version of the same resource
                lot = None
            lot = lot or _Lot(self._desk(connection), item.place)
            self._resource(lot, item.place, asked)
        if lot is not None:
            yield lot.part(digest)

    def _desk(self, connection: sa.Connection) -> _Desk:
        return _Desk(connection, self._caller, self._scope, self._keys, self._checks, datetime.now(UTC))

    # -- documents -----------------------------------------------------------------------------------------------------

    def _document(self, door: str, item: Item) -> Part:
        """The same as at the door: what is refused is filed as a refused submission."""
        assert item.data is not None
        arrived = received(door, item.data, self._caller, datetime.now(UTC))
        try:
            submission = DOORS[door](arrived, self._checks)
            plan = self._pipeline.plan(submission, self._pipeline.sites(submission))
        except Exception as error:  # whatever is wrong with one item concerns no other
            return Part(item.place, item.place, rejects=(_internal(item.place, error),))
        if plan.decision == "accepted":
            return Part(item.place, item.place, plan, filed=1)
        keep = not submission.report.rules() & HOSTILE
        reject = Reject(item.place, plan.status, reasons_of(submission.report), keep)
        return Part(item.place, item.place, plan, rejects=(reject,))

    # -- resources -----------------------------------------------------------------------------------------------------

    def _asked(self, digest: str, item: Item) -> Asked | Reject:
        """The update by id that an item stands for."""
        if item.data is None:
            return _refused(item.place, Refusal(413, "SUBMISSION-TOO-LARGE"), keep=False)
        try:
            resource = resource_in(item.data, _media_type(item.data))
            kind = resource.get("resourceType")
            _require_written(kind if isinstance(kind, str) else "")
            return self._addressed(digest, item, str(kind), resource)
        except Refusal as refusal:
            keep = not {issue.rule for issue in refusal.issues} & HOSTILE
            return _refused(item.place, refusal, keep=keep)
        except Exception as error:
            return _internal(item.place, error)

    def _addressed(self, digest: str, item: Item, kind: str, resource: Json) -> Asked:
        """A Patient has the id of its identity; what came without one has that of its place, so that it keeps it."""
        derived = patient_id(resource, kind, self._scope.owner, self._keys) if kind == "Patient" else None
        place = derived or resource.get("id") or self._keys.stable("load", self._scope.owner, digest, str(item.place))
        if item.data is not None and self._moved and b'"Patient/' in item.data:
            resource = _led(resource, self._moved)
        return Asked(Interaction.UPDATE, kind, place, resource={**resource, "id": place})

    def _resource(self, lot: _Lot, place: int, asked: Asked | Reject) -> None:
        lot.last = place
        if isinstance(asked, Asked):
            before = len(lot.desk.versions)
            try:
                perform(lot.desk, settle(lot.desk, asked))
            except Refusal as refusal:
                lot.rejects.append(_refused(place, refusal))
            except Exception as error:
                del lot.desk.versions[before:]
                lot.rejects.append(_internal(place, error))
            else:
                changed = len(lot.desk.versions) > before
                lot.filed, lot.unchanged = lot.filed + changed, lot.unchanged + (not changed)
                lot.named.add((asked.kind, str(asked.id)))
        else:
            lot.rejects.append(asked)


def _door(data: bytes | None) -> str | None:
    """The door of a document; None for a resource, and for what is nothing we know."""
    if data is None:
        return None
    found = sniff(data)
    if found == "application/zip":
        return "xdm"
    if found == "application/xml":
        return None if is_fhir_xml(data) else "cda"
    if not data.lstrip(_BLANK).startswith(b"{") or not _is_bundle(data):
        return None
    return tddui.DOOR if tddui.is_transfer(data) else "mhd"


@cache
def _require_written(kind: str) -> None:
    """Go on only with a type that the ordinary interactions write; a type is looked up once a process.

    Raises:
        Refusal: 404 no such type, 405 it has a way of its own.
    """
    require(kind, Interaction.UPDATE, instance=True)


def _is_bundle(data: bytes) -> bool:
    if b'"Bundle"' not in data:
        return False
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return isinstance(found, dict) and found.get("resourceType") == "Bundle"


def _media_type(data: bytes) -> str:
    return XML_TYPES[0] if sniff(data) == "application/xml" else FHIR_JSON


def _led(node: Any, moved: dict[str, str]) -> Any:
    """A copy of a resource whose references to Patients that have another id here lead to them."""
    if isinstance(node, dict):
        return {
            name: moved.get(value, value) if name == "reference" and isinstance(value, str) else _led(value, moved)
            for name, value in node.items()
        }
    return [_led(item, moved) for item in node] if isinstance(node, list) else node


def _refused(place: int, refusal: Refusal, *, keep: bool = True) -> Reject:
    return Reject(place, refusal.status, reasons_of(refusal.issues), keep)


def _internal(place: int, error: Exception) -> Reject:
    """What nobody expected: said, without any content, and no reason to lose the rest of the file."""
    structlog.get_logger("segur").error("check-failed", place=place, kind=type(error).__name__)
    return _refused(place, Refusal(500, "INTERNAL"))
