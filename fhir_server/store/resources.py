"""Resources and their versions as rows: put, replaced with their history, found by their search values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa

from fhir_server.store import tables
from fhir_server.store.changes import Version
from fhir_server.store.driver import Prepared, Session, insert
from fhir_server.store.plan import IndexRow, ResourceRow

_resource = tables.resource
# Numbers stay as they were written: 1.50 must not come back as 1.5.
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")

_P = sa.bindparam
_CURRENT = Prepared(
    sa.select(_resource).where(
        _resource.c.owner == _P("owner"), _resource.c.type == _P("type"), _resource.c.id == _P("id")
    )
)  # fmt: skip
_NEW_VERSION = Prepared(
    _resource.update()
    .where(
        _resource.c.owner == _P("b_owner"), _resource.c.type == _P("b_type"), _resource.c.id == _P("b_id"),
        _resource.c.month == _P("b_month"),
    )
    .values(
        version=_P("version"), updated=_P("updated"), submission=_P("submission"), body=_P("body"), gone=_P("gone")
    )
)  # fmt: skip
_NOT_FOUND = Prepared(
    tables.search_index.delete().where(
        tables.search_index.c.owner == _P("owner"), tables.search_index.c.type == _P("type"),
        tables.search_index.c.id == _P("id"),
    )
)  # fmt: skip
_CHANGE = Prepared(
    tables.change.insert().values({c.name: _P(c.name) for c in tables.change.columns if c.name != "seq"})
)


class Written(Protocol):
    """What a write is known by, whatever plan it comes from; times in microseconds since the epoch."""

    @property
    def owner(self) -> str:
        """The legal entity."""
        ...

    @property
    def id(self) -> str:
        """The submission."""
        ...

    @property
    def month(self) -> int:
        """The month of its arrival (yyyymm)."""
        ...

    @property
    def received(self) -> int:
        """Its arrival."""
        ...


class Resources:
    """Writes resources on one connection, inside the caller's savepoint."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def current(self, owner: str, kind: str, resource_id: str) -> Any:
        """The row of the current version; None when there is none."""
        return self._db.one(_CURRENT, owner=owner, type=kind, id=resource_id)

    @staticmethod
    def body(row: Any) -> dict[str, Any]:
        """The resource in a row, its numbers as they were written."""
        found: dict[str, Any] = _DECODER.decode(row.body)
        return found

    def put(self, plan: Written, row: ResourceRow, index: Sequence[IndexRow] = ()) -> int:
        """Insert a resource, or add a version to it when its id is derived and it is already there.

        It is found by `index`, and by nothing that was said before.
        """
        if row.upsert:
            current = self._db.one(_CURRENT, owner=plan.owner, type=row.type, id=row.id)
            if current is not None:
                old, new = _DECODER.decode(current.body), _DECODER.decode(row.body)
                if {**old, "meta": None} == {**new, "meta": None} and not current.gone:
                    return int(current.version)
                self.unindex(plan.owner, row.type, row.id)
                self.index(plan.owner, current.month, index)
                return self.replace(plan, current, new)
        self._db.run(
            insert(_resource), owner=plan.owner, type=row.type, id=row.id, month=plan.month, version=1,
            updated=plan.received, submission=plan.id, body=row.body, gone=False,
        )  # fmt: skip
        self.changed(plan, row.type, row.id, 1, "create")
        self.index(plan.owner, plan.month, index)
        return 1

    def replace(self, plan: Written, current: Any, body: dict[str, Any], *, gone: bool = False) -> int:
        """Move the current version to the history and put the new one, or its deletion (`gone`), in its place."""
        self._db.run(insert(tables.resource_history), **current._asdict())
        version: int = current.version + 1
        moment = datetime.fromtimestamp(plan.received / 1_000_000, UTC).isoformat(timespec="milliseconds")
        body["meta"] = {**(body.get("meta") or {}), "versionId": str(version), "lastUpdated": moment}
        self._db.run(
            _NEW_VERSION, b_owner=current.owner, b_type=current.type, b_id=current.id, b_month=current.month,
            version=version, updated=plan.received, submission=plan.id, body=_ENCODER.encode(body), gone=gone,
        )  # fmt: skip
        action = "delete" if gone else "create" if current.gone else "update"
        self.changed(plan, current.type, current.id, version, action)
        return version

    def version(self, plan: Written, one: Version) -> int:
        """The next version of a resource, or its first; its search values are those given and no others."""
        current = self.current(plan.owner, one.type, one.id)
        body: dict[str, Any] = _DECODER.decode(one.body)
        if current is None:
            moment = datetime.fromtimestamp(plan.received / 1_000_000, UTC).isoformat(timespec="milliseconds")
            body["meta"] = {**(body.get("meta") or {}), "versionId": "1", "lastUpdated": moment}
            number = self.put(plan, ResourceRow(one.type, one.id, _ENCODER.encode(body)))
        else:
            self.unindex(plan.owner, one.type, one.id)
            number = self.replace(plan, current, body, gone=one.gone)
        self.index(plan.owner, plan.month if current is None else current.month, one.index)
        return number

    def unindex(self, owner: str, kind: str, resource_id: str) -> None:
        """Take away every value the resource is found by."""
        self._db.run(_NOT_FOUND, owner=owner, type=kind, id=resource_id)

    def changed(self, plan: Written, kind: str, resource_id: str, version: int, action: str) -> None:
        """Add a row to the order of all changes."""
        self._db.run(
            _CHANGE, owner=plan.owner, type=kind, id=resource_id, version=version, at=plan.received, action=action,
            submission=plan.id,
        )  # fmt: skip

    def index(self, owner: str, month: int, rows: Sequence[IndexRow]) -> None:
        """Write the values resources are found by; one that is there stays."""
        self._db.many_plain(
            insert(tables.search_index, ignore=True),
            ((owner, row.type, row.param, row.value, row.sort_date, row.id, row.system, month) for row in rows),
        )
