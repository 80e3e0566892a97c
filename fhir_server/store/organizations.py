"""The establishments (FINESS): legal entities, their geographic sites, their region; owned by no one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fhir_server.store import tables
from fhir_server.store.driver import Prepared, Session
from fhir_server.store.linking import relink

_table = tables.organization
_BY_FINESS = Prepared(sa.select(_table).where(_table.c.finess == sa.bindparam("finess")))


@dataclass(frozen=True, slots=True)
class KnownSite:
    """What the table says of a named site: our geographic FINESS, and whether it is somebody else's."""

    organization: str | None
    forbidden: bool = False


def find_site(connection: sa.Connection, finess: str | None, legal_entity: str) -> KnownSite:
    """Resolve the FINESS a document names for the sender's legal entity.

    A legal FINESS stands for its only site; with several sites it names none of them.
    """
    if finess is None:
        return KnownSite(None)
    row = get(connection, finess)
    if row is None:
        return KnownSite(None)
    if row.legal_entity != legal_entity:
        return KnownSite(None, forbidden=True)
    return KnownSite(finess if row.kind == "geographic" else _only_site(connection, legal_entity))


def _only_site(connection: sa.Connection, legal_entity: str) -> str | None:
    sites = sites_of(connection, legal_entity)
    return sites[0] if len(sites) == 1 else None


def sites_of(connection: sa.Connection, legal_entity: str) -> list[str]:
    """The geographic FINESS of a legal entity, sorted."""
    query = sa.select(_table.c.finess).where(_table.c.legal_entity == legal_entity, _table.c.kind == "geographic")
    return list(connection.scalars(query.order_by(_table.c.finess)))


def sites_in(connection: sa.Connection, region: str) -> list[str]:
    """The geographic FINESS of a region, sorted."""
    query = sa.select(_table.c.finess).where(_table.c.region == region, _table.c.kind == "geographic")
    return list(connection.scalars(query.order_by(_table.c.finess)))


def get(connection: sa.Connection, finess: str) -> Any:
    """The row of one FINESS, None when it is unknown."""
    return Session(connection).one(_BY_FINESS, finess=finess)


def store(connection: sa.Connection, rows: Iterable[dict[str, Any]]) -> int:
    """Insert or replace establishments, then link the documents that waited for them; how many rows."""
    rows = list(rows)
    for row in rows:
        connection.execute(_table.delete().where(_table.c.finess == row["finess"]))
    if rows:
        connection.execute(_table.insert(), rows)
    for legal_entity in sorted({row["legal_entity"] for row in rows}):
        relink(connection, legal_entity)
    return len(rows)
