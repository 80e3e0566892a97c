"""GHT, RELIMS, prerequisites, delegated credits, activity, services of regions, operations of PAI numérique."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from fhir_server.import_kinds import Given, Kind, Numbered, nothing
from fhir_server.store import reference_tables as tables
from fhir_server.store import references
from indicators.imports import SHAPES, Fault, Wrong
from indicators.money import plain_euros
from indicators.programmes.imports import INSTALMENTS, PROGRAMME_SHAPES


def _check_ght(given: Given, record: Any) -> None:
    given.legal(record.support, "finess_support")
    for finess in record.members:
        given.legal(finess, "membres")


def _one_ght_each(given: Given, rows: Numbered) -> Iterable[Fault]:
    """An establishment is a member of one GHT: the row that is stored last took it from the others."""
    for line, record in rows:
        for finess in record.members:
            other = references.member_of(given.connection, finess)
            if other != record.id:
                yield Fault("MEMBER_TWICE", line, "membres", (("value", finess), ("other", other)))


def _store_ghts(given: Given, records: Sequence[Any]) -> int:
    return references.put_ghts(given.connection, records)


def _store_register(given: Given, records: Sequence[Any]) -> int:
    return references.replace_register(given.connection, records)


def _enough_credits(given: Given, rows: Numbered) -> Iterable[Fault]:
    for line, record in rows:
        total = references.delegated(given.connection, record.region, record.programme, record.line)
        if record.cents < 0 and (total or 0) < 0:
            yield Fault("CREDITS_BELOW_ZERO", line, "montant")


def _check_operation(given: Given, record: Any) -> None:
    given.legal(record.holder, "finess_porteur")


def _paid_within(given: Given, rows: Numbered) -> Iterable[Fault]:
    """What is entered for an operation stays within what is granted, whichever file came last (ESMS-R20, R26)."""
    told: set[tuple[str, int]] = set()
    for line, record in reversed(rows):
        key = (record.number, record.tranche)
        granted = references.operation(given.connection, *key).granted or 0
        if key not in told and references.entered(given.connection, *key) > granted:
            yield Fault("PAYMENTS_ABOVE", line, "operation", (("limit", plain_euros(granted)),))
        told.add(key)


def _check_payment(given: Given, record: Any) -> None:
    found = references.operation(given.connection, record.number, record.tranche)
    if found is None:
        raise Wrong("OPERATION_UNKNOWN", "operation")
    known = INSTALMENTS[found.programme]
    if record.instalment not in known:
        raise Wrong("INSTALMENT", "versement", value=record.instalment, known=", ".join(known))


def _check_site(given: Given, record: Any) -> None:
    given.entity(record.organization)


def _check_prerequisite(given: Given, record: Any) -> None:
    from fhir_server.file_imports import check_window  # the service of the programmes: for who needs it

    check_window(given, record.organization, record.window)


def _rows(table: sa.Table) -> Callable[[Given, Sequence[Any]], int]:
    """Store records whose fields are the columns of a table."""

    def run(given: Given, records: Sequence[Any]) -> int:
        return references.put(given.connection, table, map(asdict, records))

    return run


REFERENCES: dict[str, Kind] = {
    "ght": Kind(PROGRAMME_SHAPES["ght"], _check_ght, _store_ghts, _one_ght_each),
    "relims": Kind(PROGRAMME_SHAPES["relims"], nothing, _store_register),
    "envelopes": Kind(PROGRAMME_SHAPES["envelopes"], nothing, _rows(tables.delegated_envelope), _enough_credits),
    "activity": Kind(SHAPES["activity"], _check_site, _rows(tables.combined_activity)),
    "prerequisites": Kind(PROGRAMME_SHAPES["prerequisites"], _check_prerequisite, _rows(tables.filed_prerequisite)),
    "services": Kind(PROGRAMME_SHAPES["services"], nothing, _rows(tables.service_report)),
    "pai": Kind(PROGRAMME_SHAPES["pai"], _check_operation, _rows(tables.pai_operation), _paid_within),
    "pai-payments": Kind(PROGRAMME_SHAPES["pai-payments"], _check_payment, _rows(tables.pai_payment), _paid_within),
}
"""What may be imported, by the name the command line gives it."""
