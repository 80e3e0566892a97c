"""The rows of a resource that is stored: made again from its body, and from the Patient it refers to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from fhir_server.fhir.indexing.parameters import CHAINS
from fhir_server.fhir.indexing.rows import index_rows
from fhir_server.store import tables
from fhir_server.store.plan import IndexRow
from fhir_server.store.resources import Resources

_resource, _history = tables.resource, tables.resource_history


def stored_rows(connection: sa.Connection, row: Any) -> list[IndexRow]:
    """The rows of a version (of `resource` or `resource_history`); none of a deletion.

    A body does not tell the Patient that a document was sent with: it is the one it refers to, as it is now. A document
    without a date keeps its place in time whatever becomes of it.
    """
    if row.gone:
        return []
    body = Resources.body(row)
    if row.type not in CHAINS:
        return index_rows(body, row.type, row.id, row.updated, None)
    received = row.updated if row.version == 1 else _first_filed(connection, row)
    return index_rows(body, row.type, row.id, received, referred_patient(connection, row.owner, body))


def _first_filed(connection: sa.Connection, row: Any) -> int:
    """When the first version was filed, in microseconds."""
    return int(
        connection.scalars(
            sa.select(_history.c.updated).where(
                _history.c.owner == row.owner, _history.c.type == row.type, _history.c.id == row.id,
                _history.c.version == 1,
            )
        ).one()
    )  # fmt: skip


def referred_patient(connection: sa.Connection, owner: str, resource: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The owner's Patient that a resource is about by a reference; None when there is none."""
    subject = resource.get("subject")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    if not isinstance(reference, str) or not reference.startswith("Patient/"):
        return None
    found = connection.execute(
        sa.select(_resource).where(
            _resource.c.owner == owner, _resource.c.type == "Patient", _resource.c.id == reference.split("/")[1],
            _resource.c.gone == sa.false(),
        )
    ).first()  # fmt: skip
    return None if found is None else Resources.body(found)
