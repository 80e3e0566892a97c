"""Resources and their versions as rows: put, replaced with their history, found by their search values."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.store import tables
from fhir_server.store.driver import Prepared, Session, insert
from fhir_server.store.plan import IndexRow, ResourceRow, WritePlan

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
    .values(version=_P("version"), updated=_P("updated"), submission=_P("submission"), body=_P("body"))
)  # fmt: skip


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

    def put(self, plan: WritePlan, row: ResourceRow) -> int:
        """Insert a resource, or add a version to it when its id is derived and it is already there."""
        if row.upsert:
            current = self._db.one(_CURRENT, owner=plan.owner, type=row.type, id=row.id)
            if current is not None:
                old, new = _DECODER.decode(current.body), _DECODER.decode(row.body)
                same = {**old, "meta": None} == {**new, "meta": None}
                return int(current.version) if same else self.replace(plan, current, new)
        self._db.run(
            insert(_resource), owner=plan.owner, type=row.type, id=row.id, month=plan.month, version=1,
            updated=plan.received, submission=plan.id, body=row.body,
        )  # fmt: skip
        return 1

    def replace(self, plan: WritePlan, current: Any, body: dict[str, Any]) -> int:
        """Move the current version to the history and put the new one in its place."""
        self._db.run(insert(tables.resource_history), **current._asdict())
        version: int = current.version + 1
        moment = datetime.fromtimestamp(plan.received / 1_000_000, UTC).isoformat(timespec="milliseconds")
        body["meta"] = {**(body.get("meta") or {}), "versionId": str(version), "lastUpdated": moment}
        self._db.run(
            _NEW_VERSION, b_owner=current.owner, b_type=current.type, b_id=current.id, b_month=current.month,
            version=version, updated=plan.received, submission=plan.id, body=_ENCODER.encode(body),
        )  # fmt: skip
        return version

    def index(self, owner: str, month: int, rows: tuple[IndexRow, ...]) -> None:
        """Write the values resources are found by; one that is there stays."""
        if rows:
            values = ({"owner": owner, "month": month, **msgspec.structs.asdict(row)} for row in rows)
            self._db.many(insert(tables.search_index, ignore=True), values)
