"""A rate against a target, the same in every programme: compared before it is rounded, no verdict without a population.

Conventions C-01 (exact), C-02 (exactly the target is reached), C-03 (denominator 0 is not measurable), C-07.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from indicators.ratio import Ratio

MEASURED = "measured"
NOT_MEASURABLE = "not_measurable"
TO_VERIFY = "to_verify:numerator_exceeds_denominator"
REACHED = "reached"
NOT_REACHED = "not_reached"


def measure_status(ratio: Ratio) -> str:
    """Whether a rate can carry a verdict: no denominator is not measurable (C-03), above 100 % is to be verified."""
    if not ratio.denominator:
        return NOT_MEASURABLE
    return TO_VERIFY if ratio.numerator > ratio.denominator else MEASURED


def target_verdict(ratio: Ratio, target_percent: Fraction) -> str:
    """C-01, C-02: exactly the target is reached; 2/3 does not reach 66.67 although both display it."""
    status = measure_status(ratio)
    if status != MEASURED or ratio.percent is None:
        return status
    return REACHED if ratio.percent >= target_percent else NOT_REACHED


def missing_to_target(ratio: Ratio, target_percent: Fraction) -> int | None:
    """How many more of the population have to be counted; 3 of 5 against 75 lacks 1. None without a population."""
    if not ratio.denominator:
        return None
    needed = -(-target_percent * ratio.denominator // 100)
    return max(0, int(needed) - ratio.numerator)


@dataclass(frozen=True, slots=True)
class Judged:
    """A rate with its verdict; `reached` is None when there is none, and `status` then says why."""

    ratio: Ratio
    reached: bool | None
    status: str

    def as_dict(self) -> dict[str, Any]:
        """For machines: counts, the percentage as text with two decimals, the verdict."""
        return {
            "numerator": self.ratio.numerator,
            "denominator": self.ratio.denominator,
            "rate_pct": self.ratio.percent_text,
            "reached": self.reached,
            "status": self.status,
        }


def judge(ratio: Ratio, target_percent: Fraction | None, *, parameter: str = "target") -> Judged:
    """A rate against a target that may not have been given: then no verdict, and its name as status (C-07)."""
    status = measure_status(ratio)
    if status != MEASURED:
        return Judged(ratio, None, status)
    if target_percent is None:
        return Judged(ratio, None, f"parameter_missing:{parameter}")
    return Judged(ratio, target_verdict(ratio, target_percent) == REACHED, status)
