"""Identity measures: of the documents deposited in the period, how many carry a qualified INS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indicators.measures.counting import QUALIFIED, counted, in_period
from indicators.measures.model import Facts, Measure, MeasureInfo, Scope, Window

if TYPE_CHECKING:
    import ibis


def _population(facts: Facts, window: Window) -> ibis.Table:
    """Documents deposited in the period that count at the cut-off, by any channel."""
    documents = counted(facts.documents, window)
    return documents.filter(in_period(documents.deposited, window))


def count(facts: Facts, window: Window) -> ibis.Table:
    """Documents with a qualified INS over documents, by month of deposit."""
    documents = _population(facts, window)
    return documents.group_by("organization", "month").agg(
        numerator=documents.count(where=documents.ins_level == QUALIFIED), denominator=documents.count()
    )


def evidence(facts: Facts, window: Window, scope: Scope) -> ibis.Table:
    """Every document of the population, with its identity level said as a reason."""
    import ibis

    documents = _population(facts, window)
    if scope.organization is not None:
        documents = documents.filter(documents.organization == scope.organization)
    if scope.legal_entity is not None:
        documents = documents.filter(documents.legal_entity == scope.legal_entity)
    level = documents.ins_level
    reason = ibis.cases((level == QUALIFIED, "COUNTED"), (level == "absent", "INS_ABSENT"), else_="INS_NOT_QUALIFIED")
    return documents.select(
        "document",
        "stay",
        "organization",
        "legal_entity",
        "acknowledged",
        counted=level == QUALIFIED,
        reason=reason,
    )


INS = Measure(
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
    ),
    count,
    evidence,
)
