"""Where one establishment stands in one window of SUN-ES volet 1: rates, verdict, euros, and what is missing.

The figure that decides is the one declared in oSIS and verified by the ARS (SUN1-R29, C-10); this one is a control
beside it. A parameter nobody gave is named, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from indicators.facts import Declared
from indicators.measures import MEASURES, Figure
from indicators.programmes.parameters import ParameterMissing, ParameterSet
from indicators.programmes.sun_es_volet1 import rules
from indicators.programmes.sun_es_volet1.calendar import UsageWindow, source_parameters, usage_window
from indicators.programmes.sun_es_volet1.conventions import contradicted, sites_of, unconfirmed
from indicators.ratio import Ratio, decimals

TARGETS: dict[str, tuple[str, ...]] = {
    "documents_sortie": ("I-SUN1-LDL", "I-SUN1-ORD"),
    "biologie": ("I-SUN1-BIO",),
    "imagerie": ("I-SUN1-IMG",),
}
BONUS = "I-SUN1-CRO"
SHOWN = ("I-SUN1-INS",)
READS = tuple(sorted({BONUS, *SHOWN, *(name for names in TARGETS.values() for name in names)}))
"""Every indicator a situation may need figures of."""
NOT_COMPUTED = "not_computed"
NO_TARGET = "no_target"


@dataclass(frozen=True, slots=True)
class Amount:
    """Cents, or the reason why there are none: `parameter_missing:<name>`, `not_measurable`, ..."""

    cents: int | None
    reason: str | None
    rule: str

    @property
    def value(self) -> int | str:
        """Cents, or the reason as text."""
        return self.cents if self.cents is not None else str(self.reason)


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator of the domain. `decides` tells a target from a figure shown beside it; `missing` is a count.

    `gap` is in points between the declared rate and ours; `alert` is true, false, or the reason why it is unknown.
    """

    measure: str
    rule: str
    decides: bool
    ratio: Ratio | None
    status: str
    target: Fraction | None
    verdict: str
    missing: int | None
    declared: Ratio | None
    gap: Fraction | None
    alert: bool | str | None


@dataclass(frozen=True, slots=True)
class Situation:
    """The whole answer for one establishment, window and domain; `at_stake` is what the missing letters are worth."""

    finess: str
    window: UsageWindow
    domain: str
    lines: tuple[Line, ...]
    verdict: str
    advance: Amount
    usage: Amount
    total: Amount
    at_stake: Amount
    label: str
    conventions: tuple[str, ...]
    parameter_set: str

    @property
    def indicative(self) -> bool:
        """Whether a convention stands in for a parameter: readable, exportable, but never paid from (chapter 10)."""
        return bool(self.conventions)

    @property
    def missing_parameters(self) -> tuple[str, ...]:
        """Names of the parameters that keep something from being decided, each once, in order."""
        amounts = (self.advance, self.usage, self.total, self.at_stake)
        said = [line.verdict for line in self.lines] + [str(amount.value) for amount in amounts]
        names = (text.removeprefix("parameter_missing:") for text in said if text.startswith("parameter_missing:"))
        return tuple(dict.fromkeys(names))

    def next_state(self, state: str) -> str:
        """The candidature's next state after the measure; an indicative situation leaves it where it is."""
        return rules.state_after_measure(state, self.verdict, indicative=self.indicative)

    def explain(self, lang: str = "fr") -> str:
        """The situation in sentences, each with its rule id, in French or English."""
        from indicators.programmes.sun_es_volet1.explain import explain

        return explain(self, lang)

    def as_dict(self) -> dict[str, Any]:
        """For machines: amounts in cents or their reason, percentages as text with two decimals."""
        amounts = {name: getattr(self, name) for name in ("advance", "usage", "total", "at_stake")}
        return {
            "finess": self.finess,
            "window": self.window.id,
            "domain": self.domain,
            "verdict": self.verdict,
            "indicators": [_line_dict(line) for line in self.lines],
            "amounts": {name: {"cents": found.value, "rule": found.rule} for name, found in amounts.items()},
            "label": self.label,
            "indicative": self.indicative,
            "conventions": list(self.conventions),
            "missing_parameters": list(self.missing_parameters),
            "parameter_set": self.parameter_set,
        }


def situation(
    finess: str,
    window_id: str | int,
    figures: Sequence[Figure],
    declared: Sequence[Declared],
    parameters: ParameterSet,
    *,
    domain: str = "documents_sortie",
    cutoff: date | None = None,
    acknowledged: bool = False,
    bonus_claimed: bool = False,
) -> Situation:
    """Where an establishment stands, from figures computed over the measure period of the window.

    `cutoff` is the one the figures were computed with (default: end of the measure); `acknowledged` says that the DMP
    itself confirmed every counted document. Raises `LookupError` on an unknown window or domain.
    """
    if domain not in TARGETS:
        raise LookupError(f"unknown domain {domain!r}; known: {', '.join(sorted(TARGETS))}")
    window = usage_window(window_id, parameters)
    file = _File(finess, window, domain, tuple(figures), tuple(declared), parameters.over(source_parameters()))
    used = cutoff or window.measure.end
    lines, clash = _lines(file, bonus_claimed), contradicted(file.parameters, window, used)
    verdict = f"parameter_not_applied:{clash[0]}" if clash else _domain_verdict(lines, file.required)
    advance, usage, stake = _amounts(file, lines, verdict, bonus_claimed)
    return Situation(
        finess=finess,
        window=window,
        domain=domain,
        lines=lines,
        verdict=verdict,
        advance=advance,
        usage=usage,
        total=_sum(advance, usage),
        at_stake=stake,
        label="dmp" if acknowledged else "accepted_by_this_server",
        conventions=unconfirmed(file.parameters, finess, window, domain),
        parameter_set=file.parameters.id,
    )


def required_indicators(window: UsageWindow, domain: str, parameters: ParameterSet) -> tuple[str, ...]:
    """SUN1-R25: indicators of a domain with a target: the ARS's list, else letters and prescriptions (X-07)."""
    name, day = f"indicators:{domain}", window.measure.end
    return parameters.texts(name, day) if parameters.find(name, day) is not None else TARGETS[domain]


def standard_forfait(finess: str, window: UsageWindow, domain: str, parameters: ParameterSet) -> int:
    """SUN1-R23: the standard forfait in cents, the establishment's own value first, else the set's (CFG-S1-04).

    Raises `ParameterMissing`.
    """
    general, day = f"forfait:{domain}:{window.id}", window.measure.end
    own = f"{general}:{finess}"
    return parameters.cents(own if parameters.find(own, day) else general, day)


@dataclass(frozen=True, slots=True)
class _File:
    """What the questions about one establishment, window and domain share."""

    finess: str
    window: UsageWindow
    domain: str
    figures: tuple[Figure, ...]
    declared: tuple[Declared, ...]
    parameters: ParameterSet

    @property
    def day(self) -> date:
        """The day whose parameters are in force: the last one measured (C-11)."""
        return self.window.measure.end

    @property
    def required(self) -> tuple[str, ...]:
        """Indicators with a target."""
        return required_indicators(self.window, self.domain, self.parameters)

    def target(self, measure: str) -> Fraction:
        """The target in percent (CFG-S1-02). Raises `ParameterMissing`."""
        return self.parameters.fraction(f"target:{measure}:{self.window.id}", self.day)

    def forfait(self) -> int:
        """The standard forfait in cents."""
        return standard_forfait(self.finess, self.window, self.domain, self.parameters)

    def ratio(self, measure: str) -> Ratio | None:
        """The computed figure over the whole period and every site; None when nothing computes it yet."""
        sites = sites_of(self.parameters, self.finess)
        mine = [f for f in self.figures if f.measure == measure and f.organization in sites]
        if any(f.month is not None for f in mine) or len({f.organization for f in mine}) < len(mine):
            raise ValueError(f"{measure}: one figure per site over the whole period is needed")
        if not mine:
            return Ratio(0, 0) if measure in MEASURES else None
        declared = [f.denominator for f in mine if f.denominator is not None]
        # A denominator nobody declared is none: not zero, and not the part of it that other sites declared.
        return Ratio(sum(f.numerator for f in mine), sum(declared) if len(declared) == len(mine) else None)

    def declaration(self, measure: str) -> Ratio | None:
        """The last figure declared for exactly this period."""
        period = (self.window.measure.start, self.window.measure.end)
        mine = [
            row
            for row in self.declared
            if (row.organization, row.indicator) == (self.finess, measure)
            and (row.period_start, row.period_end) == period
            and row.numerator is not None
        ]
        last = max(mine, key=lambda row: row.received, default=None)
        return None if last is None or last.numerator is None else Ratio(last.numerator, last.denominator)


def _lines(file: _File, bonus_claimed: bool) -> tuple[Line, ...]:
    bonus = (BONUS,) if bonus_claimed else ()
    shown = tuple(name for name in SHOWN if name not in file.required)
    deciding = [_line(file, name, decides=True) for name in dict.fromkeys((*file.required, *bonus))]
    return (*deciding, *(_line(file, name, decides=False) for name in shown))


def _line(file: _File, measure: str, *, decides: bool) -> Line:
    ratio, declared = file.ratio(measure), file.declaration(measure)
    target, verdict = _judged(file, measure, ratio) if decides else (None, NO_TARGET)
    gap = rules.declared_gap(declared.percent, ratio) if declared and ratio else None
    return Line(
        measure=measure,
        rule={BONUS: "SUN1-R26", "I-SUN1-INS": "SUN1-R28"}.get(measure, "SUN1-R25"),
        decides=decides,
        ratio=ratio,
        status=NOT_COMPUTED if ratio is None else rules.measure_status(ratio),
        target=target,
        verdict=verdict,
        missing=rules.missing_to_target(ratio, target) if ratio and target is not None else None,
        declared=declared,
        gap=gap,
        alert=_alert(file, gap),
    )


def _judged(file: _File, measure: str, ratio: Ratio | None) -> tuple[Fraction | None, str]:
    """The target and the verdict; which prescription codes count is asked for first (CFG-S1-12)."""
    try:
        if measure == "I-SUN1-ORD":
            file.parameters.get("ordonnance_codes", file.day)
        target = file.target(measure)
    except ParameterMissing as missing:
        return None, str(missing)
    return target, NOT_COMPUTED if ratio is None else rules.target_verdict(ratio, target)


def _alert(file: _File, gap: Fraction | None) -> bool | str | None:
    if gap is None:
        return None
    try:
        return rules.gap_alert(gap, file.parameters.fraction("tolerance", file.day))
    except ParameterMissing as missing:
        return str(missing)


def _domain_verdict(lines: Sequence[Line], required: Sequence[str]) -> str:
    """SUN1-R25, R27: every target reached. One miss settles it; else the first thing unknown is the answer."""
    verdicts = [line.verdict for line in lines if line.measure in required]
    if rules.NOT_REACHED in verdicts:
        return rules.NOT_REACHED
    unknown = sorted((v for v in verdicts if v != rules.REACHED), key=lambda v: not v.startswith("parameter_missing:"))
    return unknown[0] if unknown else rules.REACHED if verdicts else NO_TARGET


def _amounts(file: _File, lines: Sequence[Line], verdict: str, bonus_claimed: bool) -> tuple[Amount, Amount, Amount]:
    """Advance, usage payment and what is at stake, under the verdict."""
    try:
        paid = _full_payment(file, lines, bonus_claimed)
    except (ParameterMissing, _Undecided) as unknown:
        return _unknown_amounts(str(unknown), verdict)
    stake = Amount(0 if verdict == rules.REACHED else paid.usage, None, "SUN1-R25")
    return Amount(paid.advance, None, "SUN1-R24"), _usage(paid.usage, verdict), stake


def _unknown_amounts(reason: str, verdict: str) -> tuple[Amount, Amount, Amount]:
    """A missed target pays nothing, even of a forfait nobody knows (SUN1-R27)."""
    missed = verdict == rules.NOT_REACHED
    usage = Amount(0, None, "SUN1-R27") if missed else Amount(None, reason, "SUN1-R25")
    return Amount(None, reason, "SUN1-R24"), usage, Amount(None, reason, "SUN1-R25")


class _Undecided(Exception):
    """The bonus cannot be decided yet; its text is the reason."""


def _full_payment(file: _File, lines: Sequence[Line], bonus_claimed: bool) -> rules.Payments:
    """Both payments, were the targets reached. Raises `ParameterMissing` or `_Undecided`."""
    forfait = file.forfait()
    if not bonus_claimed:
        return rules.payments(forfait, accepted=True, targets_reached=True)
    bonus = next(line.verdict for line in lines if line.measure == BONUS)
    if bonus not in (rules.REACHED, rules.NOT_REACHED):
        raise _Undecided(bonus)
    return rules.payments(
        forfait,
        accepted=True,
        targets_reached=True,
        bonus_claimed=True,
        cro_reached=bonus == rules.REACHED,
        bonus_timing=str(file.parameters.get("bonus_timing", file.day)),
    )


def _usage(rest: int, verdict: str) -> Amount:
    if verdict == rules.REACHED:
        return Amount(rest, None, "SUN1-R25")
    return Amount(0, None, "SUN1-R27") if verdict == rules.NOT_REACHED else Amount(None, verdict, "SUN1-R25")


def _sum(advance: Amount, usage: Amount) -> Amount:
    if advance.cents is None or usage.cents is None:
        return Amount(None, advance.reason or usage.reason, "SUN1-R25")
    return Amount(advance.cents + usage.cents, None, "SUN1-R25")


def _line_dict(line: Line) -> dict[str, Any]:
    texts = {name: None if getattr(line, name) is None else decimals(getattr(line, name)) for name in ("target", "gap")}
    rate = {"rate": line.ratio.percent_text if line.ratio else None}
    return asdict(line) | texts | rate
