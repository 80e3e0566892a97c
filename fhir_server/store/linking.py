"""Which stay a document belongs to, and which establishment: policy, "Who and when".

A document never creates a stay. The link is decided when the document is filed, and again for the documents still
without one when stays are imported.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from fhir_server.store import tables
from fhir_server.store.plan import DocumentRow, Finding

_stays = tables.stays
_facts = tables.documents

LINKED, UNKNOWN, AMBIGUOUS, SITE_UNKNOWN = "linked", "unknown", "ambiguous", "site_unknown"
_RULES = {UNKNOWN: "STAY_UNKNOWN", AMBIGUOUS: "STAY_AMBIGUOUS"}


def link(connection: sa.Connection, owner: str, row: DocumentRow) -> tuple[str, int | None]:
    """How the document is linked, and to which stay (its pseudonym)."""
    if row.organization is None:
        return SITE_UNKNOWN, None
    return _find(connection, owner, row.encounters, row.patient, row.organization, row.encounter_end)


def findings(row: DocumentRow, how: str) -> list[Finding]:
    """What the sender is told: the site or the stay that keeps the document from being counted."""
    if how == SITE_UNKNOWN:
        return [Finding("SITE_UNKNOWN", row.location, {"site": row.site or "-"})] if row.counted_site else []
    rule = _RULES.get(how)
    return [Finding(rule, row.location)] if rule and row.needs_stay else []


def relink(connection: sa.Connection, owner: str) -> int:
    """Link the owner's documents that are still without a stay or a known site; how many found one."""
    waiting = connection.execute(sa.select(_facts).where(_facts.c.legal_entity == owner, _facts.c.link != LINKED)).all()
    return sum(_relink_one(connection, owner, row) for row in waiting)


def _relink_one(connection: sa.Connection, owner: str, fact: Any) -> bool:
    organization = fact.organization or _site(connection, owner, fact.site)
    if organization is None:
        return False
    encounters = connection.scalars(
        sa.select(tables.document_encounter.c.encounter).where(
            tables.document_encounter.c.legal_entity == owner, tables.document_encounter.c.document == fact.document
        )
    ).all()
    how, stay = _find(connection, owner, encounters, fact.patient, organization, fact.encounter_end)
    connection.execute(
        _facts.update().where(_facts.c.legal_entity == owner, _facts.c.document == fact.document),
        {"link": how, "stay": stay, "organization": organization},
    )
    return how == LINKED


def _site(connection: sa.Connection, owner: str, finess: str | None) -> str | None:
    known = tables.organization
    return connection.scalar(
        sa.select(known.c.finess).where(
            known.c.finess == finess, known.c.legal_entity == owner, known.c.kind == "geographic"
        )
    )


def _find(
    connection: sa.Connection,
    owner: str,
    encounters: Iterable[int],
    patient: int | None,
    organization: str,
    ended: date | None,
) -> tuple[str, int | None]:
    """(1) the stay of that number; (2) the patient's only stay discharged there that day."""
    for encounter in encounters:
        stay = connection.scalar(
            sa.select(_stays.c.stay).where(_stays.c.legal_entity == owner, _stays.c.stay == encounter)
        )
        if stay is not None:
            return LINKED, stay
    if patient is None or ended is None:
        return UNKNOWN, None
    matches = connection.scalars(
        sa.select(_stays.c.stay).where(
            _stays.c.legal_entity == owner, _stays.c.patient == patient, _stays.c.organization == organization,
            _stays.c.discharged == ended,
        )
    ).all()  # fmt: skip
    if len(matches) == 1:
        return LINKED, matches[0]
    return (AMBIGUOUS if matches else UNKNOWN), None
