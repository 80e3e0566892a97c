"""When a document counts and why one does not: the one place every measure and every evidence list agrees on.

A document counts when it is conformant, deposited by the cut-off, and not deleted by then (programmes.md 7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indicators.facts import yyyymm

if TYPE_CHECKING:
    import ibis

    from indicators.measures.model import Facts, Window

QUALIFIED = "qualified"
DMP_REASONS = (
    "COUNTED",
    "LATE",
    "NOT_IN_DMP",
    "INS_NOT_QUALIFIED",
    "INS_ABSENT",
    "NOT_CONFORMANT",
    "DELETED",
    "SITE_UNKNOWN",
)
"""From what is nearest to counting to what is farthest: a document answers with its farthest one, a stay with the
reason of its nearest document."""


def counted(documents: ibis.Table, window: Window) -> ibis.Table:
    """Documents that count at the cut-off, whatever their kind, channel and identity.

    The month bound repeats the deposit date on purpose: it lets an engine skip whole partitions.
    """
    return documents.filter(
        documents.organization.notnull(),
        documents.conformant,
        documents.month <= yyyymm(window.cutoff),
        documents.deposited <= window.cutoff,
        documents.deleted.isnull() | (documents.deleted > window.cutoff),
    )


def in_period(day: ibis.Value, window: Window) -> ibis.Value:
    """Whether a local date lies in the period, both ends included (C-06)."""
    return (day >= window.period_start) & (day <= window.period_end)


def distance(document: ibis.Table, window: Window) -> ibis.Value:
    """How far a document is from counting in the DMP: an index into `DMP_REASONS`, 0 when it counts."""
    import ibis

    return ibis.cases(
        (document.organization.isnull(), 7),
        (document.deleted.notnull() & (document.deleted <= window.cutoff), 6),
        (~document.conformant, 5),
        (document.ins_level == "absent", 4),
        (document.ins_level != QUALIFIED, 3),
        (~document.dmp, 2),
        (document.deposited > window.cutoff, 1),
        else_=0,
    )


def reason(distance_: ibis.Value) -> ibis.Value:
    """The text key of a distance; no document at all is the farthest."""
    return distance_.cases(*enumerate(DMP_REASONS), else_="NO_DOCUMENT")


def discharged(facts: Facts, window: Window) -> ibis.Table:
    """Stays discharged in the period and not excluded: the population of the stay measures."""
    stays = facts.stays
    return stays.filter(
        ~stays.excluded,
        in_period(stays.discharged, window),
        stays.month.between(yyyymm(window.period_start), yyyymm(window.period_end)),
    )
