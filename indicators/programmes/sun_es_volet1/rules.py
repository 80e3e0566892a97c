"""Rules of SUN-ES volet 1 as pure functions: figures and parameters in, decisions and cents out (SUN1-R04 to R29)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from indicators.money import parse_euros, share
from indicators.programmes.errors import RuleError
from indicators.programmes.parameters import ParameterMissing
from indicators.programmes.sun_es_volet1.calendar import source_parameters
from indicators.programmes.verdicts import (
    MEASURED,
    NOT_MEASURABLE,
    NOT_REACHED,
    REACHED,
    TO_VERIFY,
    measure_status,
    missing_to_target,
    target_verdict,
)
from indicators.ratio import Ratio

__all__ = [
    "BONUS_TIMINGS",
    "DOMAINS",
    "MEASURED",
    "NOT_MEASURABLE",
    "NOT_REACHED",
    "REACHED",
    "TO_VERIFY",
    "Payments",
    "advance",
    "advanced_forfait",
    "declared_gap",
    "envelope_left",
    "gap_alert",
    "grid_errors",
    "measure_status",
    "missing_to_target",
    "national_envelope_closes",
    "payments",
    "split_candidatures",
    "state_after_measure",
    "target_verdict",
    "usage",
]

DOMAINS: dict[str, tuple[str, ...]] = {
    "documents_sortie": ("LDL", "ORD", "CRO"),
    "biologie": ("BIO",),
    "imagerie": ("IMG",),
}
"""Document kinds each domain sends to the DMP (SUN1-R04)."""

BONUS_TIMINGS = ("with_usage", "prorata")


@dataclass(frozen=True, slots=True)
class Payments:
    """Cents: paid on acceptance, paid on usage, and their sum."""

    advance: int
    usage: int

    @property
    def total(self) -> int:
        """Everything paid, in cents."""
        return self.advance + self.usage


def advance(forfait: int) -> int:
    """SUN1-R24: 30 % of the forfait in cents, half up; 18 333.35 € gives 5 500.01 €."""
    return share(forfait, source_parameters().fraction("advance_share"))


def usage(forfait: int, paid_in_advance: int) -> int:
    """SUN1-R25, C-05: the rest of the forfait in cents, so that both payments add up."""
    return forfait - paid_in_advance


def advanced_forfait(standard: int) -> int:
    """SUN1-R26: the standard forfait in cents plus 10 %, for operative reports sent to the DMP."""
    return standard + share(standard, source_parameters().fraction("bonus_share"))


def payments(
    standard: int,
    *,
    accepted: bool,
    targets_reached: bool,
    bonus_claimed: bool = False,
    cro_reached: bool = False,
    bonus_timing: str | None = None,
) -> Payments:
    """SUN1-R24 to R27: what is paid in cents, once everything is known.

    The bonus comes `with_usage` or is spread `prorata` 30/70 (CFG-S1-07); a spread bonus whose operative reports miss
    their target falls back on the standard total. Raises `ParameterMissing` on a bonus without its timing, `RuleError`
    on another timing.
    """
    if not accepted:
        return Payments(0, 0)
    paid = advance(_advance_base(standard, bonus_timing) if bonus_claimed else standard)
    if not targets_reached:
        return Payments(paid, 0)
    total = advanced_forfait(standard) if bonus_claimed and cro_reached else standard
    return Payments(paid, usage(total, paid))


def _advance_base(standard: int, bonus_timing: str | None) -> int:
    if bonus_timing is None:
        raise ParameterMissing("bonus_timing")
    if bonus_timing not in BONUS_TIMINGS:
        raise RuleError(f"unknown_bonus_timing:{bonus_timing}")
    return advanced_forfait(standard) if bonus_timing == "prorata" else standard


def grid_errors(domain: str, amounts: Mapping[int, int], targets: Mapping[int, Fraction]) -> list[str]:
    """SUN1-R23: what is wrong with a grid by window number, amounts in cents and targets in percent.

    Amounts stay in the domain's range and never rise; targets never fall (non-strict, CONV). Raises `ParameterMissing`
    on a domain without a range.
    """
    bounds = source_parameters().get(f"range:{domain}")
    low, high = parse_euros(bounds["min"]), parse_euros(bounds["max"])
    below = [f"AMOUNT_BELOW_MIN:F{window}" for window in sorted(amounts) if amounts[window] < low]
    above = [f"AMOUNT_ABOVE_MAX:F{window}" for window in sorted(amounts) if amounts[window] > high]
    rising = [f"AMOUNT_NOT_DEGRESSIVE:F{b}>F{a}" for a, b in pairwise(sorted(amounts)) if amounts[b] > amounts[a]]
    falling = [f"TARGET_NOT_PROGRESSIVE:F{b}<F{a}" for a, b in pairwise(sorted(targets)) if targets[b] < targets[a]]
    return below + above + rising + falling


def envelope_left(delegated: int, commitments: Iterable[int]) -> int:
    """SUN1-R21: cents left of the delegated credits; below zero, the next file is refused for credits."""
    return delegated - sum(commitments)


def national_envelope_closes() -> bool:
    """SUN1-R22: the national envelope is what its parts add up to, in cents: 123 + 11 + 24 = 158, 158 + 52 = 210 M€."""
    known = source_parameters()
    volet1 = sum(known.cents(f"envelope:{domain}") for domain in DOMAINS)
    volet2 = known.cents("envelope:volet2:experiment") + known.cents("envelope:volet2:generalisation")
    return volet1 == known.cents("envelope:volet1") and volet1 + volet2 == known.cents("envelope:national")


def split_candidatures(wishes: Mapping[str, int]) -> dict[int, list[str]]:
    """SUN1-R16: one candidature per window, listing its domains in order."""
    windows = sorted(set(wishes.values()))
    return {window: sorted(domain for domain in wishes if wishes[domain] == window) for window in windows}


def declared_gap(declared_percent: Fraction | None, ratio: Ratio) -> Fraction | None:
    """SUN1-R29: points between the declared and the computed rate, or None when one of them has no value."""
    if declared_percent is None or ratio.percent is None:
        return None
    return abs(declared_percent - ratio.percent)


def gap_alert(gap: Fraction | None, tolerance_points: Fraction) -> bool | None:
    """SUN1-R29: an alert only above the tolerance; at the limit there is none. None without a gap."""
    return None if gap is None else gap > tolerance_points


def state_after_measure(state: str, verdict: str, *, indicative: bool) -> str:
    """SUN1-R27 (S2 §4.1, §5): DECLARED moves on; an indicative or undecided verdict moves nothing."""
    moves = {REACHED: "REACHED", NOT_REACHED: "NOT_REACHED"}
    return state if indicative or state != "DECLARED" else moves.get(verdict, state)
