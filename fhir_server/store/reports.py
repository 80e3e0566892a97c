"""MeasureReports that were answered: kept, read and searched by whoever asked for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from fhir_server.store import tables

_table = tables.measure_report


@dataclass(frozen=True, slots=True)
class Asked:
    """What reports are looked for: any of the ids given; periods that lie in, or touch, a span of days."""

    measures: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    starts_from: date | None = None
    ends_before: date | None = None
    reaches: date | None = None
    starts_before: date | None = None


def get(connection: sa.Connection, owner: str, report_id: str) -> Any:
    """One report; None when its owner has none of that id."""
    return connection.execute(sa.select(_table).where(_table.c.owner == owner, _table.c.id == report_id)).one_or_none()


def search(connection: sa.Connection, owner: str, asked: Asked, limit: int) -> tuple[int, list[Any]]:
    """How many reports match, and the newest of them."""
    where = [_table.c.owner == owner]
    if asked.measures:
        where.append(_table.c.measure.in_(asked.measures))
    if asked.organizations:
        where.append(_table.c.organization.in_(asked.organizations))
    if asked.starts_from is not None:
        where.append(_table.c.period_start >= asked.starts_from)
    if asked.ends_before is not None:
        where.append(_table.c.period_end < asked.ends_before)
    if asked.reaches is not None:
        where.append(_table.c.period_end >= asked.reaches)
    if asked.starts_before is not None:
        where.append(_table.c.period_start < asked.starts_before)
    total = connection.scalar(sa.select(sa.func.count()).select_from(_table).where(*where)) or 0
    query = sa.select(_table).where(*where).order_by(_table.c.computed.desc(), _table.c.id).limit(limit)
    return total, list(connection.execute(query))
