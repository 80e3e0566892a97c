"""National call of 2021 for a user record (DUI): deposit, amounts, mixed projects, tranches (AAP-R02 to R19)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from functools import cache
from pathlib import Path

from indicators.money import share
from indicators.programmes.dates import PARIS, Period
from indicators.programmes.errors import RuleError
from indicators.programmes.parameters import ParameterMissing, ParameterSet
from indicators.programmes.verdicts import NOT_MEASURABLE

FILE_ITEMS = (
    "enjeux_objectifs",
    "esms_concernes",
    "couverture_fonctionnelle",
    "cibles_usage",
    "capacite_a_faire",
    "parties_prenantes",
    "organisation_deploiement",
    "echeancier_budget",
)
"""AAP-R16 (S4 §3.1): the eight items of a file."""


@cache
def source_parameters() -> ParameterSet:
    """The values the sources state, read once."""
    return ParameterSet.read(Path(__file__).with_name("parameters.yaml"))


def deposit_period() -> Period:
    """AAP-R14 (S4 cover, §4.2, §4.3): 3 August to 20 October 2021, both days included."""
    return Period(*source_parameters().get("deposit_period"))


def deposit_accepted(deposited: date) -> bool:
    """AAP-R14: a local day of Paris; 20 October 22:30 UTC is the 21st there, and late."""
    return deposited in deposit_period()


def deposit_in_time(deposited: datetime, closing: time | None) -> bool:
    """AAP-R14: inside the deposit period, and on its last day by the closing hour, if one was given (CFG-AA-05)."""
    local = deposited.astimezone(PARIS)
    too_late = closing is not None and local.date() == deposit_period().end and local.time() > closing
    return deposit_accepted(local.date()) and not too_late


def large_enough(n_esms: int) -> bool:
    """AAP-R03 (S4 §2.1): a managing body or a group of at least 50 ESMS."""
    return n_esms >= int(source_parameters().get("minimum_esms"))


def items_missing(given: Iterable[str]) -> tuple[str, ...]:
    """AAP-R16 (S4 §3.1): items a file lacks, in the order of the text."""
    there = set(given)
    return tuple(item for item in FILE_ITEMS if item not in there)


def rate_per_esms(n_esms: int, rate_over_500: int | None) -> int:
    """AAP-R04, R05 (S4 §2.4): cents an ESMS; 5 000 € up to 500, above a decided rate below it for all of them (X-12).

    Raises `ParameterMissing` above 500 without a rate (CFG-AA-01), `RuleError` on a rate the text forbids.
    """
    full = source_parameters().cents("rate")
    if n_esms <= int(source_parameters().get("full_rate_up_to")):
        return full
    if rate_over_500 is None:
        raise ParameterMissing("rate_over_500")
    if not 0 < rate_over_500 < full:
        raise RuleError("rate_over_500_must_be_below_5000")
    return rate_over_500


def dui_amount(n_esms: int, rate_over_500: int | None = None) -> int:
    """AAP-R03 to R05: aid for the user record in cents, nothing below 50 ESMS. Raises as `rate_per_esms`."""
    return n_esms * rate_per_esms(n_esms, rate_over_500) if large_enough(n_esms) else 0


def equipment_amount(esms_by_operator: Iterable[int], *, with_dui: bool) -> int:
    """AAP-R06, R07 (S4 §2.4): cents, 20 000 € an ESMS of operators with fewer than 15, beside a DUI project only.

    Operators of 14, 15 and 31 ESMS: only the first is small, 280 000 €.
    """
    if not with_dui:
        return 0
    limit = int(source_parameters().get("small_operator_below"))
    return sum(n for n in esms_by_operator if n < limit) * source_parameters().cents("equipment_rate")


@dataclass(frozen=True, slots=True)
class Mix:
    """Share of the acquisitions in a mixed project; without a project total there is none, and no verdict."""

    share: Fraction | None
    compliant: bool | None

    @property
    def status(self) -> str:
        """Measured, or not measurable (C-03)."""
        return NOT_MEASURABLE if self.share is None else "measured"


def mixed_project(acquisition: int, total_without_equipment: int) -> Mix:
    """AAP-R08 (S4 §2.4): acquisitions are at most 40 % of the project, equipment left out, compared before rounding.

    Both in the same unit, aid or budget as CFG-AA-07 says. 100 010 of 250 000 shows 40.00 and is refused.
    """
    if not total_without_equipment:
        return Mix(None, None)
    part = Fraction(acquisition, total_without_equipment)
    return Mix(part, part <= source_parameters().fraction("acquisition_share_max"))


def same_everywhere(deployed: Iterable[tuple[str, str]]) -> bool:
    """AAP-R09 (S4 §2.1): one solution in one version in all ESMS of the project."""
    return len(set(deployed)) <= 1


def schedule_compliant(years: Iterable[int]) -> bool:
    """AAP-R11 (S4 §3.1): a funding schedule that does not go beyond 2026. Raises `RuleError` on an empty one."""
    planned = list(years)
    if not planned:
        raise RuleError("schedule_empty")
    return max(planned) <= int(source_parameters().get("last_year"))


@dataclass(frozen=True, slots=True)
class Criterion:
    """One usage criterion the holder committed to: its expected value and its result, None when nobody gave it."""

    target: Fraction | None
    result: Fraction | None


def next_tranche_reasons(
    criteria: Mapping[str, Criterion], *, vsr_signed: bool, same_solution: bool
) -> tuple[str, ...]:
    """AAP-R10, R12 (S4 §3.1, §3.2), I-AAP-TR: why the next tranche may not be asked for; every criterion is reached.

    Raises `ParameterMissing` without criteria or without the target of one (CFG-AA-02).
    """
    if not criteria:
        raise ParameterMissing("usage_criteria")
    missed = [f"USAGE_NOT_REACHED:{name}" for name in sorted(criteria) if not _reached(name, criteria[name])]
    checks = ((vsr_signed, "VSR_MISSING"),), ((same_solution, "SOLUTION_NOT_UNIFORM"),)
    before, after = ([reason for holds, reason in part if not holds] for part in checks)
    return (*before, *missed, *after)


def _reached(name: str, criterion: Criterion) -> bool:
    if criterion.target is None:
        raise ParameterMissing(f"target:{name}")
    return criterion.result is not None and criterion.result >= criterion.target


def granted_within_request(granted: int, requested: int) -> bool:
    """AAP-R15 (S4 §4.4): the amount granted is at most the one asked for, both in cents."""
    return 0 <= granted <= requested


def eligibility_reasons(n_esms: int, items: Iterable[str]) -> tuple[str, ...]:
    """AAP-R03, R16: every reason why a file is not eligible, in order."""
    size = () if large_enough(n_esms) else ("FEWER_THAN_50_ESMS",)
    return (*size, *(f"ITEM_MISSING:{item}" for item in items_missing(items)))


def award_reasons(computed: int, granted: int, requested: int) -> tuple[str, ...]:
    """AAP-R04 to R06, R15: why an award is none: above the amount of the text, above the one asked for (cents)."""
    above = () if granted <= computed else ("AMOUNT_ABOVE_COMPUTED",)
    return (*above, *(() if granted_within_request(granted, requested) else ("AMOUNT_ABOVE_REQUEST",)))


def tranche_amounts(total: int, parts: Iterable[Fraction]) -> tuple[int, ...]:
    """AAP-R10, R13 (S4 §2.1, §3.2; C-05): cents a tranche along the holder's plan, the last one by difference.

    Raises `RuleError` when the parts do not make a whole.
    """
    plan = list(parts)
    if sum(plan, Fraction(0)) != 1:
        raise RuleError("tranches_do_not_add_up")
    first = [share(total, part) for part in plan[:-1]]
    return (*first, total - sum(first))
