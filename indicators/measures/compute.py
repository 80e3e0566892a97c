"""Measures run on an engine: figures, and the evidence behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from indicators.engine import Statement, placeholder
from indicators.measures.counting import discharged
from indicators.measures.documents import DocumentMeasure
from indicators.measures.model import COUNTS, EVIDENCE, Evidence, Facts, Figure, Grain, Measure, Scope, Window, shaped
from indicators.measures.registry import MEASURES, measure
from indicators.measures.reports import ReportMeasure
from indicators.measures.stays import StayMeasure

if TYPE_CHECKING:
    import ibis

    from indicators.engine import Engine

_KEPT = 256
_SITE, _ENTITY = "organization", "legal_entity_"
"""The texts of an establishment, left open in the statements that are kept."""
_NUMBERS = ("numerator", "denominator", "acknowledged")
Row = dict[str, Any]


def compute(
    engine: Engine,
    window: Window,
    *,
    measures: Sequence[str] | None = None,
    by_month: bool = False,
    organization: str | None = None,
    parts: bool = False,
) -> list[Figure]:
    """Figures of the measures asked for (default: all), one per establishment that has a population, sorted.

    Measures of one family share a pass over the facts where they can.

    Args:
        engine: where the facts are.
        window: the period and the cut-off.
        measures: ids; default: every measure.
        by_month: one figure per establishment and month of attribution.
        organization: only this establishment.
        parts: split the measures that have parts; otherwise a figure adds them up.

    Raises:
        UnknownMeasure: no measure has one of the ids.
    """
    asked = [measure(name) for name in sorted(set(MEASURES if measures is None else measures))]
    entities = _entities(engine, window, organization)
    grain = Grain(by_month, organization, entities, parts)
    found = [figure for batch in _batches(asked, parts) for figure in _figures(engine, window, grain, batch)]
    return sorted(found, key=lambda f: (f.measure, f.organization, f.month or 0, f.part or ""))


def passes(measures: Iterable[str], *, parts: bool = False) -> list[list[str]]:
    """The same measures, those that share a pass over the facts together. Raises `UnknownMeasure`."""
    return [[one.info.id for one in batch] for batch in _batches(map(measure, sorted(set(measures))), parts)]


def count(facts: Facts, window: Window, grain: Grain, measure_id: str) -> ibis.Table:
    """The one expression of a measure, with the columns of `COUNTS`. Raises `UnknownMeasure`."""
    return shaped(measure(measure_id).count(facts, window, grain), COUNTS)


def evidence(
    engine: Engine,
    measure_id: str,
    window: Window,
    *,
    organization: str | None = None,
    legal_entity: str | None = None,
) -> list[Evidence]:
    """What a figure is made of: as many counted rows as its numerator, and a reason for everything else.

    Where the figure is declared, the counted rows are the declarations that it is read from.

    Raises:
        UnknownMeasure: no measure has this id.
    """
    expression = measure(measure_id).evidence(Facts.unbound(), window, Scope(organization, legal_entity))
    rows = [Evidence(**row) for row in engine.rows(shaped(expression, EVIDENCE))]
    return sorted(rows, key=_order)


def _order(row: Evidence) -> tuple[tuple[bool, Any], ...]:
    """By legal entity, establishment, stay, document; what is not known comes last."""
    keys = (row.legal_entity, row.organization, row.stay, row.document, row.message, row.declared, row.reason)
    return tuple((key is None, "" if key is None else key) for key in keys)


def _entities(engine: Engine, window: Window, organization: str | None) -> tuple[str, ...]:
    """The legal entities of an establishment's stays. Asked first, so that the engine reads only their documents."""
    if organization is None:
        return ()
    rows = engine.rows(_entities_statement(engine.dialect, window).filled({_SITE: organization}))
    return tuple(sorted(row["legal_entity"] for row in rows))


@lru_cache(maxsize=_KEPT)
def _entities_statement(dialect: str, window: Window) -> Statement:
    stays = discharged(Facts.unbound(), window)
    found = stays.filter(stays.organization == placeholder(_SITE)).select("legal_entity").distinct()
    return Statement.of(found, dialect)


def _batches(measures: Iterable[Measure], parts: bool) -> Iterator[list[Measure]]:
    """Measures that can be counted in one pass, together; the others alone."""

    def key(one: Measure) -> tuple[str, ...]:
        if isinstance(one, StayMeasure | DocumentMeasure | ReportMeasure):
            return (type(one).__name__, *one.batch(parts=parts))
        return (one.info.id,)

    for _, batch in groupby(sorted(measures, key=key), key):
        yield list(batch)


def _figures(engine: Engine, window: Window, grain: Grain, batch: list[Measure]) -> Iterator[Figure]:
    """The figures of a batch. A country by month is half a million of them, hence no dictionary a figure."""
    texts = {_SITE: grain.organization or ""} | {f"{_ENTITY}{n}": one for n, one in enumerate(grain.legal_entities)}
    template = replace(
        grain,
        organization=grain.organization and placeholder(_SITE),
        legal_entities=tuple(placeholder(f"{_ENTITY}{n}") for n in range(len(grain.legal_entities))),
    )
    ids = tuple(one.info.id for one in batch)
    rows = engine.rows(_figures_statement(engine.dialect, ids, window, template).filled(texts))
    for place, one in enumerate(batch):
        name, names = one.info.id, [f"{number}_{place}" for number in _NUMBERS]
        split = bool(one.info.part)
        found = rows if grain.parts or not (rows and "part" in rows[0]) else _added(rows, names)
        numerator, denominator, acknowledged = names
        for row in found:
            counted, population = row[numerator], row[denominator]
            if counted or population:
                part = row["part"] if split and grain.parts else None
                yield Figure(name, row["organization"], row.get("month"), counted, population, part, row[acknowledged])


@lru_cache(maxsize=_KEPT)
def _figures_statement(dialect: str, measures: tuple[str, ...], window: Window, grain: Grain) -> Statement:
    return Statement.of(_together([measure(one) for one in measures], Facts.unbound(), window, grain), dialect)


def _together(batch: list[Measure], facts: Facts, window: Window, grain: Grain) -> ibis.Table:
    """One expression for the whole batch: each number is followed by the place of its measure."""
    stays = [one for one in batch if isinstance(one, StayMeasure)]
    documents = [one for one in batch if isinstance(one, DocumentMeasure)]
    if stays:
        return StayMeasure.together(stays, facts, window, grain)
    reports = [one for one in batch if isinstance(one, ReportMeasure)]
    if reports:
        return ReportMeasure.together(reports, facts, window, grain)
    if documents:
        return DocumentMeasure.together(documents, facts, window, grain)
    counts = shaped(batch[0].count(facts, window, grain), COUNTS)
    return counts.rename({f"{name}_0": name for name in _NUMBERS})


def _added(rows: list[Row], names: list[str]) -> list[Row]:
    """The same rows with their parts added up; a number that is null in every part stays null."""
    cells: dict[tuple[str, int | None], Row] = {}
    for row in rows:
        key = (row["organization"], row.get("month"))
        cell = cells.setdefault(key, {"organization": key[0], "month": key[1], **dict.fromkeys(names)})
        for name in names:
            if row[name] is not None:
                cell[name] = (cell[name] or 0) + row[name]
    return list(cells.values())
