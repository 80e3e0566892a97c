"""Operations of case files on the kick-off phase of ESMS numérique."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from indicators.programmes.adapters import cents, counts, day, day_or_none, euros, number
from indicators.programmes.dates import Period
from indicators.programmes.esms_numerique import money, rules, usage
from indicators.programmes.esms_numerique.eligibility import Project, call_open, eligibility_reasons
from indicators.programmes.model import Op
from indicators.programmes.observed import deposits, messages_sent
from indicators.programmes.standing import Unknown, label
from indicators.ratio import half_up

Rows = Iterable[Mapping[str, Any]]


def grappe(territory: str | Sequence[str], n_og: int, n_esms: int) -> dict[str, Any]:
    """ESMS-R10; several territories are a list."""
    found = rules.cluster([territory] if isinstance(territory, str) else territory, n_og, n_esms)
    answer = {"min_og": found.min_operators, "min_esms": found.min_esms, "eligible": found.eligible}
    return answer | ({"reason": found.reason} if found.reason else {})


def amount(kind: str, n_esms: int, n_small_equipped: int, equipment_capped_at_30: bool | None) -> dict[str, Any]:
    """ESMS-R06 to R09."""
    found = rules.aid(kind, n_esms, n_small_equipped, capped_at_30=equipment_capped_at_30)
    return {
        "financed_esms": found.financed_esms,
        "dui": euros(found.dui),
        "equipment": euros(found.equipment),
        "total": euros(found.total),
    }


def call(applied_on: str, opens: str | None, closes: str | None, region: str) -> dict[str, Any]:
    """ESMS-R03."""
    return {"open": call_open(day(applied_on), day_or_none(opens), day_or_none(closes), region)}


def eligibility(
    items: Iterable[str],
    kind: str,
    in_cluster: bool,
    territories: Iterable[str],
    operators: int,
    esms: int,
    medium_from: int | None,
    medicalised: bool | None,
    services: Iterable[str],
    in_national_market: bool | None,
    deployed_in_whole_field: bool,
) -> dict[str, Any]:
    """ESMS-R05, R09 to R14."""
    given = Project(
        tuple(items), kind, in_cluster, tuple(territories), operators, esms, medium_from, medicalised, tuple(services),
        in_national_market, deployed_in_whole_field,
    )  # fmt: skip
    reasons = eligibility_reasons(given)
    return {"eligible": not reasons, "reasons": list(reasons)}


def project_inputs(project: Project) -> dict[str, Any]:
    """A project as `esms_eligibility` takes it."""
    values = asdict(project)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def interop(medicalised: bool | None, services: Iterable[str], project_kind: str) -> dict[str, Any]:
    """ESMS-R12."""
    found = rules.interoperability(project_kind, medicalised, services)
    return {"requirement": found.requirement, "met": found.met}


def market(
    in_national_market: bool | None, project_kind: str, deployed_in_all_esms_of_a_field_of_region: bool
) -> dict[str, Any]:
    """ESMS-R13."""
    whole = deployed_in_all_esms_of_a_field_of_region
    basis = rules.market_basis(project_kind, in_national_market, deployed_in_whole_field=whole)
    return {"eligible": basis is not None, "basis": basis}


def prorata(amount: Any, esms_by_ars: Mapping[str, int]) -> dict[str, Any]:
    """ESMS-R04."""
    return {ars: euros(part) for ars, part in money.ars_shares(cents(amount, "amount"), esms_by_ars).items()}


def schedule(total: Any) -> dict[str, Any]:
    """ESMS-R20."""
    found = money.schedule(cents(total, "total"))
    return {
        "p1_signature": euros(found.signature),
        "p2_fin_parametrage": euros(found.configuration),
        "p3_max_usage": euros(found.usage_max),
    }


def usage_payment(usage_part: Any, criteria: Rows, blocked: Iterable[str]) -> dict[str, Any]:
    """ESMS-R21 to R23."""
    rows = [
        money.Criterion(str(row["id"]), str(row["family"]), number(row.get("target")), number(row.get("result")))
        for row in criteria
    ]
    found = money.usage_payment(cents(usage_part, "usage_part"), rows, blocked)
    return {
        "share_per_criterion": _rounded(found.per_criterion),
        "detail": {name: _rounded(part) for name, part in found.detail.items()},
        "payment": euros(found.payment),
    }


def _rounded(amount: Fraction) -> str:
    return euros(half_up(amount))


def period(phase: str, evaluation_date: str) -> dict[str, Any]:
    """ESMS-R24."""
    found = usage.evaluation_period(phase, day(evaluation_date))
    return {"start": found.start.isoformat(), "end": found.end.isoformat()}


def rates(start: str, end: str, persons: Iterable[str], updates: Rows, projects: Rows, events: Rows) -> dict[str, Any]:
    """I-ESMS-E1 to E3; what an event is and who is accompanied are conventions, so the answer is indicative."""
    found = usage.business_rates(
        Period(day(start), day(end)),
        persons,
        _dated(updates),
        [usage.PersonalProject(row["person"], row["status"]) for row in projects],
        _dated(events),
    )
    return {
        "actifs": counts(found.active),
        "projet_personnalise": counts(found.with_project),
        "evenement": counts(found.with_event),
        "indicative": True,
        "conventions": list(usage.CONVENTIONS),
    }


def _dated(rows: Rows) -> list[usage.Dated]:
    return [usage.Dated(row["person"], day(row["at"])) for row in rows]


def mss_sent(start: str, end: str, structure_addresses: Iterable[str], messages: Rows) -> dict[str, Any]:
    """I-ESMS-E4, by the product's own measure."""
    return {"count": messages_sent(Period(day(start), day(end)), structure_addresses, messages)}


def dmp_deposits(start: str, end: str, finess_geo: str, documents: Rows) -> dict[str, Any]:
    """I-ESMS-E5, by the product's own measure."""
    return {"count": deposits(Period(day(start), day(end)), finess_geo, documents)}


def regional_split(total: int, floor: int, esms_by_region: Mapping[str, int]) -> dict[str, Any]:
    """ESMS-R16, in whole euros."""
    return dict(money.regional_split(int(total), int(floor), esms_by_region))


def engagement(engaged_on: str, redeployed: bool) -> dict[str, Any]:
    """ESMS-R18, R19; that 30 June is included is a convention."""
    limit = money.commitment_limit(redeployed=redeployed)
    assert not isinstance(limit, Unknown)
    return {"in_time": day(engaged_on) <= limit.value, "limit": limit.value.isoformat()} | label(limit)


def table_total(project_support_by_region: Mapping[str, int], ars_support: int, grades_support: int) -> dict[str, Any]:
    """ESMS-R17; totals in whole euros, deliveries to the cent."""
    support = {region: int(euros_) * 100 for region, euros_ in project_support_by_region.items()}
    found = money.credit_table(support, int(ars_support) * 100, int(grades_support) * 100)
    return {
        "regions": found.regions,
        "project_support": found.project_support // 100,
        "steering_support": found.steering // 100,
        "total": found.total // 100,
        "first_delivery_40pct": euros(found.first_delivery),
        "second_delivery": euros(found.second_delivery),
    }


OPS = (
    Op("esms_grappe", grappe),
    Op("esms_amount", amount),
    Op("esms_call", call),
    Op("esms_eligibility", eligibility),
    Op("esms_interop", interop),
    Op("esms_market", market),
    Op("esms_prorata", prorata, keyed=True),
    Op("esms_schedule", schedule),
    Op("esms_usage_payment", usage_payment),
    Op("esms_period", period),
    Op("esms_rates", rates),
    Op("esms_mss_sent", mss_sent),
    Op("esms_dmp_deposits", dmp_deposits),
    Op("esms_regional_split", regional_split, keyed=True),
    Op("esms_engagement", engagement),
    Op("esms_table_total", table_total),
)
