"""Declared figures, and the DMP's acknowledgements of documents: what comes from elsewhere and is kept as it came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import sqlalchemy as sa

from fhir_server.store import tables
from indicators.facts import Declared

_declared, _documents = tables.declared, tables.documents
_identity, _acks = tables.document_identity, tables.acknowledgement
_KEY = ("organization", "indicator", "period_start", "period_end", "source")
_BATCH = 500


def store(connection: sa.Connection, rows: Iterable[Declared]) -> int:
    """Insert or replace figures by (organization, indicator, period, source); how many rows."""
    values = [asdict(row) for row in rows]
    for value in values:
        connection.execute(_declared.delete().where(*(_declared.c[name] == value[name] for name in _KEY)))
    if values:
        connection.execute(_declared.insert(), values)
    return len(values)


def owners_of(connection: sa.Connection, unique_ids: Sequence[str]) -> dict[str, str]:
    """The legal entity that filed each document, by unique id as it was sent; those that nobody filed are absent."""
    forms = {form: name for name in unique_ids for form in written(name)}
    owners = list(connection.scalars(sa.select(_documents.c.legal_entity).distinct()))
    found: dict[str, str] = {}
    for owner in owners:  # the key begins with the owner: a handful of look-ups instead of a scan
        for chunk in _chunks(list(forms)):
            query = sa.select(_identity.c.unique_id).where(_identity.c.owner == owner, _identity.c.unique_id.in_(chunk))
            found |= {forms[name]: owner for name in connection.scalars(query)}
    return found


def written(unique_id: str) -> tuple[str, ...]:
    """The ways a unique id is written: bare, or as the URI that FHIR makes of it."""
    return (unique_id, f"urn:oid:{unique_id}", f"urn:uuid:{unique_id}")


def acknowledge(connection: sa.Connection, rows: Iterable[tuple[str, str, date, str | None]]) -> int:
    """Record acknowledgements (owner, unique id, day, the DMP's reference) and mark their documents; how many rows."""
    count = 0
    for owner, unique_id, day, reference in rows:
        values: dict[str, Any] = {"owner": owner, "unique_id": unique_id, "day": day, "reference": reference}
        connection.execute(_acks.delete().where(_acks.c.owner == owner, _acks.c.unique_id == unique_id))
        connection.execute(_acks.insert(), values)
        logical = (
            sa.select(_identity.c.document)
            .where(_identity.c.owner == owner, _identity.c.unique_id.in_(written(unique_id)))
            .scalar_subquery()
        )
        connection.execute(
            _documents.update()
            .where(_documents.c.legal_entity == owner, _documents.c.document == logical)
            .values(acknowledged=True)
        )
        count += 1
    return count


def _chunks(items: list[str]) -> Iterator[list[str]]:
    return (items[at : at + _BATCH] for at in range(0, len(items), _BATCH))
