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

_resource = tables.resource


def stored_rows(connection: sa.Connection, row: Any) -> list[IndexRow]:
    """The rows of a version (of `resource` or `resource_history`); none of a deletion.

    A body does not tell the Patient that a document was sent with: it is the one it refers to, as it is now.
    """
    if row.gone:
        return []
    body = Resources.body(row)
    patient = referred_patient(connection, row.owner, body) if row.type in CHAINS else None
    return index_rows(body, row.type, row.id, row.updated, patient)


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
