"""Every measure by id. A new one is a row of its family, and nothing else."""

from __future__ import annotations

from indicators.measures.declared import DECLARED_MEASURES
from indicators.measures.documents import DOCUMENT_MEASURES, INS
from indicators.measures.gap import gap
from indicators.measures.messages import MESSAGE_MEASURES
from indicators.measures.model import Figure, Measure
from indicators.measures.reports import BIO, IMG, REPORT_MEASURES
from indicators.measures.services import CC_2, DECLARABLE
from indicators.measures.stays import CRO, LDL, ORD, STAY_MEASURES

GAP = gap((BIO, CRO, IMG, INS, LDL, ORD))

_ALL: tuple[Measure, ...] = (
    *STAY_MEASURES, *DOCUMENT_MEASURES, *REPORT_MEASURES, *MESSAGE_MEASURES, *DECLARED_MEASURES, CC_2, GAP,
)  # fmt: skip

MEASURES: dict[str, Measure] = {found.info.id: found for found in sorted(_ALL, key=lambda one: one.info.id)}

DECLARED_IDS = frozenset(MEASURES).union(DECLARABLE)
"""What a declared figure may be about: an indicator, or a service of I-CC-2 (`I-CC-2:ROR`)."""


class UnknownMeasure(LookupError):  # reads as a sentence where it is raised
    """No measure has this id; the message lists those that exist."""

    def __init__(self, measure_id: str) -> None:
        super().__init__(f"unknown measure {measure_id!r}; known: {', '.join(sorted(MEASURES))}")
        self.measure_id = measure_id


def measure(measure_id: str) -> Measure:
    """One measure by id. Raises `UnknownMeasure`."""
    if measure_id not in MEASURES:
        raise UnknownMeasure(measure_id)
    return MEASURES[measure_id]


def status(figure: Figure) -> str:
    """How far a figure may be trusted: `measured`, or why there is no rate to judge.

    `not_measurable` without a population (C-03), `not_declared` without the denominator that the establishment has to
    declare, `to_verify` when the numerator exceeds it.
    """
    if measure(figure.measure).info.kind == "count":
        return "measured"
    if figure.denominator is None:
        return "not_declared"
    if figure.denominator == 0:
        return "to_verify" if figure.numerator else "not_measurable"
    return "to_verify" if figure.numerator > figure.denominator else "measured"
