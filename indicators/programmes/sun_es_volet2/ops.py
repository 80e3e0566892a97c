"""Operations of case files on SUN-ES volet 2."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from indicators.programmes.adapters import cents, day, euros
from indicators.programmes.model import Op
from indicators.programmes.sun_es_volet2 import rules


def eligible(department: Any, designated_by_ars: bool | None, start_date: str) -> dict[str, Any]:
    """SUN2-R01 to R03."""
    reasons = rules.eligibility_reasons(str(department), designated_by_ars, day(start_date))
    return {"eligible": not reasons, "reasons": list(reasons), "ars": rules.pilot_ars(str(department))}


def designation(
    department: Any, designated_by_ars: bool | None, start_date: str, computed_amount: Any
) -> dict[str, Any]:
    """SUN2-R01 to R05: whether an establishment is in, the amount after the cap, and the first payment of it."""
    amount = rules.capped_amount(cents(computed_amount, "computed_amount"))
    granted = {"amount": euros(amount), "amorcage": euros(rules.amorcage(amount))}
    return eligible(department, designated_by_ars, start_date) | granted


def payments(computed_amount: Any, objectives_reached: bool | None) -> dict[str, Any]:
    """SUN2-R04, R05."""
    found = rules.payments(cents(computed_amount, "computed_amount"), objectives_reached=objectives_reached)
    return {name: euros(getattr(found, name)) for name in ("amount", "amorcage", "usage", "paid")}


def envelope(amounts: Iterable[Any]) -> dict[str, Any]:
    """SUN2-R04, R07."""
    granted = [cents(amount, "amount") for amount in amounts]
    return {"total": euros(sum(granted)), "within_1_5M": rules.within_envelope(granted)}


OPS = (
    Op("sun2_eligible", eligible),
    Op("sun2_designation", designation),
    Op("sun2_payments", payments),
    Op("sun2_envelope", envelope),
)
