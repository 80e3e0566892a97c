"""The tables an agency sends or reads, out of the database: files of the programmes, decisions, references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import sqlalchemy as sa

from fhir_server.figures import figures
from fhir_server.programmes import records
from fhir_server.programmes.parameters import given_by, in_force
from fhir_server.programmes.registry import known
from fhir_server.store import programme_tables, references
from fhir_server.store import reference_tables as tables
from fhir_server.store.facts import fact_tables
from fhir_server.store.organizations import sites_in
from indicators.export_table import Table
from indicators.measures import MEASURES, Window, compute
from indicators.programmes.cadre_commun.exports import half_yearly_report, semester_period
from indicators.programmes.cadre_commun.rules import semester
from indicators.programmes.decisions import read_record
from indicators.programmes.esms_numerique.exports import dashboard
from indicators.programmes.imports import Operation, OperationPayment, ServiceReport
from indicators.programmes.payment_orders import Decided, payment_orders
from indicators.programmes.sun_es_volet1.calendar import UsageWindow, usage_window
from indicators.programmes.sun_es_volet1.candidature import Prerequisite, prerequisite_reasons
from indicators.programmes.sun_es_volet1.exports import Followed, candidature_table, follow_up_table, osis_table
from indicators.programmes.sun_es_volet1.files import Decision

SUN_ES, ESMS, CADRE = "sun_es_v1", "esms_amorcage", "I-CC-2"
_SEEN = ("DCC", "DMP", "MSSANTE", "TELEMEDECINE")
"""Services whose use this server sees; that of the others is declared (I-CC-2)."""
_ACCEPTED, _REFUSED = "ACCEPTED", frozenset({"REFUSED", "REJECTED_LATE"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What an export is about: a region (None: all of them), a window or half-year, the day it is made."""

    database: str
    region: str | None
    window: str | None
    on: date


def _files(connection: sa.Connection, asked: Asked, programme: str | None = None) -> Iterator[records.File]:
    """The files of a region (and window, where a file has one), oldest first."""
    table = programme_tables.programme_file
    query = sa.select(table).order_by(table.c.created, table.c.id)
    if asked.region is not None:
        query = query.where(table.c.region == asked.region)
    if programme is not None:
        query = query.where(table.c.programme == programme)
    for row in connection.execute(query).all():
        file = records.whole(connection, row)
        if asked.window in (None, file.key.get("window")):
            yield file


# -- SUN-ES --------------------------------------------------------------------------------------------------------


def _candidature_list(connection: sa.Connection, asked: Asked) -> Table:
    decided = (_decision(file, _window(connection, file)) for file in _files(connection, asked, SUN_ES))
    return candidature_table(one for one in decided if one is not None)


def _decision(file: records.File, window: UsageWindow) -> Decision | None:
    """What was decided of a file: the move that accepted or refused it; None while there is none."""
    made = next((one for one in file.moves if one.target == _ACCEPTED or one.target in _REFUSED), None)
    if made is None:
        return None
    refused = made.target in _REFUSED
    reasons = made.reasons or (("OUTSIDE_CANDIDATURE_PERIOD",) if made.target == "REJECTED_LATE" else ())
    ght = (file.values().get("ght") or {}).get("name")
    return Decision(
        file.organization, file.owner, ght, file.key["domain"], window,
        None if refused else made.committed, reasons if refused else (),
    )  # fmt: skip


def _window(connection: sa.Connection, file: records.File) -> UsageWindow:
    """The window of a file: one of the text, or one the region's own set adds."""
    return usage_window(file.key["window"], given_by(in_force(connection, file.region, file.programme.id)))


def _follow_up(connection: sa.Connection, asked: Asked) -> Table:
    followed = [_followed(file, _window(connection, file)) for file in _files(connection, asked, SUN_ES)]
    regions = {one.region for one in followed}
    delegated = {region: references.delegated(connection, region, SUN_ES, "etablissements") for region in regions}
    return follow_up_table(followed, {region: cents for region, cents in delegated.items() if cents is not None})


def _followed(file: records.File, window: UsageWindow) -> Followed:
    filed = file.values().get("prerequisites") or {}
    reasons = prerequisite_reasons(
        {name: Prerequisite(one.get("evidence") is True, one.get("reached")) for name, one in filed.items()}
    )
    return Followed(
        file.region, file.organization, window, file.key["domain"], file.state, not reasons,
        file.committed, file.paid,
    )  # fmt: skip


def _osis(connection: sa.Connection, asked: Asked) -> Table:
    """Our figures of one region and window. Raises `LookupError` without them."""
    if asked.region is None or asked.window is None:
        raise LookupError("osis needs --region and --window")
    given = given_by(in_force(connection, asked.region, SUN_ES))
    days, cutoff = usage_window(asked.window, given), given.find(f"cutoff:{asked.window}")
    sites = set(sites_in(connection, asked.region))
    names = [name for name in known()[SUN_ES].measures if name in MEASURES]
    found = figures(asked.database, days.measured(cutoff.value if cutoff else None), measures=names)
    return osis_table((one for one in found if one.organization in sites), days.measure)


# -- cadre commun, ESMS --------------------------------------------------------------------------------------------


def _cadre_commun(connection: sa.Connection, asked: Asked) -> Table:
    """One region's half-year, today's where none is named. Raises `LookupError` without a region."""
    if asked.region is None:
        raise LookupError("cadre-commun needs --region")
    named = asked.window or semester(asked.on)
    reports = [ServiceReport(*row) for row in _rows(connection, tables.service_report, ServiceReport, asked.region)]
    return half_yearly_report(asked.region, named, reports, _seen(connection, asked, named))


def _seen(connection: sa.Connection, asked: Asked, named: str) -> dict[str, int]:
    """I-CC-2: establishments of the region with a transaction in the half-year, by service."""
    from indicators.engine import ArrowFacts, duckdb_engine

    period = semester_period(named)
    sites = set(sites_in(connection, asked.region or ""))
    engine = duckdb_engine(ArrowFacts(fact_tables(asked.database)))
    try:
        found = compute(engine, Window(period.start, period.end), measures=[CADRE], parts=True)
    finally:
        engine.close()
    users = Counter(one.part for one in found if one.organization in sites and one.numerator)
    return {service: users[service] for service in _SEEN}


def _dashboard(connection: sa.Connection, asked: Asked) -> Table:
    operations = [Operation(*row) for row in _rows(connection, tables.pai_operation, Operation, asked.region)]
    names = {(one.number, one.tranche) for one in operations}
    paid = (OperationPayment(*row) for row in _rows(connection, tables.pai_payment, OperationPayment, None))
    states = {
        str(file.values().get("pai_reference")): file.state
        for file in _files(connection, Asked(asked.database, asked.region, None, asked.on), ESMS)
    }
    mine = [one for one in paid if (one.number, one.tranche) in names]
    return dashboard(operations, mine, asked.on, states)


def _rows(connection: sa.Connection, table: sa.Table, record: type[Any], region: str | None) -> Iterator[Any]:
    """Rows of a table in the order of a record's fields, of one region where one is named."""
    query = sa.select(*(table.c[field.name] for field in fields(record))).order_by(*table.primary_key)
    yield from connection.execute(query if region is None else query.where(table.c.region == region))


# -- payments ------------------------------------------------------------------------------------------------------


def _payment_orders(connection: sa.Connection, asked: Asked) -> Table:
    return payment_orders(one for file in _files(connection, asked) for one in _decided(connection, file))


def _decided(connection: sa.Connection, file: records.File) -> Iterator[Decided]:
    for move in file.moves:
        if move.decision is not None:
            record = read_record(records.decision(connection, move.decision).record)
            rule = file.life.machine.transition(move.source, move.target).rule
            yield Decided(file.id, file.organization, file.owner, file.state, rule, record)


EXPORTS: dict[str, Callable[[sa.Connection, Asked], Table]] = {
    "candidature-list": _candidature_list,
    "follow-up": _follow_up,
    "osis": _osis,
    "cadre-commun": _cadre_commun,
    "esms-dashboard": _dashboard,
    "payment-orders": _payment_orders,
}
"""What may be exported, by the name the command line gives it."""
