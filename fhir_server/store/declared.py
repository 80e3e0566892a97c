"""Declared figures, and the DMP's acknowledgements of documents: what comes from elsewhere and is kept as it came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import sqlalchemy as sa

from fhir_server.store import tables
from fhir_server.store.acts import Change, Put
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


@dataclass(frozen=True, slots=True)
class Filed:
    """A document that was filed: whose it is, its unique id as we keep it, the key of its logical document."""

    owner: str
    unique_id: str
    document: str


def senders(connection: sa.Connection) -> tuple[str, ...]:
    """The legal entities that filed documents."""
    return tuple(connection.scalars(sa.select(_documents.c.legal_entity).distinct()))


def filed(connection: sa.Connection, owners: Iterable[str], unique_ids: Sequence[str]) -> dict[str, Filed]:
    """The documents of some owners by unique id as it is written in the request; those that nobody filed are absent."""
    forms = {form: name for name in unique_ids for form in written(name)}
    found: dict[str, Filed] = {}
    for owner in owners:  # the key begins with the owner: a handful of look-ups instead of a scan
        for chunk in _chunks(list(forms)):
            query = sa.select(_identity.c.owner, _identity.c.unique_id, _identity.c.document).where(
                _identity.c.owner == owner, _identity.c.unique_id.in_(chunk)
            )
            found |= {forms[row.unique_id]: Filed(*row) for row in connection.execute(query)}
    return found


def written(unique_id: str) -> tuple[str, ...]:
    """The ways a unique id is written: bare, or as the URI that FHIR makes of it."""
    return (unique_id, f"urn:oid:{unique_id}", f"urn:uuid:{unique_id}")


def acknowledgements(rows: Iterable[tuple[Filed, date, str | None]]) -> tuple[tuple[Put, ...], tuple[Change, ...]]:
    """What is written for acknowledgements (document, day, the DMP's reference): themselves, and their documents' mark.

    The same ones again change nothing.
    """
    given = list(rows)
    puts = tuple(
        {"owner": one.owner, "unique_id": one.unique_id, "day": day, "reference": reference}
        for one, day, reference in given
    )
    marks = (
        Change("documents", {"legal_entity": one.owner, "document": one.document}, {"acknowledged": True})
        for one, _, _ in given
    )
    return (Put("acknowledgement", puts, replace=True),), tuple(marks)


def _chunks(items: list[str]) -> Iterator[list[str]]:
    return (items[at : at + _BATCH] for at in range(0, len(items), _BATCH))
