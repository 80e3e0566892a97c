"""What is read back: resources, documents, submissions. Every call takes the scope it may see."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.ids import Pseudonyms
from fhir_server.security.caller import Scope
from fhir_server.store import tables
from fhir_server.store.plan import Outcome, Stored

_resource = tables.resource
_submission = tables.submission
_content = tables.document_content


def resource(connection: sa.Connection, scope: Scope, kind: str, resource_id: str) -> Any:
    """The current version of a resource: a row with version, updated and body; None when the scope has none."""
    return connection.execute(
        sa.select(_resource).where(
            _resource.c.owner == scope.owner, _resource.c.type == kind, _resource.c.id == resource_id
        )
    ).one_or_none()  # fmt: skip


def version(connection: sa.Connection, scope: Scope, kind: str, resource_id: str, number: int) -> Any:
    """One version of a resource, current or superseded."""
    current = resource(connection, scope, kind, resource_id)
    if current is None or current.version == number:
        return current
    past = tables.resource_history
    return connection.execute(
        sa.select(past).where(
            past.c.owner == scope.owner, past.c.type == kind, past.c.id == resource_id, past.c.version == number
        )
    ).one_or_none()


def document(connection: sa.Connection, scope: Scope, sha256: bytes) -> bytes | None:
    """A document's bytes as received."""
    row = connection.scalars(
        sa.select(_content.c.zlib).where(_content.c.owner == scope.owner, _content.c.sha256 == sha256)
    ).first()
    return None if row is None else zlib.decompress(row)


def identity(connection: sa.Connection, scope: Scope, unique_id: str) -> Any:
    """The row that claims a unique id: `sha256`, `reference`, `submission`; None when nothing of the scope does."""
    table = tables.document_identity
    return connection.execute(
        sa.select(table).where(table.c.owner == scope.owner, table.c.unique_id == unique_id)
    ).one_or_none()  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """A submission's row with its record opened."""

    row: Any
    stored: Stored

    @property
    def outcome(self) -> Outcome:
        """As the writer said it when the submission was filed."""
        row, stored = self.row, self.stored
        return Outcome("filed", row.id, row.status, row.received, row.decision, stored.placed, stored.findings,
                       stored.record, row.month)  # fmt: skip


def submission(connection: sa.Connection, scope: Scope, submission_id: str) -> StoredSubmission | None:
    """A submission by id."""
    row = connection.execute(
        sa.select(_submission).where(_submission.c.owner == scope.owner, _submission.c.id == submission_id)
    ).one_or_none()
    return None if row is None else StoredSubmission(row, msgspec.msgpack.decode(row.record, type=Stored))


def facts_of(connection: sa.Connection, scope: Scope, references: Iterable[str]) -> list[Any]:
    """The fact rows that the unique ids of these DocumentReferences lead to, with the unique id and reference."""
    identity, facts = tables.document_identity, tables.documents
    query = (
        sa.select(identity.c.unique_id, identity.c.reference.label("asked"), facts)
        .join(
            facts,
            sa.and_(facts.c.legal_entity == identity.c.owner, facts.c.document == identity.c.document),
            isouter=True,
        )
        .where(identity.c.owner == scope.owner, identity.c.reference.in_(list(references)))
    )
    return list(connection.execute(query))


def unique_ids(connection: sa.Connection, scope: Scope, documents: Iterable[str]) -> dict[str, str]:
    """The newest unique id of each logical document (pseudonym → unique id), for its owner's eyes."""
    identity = tables.document_identity
    rows = connection.execute(
        sa.select(identity.c.document, identity.c.unique_id)
        .where(identity.c.owner == scope.owner, identity.c.document.in_(list(documents)))
        .order_by(identity.c.submission)
    )
    return {row.document: row.unique_id for row in rows}


def stay_numbers(connection: sa.Connection, scope: Scope, stays: Iterable[int]) -> dict[int, str]:
    """The establishment's own numbers of its stays (pseudonym → number), for its owner's eyes."""
    table = tables.stays
    rows = connection.execute(
        sa.select(table.c.stay, table.c.number).where(
            table.c.legal_entity == scope.owner, table.c.stay.in_(list(stays))
        )
    )
    return {row.stay: row.number for row in rows}


def pseudonyms(connection: sa.Connection) -> Pseudonyms:
    """The pseudonyms of this database, under every key it has had."""
    table = tables.pseudonym_key
    first, *later = connection.execute(sa.select(table.c.version, table.c.key).order_by(table.c.version)).all()
    newest = later[-1].version if later else first.version
    return Pseudonyms(first.key, newest, [row.key for row in later])


def pseudonym_key(connection: sa.Connection) -> Any:
    """The newest pseudonym key: `version` and `key`."""
    table = tables.pseudonym_key
    return connection.execute(sa.select(table).order_by(table.c.version.desc()).limit(1)).one()
