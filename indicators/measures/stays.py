"""Stay measures: of the stays that ended in the period, how many have their document in the DMP.

A stay and a document belong together by stay number *and* legal entity: two hospitals may use the same number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from indicators.measures.counting import QUALIFIED, counted, discharged, distance, in_period, reason
from indicators.measures.model import Facts, Measure, MeasureInfo, Scope, Window

if TYPE_CHECKING:
    import ibis

_STAY = ("stay", "legal_entity")
_EVIDENCE = ("document", "stay", "counted", "reason", "organization", "legal_entity", "acknowledged")


def rate(kind: str) -> Callable[[Facts, Window], ibis.Table]:
    """Stays with at least one counted document of a kind, in the DMP with a qualified INS, over all stays."""

    def count(facts: Facts, window: Window) -> ibis.Table:
        population = discharged(facts, window)
        letters = counted(facts.documents, window)
        letters = letters.filter(letters.kind == kind, letters.dmp, letters.ins_level == QUALIFIED)
        # The distinct pairs first, the count after: the two-level form DuckDB runs twice as fast as count(distinct).
        found = letters.select(*_STAY).distinct().mutate(found=True)
        stays = population.left_join(found, _STAY)
        return stays.group_by("organization", "month").agg(
            numerator=stays.count(where=stays.found.notnull()), denominator=stays.count()
        )

    return count


def evidence(kind: str) -> Callable[[Facts, Window, Scope], ibis.Table]:
    """Each stay of the population with its best document, then each other document deposited by the cut-off."""

    def rows(facts: Facts, window: Window, scope: Scope) -> ibis.Table:
        letters = _ranked(facts, window, scope, kind)
        best = letters.filter(letters.inside & (letters.place == 0))
        others = letters.filter(
            ~(letters.inside & (letters.place == 0)),
            letters.deposited.between(window.period_start, window.cutoff),
        )
        return _stay_rows(_population(facts, window, scope), best).union(_document_rows(others, window))

    return rows


def _population(facts: Facts, window: Window, scope: Scope) -> ibis.Table:
    return _narrowed(discharged(facts, window), scope)


def _narrowed(table: ibis.Table, scope: Scope) -> ibis.Table:
    asked = (("organization", scope.organization), ("legal_entity", scope.legal_entity))
    filters = [table[name] == value for name, value in asked if value is not None]
    return table.filter(*filters) if filters else table


def _ranked(facts: Facts, window: Window, scope: Scope, kind: str) -> ibis.Table:
    """Every document of the kind in scope, with its stay, its distance from counting and its place among its stay's."""
    import ibis

    letters = _linked(facts, scope, kind)
    letters = letters.mutate(
        distance=distance(letters, window),
        inside=(in_period(letters.discharged, window) & ~letters.excluded & _home(letters, scope)).fill_null(False),
    )
    order = ibis.window(group_by=_STAY, order_by=[letters.distance, letters.deposited, letters.document])
    return letters.mutate(place=ibis.row_number().over(order))


def _linked(facts: Facts, scope: Scope, kind: str) -> ibis.Table:
    """Documents of the kind beside their stay; `home` (the stay's site) is null when no such stay is known."""
    letters = facts.documents.filter(facts.documents.kind == kind)
    stays = facts.stays.select(*_STAY, "discharged", "excluded", home=facts.stays.organization)
    if scope.legal_entity is not None:
        letters = letters.filter(letters.legal_entity == scope.legal_entity)
    letters = letters.left_join(stays, _STAY)
    return letters if scope.organization is None else letters.filter(_of_site(letters, facts, scope.organization))


def _of_site(letters: ibis.Table, facts: Facts, organization: str) -> ibis.Value:
    """Documents of the site's stays, of the site itself, or of an unknown site of the legal entities it belongs to."""
    entities = facts.stays.filter(facts.stays.organization == organization).legal_entity
    lost = letters.organization.isnull() & letters.home.isnull() & letters.legal_entity.isin(entities)
    return (letters.home == organization) | (letters.organization == organization) | lost


def _home(letters: ibis.Table, scope: Scope) -> ibis.Value:
    import ibis

    return ibis.literal(True) if scope.organization is None else letters.home == scope.organization


def _stay_rows(population: ibis.Table, best: ibis.Table) -> ibis.Table:
    best = best.select(*_STAY, "document", "acknowledged", "distance")
    stays = population.select(*_STAY, "organization").left_join(best, _STAY)
    return stays.mutate(counted=(stays.distance == 0).fill_null(False), reason=reason(stays.distance)).select(
        *_EVIDENCE
    )


def _document_rows(others: ibis.Table, window: Window) -> ibis.Table:
    import ibis

    return others.mutate(counted=ibis.literal(False), reason=_outside(others, window)).select(*_EVIDENCE)


def _outside(document: ibis.Table, window: Window) -> ibis.Value:
    """Why a document stands for no stay of the population; the link is looked at before the document itself."""
    import ibis

    return ibis.cases(
        (document.inside & (document.distance == 0), "STAY_ALREADY_COUNTED"),
        (document.inside, reason(document.distance)),
        (document.organization.isnull() | (document.link == "site_unknown").fill_null(False), "SITE_UNKNOWN"),
        (document.stay.isnull() & (document.link == "ambiguous").fill_null(False), "STAY_AMBIGUOUS"),
        (document.home.isnull(), "STAY_UNKNOWN"),
        (document.excluded, "STAY_EXCLUDED"),
        (~in_period(document.discharged, window).fill_null(False), "STAY_OUTSIDE_PERIOD"),
        else_="STAY_OF_OTHER_SITE",
    )


LDL = Measure(
    MeasureInfo(
        id="I-SUN1-LDL",
        title_fr="Séjours dont la lettre de liaison de sortie est au DMP",
        title_en="Stays whose discharge letter is in the DMP",
        definition_fr=(
            "Séjours sortis dans la période et non exclus, avec au moins une lettre de liaison de sortie conforme, "
            "portant une INS qualifiée, déposée au DMP au plus tard à la date d'arrêt et non supprimée à cette date ; "
            "rapportés à tous les séjours sortis dans la période et non exclus. Un séjour compte une fois, au mois de "
            "sa sortie, pour l'établissement géographique du séjour."
        ),
        definition_en=(
            "Stays discharged in the period and not excluded that have at least one conformant discharge letter with "
            "a qualified INS, deposited in the DMP by the cut-off and not deleted by then; over all stays discharged "
            "in the period and not excluded. A stay counts once, in its month of discharge, for its own site."
        ),
        unit="stay",
        kind="ratio",
        source="SUN-ES volet 1 (draft instruction, summer 2021), documents de sortie",
        subject="Encounter",
    ),
    rate("LDL"),
    evidence("LDL"),
)
