"""Measures over a declared denominator: documents (or patients) that we see, over what the establishment declares.

A numerator above its denominator is reported as it is: somebody has to look, and no verdict is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indicators.measures.counting import (
    ACCEPTED,
    IN_DMP,
    distance,
    in_period,
    month_of,
    reason,
    without,
)
from indicators.measures.declared import cells
from indicators.measures.model import EVIDENCE, Facts, Grain, MeasureInfo, Scope, Window, shaped, single

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True, slots=True)
class ReportMeasure:
    """Documents of a kind without any of `faults`, over a declared denominator.

    `day` is the date that attributes a document (`produced` or `deposited`); `distinct` says what is counted once: the
    document or its patient. A `stock` denominator cannot be added over months.
    """

    info: MeasureInfo
    kind: str
    faults: tuple[str, ...]
    day: str = "produced"
    distinct: str = "document"
    stock: bool = False

    def count(self, facts: Facts, window: Window, grain: Grain) -> ibis.Table:
        """What is seen beside what is declared; an establishment that has only one of them has a row too."""
        return single(self.together([self], facts, window, grain))

    def batch(self, *, parts: bool) -> tuple[str, ...]:
        """Measures with the same batch are counted in one pass over the facts."""
        del parts  # they have none
        return (self.day, *self.faults) if self.distinct == "document" else (self.info.id,)

    @staticmethod
    def together(measures: Sequence[ReportMeasure], facts: Facts, window: Window, grain: Grain) -> ibis.Table:
        """Several measures of one batch in one pass: the columns of a count, each followed by the measure's place."""
        names = [f"{name}_{place}" for place in range(len(measures)) for name in _NUMBERS]
        columns = {"organization": "string", "month": "int32", **dict.fromkeys(names, "int64")}
        seen, said = _seen(measures, facts, window, grain), _said(measures, facts, window, grain)
        both = shaped(seen, columns).union(shaped(said, columns))
        added = {name: both[name].max() if name.startswith("denominator") else both[name].sum() for name in names}
        return both.group_by(*grain.keys).agg(**added)

    def _candidates(self, facts: Facts, window: Window) -> ibis.Table:
        documents = facts.documents
        return documents.filter(documents.kind == self.kind, in_period(documents[self.day], window))

    def evidence(self, facts: Facts, window: Window, scope: Scope) -> ibis.Table:
        """Every document of the kind that the period attributes, with the reason why it counts or not."""
        import ibis

        documents = scope.with_lost(self._candidates(facts, window))
        documents = documents.mutate(distance=distance(documents, window, self.faults))
        order = ibis.window(
            group_by=["organization", self.distinct],
            order_by=[documents.distance, documents.deposited, documents.document],
        )
        documents = documents.mutate(place=ibis.row_number().over(order))
        again = (documents.distance == 0) & (documents.place > 0)
        text = ibis.cases((again, "PATIENT_ALREADY_COUNTED"), else_=reason(documents.distance))
        return shaped(documents.mutate(counted=(documents.distance == 0) & ~again, reason=text), EVIDENCE)


def _seen(measures: Sequence[ReportMeasure], facts: Facts, window: Window, grain: Grain) -> ibis.Table:
    """The numerators: documents by kind, or the distinct patients of one kind."""
    first = measures[0]
    documents = facts.documents.filter(facts.documents.kind.isin([measure.kind for measure in measures]))
    documents = grain.of_site(without(documents, window, first.faults))
    documents = documents.filter(in_period(documents[first.day], window))
    documents = documents.mutate(month=month_of(documents[first.day]))
    if first.distinct != "document":
        once = documents.select(*grain.keys, first.distinct).distinct()
        return once.group_by(*grain.keys).agg(numerator_0=once.count())
    counts = {}
    for place, measure in enumerate(measures):
        of_kind = documents.kind == measure.kind
        counts[f"numerator_{place}"] = documents.count(where=of_kind)
        if measure.info.deposit:
            counts[f"acknowledged_{place}"] = documents.count(where=of_kind & documents.acknowledged)
    return documents.group_by(*grain.keys).agg(**counts)


def _said(measures: Sequence[ReportMeasure], facts: Facts, window: Window, grain: Grain) -> ibis.Table:
    """The denominators, beside numerators of nothing."""
    import ibis

    found = cells(facts.declared, [one.info.id for one in measures], window, grain, stock=measures[0].stock)
    zero, absent = ibis.literal(0, "int64"), ibis.null("int64")
    numbers = {}
    for place, measure in enumerate(measures):
        own = found.indicator == measure.info.id
        numbers[f"numerator_{place}"] = zero
        numbers[f"denominator_{place}"] = ibis.cases((own, found.denominator), else_=absent)
        numbers[f"acknowledged_{place}"] = zero if measure.info.deposit else absent
    return found.select(*grain.keys, **numbers)


_NUMBERS = ("numerator", "denominator", "acknowledged")
_KEY = "logical document: all versions, both channels"


def _report(measure: str, kind: str, domain: str, fr: str, en: str, outside: str) -> ReportMeasure:
    """Biology and imaging are one definition with another kind."""
    return ReportMeasure(
        MeasureInfo(
            id=measure,
            title_fr=f"Comptes rendus {fr} au DMP",
            title_en=f"{en} reports in the DMP",
            definition_fr=(
                f"Comptes rendus {fr} conformes produits dans la période, portant une INS qualifiée, déposés au DMP "
                "au plus tard à la date d'arrêt et non supprimés à cette date ; rapportés aux comptes rendus produits "
                "dans la période, déclarés par l'établissement. Un compte rendu compte une fois, toutes versions "
                "confondues, au mois de sa production, pour l'établissement géographique de son auteur."
            ),
            definition_en=(
                f"Conformant {en.lower()} reports produced in the period with a qualified INS, deposited in the DMP by "
                "the cut-off and not deleted by then; over the reports produced in the period, as the establishment "
                "declares them. A report counts once, all versions together, in its month of production, for its "
                "author's site."
            ),
            unit="report",
            kind="ratio",
            source=f"SUN-ES volet 1 (draft instruction, summer 2021), {domain}",
            subject="DocumentReference",
            key=_KEY,
            attributed_by="documents.produced, documents.organization; denominator declared",
            excluded=f"documents not conformant, deleted, late, not in the DMP, without qualified INS; {outside}",
            convention="reports, not stays; a numerator above the declared denominator is to verify",
            deposit=True,
        ),
        kind,
        IN_DMP,
    )


BIO = _report(
    "I-SUN1-BIO", "BIO", "biologie médicale", "de biologie", "Biology", "genetics, pathology, outside laboratories"
)
IMG = _report("I-SUN1-IMG", "IMG", "imagerie", "d'imagerie", "Imaging", "image references, outside platforms")

MR_2 = ReportMeasure(
    MeasureInfo(
        id="I-MR-2",
        title_fr="Patients maladies rares dont un SDM-MR conforme a été transmis",
        title_en="Rare-disease patients for whom a conformant minimum data set was sent",
        definition_fr=(
            "Patients distincts pour lesquels au moins un SDM-MR conforme a été reçu par MSSanté dans la période, au "
            "plus tard à la date d'arrêt, et non supprimé à cette date ; rapportés aux patients éligibles déclarés par "
            "l'établissement. Un patient compte une fois sur la période, et une fois par mois dans le détail mensuel."
        ),
        definition_en=(
            "Distinct patients for whom at least one conformant SDM-MR was received by MSSanté in the period, by the "
            "cut-off, and not deleted by then; over the eligible patients that the establishment declares. A patient "
            "counts once over the period, and once a month in monthly figures."
        ),
        unit="patient",
        kind="ratio",
        source="Rare-disease call, note DGOS/PF5/2019/193",
        subject="Patient",
        key="pseudonym of the INS, or of the local identifier without INS",
        attributed_by="documents.deposited, documents.organization; denominator declared",
        excluded="other kinds, other channels, documents not conformant, deleted, late",
        convention="only documents received count, not announced attachments; reported with I-MR-1 and I-MR-3, the "
        "official target form being unknown (CFG-MR-01)",
    ),
    "SDM-MR",
    (*ACCEPTED, "NOT_BY_MSSANTE", "PATIENT_UNKNOWN"),
    day="deposited",
    distinct="patient",
    stock=True,
)

REPORT_MEASURES = (BIO, IMG, MR_2)
