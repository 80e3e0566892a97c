"""Declared against computed, as a figure: how many declared indicators say something else than we count (C-10).

How far apart they are, in points, and whether that is within the tolerance, is `indicators.comparison`'s to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from indicators.measures.declared import cells, declared_evidence
from indicators.measures.model import Facts, Grain, Measure, MeasureInfo, Scope, Window, shaped

if TYPE_CHECKING:
    import ibis

_SIDE = {"organization": "string", "month": "int32", "numerator": "int64", "denominator": "int64"}


@dataclass(frozen=True, slots=True)
class GapMeasure:
    """Declared rates that differ from the computed ones, over declared rates; the indicator is the part.

    Both rates are compared as fractions, by cross multiplication: 2/4 is 1/2.
    """

    info: MeasureInfo
    compared: tuple[Measure, ...]

    def count(self, facts: Facts, window: Window, grain: Grain) -> ibis.Table:
        """One row an establishment and declared indicator: 1 when the rates differ, over 1."""
        rows = [self._one(measure, facts, window, grain) for measure in self.compared]
        return reduce(lambda left, right: left.union(right), rows)

    def _one(self, measure: Measure, facts: Facts, window: Window, grain: Grain) -> ibis.Table:
        import ibis

        said = cells(facts.declared, [measure.info.id], window, grain)
        said = said.filter(said.numerator.notnull(), said.denominator > 0)
        said = shaped(said, _SIDE).rename(said_numerator="numerator", said_denominator="denominator")
        seen = shaped(measure.count(facts, window, grain), _SIDE)
        both = said.left_join(seen, list(grain.keys))
        differs = (both.numerator * both.said_denominator != both.said_numerator * both.denominator) | (
            both.denominator == 0
        )
        return both.select(
            *grain.keys,
            part=ibis.literal(measure.info.id),
            numerator=ibis.cases((differs.fill_null(True), 1), else_=0).cast("int64"),
            denominator=ibis.literal(1, "int64"),
        )

    def evidence(self, facts: Facts, window: Window, scope: Scope) -> ibis.Table:
        """The declarations of the indicators that are compared; those that answer are the counted ones."""
        return declared_evidence(facts, _ids(self.compared), window, scope, stock=False)


def _ids(measures: Sequence[Measure]) -> list[str]:
    return [measure.info.id for measure in measures]


def gap(compared: Sequence[Measure]) -> GapMeasure:
    """The measure of differences between the declared and the computed figures of some measures."""
    names = ", ".join(_ids(compared))
    return GapMeasure(
        MeasureInfo(
            id="I-SUN1-GAP",
            title_fr="Indicateurs déclarés qui diffèrent du calcul",
            title_en="Declared indicators that differ from the computed ones",
            definition_fr=(
                f"Indicateurs déclarés par l'établissement ({names}) dont le taux n'est pas exactement celui que ce "
                "serveur calcule sur la même période ; rapportés aux indicateurs déclarés. L'écart en points et "
                "l'alerte au-delà de la tolérance fixée par l'ARS sont donnés par la comparaison."
            ),
            definition_en=(
                f"Indicators the establishment declares ({names}) whose rate is not exactly the one this server "
                "computes over the same period; over the indicators declared. How many points apart they are, and the "
                "alert beyond the tolerance set by the agency, are given by the comparison."
            ),
            unit="declared indicator",
            kind="ratio",
            source="SUN-ES volet 1 (draft instruction, summer 2021), SUN1-R29",
            subject="Organization",
            key="establishment, indicator, window",
            attributed_by="declared.period_start and period_end, declared.organization",
            excluded="declarations without a denominator or of another period",
            convention="both figures are kept and compared, never merged (C-10); no tolerance, no alert (CFG-S1-11)",
            part="indicator",
            better="decrease",
        ),
        tuple(compared),
    )
