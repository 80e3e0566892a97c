"""Operations of case files on the rare-disease call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from indicators.programmes.adapters import cents, day, day_or_none, euros, number
from indicators.programmes.maladies_rares import rules
from indicators.programmes.model import Op
from indicators.programmes.standing import Unknown, label


def application(received: str) -> dict[str, Any]:
    """MR-R02."""
    return {"accepted_for_review": rules.application_in_time(day(received))}


def version(as_of: str) -> dict[str, Any]:
    """MR-R09."""
    return {"version": rules.version_in_force(day(as_of))}


def payments(version: str, selected: bool, reached_on: str | None, as_of: str, perceived: Any) -> dict[str, Any]:
    """MR-R03 to R07; the day of the target is a convention, so the answer is indicative."""
    limit = rules.target_day(version)
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
    Op("mr_payments", payments),
    Op("mr_sdm_rate", sdm_rate),
)
