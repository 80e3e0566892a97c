"""From imported records to declared facts, ready to be stored; the legal entity comes from the FINESS table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date

from indicators.facts import BigInt, Declared
from indicators.imports._records import DOMAINS, EligiblePatient, Figures, PersonUsage, ReportsProduced

LegalEntity = Callable[[str], str]
"""The legal FINESS of a geographic one (of a region's code: the code itself)."""


def declared_figures(rows: Iterable[Figures], entity: LegalEntity, received: date) -> list[Declared]:
    """Figures as they were declared."""
    return [
        _declared(row.organization, entity, row.indicator, (row.start, row.end), row.numerator, row.denominator,
                  row.source, received)
        for row in rows
    ]  # fmt: skip


def declared_reports(rows: Iterable[ReportsProduced], entity: LegalEntity, received: date) -> list[Declared]:
    """Reports produced: the denominators of I-SUN1-BIO and I-SUN1-IMG."""
    return [
        _declared(row.organization, entity, DOMAINS[row.domain], (row.start, row.end), None, row.produced,
                  row.source, received)
        for row in rows
    ]  # fmt: skip


def declared_patients(
    rows: Iterable[EligiblePatient], entity: LegalEntity, received: date, source: str
) -> list[Declared]:
    """The list of eligible patients as a count of distinct ones: the denominator of I-MR-2."""
    lists: dict[tuple[str, date, date], set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        lists[row.organization, row.start, row.end].add(row.patient)
    return [
        _declared(organization, entity, "I-MR-2", span, None, len(patients), source, received)
        for (organization, *span), patients in sorted(lists.items())
    ]


def declared_usage(rows: Iterable[PersonUsage], entity: LegalEntity, received: date, source: str) -> list[Declared]:
    """Persons of a user record as I-ESMS-E1 (active of accompanied), E2 (project) and E3 (event) of active files."""
    groups: dict[tuple[str, date, date], list[PersonUsage]] = defaultdict(list)
    for row in rows:
        groups[row.organization, row.start, row.end].append(row)
    found = []
    for (organization, *span), people in sorted(groups.items(), key=lambda pair: pair[0]):
        active = [one for one in people if one.active]
        counts = {
            "I-ESMS-E1": (len(active), sum(one.accompanied for one in people)),
            "I-ESMS-E2": (sum(one.project in ("en_preparation", "actif") for one in active), len(active)),
            "I-ESMS-E3": (sum(one.events > 0 for one in active), len(active)),
        }
        found += [
            _declared(organization, entity, indicator, span, *count, source, received)
            for indicator, count in counts.items()
        ]
    return found


def _declared(
    organization: str,
    entity: LegalEntity,
    indicator: str,
    span: Iterable[date],
    numerator: int | None,
    denominator: int | None,
    source: str,
    received: date,
) -> Declared:
    start, end = span
    return Declared(
        organization=organization,
        legal_entity=entity(organization),
        indicator=indicator,
        period_start=start,
        period_end=end,
        numerator=None if numerator is None else BigInt(numerator),
        denominator=None if denominator is None else BigInt(denominator),
        source=source,
        received=received,
    )
