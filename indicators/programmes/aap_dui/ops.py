"""Operations of case files on the national call for a user record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from indicators.programmes.aap_dui import rules
from indicators.programmes.adapters import cents, cents_or_none, day, euros, number, percent
from indicators.programmes.errors import RuleError
from indicators.programmes.model import Op
from indicators.programmes.parameters import ParameterMissing


def deposit(deposited_at: str) -> dict[str, Any]:
    """AAP-R14."""
    return {"accepted": rules.deposit_accepted(day(deposited_at))}


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
    Op("aap_mixed", mixed),
    Op("aap_last_year", last_year),
    Op("aap_next_tranche", next_tranche),
)
