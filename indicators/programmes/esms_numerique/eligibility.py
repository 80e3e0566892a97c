"""A project of the kick-off phase and every reason why it is not eligible (ESMS-R05, R09 to R14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from indicators.programmes.errors import RuleError
from indicators.programmes.esms_numerique import rules
from indicators.programmes.parameters import ParameterMissing


@dataclass(frozen=True, slots=True)
class Project:
    """What eligibility looks at. `medicalised`, `in_national_market` and `medium_from` are None while not given."""

    items: tuple[str, ...]
    kind: str
    in_cluster: bool
    territories: tuple[str, ...]
    operators: int
    esms: int
    medium_from: int | None
    medicalised: bool | None
    services: tuple[str, ...]
    in_national_market: bool | None
    deployed_in_whole_field: bool


def call_open(day: date, opens: date | None, closes: date | None, region: str) -> bool:
    """ESMS-R03 (S3 §I): whether the regional call takes files on a day, both ends included.

    The calendar is the ARS's own. Raises `ParameterMissing` `call_opens:<region>`, `call_closes:<region>`.
    """
    if opens is None or closes is None:
        raise ParameterMissing(f"call_{'opens' if opens is None else 'closes'}:{region}")
    return opens <= day <= closes


def small_equipped(equipped_by_operator: Sequence[tuple[int, int]], threshold: int | None) -> int:
    """ESMS-R08 (S3 §I.B): small ESMS to equip, from (ESMS of the operator, ESMS of it to equip).

    Raises `ParameterMissing` once something is to be equipped (CFG-ES-01).
    """
    wanted = [(size, equipped) for size, equipped in equipped_by_operator if equipped]
    return sum(equipped for size, equipped in wanted if rules.small_esms(size, threshold))


def eligibility_reasons(project: Project) -> tuple[str, ...]:
    """ESMS-R05, R09 to R14: every reason, in order; what is of a kind is looked at once there is one.

    Raises `ParameterMissing` on what the ARS or the purchase body has not given (CFG-ES-07, -08, -10).
    """
    missing = tuple(f"ITEM_MISSING:{item}" for item in rules.items_missing(project.items))
    try:
        rules.project_kind(project.kind)
    except RuleError as refused:
        return (*missing, refused.code)
    return (*missing, *_size(project), *_services(project), *_market(project))


def _size(project: Project) -> tuple[str, ...]:
    """ESMS-R10, R11: an acquisition is a cluster's, or of an operator that is large enough."""
    if project.kind != "acquisition":
        return ()
    if project.in_cluster:
        found = rules.cluster(project.territories, project.operators, project.esms)
        return () if found.reason is None else (found.reason,)
    alone = project.operators == 1 and rules.acquisition_by_size(project.esms, project.medium_from)
    return () if alone else ("CLUSTER_TOO_SMALL",)


def _services(project: Project) -> tuple[str, ...]:
    found = rules.interoperability(project.kind, project.medicalised, project.services)
    return () if found.met else ("INTEROPERABILITY_NOT_MET",)


def _market(project: Project) -> tuple[str, ...]:
    basis = rules.market_basis(
        project.kind, project.in_national_market, deployed_in_whole_field=project.deployed_in_whole_field
    )
    return () if basis else ("OUTSIDE_NATIONAL_MARKET",)
