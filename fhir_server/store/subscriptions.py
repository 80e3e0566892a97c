"""Subscriptions as rows: read by their owner, and all that are to be served by the process that notifies."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from fhir_server.store.database import open_engine, reading
from fhir_server.store.subscription_tables import subscription

_table = subscription
SERVED: Final = ("requested", "active")


def one(connection: sa.Connection, owner: str, subscription_id: str) -> Any:
    """One subscription; None when its owner has none of that id."""
    return connection.execute(
        sa.select(_table).where(_table.c.owner == owner, _table.c.id == subscription_id)
    ).one_or_none()


def of_owner(connection: sa.Connection, owner: str) -> list[Any]:
    """An owner's subscriptions, the oldest first."""
    return list(connection.execute(sa.select(_table).where(_table.c.owner == owner).order_by(_table.c.id)))


def anybody(database: str) -> bool:
    """Whether there is a subscription in a database that nothing of this process has open."""
    engine = open_engine(database, read_only=True)
    try:
        with reading(engine) as connection:
            return connection.execute(sa.select(_table.c.id).limit(1)).first() is not None
    finally:
        engine.dispose()


def due(connection: sa.Connection, now: int) -> list[Any]:
    """Those to be served whose time has come (`now` in microseconds)."""
    query = sa.select(_table).where(_table.c.status.in_(SERVED), _table.c.next_at <= now)
    return list(connection.execute(query.order_by(_table.c.next_at, _table.c.id)))
