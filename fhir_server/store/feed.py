"""The change feed: the versions of one owner's resources, its refused submissions and reports, in the order of commit.

A transaction that writes takes the database for itself, and gives its changes the next numbers: whoever sees one change
sees every change with a smaller number. So a position says all of what was read, and nothing appears behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fhir_server.store import tables

_table = tables.change


@dataclass(frozen=True, slots=True)
class Page:
    """Some changes, and the position to go on from."""

    rows: Sequence[Any]
    position: int


def newest(connection: sa.Connection) -> int:
    """The number of the newest change of the server; 0 before the first."""
    return int(connection.scalar(sa.select(sa.func.max(_table.c.seq))) or 0)


def page(connection: sa.Connection, owner: str, after: int, limit: int, types: Sequence[str] = ()) -> Page:
    """The next changes of an owner, all of them or those of some types.

    Where there are no more, the position is that of the newest change of all, read in the same view of the database.
    """
    query = sa.select(_table).where(_table.c.owner == owner, _table.c.seq > after)
    if types:
        query = query.where(_table.c.type.in_(types))
    rows = list(connection.execute(query.order_by(_table.c.seq).limit(limit)))
    return Page(rows, rows[-1].seq if len(rows) == limit else max(after, newest(connection)))


def of_action(
    connection: sa.Connection, owner: str, kind: str, action: str, after: int, limit: int
) -> list[Any]:  # fmt: skip
    """The next changes of one type and action."""
    query = sa.select(_table).where(
        _table.c.owner == owner, _table.c.type == kind, _table.c.action == action, _table.c.seq > after
    )
    return list(connection.execute(query.order_by(_table.c.seq).limit(limit)))
