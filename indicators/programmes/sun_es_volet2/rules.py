"""SUN-ES volet 2, experiment of citizen messaging: who is in, how much, and the two payments (SUN2-R01 to R07)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from indicators.money import share
from indicators.programmes.dates import Period
from indicators.programmes.parameters import ParameterMissing, ParameterSet

NOT_PILOT = "NOT_PILOT_DEPARTMENT"
NOT_DESIGNATED = "NOT_DESIGNATED"
OUTSIDE_EXPERIMENT = "OUTSIDE_EXPERIMENT_PERIOD"
REASONS = (NOT_PILOT, NOT_DESIGNATED, OUTSIDE_EXPERIMENT)
CONVENTION = "SUN2-R01:days"
"""The text says July to November 2021; the first and last day are our reading."""


@cache
def source_parameters() -> ParameterSet:
    """The values the sources state, read once."""
    return ParameterSet.read(Path(__file__).with_name("parameters.yaml"))


@dataclass(frozen=True, slots=True)
class Payments:
    """Cents: what is granted after the cap, and the two payments."""

    amount: int
    amorcage: int
    usage: int

    @property
    def paid(self) -> int:
        """Everything paid, in cents."""
        return self.amorcage + self.usage


def experiment_period() -> Period:
    """SUN2-R01 (S2 §3.2): July to November 2021; whole months by convention."""
    return Period(*source_parameters().get("experiment_period"))


def pilot_ars(department: str) -> str | None:
    """SUN2-R02 (S2 §3.2, §3.3): the ARS of a pilot department (INSEE code), None elsewhere; `80` is Hauts-de-France."""
    pilots: dict[str, str] = source_parameters().get("pilot_departments")
    return pilots.get(department.strip().lstrip("0"))


def eligibility_reasons(department: str, designated: bool | None, starts: date) -> tuple[str, ...]:
    """SUN2-R01 to R03: every reason why an establishment is not in the experiment, in order.

    A designation nobody supplied makes nobody eligible (CFG-S2-03).
    """
    checks = (
        (pilot_ars(department) is not None, NOT_PILOT),
        (designated is True, NOT_DESIGNATED),
        (starts in experiment_period(), OUTSIDE_EXPERIMENT),
    )
    return tuple(reason for holds, reason in checks if not holds)


def capped_amount(computed: int) -> int:
    """SUN2-R04 (S2 §3.3): the amount from the combined activity in cents, at most 100 000 € an establishment."""
    return min(computed, source_parameters().cents("cap_per_establishment"))


def amorcage(amount: int) -> int:
    """SUN2-R05 (S2 §3.3): the first payment in cents, 30 % half up; 33 333.33 € gives 10 000.00 €."""
    return share(amount, source_parameters().fraction("amorcage_share"))


def payments(computed: int, *, objectives_reached: bool | None) -> Payments:
    """SUN2-R04, R05: both payments in cents; the second is the rest, nothing when the objectives are missed.

    Raises `ParameterMissing` when nobody said whether the objectives are reached (CFG-S2-02).
    """
    if objectives_reached is None:
        raise ParameterMissing("objectives_reached")
    amount = capped_amount(computed)
    first = amorcage(amount)
    return Payments(amount, first, amount - first if objectives_reached else 0)


def within_envelope(amounts: Iterable[int]) -> bool:
    """SUN2-R04, R07 (S2 §3.3): cents granted, at most 1 500 000 €; volet 1 has a ledger of its own."""
    return sum(amounts) <= source_parameters().cents("envelope")
