"""Stays: imported from the establishment's admissions or told by Encounters, never created by a document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from fhir_server.ids import Pseudonyms, month_of
from fhir_server.store import tables
from fhir_server.store.driver import Prepared, Session, insert
from fhir_server.store.linking import relink, relink_stay
from fhir_server.store.plan import StayRow

_table = tables.stays
_KNOWN = Prepared(
    _table.delete().where(_table.c.legal_entity == sa.bindparam("legal_entity"), _table.c.stay == sa.bindparam("stay"))
)


@dataclass(frozen=True, slots=True)
class StayInput:
    """One stay as the establishment knows it; `patient` is (system OID, value) of an INS or of a local identifier."""

    number: str
    organization: str
    legal_entity: str
    discharged: date | None
    operated: bool = False
    excluded: bool = False
    patient: tuple[str, str] | None = None
    patient_is_ins: bool = True
    field: str | None = None


def store(connection: sa.Connection, stays: Iterable[StayInput], keys: Pseudonyms) -> int:
    """Insert or replace stays by (legal entity, number), then link the documents that waited; how many rows."""
    rows = [_row(stay, keys) for stay in stays]
    for row in rows:
        connection.execute(
            _table.delete().where(_table.c.legal_entity == row["legal_entity"], _table.c.stay == row["stay"])
        )
    if rows:
        connection.execute(_table.insert(), rows)
    for legal_entity in sorted({str(row["legal_entity"]) for row in rows}):
        relink(connection, legal_entity)
    return len(rows)


def _row(stay: StayInput, keys: Pseudonyms) -> dict[str, object]:
    return {
        "legal_entity": stay.legal_entity, "stay": keys.number("stay", stay.legal_entity, stay.number),
        "month": month_of(stay.discharged) if stay.discharged else 0, "organization": stay.organization,
        "discharged": stay.discharged, "operated": stay.operated, "excluded": stay.excluded,
        "patient": _patient(stay, keys), "number": stay.number, "field": stay.field,
    }  # fmt: skip


def _patient(stay: StayInput, keys: Pseudonyms) -> int | None:
    if stay.patient is None:
        return None
    return keys.number("patient", *(() if stay.patient_is_ins else (stay.legal_entity,)), *stay.patient)


def file(db: Session, owner: str, rows: Iterable[StayRow]) -> None:
    """Put each stay in the place of what was known of its number, then link the documents that waited for it."""
    for row in rows:
        db.run(_KNOWN, legal_entity=owner, stay=row.stay)
        db.run(
            insert(_table), legal_entity=owner, stay=row.stay, organization=row.organization,
            month=month_of(row.discharged) if row.discharged else 0, discharged=row.discharged,
            operated=row.operated, excluded=row.excluded, patient=row.patient, number=row.number, field=row.field,
        )  # fmt: skip
        relink_stay(db, owner, row.stay, row.patient)
