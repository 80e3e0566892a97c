"""Resources with their search values in the two tables of a search, on either database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.fhir.indexing import index_rows
from fhir_server.fhir.search.criteria import criterion
from fhir_server.store import tables
from fhir_server.store.criteria import Criterion
from fhir_server.store.search import Page, Sort, count, matching, search

Json = dict[str, Any]
OWNER, OTHER = "750000001", "750000002"


class Shelf:
    """Puts resources and finds them again, as one owner."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._clock = 1_700_000_000_000_000

    def put(self, kind: str, key: str, owner: str = OWNER, *, patient: Json | None = None, **body: Any) -> None:
        """File a resource; each a second later than the one before."""
        self._clock += 1_000_000
        resource = {"resourceType": kind, "id": key, **body}
        self.connection.execute(
            tables.resource.insert(),
            {"owner": owner, "type": kind, "id": key, "month": 202611, "version": 1, "updated": self._clock,
             "submission": "s", "body": json.dumps(resource).encode(), "gone": False},
        )  # fmt: skip
        rows = [
            {"owner": owner, "month": 202611, **msgspec.structs.asdict(row)}
            for row in index_rows(resource, kind, key, self._clock, patient)
        ]
        if rows:
            self.connection.execute(tables.search_index.insert(), rows)

    def delete(self, kind: str, key: str) -> None:
        """As the writer deletes: a version that is gone, found by nothing."""
        index, table = tables.search_index, tables.resource
        self.connection.execute(index.delete().where(index.c.type == kind, index.c.id == key))
        self.connection.execute(table.update().where(table.c.type == kind, table.c.id == key).values(gone=True))

    def update(self, kind: str, key: str) -> None:
        """Write it again: its time moves on."""
        self._clock += 1_000_000
        table = tables.resource
        self.connection.execute(
            table.update().where(table.c.type == kind, table.c.id == key).values(updated=self._clock)
        )

    def found(self, kind: str, *asked: tuple[str, str] | Criterion, owner: str = OWNER) -> list[str]:
        """The ids that meet criteria, sorted; every way to find them has to agree."""
        criteria = tuple(one if isinstance(one, Criterion) else criterion(kind, *one) for one in asked)
        page = self.page(kind, criteria, 100, owner=owner)
        ids = sorted(row.id for row in page.rows)
        assert list(matching(self.connection, owner, kind, criteria, 100)) == ids
        assert count(self.connection, owner, kind, criteria) == len(ids)
        ordered = search(self.connection, owner, kind, criteria, 100, (Sort("_id"),))
        assert [row.id for row in ordered.rows] == ids
        return ids

    def page(
        self, kind: str, criteria: Iterable[Criterion], limit: int, order: tuple[Sort, ...] = (), after: Any = None,
        owner: str = OWNER,
    ) -> Page:  # fmt: skip
        """One page."""
        return search(self.connection, owner, kind, tuple(criteria), limit, order, after)
