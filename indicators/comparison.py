"""Declared against computed (C-10): both figures are kept, compared in points, and never merged.

The declared one decides after the agency has verified it; ours is the control. SUN1-R29: beyond the tolerance there is
an alert, at the tolerance there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from indicators.measures.model import Evidence, Figure, Window
from indicators.ratio import Ratio, decimals

if TYPE_CHECKING:
    from indicators.facts import Declared
    from indicators.programmes.parameters import ParameterSet

TOLERANCE = "tolerance"
"""The parameter, in points (CFG-S1-11); `tolerance:I-SUN1-LDL` is that of one indicator and goes first."""

Status = Literal["same", "within_tolerance", "alert", "not_measurable", "not_computed"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One declared figure beside the computed one.

    `gap` is in points (percentage points of two rates; units of two counts), exact, null when one of the figures has
    no value. `evidence` are the rows behind the computed one, when they were asked for.
    """

    organization: str
    indicator: str
    source: str
    declared: Ratio
    computed: Ratio | None
    gap: Fraction | None
    tolerance: Fraction
    status: Status
    evidence: tuple[Evidence, ...] = ()

    @property
    def alert(self) -> bool:
        """Whether somebody has to look."""
        return self.status == "alert"

    def text(self, lang: str = "fr") -> str:
        """One sentence for people."""
        fr = lang == "fr"
        computed = "–" if self.computed is None else _shown(self.computed, lang)
        gap = "–" if self.gap is None else decimals(self.gap).replace(".", "," if fr else ".")
        limit = decimals(self.tolerance).replace(".", "," if fr else ".")
        if fr:
            alert = " Alerte : écart supérieur à la tolérance." if self.alert else ""
            return (
                f"{self.indicator}, {self.organization} : déclaré {_shown(self.declared, lang)} ({self.source}), "
                f"calculé {computed}, écart {gap} point(s), tolérance {limit}.{alert}"
            )
        alert = " Alert: the gap is above the tolerance." if self.alert else ""
        return (
            f"{self.indicator}, {self.organization}: declared {_shown(self.declared, lang)} ({self.source}), computed "
            f"{computed}, gap {gap} point(s), tolerance {limit}.{alert}"
        )


def gap_points(declared: Ratio, computed: Ratio) -> Fraction | None:
    """How far apart two figures are: points of percentage for rates, units for counts; null without two values.

    80 % declared and 3 of 4 computed are 5 points apart.
    """
    if declared.denominator is None and computed.denominator is None:
        return Fraction(abs(declared.numerator - computed.numerator))
    if declared.percent is None or computed.percent is None:
        return None
    return abs(declared.percent - computed.percent)


def compare(
    declared: Iterable[Declared],
    computed: Iterable[Figure],
    window: Window,
    parameters: ParameterSet,
    *,
    evidence: Sequence[Evidence] = (),
) -> list[Comparison]:
    """Every declared figure of the window beside the computed one, in the order of establishment and indicator.

    A declaration without numerator is a denominator, and compares with nothing. Of two declarations by one source the
    last received is taken; two sources are two comparisons.

    Args:
        declared: declared facts; those of other periods are left aside.
        computed: figures of the same window, not split by month nor part.
        window: the period declared and computed.
        parameters: where the tolerance is.
        evidence: rows of one indicator and establishment, put beside its alert.

    Raises:
        ParameterMissing: there is something to compare and no tolerance.
        ValueError: the tolerance is no number.
    """
    seen = {(figure.organization, figure.measure): figure for figure in computed}
    return [
        _compared(one, seen.get((one.organization, one.indicator)), window, parameters, evidence)
        for one in _last(declared, window)
    ]


def alerts(comparisons: Iterable[Comparison]) -> list[Comparison]:
    """The comparisons that somebody has to look at."""
    return [comparison for comparison in comparisons if comparison.alert]


def _last(declared: Iterable[Declared], window: Window) -> list[Declared]:
    latest: dict[tuple[str, str, str], Declared] = {}
    for one in sorted(declared, key=lambda row: row.received):
        if (one.period_start, one.period_end) == (window.period_start, window.period_end) and one.numerator is not None:
            latest[one.organization, one.indicator, one.source] = one
    return [latest[key] for key in sorted(latest)]


def _compared(
    one: Declared, figure: Figure | None, window: Window, parameters: ParameterSet, evidence: Sequence[Evidence]
) -> Comparison:
    tolerance = _tolerance(parameters, one.indicator, window)
    said = Ratio(one.numerator or 0, one.denominator)
    seen = None if figure is None else Ratio(figure.numerator, figure.denominator)
    gap = None if seen is None else gap_points(said, seen)
    status = _status(seen, gap, tolerance)
    rows = tuple(row for row in evidence if row.organization == one.organization) if status == "alert" else ()
    return Comparison(one.organization, one.indicator, one.source, said, seen, gap, tolerance, status, rows)


def _status(seen: Ratio | None, gap: Fraction | None, tolerance: Fraction) -> Status:
    if seen is None:
        return "not_computed"
    if gap is None:
        return "not_measurable"
    if gap > tolerance:
        return "alert"
    return "within_tolerance" if gap else "same"


def _tolerance(parameters: ParameterSet, indicator: str, window: Window) -> Fraction:
    own = f"{TOLERANCE}:{indicator}"
    named = own if parameters.find(own, window.period_end) else TOLERANCE
    return parameters.fraction(named, window.period_end)


def _shown(ratio: Ratio, lang: str) -> str:
    if ratio.denominator is None:
        return str(ratio.numerator)
    said = "sur" if lang == "fr" else "of"
    return f"{ratio.numerator} {said} {ratio.denominator} ({ratio.display(lang)})"
