"""How a document stands among its versions: the latest one says whether the logical document is deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from fhir_server.security.caller import Scope
from fhir_server.store import tables
from fhir_server.store.acts import Change

_identity, _facts = tables.document_identity, tables.documents


@dataclass(frozen=True, slots=True)
class Standing:
    """One version of a logical document: its key, whether no newer one came, and the site (FINESS) it names."""

    document: str
    latest: bool
    site: str | None


def standing(connection: sa.Connection, scope: Scope, reference: str) -> Standing | None:
    """How the document of a DocumentReference stands; None when it was filed without one."""
    own = connection.execute(
        sa.select(_identity.c.document, _identity.c.submission)
        .where(_identity.c.owner == scope.owner, _identity.c.reference == reference)
    ).first()  # fmt: skip
    if own is None:
        return None
    newest = connection.scalar(
        sa.select(sa.func.max(_identity.c.submission))
        .where(_identity.c.owner == scope.owner, _identity.c.document == own.document)
    )  # fmt: skip
    site = connection.scalar(
        sa.select(_facts.c.site).where(_facts.c.legal_entity == scope.owner, _facts.c.document == own.document)
    )
    return Standing(own.document, newest == own.submission, site)


def deletion(owner: str, document: str, reference: str, day: date | None) -> Change:
    """The mark in the facts that a document was withdrawn on a day, or (None) is not any more.

    It holds while this reference is its current one: a version that has come since says it by itself (policy, Who and
    when).
    """
    where = {"legal_entity": owner, "document": document, "reference": reference}
    return Change("documents", where, {"deleted": day.isoformat() if day is not None else None})
