"""Operations of case files on the national call for a user record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from fractions import Fraction
from typing import Any

from indicators.programmes.aap_dui import rules
from indicators.programmes.adapters import cents, cents_or_none, day, euros, number, percent
from indicators.programmes.errors import RuleError
from indicators.programmes.model import Op
from indicators.programmes.parameters import ParameterMissing


def deposit(deposited_at: str, closing_hour: str | None = None) -> dict[str, Any]:
    """AAP-R14; a moment is looked at to the minute once the closing hour is given."""
    if closing_hour is None:
        return {"accepted": rules.deposit_accepted(day(deposited_at))}
    found = datetime.fromisoformat(deposited_at)
    return {"accepted": rules.deposit_in_time(found, time.fromisoformat(closing_hour))}


def eligibility(n_esms: int, items: Iterable[str]) -> dict[str, Any]:
    """AAP-R03, R16."""
    reasons = rules.eligibility_reasons(n_esms, items)
    return {"eligible": not reasons, "reasons": list(reasons)}


def award(
    n_esms: int,
    rate_over_500: Any,
    small_operators_esms: Iterable[int],
    equipment_with_dui: bool,
    requested: Any,
    granted: Any,
) -> dict[str, Any]:
    """AAP-R04 to R07, R15: the amount of the text, and the one the committee grants within it."""
    found = amount(n_esms, rate_over_500, small_operators_esms, equipment_with_dui)
    if "error" in found:
        return found
    whole = cents(found["total"], "total")
    given = whole if granted is None else cents(granted, "granted")
    reasons = rules.award_reasons(whole, given, cents(requested, "requested"))
    computed = {"dui": found["dui"], "equipment": found["equipment"], "computed": found["total"]}
    return computed | {"amount": euros(given), "reasons": list(reasons)}


def tranche(total: Any, percents: Iterable[Any], rank: int) -> dict[str, Any]:
    """AAP-R10, R13: the amounts along the plan, and the one of a tranche, from 1."""
    parts = [(number(one) or Fraction(0)) / 100 for one in percents]
    amounts = rules.tranche_amounts(cents(total, "total"), parts)
    if not 1 <= rank <= len(amounts):
        raise RuleError(f"no_tranche:{rank}")
    return {"amounts": [euros(one) for one in amounts], "amount": euros(amounts[rank - 1])}


def amount(
    n_esms: int, rate_over_500: Any, small_operators_esms: Iterable[int], equipment_with_dui: bool
) -> dict[str, Any]:
    """AAP-R03 to R07; below 50 ESMS nothing is granted, and the rate is asked for above 500 only."""
    eligible = rules.large_enough(n_esms)
    try:
        dui = rules.dui_amount(n_esms, cents_or_none(rate_over_500))
    except (ParameterMissing, RuleError) as stopped:
        return {"eligible": eligible, "error": str(stopped)}
    equipment = rules.equipment_amount(small_operators_esms, with_dui=equipment_with_dui and eligible)
    return {"eligible": eligible, "dui": euros(dui), "equipment": euros(equipment), "total": euros(dui + equipment)}


def mixed(acquisition_amount: Any, project_amount_without_equipment: Any) -> dict[str, Any]:
    """AAP-R08."""
    found = rules.mixed_project(
        cents(acquisition_amount, "acquisition_amount"),
        cents(project_amount_without_equipment, "project_amount_without_equipment"),
    )
    return {"share_pct": percent(found.share), "compliant": found.compliant, "status": found.status}


def last_year(schedule_years: Iterable[int]) -> dict[str, Any]:
    """AAP-R11."""
    return {"compliant": rules.schedule_compliant(schedule_years)}


def next_tranche(
    vsr_signed: bool, usage_criteria: Mapping[str, Mapping[str, Any]], same_solution_and_version: bool
) -> dict[str, Any]:
    """AAP-R09, R10, R12."""
    criteria = {
        name: rules.Criterion(number(one.get("target")), number(one.get("result")))
        for name, one in usage_criteria.items()
    }
    reasons = rules.next_tranche_reasons(criteria, vsr_signed=vsr_signed, same_solution=same_solution_and_version)
    return {"may_request_next_tranche": not reasons, "reasons": list(reasons)}


OPS = (
    Op("aap_deposit", deposit),
    Op("aap_amount", amount),
    Op("aap_eligibility", eligibility),
    Op("aap_award", award),
    Op("aap_tranche", tranche),
    Op("aap_mixed", mixed),
    Op("aap_last_year", last_year),
    Op("aap_next_tranche", next_tranche),
)
