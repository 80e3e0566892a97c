"""From the database to figures: who may ask for which establishment, over which window, and the engine that counts.

The counting itself is in `indicators`; this is the only place where its inputs come from our tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from fhir_server.fhir.http import Refusal
from fhir_server.security.caller import Caller, Role, Scope
from fhir_server.store import organizations, reading, tables
from fhir_server.store.facts import fact_tables
from indicators.facts import Declared
from indicators.measures import MEASURES, Evidence, Figure, Window, compute, evidence

if TYPE_CHECKING:
    from fhir_server.services import Services
    from indicators.engine import DuckDBEngine


PARAMETERS = ("periodStart", "periodEnd", "cutoff", "reporter", "organization")
"""What every question about a figure may name; `organization` is another word for `reporter`."""


def known_measure(measure_id: str) -> str:
    """The id of a measure that exists.

    Raises:
        Refusal: 404.
    """
    if measure_id not in MEASURES:
        raise Refusal(404, "MEASURE-UNKNOWN", name=measure_id, known=", ".join(MEASURES))
    return measure_id


def known_parameters(params: Mapping[str, str], *more: str) -> str | None:
    """The establishment asked for, under either of its names, once nothing unknown is asked.

    Raises:
        Refusal: 400, an unknown parameter: leaving it out would answer another question.
    """
    known = (*PARAMETERS, *more)
    for name in params:
        if name not in known:
            raise Refusal(400, "MEASURE-PARAMETER", name=name, reason=f"inconnu / unknown; {', '.join(known)}")
    return params.get("reporter") or params.get("organization")


def day(params: Mapping[str, str], name: str, default: date | None = None) -> date:
    """A date parameter.

    Raises:
        Refusal: 400, missing without a default or not a date.
    """
    text = params.get(name)
    if text is None and default is not None:
        return default
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        reason = "date AAAA-MM-JJ attendue / date YYYY-MM-DD expected"
        raise Refusal(400, "MEASURE-PARAMETER", name=name, reason=reason) from None


def window_of(params: Mapping[str, str]) -> Window:
    """The window of `periodStart`, `periodEnd`, `cutoff`; the same names wherever a figure is asked for."""
    start, end = day(params, "periodStart"), day(params, "periodEnd")
    if end < start:
        raise Refusal(400, "MEASURE-PARAMETER", name="periodEnd", reason="avant periodStart / before periodStart")
    return Window(start, end, day(params, "cutoff", end))


@dataclass(frozen=True, slots=True)
class Subject:
    """The establishment a figure is about, and whose facts it is counted from."""

    organization: str
    legal_entity: str
    name: str


def subject_of(connection: sa.Connection, caller: Caller, reporter: str | None) -> Subject:
    """The establishment of `reporter=Organization/FINESS`, if the caller may see its figures.

    An establishment sees its own legal entity's sites, an ARS those of its region; the ministry's aggregates and the
    operator's none are no figures of one establishment.

    Raises:
        Refusal: 400 without a reporter, or for a legal entity, whose sites have the figures; 403 when it is not the
            caller's.
    """
    finess = (reporter or "").rpartition("/")[2]
    if not finess:
        raise Refusal(400, "MEASURE-PARAMETER", name="reporter", reason="Organization/FINESS attendu / expected")
    row = organizations.get(connection, finess)
    mine = row is not None and (
        (caller.role is Role.ESTABLISHMENT and row.legal_entity == caller.organization)
        or (caller.role is Role.ARS and row.region == caller.organization)
    )
    if not mine:
        raise Refusal(403, "AUTH-FORBIDDEN")
    if row.kind != "geographic":
        sites = ", ".join(organizations.sites_of(connection, finess))
        raise Refusal(400, "MEASURE-PARAMETER", name="reporter", reason=f"FINESS juridique / legal FINESS; {sites}")
    return Subject(finess, row.legal_entity, row.name)


def subjects_of(connection: sa.Connection, caller: Caller, reporter: str | None) -> list[Subject]:
    """The establishment asked for or, without one, every site whose figures the caller may see.

    Raises:
        Refusal: as for `subject_of`; 403 for a role that has no figures.
    """
    if reporter:
        return [subject_of(connection, caller, reporter)]
    if caller.role is Role.ESTABLISHMENT and caller.organization:
        found = organizations.sites_of(connection, caller.organization)
    elif caller.role is Role.ARS and caller.organization:
        found = organizations.sites_in(connection, caller.organization)
    else:
        raise Refusal(403, "AUTH-FORBIDDEN")
    rows = [organizations.get(connection, finess) for finess in found]
    return [Subject(row.finess, row.legal_entity, row.name) for row in rows]


def figures_of(
    database: str, measure_id: str, window: Window, subjects: Sequence[Subject], *, by_month: bool = False
) -> list[Figure]:
    """The figures of one measure for some establishments, from their own legal entities' facts."""
    if not subjects:
        return []
    alone = subjects[0].organization if len(subjects) == 1 else None
    engine = _engine(database, sorted({subject.legal_entity for subject in subjects}))
    try:
        found = compute(engine, window, measures=[measure_id], by_month=by_month, organization=alone)
    finally:
        engine.close()
    wanted = {subject.organization for subject in subjects}
    return [figure for figure in found if figure.organization in wanted]


def declared_of(
    connection: sa.Connection, measure_id: str, window: Window, subjects: Sequence[Subject]
) -> list[Declared]:
    """What was declared of one indicator for the very period of the window."""
    table = tables.declared
    query = sa.select(*(table.c[field.name] for field in fields(Declared))).where(
        table.c.indicator == measure_id, table.c.period_start == window.period_start,
        table.c.period_end == window.period_end,
        table.c.organization.in_([subject.organization for subject in subjects]),
    )  # fmt: skip
    return [Declared(*row) for row in connection.execute(query)]


def _engine(database: str, legal_entities: Sequence[str] | None) -> DuckDBEngine:
    from indicators.engine import ArrowFacts, duckdb_engine

    return duckdb_engine(ArrowFacts(fact_tables(database, legal_entities=legal_entities)))


def figures(
    database: str,
    window: Window,
    *,
    measures: Sequence[str] | None = None,
    by_month: bool = False,
    organization: str | None = None,
    legal_entity: str | None = None,
) -> list[Figure]:
    """Figures from the database, of one establishment or of all."""
    engine = _engine(database, None if legal_entity is None else [legal_entity])
    try:
        return compute(engine, window, measures=measures, by_month=by_month, organization=organization)
    finally:
        engine.close()


def evidence_of(database: str, measure_id: str, window: Window, subject: Subject) -> list[Evidence]:
    """The rows behind one establishment's figure, and its legal entity's documents that count nowhere."""
    engine = _engine(database, [subject.legal_entity])
    try:
        return evidence(
            engine, measure_id, window, organization=subject.organization, legal_entity=subject.legal_entity
        )
    finally:
        engine.close()


def shown_evidence(services: Services, caller: Caller, rows: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Evidence as JSON: pseudonyms for everyone; its owner also gets its own unique ids and stay numbers."""
    names: Mapping[str, str] = {}
    numbers: Mapping[int, str] = {}
    if caller.role is Role.ESTABLISHMENT and caller.organization:
        scope = Scope(caller.organization)
        with services.reading() as connection:
            names = reading.unique_ids(connection, scope, {r.document for r in rows if r.document})
            numbers = reading.stay_numbers(connection, scope, {r.stay for r in rows if r.stay is not None})
    return [_shown(row, names, numbers) for row in rows]


def _shown(row: Evidence, names: Mapping[str, str], numbers: Mapping[int, str]) -> dict[str, Any]:
    found = row.as_dict()
    if row.document is not None and row.document in names:
        found["unique_id"] = names[row.document]
    if row.stay is not None and row.stay in numbers:
        found["stay_number"] = numbers[row.stay]
    return found
