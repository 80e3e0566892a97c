"""When a document counts and why one does not: the one place every measure and every evidence list agrees on.

A fault is one reason why a document does not count. A measure names the faults it minds; a document counts for it when
it has none of them (programmes.md 7).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from indicators.facts import yyyymm

if TYPE_CHECKING:
    import ibis

    from indicators.measures.model import Facts, Scope, Window

QUALIFIED = "qualified"

FAULTS: dict[str, Callable[[ibis.Table, Window], ibis.Value]] = {
    "LATE": lambda d, window: d.deposited > window.cutoff,
    "PATIENT_UNKNOWN": lambda d, _: d.patient.isnull(),
    "NOT_BY_MSSANTE": lambda d, _: ~d.mssante,
    "NOT_IN_DMP": lambda d, _: ~d.dmp,
    "INS_NOT_QUALIFIED": lambda d, _: d.ins_level != QUALIFIED,
    "INS_ABSENT": lambda d, _: d.ins_level == "absent",
    "NOT_CONFORMANT": lambda d, _: ~d.conformant,
    "DELETED": lambda d, window: d.deleted.notnull() & (d.deleted <= window.cutoff),
    "SITE_UNKNOWN": lambda d, _: d.organization.isnull(),
}
"""From what is nearest to counting to what is farthest: a document answers with its farthest fault, a stay with that
of its nearest document."""

RECOGNISED = ("LATE", "DELETED", "SITE_UNKNOWN")
"""Faults that keep a document out of every figure."""
ACCEPTED = (*RECOGNISED, "NOT_CONFORMANT")
"""Faults that keep a document from counting, whatever its channel and identity."""
IN_DMP = (*ACCEPTED, "NOT_IN_DMP", "INS_NOT_QUALIFIED", "INS_ABSENT")
"""Faults that keep a document from counting as deposited in the DMP with a qualified INS."""
DMP_REASONS = ("COUNTED", *(name for name in FAULTS if name in IN_DMP))


def faultless(documents: ibis.Table, window: Window, faults: Sequence[str]) -> ibis.Value:
    """Whether a document has none of these faults."""
    import ibis

    return ~reduce(or_, [FAULTS[name](documents, window) for name in faults], ibis.literal(False))


def without(documents: ibis.Table, window: Window, faults: Sequence[str]) -> ibis.Table:
    """The documents that have none of these faults.

    The month bound repeats the deposit date on purpose: it lets an engine skip whole partitions.
    """
    kept = [~FAULTS[name](documents, window) for name in faults]
    if "LATE" in faults:
        kept.append(documents.month <= yyyymm(window.cutoff))
    return documents.filter(*kept) if kept else documents


def distance(documents: ibis.Table, window: Window, faults: Sequence[str]) -> ibis.Value:
    """How far a document is from counting: the place in `FAULTS` of its farthest fault, from 1; 0 when it counts."""
    import ibis

    places = {name: place for place, name in enumerate(FAULTS, start=1) if name in faults}
    cases = [(FAULTS[name](documents, window), place) for name, place in reversed(places.items())]
    return ibis.cases(*cases, else_=0)


def reason(distance_: ibis.Value) -> ibis.Value:
    """The text key of a distance; no document at all is the farthest."""
    return distance_.cases(*enumerate(("COUNTED", *FAULTS)), else_="NO_DOCUMENT")


def in_period(day: ibis.Value, window: Window) -> ibis.Value:
    """Whether a local date lies in the period, both ends included (C-06)."""
    return (day >= window.period_start) & (day <= window.period_end)


def month_of(day: ibis.Value) -> ibis.Value:
    """The month key of a local date, as `indicators.facts.yyyymm` makes it."""
    return (day.year() * 100 + day.month()).cast("int32")


def discharged(facts: Facts, window: Window) -> ibis.Table:
    """Stays discharged in the period and not excluded: the population of the stay measures."""
    stays = facts.stays
    return stays.filter(
        ~stays.excluded,
        in_period(stays.discharged, window),
        stays.month.between(yyyymm(window.period_start), yyyymm(window.period_end)),
    )


def narrowed(table: ibis.Table, scope: Scope) -> ibis.Table:
    """The rows of the establishment and of the legal entity that are asked for."""
    asked = (("organization", scope.organization), ("legal_entity", scope.legal_entity))
    filters = [table[name] == value for name, value in asked if value is not None]
    return table.filter(*filters) if filters else table
