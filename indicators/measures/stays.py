"""Stay measures: of the stays that ended in the period, how many have their document in the DMP.

A stay and a document belong together by stay number *and* legal entity: two hospitals may use the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indicators.measures.counting import IN_DMP, discharged, distance, in_period, narrowed, reason, without
from indicators.measures.model import EVIDENCE, Facts, Grain, MeasureInfo, Scope, Window, shaped, single

if TYPE_CHECKING:
    import ibis

_STAY = ("stay", "legal_entity")


@dataclass(frozen=True, slots=True)
class StayMeasure:
    """Stays with at least one counted document of a kind over all stays.

    `operated` keeps the stays with an operation, `fields` those of some fields of activity (and those whose field is
    not known); with `fields`, the field is the part.
    """

    info: MeasureInfo
    kind: str
    operated: bool = False
    fields: tuple[str, ...] = ()

    def count(self, facts: Facts, window: Window, grain: Grain) -> ibis.Table:
        """Counted stays over stays, by month of discharge."""
        return single(self.together([self], facts, window, grain))

    def batch(self, *, parts: bool) -> tuple[str, ...]:
        """Measures with the same batch are counted in one pass over the facts; split, those of other parts are not."""
        return self.fields if parts else ()

    @staticmethod
    def together(measures: Sequence[StayMeasure], facts: Facts, window: Window, grain: Grain) -> ibis.Table:
        """Several measures of one batch in one pass: the columns of a count, each followed by the measure's place."""
        stays = grain.of_site(discharged(facts, window))
        documents = grain.of_entities(without(facts.documents, window, IN_DMP))
        kinds = sorted({measure.kind for measure in measures})
        stays = stays.left_join(_found(documents, kinds), _STAY)
        split = grain.parts and bool(measures[0].fields)
        keys = [*grain.keys, *(["part"] if split else [])]
        if split:
            stays = stays.mutate(part=stays.field)
        counts = {}
        for place, measure in enumerate(measures):
            inside = measure.population(stays)
            best = stays[f"best_{measure.kind}"].fill_null(0)
            counts[f"numerator_{place}"] = stays.count(where=inside & (best >= _HAS))
            counts[f"denominator_{place}"] = stays.count(where=inside)
            counts[f"acknowledged_{place}"] = stays.count(where=inside & (best == _ACKNOWLEDGED))
        return stays.group_by(*keys).agg(**counts)

    def population(self, stays: ibis.Table) -> ibis.Value:
        """Which discharged stays the measure looks at."""
        import ibis

        if self.operated:
            return stays.operated
        if self.fields:
            return stays.field.isnull() | stays.field.isin(self.fields)
        return ibis.literal(True)

    def evidence(self, facts: Facts, window: Window, scope: Scope) -> ibis.Table:
        """Each stay of the population with its best document, then each other document deposited by the cut-off."""
        letters = self._ranked(facts, window, scope)
        best = letters.filter(letters.inside & (letters.place == 0))
        others = letters.filter(
            ~(letters.inside & (letters.place == 0)),
            letters.deposited.between(window.period_start, window.cutoff),
        )
        stays = narrowed(discharged(facts, window), scope)
        return _stay_rows(stays.filter(self.population(stays)), best).union(_document_rows(others, window))

    def _ranked(self, facts: Facts, window: Window, scope: Scope) -> ibis.Table:
        """Every document of the kind in scope: its stay, its distance from counting, its place among its stay's."""
        import ibis

        letters = self._linked(facts, scope)
        population = self.population(letters).fill_null(False)
        letters = letters.mutate(
            distance=distance(letters, window, IN_DMP),
            wanted=population,
            inside=(
                in_period(letters.discharged, window) & ~letters.excluded & population & _home(letters, scope)
            ).fill_null(False),
        )
        order = ibis.window(group_by=_STAY, order_by=[letters.distance, letters.deposited, letters.document])
        return letters.mutate(place=ibis.row_number().over(order))

    def _linked(self, facts: Facts, scope: Scope) -> ibis.Table:
        """Documents of the kind beside their stay; `home` (the stay's site) is null when no such stay is known."""
        letters = facts.documents.filter(facts.documents.kind == self.kind)
        columns = ("discharged", "excluded", "operated", "field")
        stays = facts.stays.select(*_STAY, *columns, home=facts.stays.organization)
        if scope.legal_entity is not None:
            letters = letters.filter(letters.legal_entity == scope.legal_entity)
        letters = letters.left_join(stays, _STAY)
        return letters if scope.organization is None else letters.filter(_of_site(letters, facts, scope))


_HAS, _ACKNOWLEDGED = 1, 2


def _found(documents: ibis.Table, kinds: Sequence[str]) -> ibis.Table:
    """One row a stay that has a counted document, with the best it has of each kind: 0, `_HAS` or `_ACKNOWLEDGED`.

    The stays first, the count after: the two-level form that DuckDB runs twice as fast as count(distinct).
    """
    import ibis

    documents = documents.filter(documents.kind.isin(kinds), documents.stay.notnull())
    best = {}
    for kind in kinds:
        of_kind = documents.kind == kind
        value = ibis.cases((of_kind & documents.acknowledged, _ACKNOWLEDGED), (of_kind, _HAS), else_=0)
        best[f"best_{kind}"] = value.max()
    return documents.group_by(*_STAY).agg(**best)


def _of_site(letters: ibis.Table, facts: Facts, scope: Scope) -> ibis.Value:
    """Documents of the site's stays, of the site itself, or of an unknown site of the legal entities it belongs to."""
    organization = scope.organization
    lost = letters.organization.isnull() & letters.home.isnull()
    if scope.legal_entity is None:
        own = facts.stays.filter(facts.stays.organization == organization)
        lost = lost & letters.legal_entity.isin(own.legal_entity)
    return (letters.home == organization) | (letters.organization == organization) | lost


def _home(letters: ibis.Table, scope: Scope) -> ibis.Value:
    import ibis

    return ibis.literal(True) if scope.organization is None else letters.home == scope.organization


def _stay_rows(population: ibis.Table, best: ibis.Table) -> ibis.Table:
    best = best.select(*_STAY, "document", "acknowledged", "distance")
    stays = population.select(*_STAY, "organization").left_join(best, _STAY)
    rows = stays.mutate(counted=(stays.distance == 0).fill_null(False), reason=reason(stays.distance))
    return shaped(rows, EVIDENCE)


def _document_rows(others: ibis.Table, window: Window) -> ibis.Table:
    import ibis

    return shaped(others.mutate(counted=ibis.literal(False), reason=_outside(others, window)), EVIDENCE)


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
        (~document.wanted, "STAY_NOT_CONCERNED"),
        else_="STAY_OF_OTHER_SITE",
    )


_SUN = "SUN-ES volet 1 (draft instruction, summer 2021), documents de sortie"
_KEY = "stay number and legal entity"
_BY_STAY = "stays.discharged, stays.organization"
_OUT = "excluded stays; documents without stay, not conformant, deleted, late, not in the DMP, without qualified INS"

LDL = StayMeasure(
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
        source=_SUN,
        subject="Encounter",
        key=_KEY,
        attributed_by=_BY_STAY,
        excluded=_OUT,
        convention="the stay is the unit, not the patient nor the letter (CFG-S1-03)",
        deposit=True,
    ),
    "LDL",
)

ORD = StayMeasure(
    MeasureInfo(
        id="I-SUN1-ORD",
        title_fr="Séjours dont une ordonnance de sortie est au DMP",
        title_en="Stays with a discharge prescription in the DMP",
        definition_fr=(
            "Séjours sortis dans la période et non exclus, avec au moins une ordonnance de sortie conforme, portant "
            "une INS qualifiée, déposée au DMP au plus tard à la date d'arrêt et non supprimée à cette date ; "
            "rapportés à tous les séjours sortis dans la période et non exclus. Un séjour compte une fois, au mois de "
            "sa sortie, pour l'établissement géographique du séjour."
        ),
        definition_en=(
            "Stays discharged in the period and not excluded that have at least one conformant discharge prescription "
            "with a qualified INS, deposited in the DMP by the cut-off and not deleted by then; over all stays "
            "discharged in the period and not excluded. A stay counts once, in its month of discharge, for its site."
        ),
        unit="stay",
        kind="ratio",
        source=_SUN,
        subject="Encounter",
        key=_KEY,
        attributed_by=_BY_STAY,
        excluded=_OUT,
        convention="over all stays, with or without a prescription (CFG-S1-03); the document kinds say which type "
        "codes are prescriptions (CFG-S1-12)",
        deposit=True,
    ),
    "ORD",
)

CRO = StayMeasure(
    MeasureInfo(
        id="I-SUN1-CRO",
        title_fr="Séjours opérés dont un compte rendu opératoire est au DMP",
        title_en="Operated stays with an operative report in the DMP",
        definition_fr=(
            "Séjours sortis dans la période, non exclus et comportant au moins une opération, avec au moins un compte "
            "rendu opératoire conforme, portant une INS qualifiée, déposé au DMP au plus tard à la date d'arrêt et "
            "non supprimé à cette date ; rapportés à tous les séjours opérés sortis dans la période et non exclus. Un "
            "séjour compte une fois, au mois de sa sortie, pour l'établissement géographique du séjour."
        ),
        definition_en=(
            "Stays with an operation, discharged in the period and not excluded, that have at least one conformant "
            "operative report with a qualified INS, deposited in the DMP by the cut-off and not deleted by then; over "
            "all operated stays discharged in the period and not excluded. A stay counts once, in its month of "
            "discharge, for its site."
        ),
        unit="stay",
        kind="ratio",
        source=_SUN,
        subject="Encounter",
        key=_KEY,
        attributed_by=_BY_STAY,
        excluded=_OUT,
        convention="one report a stay is enough, however many operations (CFG-S1-08)",
        deposit=True,
    ),
    "CRO",
    operated=True,
)

IFAQ = StayMeasure(
    MeasureInfo(
        id="I-IFAQ-LDL",
        title_fr="IFAQ : taux d'alimentation du DMP en lettres de liaison de sortie",
        title_en="IFAQ: rate of stays whose discharge letter feeds the DMP",
        definition_fr=(
            "Séjours de MCO, dialyse, SMR ou HAD sortis dans la période et non exclus, avec au moins une lettre de "
            "liaison de sortie conforme, portant une INS qualifiée, déposée au DMP au plus tard à la date d'arrêt et "
            "non supprimée à cette date ; rapportés à tous ces séjours, par champ d'activité. Un séjour dont le champ "
            "n'est pas connu est compté à part. La grille qui en tire un niveau est un paramètre."
        ),
        definition_en=(
            "Stays of acute care, dialysis, rehabilitation or home hospitalisation discharged in the period and not "
            "excluded that have at least one conformant discharge letter with a qualified INS, deposited in the DMP "
            "by the cut-off and not deleted by then; over all those stays, by field of activity. A stay whose field "
            "is unknown is counted apart. The grid that turns the rate into a level is a parameter."
        ),
        unit="stay",
        kind="ratio",
        source="IFAQ, order of 15 January 2026, annexe 1 (fields and yearly period)",
        subject="Encounter",
        key=_KEY,
        attributed_by=_BY_STAY,
        excluded=_OUT + "; stays of another field (psychiatry)",
        convention="same unit and same conditions as I-SUN1-LDL",
        part="field of activity",
        deposit=True,
    ),
    "LDL",
    fields=("MCO", "DIALYSE", "SMR", "HAD"),
)

STAY_MEASURES = (CRO, IFAQ, LDL, ORD)
