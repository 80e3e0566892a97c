"""Which stay a document belongs to, and which establishment: policy, "Who and when".

A document never creates a stay. The link is decided when the document is filed, and again for the documents still
without one when stays are imported.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from fhir_server.store import identity, tables
from fhir_server.store.driver import Prepared, Session, as_date
from fhir_server.store.plan import DocumentRow, Finding

LINKED, UNKNOWN, AMBIGUOUS, SITE_UNKNOWN = "linked", "unknown", "ambiguous", "site_unknown"
_RULES = {UNKNOWN: "STAY_UNKNOWN", AMBIGUOUS: "STAY_AMBIGUOUS"}

_stays = tables.stays
_facts = tables.documents
_encounters = tables.document_encounter
_sites = tables.organization

_P = sa.bindparam
_BY_NUMBER = Prepared(
    sa.select(_stays.c.stay).where(_stays.c.legal_entity == _P("legal_entity"), _stays.c.stay == _P("stay"))
)
_BY_PATIENT = Prepared(
    sa.select(_stays.c.stay).where(
        _stays.c.legal_entity == _P("legal_entity"), _stays.c.patient == _P("patient"),
        _stays.c.organization == _P("organization"), _stays.c.discharged == _P("discharged", type_=sa.Text),
    )
)  # fmt: skip
_WAITING = Prepared(sa.select(_facts).where(_facts.c.legal_entity == _P("legal_entity"), _facts.c.link != LINKED))
_WAITING_FOR = Prepared(
    sa.select(_facts).where(
        _facts.c.legal_entity == _P("legal_entity"), _facts.c.document == _encounters.c.document,
        _encounters.c.legal_entity == _P("legal_entity"), _encounters.c.encounter == _P("stay"),
        _facts.c.link != LINKED,
    )
)  # fmt: skip
_OF = Prepared(sa.select(_facts).where(_facts.c.legal_entity == _P("legal_entity"), _facts.c.patient == _P("patient")))
_NUMBERS = Prepared(
    sa.select(_encounters.c.encounter).where(
        _encounters.c.legal_entity == _P("legal_entity"), _encounters.c.document == _P("document")
    )
)
_SITE = Prepared(
    sa.select(_sites.c.finess).where(
        _sites.c.finess == _P("finess"), _sites.c.legal_entity == _P("legal_entity"), _sites.c.kind == "geographic"
    )
)
_RELINKED = Prepared(
    _facts.update()
    .where(_facts.c.legal_entity == _P("b_legal_entity"), _facts.c.document == _P("b_document"))
    .values(link=_P("link"), stay=_P("stay"), organization=_P("organization"))
)


def link(db: Session, owner: str, row: DocumentRow) -> tuple[str, int | None]:
    """How the document is linked, and to which stay (its pseudonym)."""
    if row.organization is None:
        return SITE_UNKNOWN, None
    return _find(db, owner, row.encounters, row.patient, row.organization, row.encounter_end)


def findings(row: DocumentRow, how: str) -> list[Finding]:
    """What the sender is told: the site or the stay that keeps the document from being counted."""
    if how == SITE_UNKNOWN:
        return [Finding("SITE_UNKNOWN", row.location, {"site": row.site or "-"})] if row.counted_site else []
    rule = _RULES.get(how)
    return [Finding(rule, row.location)] if rule and row.needs_stay else []


def relink(connection: sa.Connection, owner: str) -> int:
    """Link the owner's documents that are still without a stay or a known site; how many found one."""
    db = Session(connection)
    return sum(_relink_one(db, owner, row) for row in db.all(_WAITING, legal_entity=owner))


def relink_stay(db: Session, owner: str, stay: int, patient: int | None) -> None:
    """Link the documents that named this stay, or are of its patient, and are still without one."""
    for fact in db.all(_WAITING_FOR, legal_entity=owner, stay=stay):
        _relink_one(db, owner, fact)
    if patient is not None:
        relink_persons(db, owner, identity.family(db, owner, patient))


def relink_persons(db: Session, owner: str, patients: Iterable[int], *, again: bool = False) -> None:
    """Link the documents of these pseudonyms that are still without a stay; `again`: those that have one, too."""
    for patient in patients:
        for fact in db.all(_OF, legal_entity=owner, patient=patient):
            if again or fact.link != LINKED:
                _relink_one(db, owner, fact)


def _relink_one(db: Session, owner: str, fact: Any) -> bool:
    organization = fact.organization
    if organization is None:
        site = db.one(_SITE, finess=fact.site, legal_entity=owner)
        if site is None:
            return False
        organization = site.finess
    numbers = [row.encounter for row in db.all(_NUMBERS, legal_entity=owner, document=fact.document)]
    how, stay = _find(db, owner, numbers, fact.patient, organization, as_date(fact.encounter_end))
    db.run(
        _RELINKED, b_legal_entity=owner, b_document=fact.document, link=how, stay=stay, organization=organization
    )  # fmt: skip
    return how == LINKED


def _find(
    db: Session, owner: str, numbers: Iterable[int], patient: int | None, organization: str, ended: date | None
) -> tuple[str, int | None]:
    """(1) the stay of that number; (2) the patient's only stay discharged there that day."""
    for number in numbers:
        if db.one(_BY_NUMBER, legal_entity=owner, stay=number) is not None:
            return LINKED, number
    if patient is None or ended is None:
        return UNKNOWN, None
    named = {"legal_entity": owner, "organization": organization, "discharged": ended}
    matches = [row for one in identity.family(db, owner, patient) for row in db.all(_BY_PATIENT, patient=one, **named)]
    if len(matches) == 1:
        return LINKED, matches[0].stay
    return (AMBIGUOUS if matches else UNKNOWN), None
