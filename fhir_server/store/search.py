"""Searches as SQL over the one table of search values; nothing here knows HTTP or FHIR's syntax of criteria."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from fhir_server.store import tables

_index = tables.search_index


class Criterion(msgspec.Struct, array_like=True, frozen=True):
    """One search criterion: any of the tokens; a system of None is any system, "" is no system."""

    param: str
    tokens: tuple[tuple[str | None, str], ...]


def matching(
    connection: sa.Connection, owner: str, kind: str, criteria: tuple[Criterion, ...], limit: int
) -> tuple[str, ...]:
    """The ids, at most `limit` and sorted, of the resources of a type that meet every criterion.

    For conditions of writes: it also runs inside the writer's transaction.
    """
    found = sa.select(_index.c.id).where(_index.c.owner == owner, _index.c.type == kind).distinct()
    for one in criteria:
        row = _index.alias()
        values = [
            row.c.value == value if system is None else sa.and_(row.c.value == value, row.c.system == system)
            for system, value in one.tokens
        ]
        found = found.where(
            sa.exists().where(
                row.c.owner == owner, row.c.type == kind, row.c.id == _index.c.id, row.c.param == one.param,
                sa.or_(*values),
            )
        )  # fmt: skip
    return tuple(sorted(connection.scalars(found.order_by(_index.c.id).limit(limit))))
