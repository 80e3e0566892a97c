"""Document measures: of the documents deposited in the period, how many are as they should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from indicators.facts import yyyymm
from indicators.measures.counting import (
    ACCEPTED,
    RECOGNISED,
    distance,
    faultless,
    in_period,
    reason,
    without,
)
from indicators.measures.model import EVIDENCE, Facts, Grain, MeasureInfo, Scope, Window, shaped, single

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True, slots=True)
class DocumentMeasure:
    """Documents deposited in the period, by month of deposit and site of their author.

    A document counts when it has none of `faults`; the population is every document with none of `population`, and a
    count without a population when that is empty. `kind` keeps documents of one kind.
    """

    info: MeasureInfo
    faults: tuple[str, ...]
    population: tuple[str, ...] = ()
    kind: str | None = None

    def count(self, facts: Facts, window: Window, grain: Grain) -> ibis.Table:
        """Counted documents, over the population where there is one."""
        return single(self.together([self], facts, window, grain))

    def batch(self, *, parts: bool) -> tuple[str, ...]:
        """Measures with the same batch are counted in one pass over the facts: all of them."""
        del parts  # they have none
        return ()

    @staticmethod
    def together(measures: Sequence[DocumentMeasure], facts: Facts, window: Window, grain: Grain) -> ibis.Table:
        """Several measures in one pass: the columns of a count, each followed by the measure's place."""
        import ibis

        documents = grain.of_site(_deposited(facts, window))
        shared = [fault for fault in RECOGNISED if all(fault in (m.population or m.faults) for m in measures)]
        documents = without(documents, window, shared)
        documents = documents.filter(reduce(or_, [m._of_kind(documents) for m in measures]))
        counts, absent = {}, {}
        for place, measure in enumerate(measures):
            kept = measure._of_kind(documents)
            counted = kept & faultless(documents, window, [f for f in measure.faults if f not in shared])
            counts[f"numerator_{place}"] = documents.count(where=counted)
            if measure.population:
                inside = kept & faultless(documents, window, [f for f in measure.population if f not in shared])
                counts[f"denominator_{place}"] = documents.count(where=inside)
            else:
                absent[f"denominator_{place}"] = ibis.null("int64")
            if measure.info.deposit:
                counts[f"acknowledged_{place}"] = documents.count(where=counted & documents.acknowledged)
            else:
                absent[f"acknowledged_{place}"] = ibis.null("int64")
        return documents.group_by(*grain.keys).agg(**counts).mutate(**absent)

    def _of_kind(self, documents: ibis.Table) -> ibis.Value:
        import ibis

        return ibis.literal(True) if self.kind is None else documents.kind == self.kind

    def evidence(self, facts: Facts, window: Window, scope: Scope) -> ibis.Table:
        """Every document of the population (of the kind, for a count), with the reason why it counts or not.

        Those of an unknown site are of nobody's population; they are shown to their legal entity.
        """
        documents = scope.with_lost(_deposited(facts, window))
        outside = [fault for fault in self.population if fault != "SITE_UNKNOWN"]
        documents = without(documents.filter(self._of_kind(documents)), window, outside)
        far = distance(documents, window, self.faults)
        return shaped(documents.mutate(counted=far == 0, reason=reason(far)), EVIDENCE)


def _deposited(facts: Facts, window: Window) -> ibis.Table:
    documents = facts.documents
    months = documents.month.between(yyyymm(window.period_start), yyyymm(window.period_end))
    return documents.filter(in_period(documents.deposited, window), months)


_KEY = "logical document: all versions, both channels"
_BY_DEPOSIT = "documents.deposited, documents.organization"

INS = DocumentMeasure(
    MeasureInfo(
        id="I-SUN1-INS",
        title_fr="Documents portant une INS qualifiée",
        title_en="Documents that carry a qualified INS",
        definition_fr=(
            "Documents conformes déposés dans la période, par tout canal et non supprimés à la date d'arrêt, qui "
            "portent une INS qualifiée (matricule, OID et traits) ; rapportés à tous ces documents. Un document compte "
            "une fois, au mois de son dépôt, pour l'établissement géographique de son auteur."
        ),
        definition_en=(
            "Conformant documents deposited in the period by any channel and not deleted by the cut-off that carry a "
            "qualified INS (number, OID and traits); over all those documents. A document counts once, in its month "
            "of deposit, for its author's site."
        ),
        unit="document",
        kind="ratio",
        source="SUN-ES volet 1 (draft instruction, summer 2021), SUN1-R28",
        subject="DocumentReference",
        key=_KEY,
        attributed_by=_BY_DEPOSIT,
        excluded="documents not conformant, deleted, late, of an unknown site",
        convention='"associated INS" is read as qualified (CFG-S1-13)',
    ),
    (*ACCEPTED, "INS_NOT_QUALIFIED", "INS_ABSENT"),
    population=ACCEPTED,
)

MR_3 = DocumentMeasure(
    MeasureInfo(
        id="I-MR-3",
        title_fr="SDM-MR reçus et conformes",
        title_en="Rare-disease minimum data sets received that conform",
        definition_fr=(
            "Documents reconnus comme SDM-MR, reçus dans la période par tout canal et non supprimés à la date "
            "d'arrêt, qui sont conformes (aucune erreur de conformité) ; rapportés à tous ces documents. Un document "
            "compte une fois, au mois de sa réception, pour l'établissement géographique de son auteur."
        ),
        definition_en=(
            "Documents recognised as SDM-MR, received in the period by any channel and not deleted by the cut-off, "
            "that conform (no conformity error); over all those documents. A document counts once, in its month of "
            "receipt, for its author's site."
        ),
        unit="document",
        kind="ratio",
        source="Rare-disease call, note DGOS/PF5/2019/193",
        subject="DocumentReference",
        key=_KEY,
        attributed_by=_BY_DEPOSIT,
        excluded="documents of another kind, deleted, late, of an unknown site",
        convention="reported with I-MR-1 and I-MR-2, the official target form being unknown (CFG-MR-01); a document "
        "the server refuses is no fact, so the rate says what other receivers would have taken",
    ),
    ACCEPTED,
    population=RECOGNISED,
    kind="SDM-MR",
)

ESMS_E5 = DocumentMeasure(
    MeasureInfo(
        id="I-ESMS-E5",
        title_fr="Documents déposés au DMP",
        title_en="Documents deposited in the DMP",
        definition_fr=(
            "Nombre de documents conformes déposés au DMP dans la période et non supprimés à la date d'arrêt. Un "
            "document compte une fois, au mois de son dépôt, pour l'établissement géographique de son auteur."
        ),
        definition_en=(
            "Number of conformant documents deposited in the DMP in the period and not deleted by the cut-off. A "
            "document counts once, in its month of deposit, for its author's site."
        ),
        unit="document",
        kind="count",
        source="ESMS numérique, CNSA technical instruction of 12 November 2020, annexe 2",
        subject="DocumentReference",
        key=_KEY,
        attributed_by=_BY_DEPOSIT,
        excluded="documents not conformant, deleted, late, of an unknown site, of another channel",
        convention="deposited in the period, not kept since the project began (X-08)",
        deposit=True,
    ),
    (*ACCEPTED, "NOT_IN_DMP"),
)

DOCUMENT_MEASURES = (ESMS_E5, INS, MR_3)
