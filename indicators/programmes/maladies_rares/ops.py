"""Operations of case files on the rare-disease call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from indicators.programmes.adapters import cents, day, day_or_none, euros, number
from indicators.programmes.maladies_rares import rules
from indicators.programmes.model import Op
from indicators.programmes.parameters import ParameterSet
from indicators.programmes.standing import Unknown, label


def application(received: str) -> dict[str, Any]:
    """MR-R02."""
    return {"accepted_for_review": rules.application_in_time(day(received))}


def version(as_of: str) -> dict[str, Any]:
    """MR-R09."""
    return {"version": rules.version_in_force(day(as_of))}


def grant(selected: bool) -> dict[str, Any]:
    """MR-R03, R04, R06: what the call grants a selected establishment, whatever becomes of the targets."""
    first, whole = (rules.amorcage(), rules.grant()) if selected else (0, 0)
    return {"amorcage": euros(first), "usage": euros(whole - first), "total": euros(whole)}


def payments(
    version: str, selected: bool, reached_on: str | None, as_of: str, perceived: Any, target_day: str | None = None
) -> dict[str, Any]:
    """MR-R03 to R07; the day of the target is a convention until it is given, and the answer then indicative."""
    day_given = {} if target_day is None else {f"target_day:{version}": day(target_day)}
    limit = rules.target_day(version, ParameterSet.of("given", day_given, source="CFG-MR-05"))
    assert not isinstance(limit, Unknown)
    found = rules.account(
        version,
        selected=selected,
        reached=day_or_none(reached_on),
        as_of=day(as_of),
        perceived=cents(perceived, "perceived"),
        limit=limit.value,
    )
    amounts = {name: euros(getattr(found, name)) for name in ("amorcage", "usage", "restitution", "net")}
    return amounts | label(limit)


def sdm_rate(
    target_pct: Any, eligible_patients: Iterable[str] | int | None, messages: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """I-MR-2."""
    return rules.patients_transmitted(eligible_patients, messages, number(target_pct)).as_dict()


OPS = (
    Op("mr_application", application),
    Op("mr_version", version),
    Op("mr_grant", grant),
    Op("mr_payments", payments),
    Op("mr_sdm_rate", sdm_rate),
)
