"""Declared figures: which of them answer for a period, and the measures that are read from them.

Of two declarations of one period the last received counts. A period is answered by declared periods that tile it
without gap or overlap; one that lies within another is left out. Anything else is no answer: a rate over part of its
denominator would flatter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indicators.measures.counting import month_of, narrowed
from indicators.measures.model import EVIDENCE, Facts, Grain, MeasureInfo, Scope, Window, shaped

if TYPE_CHECKING:
    import ibis

_PERIOD = ("organization", "indicator", "period_start", "period_end")


def cells(
    declared: ibis.Table, indicators: Sequence[str], window: Window, grain: Grain, *, stock: bool = False
) -> ibis.Table:
    """Declared numerator and denominator by organization, indicator and (when asked) month; null when incomplete.

    A `stock` (patients, persons) cannot be added over months: only a declaration of the very period answers.
    """
    rows = chosen(grain.of_site(declared), indicators, window, grain, stock=stock)
    keys = ["organization", "indicator", *(["month"] if grain.by_month else [])]
    whole = (rows.count(where=~rows.follows) == 0) & (rows.count(where=rows.closes) == 1)

    def total(column: str) -> ibis.Value:
        import ibis

        said = whole & (rows[column].count() == rows.count())
        return ibis.cases((said, rows[column].sum().cast("int64")), else_=ibis.null("int64"))

    return rows.group_by(*keys).agg(numerator=total("numerator"), denominator=total("denominator"))


def chosen(declared: ibis.Table, indicators: Sequence[str], window: Window, grain: Grain, *, stock: bool) -> ibis.Table:
    """The declarations that answer, with `follows` (no gap nor overlap before) and `closes` (the cell ends there)."""
    import ibis

    rows = declared.filter(
        declared.indicator.isin(list(indicators)),
        declared.period_start >= window.period_start,
        declared.period_end <= window.period_end,
    )
    last = ibis.window(group_by=_PERIOD, order_by=[rows.received.desc(), rows.source])
    rows = rows.mutate(turn=ibis.row_number().over(last)).filter(lambda t: t.turn == 0)
    cell = ["organization", "indicator"]
    opens, closes = rows.period_start == window.period_start, rows.period_end == window.period_end
    if grain.by_month:
        rows = rows.filter(month_of(rows.period_start) == month_of(rows.period_end))
        rows = rows.mutate(month=month_of(rows.period_start))
        cell.append("month")
        opens = opens | (rows.period_start.day() == 1)
        closes = closes | (_next(rows.period_end).day() == 1)
    rows = rows.mutate(opens=opens, closes=closes)
    if stock:
        rows = rows.filter(rows.opens & rows.closes)
    before = ibis.window(
        group_by=cell, order_by=[rows.period_start, rows.period_end.desc()], preceding=(None, 1), following=None
    )
    rows = rows.mutate(reached=rows.period_end.max().over(before))
    rows = rows.filter(rows.reached.isnull() | (rows.reached < rows.period_end))
    follows = ibis.cases(
        (rows.reached.isnull(), rows.opens), else_=(_next(rows.reached) == rows.period_start).fill_null(False)
    )
    return rows.mutate(follows=follows)


def _next(day: ibis.Value) -> ibis.Value:
    import ibis

    return (day + ibis.interval(days=1)).cast("date")


def declared_evidence(
    facts: Facts, indicators: Sequence[str], window: Window, scope: Scope, *, stock: bool
) -> ibis.Table:
    """Every declaration that touches the period: the ones that answer, the superseded, those that do not fit."""
    import ibis

    rows = narrowed(facts.declared, scope)
    rows = rows.filter(
        rows.indicator.isin(list(indicators)),
        rows.period_start <= window.period_end,
        rows.period_end >= window.period_start,
    )
    used = chosen(rows, indicators, window, Grain(), stock=stock)
    complete = used.group_by("organization", "indicator").agg(
        whole=(used.count(where=~used.follows) == 0) & (used.count(where=used.closes) == 1)
    )
    used = used.select(*_PERIOD, "source", answers=ibis.literal(True))
    rows = rows.left_join(used, [*_PERIOD, "source"]).drop(*(f"{name}_right" for name in (*_PERIOD, "source")))
    rows = rows.left_join(complete, ["organization", "indicator"])
    inside = (rows.period_start >= window.period_start) & (rows.period_end <= window.period_end)
    counted = rows.answers.fill_null(False) & rows.whole.fill_null(False)
    reason = ibis.cases(
        (counted, "COUNTED"),
        (rows.answers.fill_null(False), "DECLARED_INCOMPLETE"),
        (~inside, "DECLARED_OTHER_PERIOD"),
        else_="DECLARED_SUPERSEDED",
    )
    return shaped(rows.mutate(counted=counted, reason=reason, declared=rows.source), EVIDENCE)


@dataclass(frozen=True, slots=True)
class DeclaredMeasure:
    """A figure that this server cannot see: numerator and denominator as the establishment declared them."""

    info: MeasureInfo
    stock: bool = False

    def count(self, facts: Facts, window: Window, grain: Grain) -> ibis.Table:
        """The declared figure of the period."""
        import ibis

        rows = cells(facts.declared, [self.info.id], window, grain, stock=self.stock)
        rows = rows.filter(rows.numerator.notnull()).drop("indicator")
        return rows.mutate(denominator=ibis.null("int64")) if self.info.kind == "count" else rows

    def evidence(self, facts: Facts, window: Window, scope: Scope) -> ibis.Table:
        """The declarations of the period; those that answer are the counted ones."""
        return declared_evidence(facts, [self.info.id], window, scope, stock=self.stock)


_ESMS = "ESMS numérique, CNSA technical instruction of 12 November 2020, annexe 2"
_PERSON = "person accompanied"


def _info(measure: str, source: str, words: tuple[str, str, str, str], **more: str) -> MeasureInfo:
    """The words of a declared figure; what most of them share is said once."""
    title_fr, title_en, definition_fr, definition_en = words
    shared = {"kind": "ratio", "key": _PERSON, "subject": "Patient", "unit": "person"}
    return MeasureInfo(
        id=measure, title_fr=title_fr, title_en=title_en, definition_fr=definition_fr, definition_en=definition_en,
        source=source, attributed_by="declared.period_start and period_end, declared.organization",
        **{**shared, **more},  # type: ignore[arg-type]
    )  # fmt: skip


ESMS_E1 = DeclaredMeasure(
    _info(
        "I-ESMS-E1",
        _ESMS,
        (
            "Taux de dossiers actifs",
            "Rate of active files",
            "Personnes accompagnées au moins un jour dans la période dont le dossier a été mis à jour au moins une "
            "fois dans la période ; rapportées à toutes les personnes accompagnées dans la période. Chiffre déclaré.",
            "Persons accompanied at least one day in the period whose file was updated at least once in the period; "
            "over all persons accompanied in the period. A declared figure.",
        ),
        excluded="updates of files of persons no longer accompanied",
        convention="an accompaniment open at least one day in the period (CFG-ES-12)",
    ),
    stock=True,
)

ESMS_E2 = DeclaredMeasure(
    _info(
        "I-ESMS-E2",
        _ESMS,
        (
            "Dossiers actifs avec un projet personnalisé",
            "Active files with a personalised project",
            "Dossiers actifs dont un projet personnalisé est en préparation ou actif à la fin de la période ; "
            "rapportés à tous les dossiers actifs. Chiffre déclaré.",
            "Active files with a personalised project in preparation or active at the end of the period; over all "
            "active files. A declared figure.",
        ),
        excluded="closed projects",
        convention="the period of ESMS-R24, not the month (X-08)",
    ),
    stock=True,
)

ESMS_E3 = DeclaredMeasure(
    _info(
        "I-ESMS-E3",
        _ESMS,
        (
            "Dossiers actifs avec un événement",
            "Active files with an event",
            "Dossiers actifs comportant au moins un événement daté de la période ; rapportés à tous les dossiers "
            "actifs. Chiffre déclaré.",
            "Active files with at least one event dated in the period; over all active files. A declared figure.",
        ),
        convention="an event is any dated entry other than the update itself (CFG-ES-13)",
    ),
    stock=True,
)

ESMS_E6 = DeclaredMeasure(
    _info(
        "I-ESMS-E6",
        _ESMS,
        (
            "Prescriptions électroniques importées",
            "E-prescriptions imported",
            "Nombre de prescriptions électroniques distinctes importées dans le dossier usager dans la période. "
            "Chiffre déclaré avec sa preuve : ce serveur ne voit pas ces imports.",
            "Number of distinct e-prescriptions imported into the user record in the period. A declared figure with "
            "its evidence: this server does not see these imports.",
        ),
        kind="count",
        unit="prescription",
        key="prescription id",
        subject="MedicationRequest",
    )
)

ESMS_E7 = DeclaredMeasure(
    _info(
        "I-ESMS-E7",
        _ESMS,
        (
            "Échanges avec la plateforme e-parcours",
            "Exchanges with the e-parcours platform",
            "Nombre d'échanges distincts entre le dossier usager et la plateforme par le cahier de liaison, dans les "
            "deux sens, dans la période. Chiffre déclaré.",
            "Number of distinct exchanges between the user record and the platform through the liaison notebook, both "
            "ways, in the period. A declared figure.",
        ),
        kind="count",
        unit="exchange",
        key="exchange id",
        subject="Communication",
        convention="in the period of ESMS-R24, not since the project began (X-08)",
    )
)

AAP_TR = DeclaredMeasure(
    _info(
        "I-AAP-TR",
        "National call for user records 2021, paragraph 3.2",
        (
            "Critères d'usage atteints de la tranche",
            "Usage criteria of the tranche that are reached",
            "Critères d'usage atteints à la vérification de service régulier de la tranche ; rapportés aux critères "
            "auxquels le porteur s'est engagé. Chiffre déclaré ; tous doivent être atteints pour ouvrir la suivante.",
            "Usage criteria reached at the regular-service verification of the tranche; over those the holder "
            "committed to. A declared figure; all of them open the next tranche.",
        ),
        unit="criterion",
        key="criterion",
        subject="Organization",
        convention="the period declared is that of the tranche",
    ),
    stock=True,
)

CC_1 = DeclaredMeasure(
    _info(
        "I-CC-1",
        "Common framework of e-health projects, SG/DSSIS/2016/147, part II.1",
        (
            "Services du socle disponibles dans la région",
            "Core services available in the region",
            "Services du socle commun disponibles dans la région à la fin du semestre ; rapportés aux neuf services "
            "du socle. Chiffre déclaré par l'ARS ; l'établissement est ici la région (code INSEE).",
            "Core services available in the region at the end of the half-year; over the nine of the core. A figure "
            "that the regional agency declares; the establishment is the region here (INSEE code).",
        ),
        unit="service",
        key="service code",
        subject="Organization",
        convention="available from the state AVAILABLE on",
    ),
    stock=True,
)

CC_3 = DeclaredMeasure(
    _info(
        "I-CC-3",
        "Common framework of e-health projects, SG/DSSIS/2016/147, part III.4, CC-R08",
        (
            "Bilans semestriels reçus de la région",
            "Half-yearly reports received from the region",
            "Bilans semestriels reçus de la région ; rapportés aux semestres dus. Chiffre déclaré ; l'établissement "
            "est ici la région (code INSEE).",
            "Half-yearly reports received from the region; over the half-years due. A declared figure; the "
            "establishment is the region here (INSEE code).",
        ),
        unit="report",
        key="half-year",
        subject="Organization",
    )
)

DECLARED_MEASURES = (AAP_TR, CC_1, CC_3, ESMS_E1, ESMS_E2, ESMS_E3, ESMS_E6, ESMS_E7)
