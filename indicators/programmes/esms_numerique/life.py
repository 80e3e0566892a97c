"""The life of one project of the kick-off phase of ESMS numérique, as one ARS follows it. No rule is written here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from indicators.money import plain_euros
from indicators.programmes.entered import (
    all_of,
    facts_of,
    instalments,
    needed,
    notification,
    notified,
    payment_reasons,
    weigh,
)
from indicators.programmes.errors import RuleError
from indicators.programmes.esms_numerique import filed, money, usage
from indicators.programmes.esms_numerique.eligibility import call_open, eligibility_reasons
from indicators.programmes.esms_numerique.entries import CRITERIA, ENTRIES
from indicators.programmes.esms_numerique.filed import READ
from indicators.programmes.esms_numerique.ops import project_inputs
from indicators.programmes.esms_numerique.states import MACHINE
from indicators.programmes.life import Life, Needs, Ruling, View
from indicators.programmes.machine import Reasons, holds
from indicators.programmes.parameters import ParameterMissing
from indicators.programmes.standing import Standing, Unknown, derive, settle

_CONVENTIONS = {"CFG-ES-12": "accompanied_counting", "CFG-ES-13": "events"}


def _call(view: View) -> tuple[date | None, date | None]:
    """The days the ARS opens and closes its call."""
    return filed.given(view, f"call_opens:{view.region}"), filed.given(view, f"call_closes:{view.region}")


def _call_open(view: View, _: str) -> Standing[Reasons]:
    return weigh(lambda: needed(call_open(view.day, *_call(view), view.region), "REGIONAL_CALL_CLOSED"))


def _eligible(view: View, _: str = "") -> Standing[Reasons]:
    return weigh(lambda: eligibility_reasons(filed.project(view)))


def _ineligible(view: View, _: str) -> Standing[Reasons]:
    found = _eligible(view)
    return found if isinstance(found, Unknown) else holds(bool(found.value), "NO_REASON_TO_REFUSE")


def _reasons_given(view: View, _: str) -> Standing[Reasons]:
    return holds(bool(READ.rows(view, "rejection_reasons")), "REASONS_MISSING")


def _amount(view: View, _: str = "") -> Standing[Reasons]:
    return weigh(lambda: needed(filed.aid(view) >= view.paid(), "PAID_ABOVE_TOTAL"))


def _amount_after(view: View, name: str, state: str) -> Standing[Reasons]:
    """The amount, and the payment before, which is the one that was due once it is entered."""
    paid = payment_reasons(name, READ.fields(view, f"{name}_payment"), notified(view, state), required=False)
    return all_of((_amount(view), settle(paid)))


def _in_time(view: View, _: str) -> Standing[Reasons]:
    return derive(filed.commitment_limit(view), lambda limit: needed(view.day <= limit, "COMMITMENT_LATE"))


def _credits_left(view: View, _: str) -> Standing[Reasons]:
    """ESMS-R17, R18: within the project support of the region."""

    def reasons() -> Reasons:
        support = filed.support(view)
        if support is None:
            raise ParameterMissing(f"project_support:{view.region}")
        return needed(view.committed + filed.aid(view) <= support, "CREDITS_EXHAUSTED")

    return weigh(reasons)


def _agreement(view: View, _: str) -> Standing[Reasons]:
    return holds("signed_on" in READ.fields(view, "agreement"), "AGREEMENT_NOT_SIGNED")


def _invoice(name: str) -> Callable[[View, str], Standing[Reasons]]:
    return lambda view, _: holds(filed.invoice_there(view, f"{name}_invoice"), f"INVOICE_MISSING:{name}")


def _criteria(view: View, _: str) -> Standing[Reasons]:
    """ESMS-R21 to R23, verified by the ARS; how the trade criteria are counted is a reading until it is given."""

    def reasons() -> Reasons:
        money.usage_payment(0, filed.criteria(view), filed.blocked(view))
        return needed(READ.flag(view, "criteria_verified"), "CRITERIA_NOT_VERIFIED")

    known = filed.known(view)
    read = (name for name in usage.CONVENTIONS if known.find(_CONVENTIONS[name], view.day) is None)
    return weigh(reasons, read)


def _ruling(view: View, target: str) -> Ruling | None:
    MACHINE.transition(view.state, target)
    try:
        return _ruled(view, target)
    except (ParameterMissing, RuleError) as stopped:
        if str(stopped).startswith("bad_entry:"):
            raise
        return None  # the facts then stop the move with the same reason


def _ruled(view: View, target: str) -> Ruling | None:
    if target in ("COMMITTED", "AGREEMENT_SIGNED", "CONFIGURED", "CRITERIA_VERIFIED"):
        return _PAYS[target](view)
    if target == "APPLIED":
        return _received(view)
    if target not in ("ELIGIBLE", "INELIGIBLE", "SELECTED", "REJECTED"):
        return None
    letter = "rejection" if target in ("INELIGIBLE", "REJECTED") else None
    reasons: Reasons = ()
    if target == "INELIGIBLE":
        reasons = eligibility_reasons(filed.project(view))
    if target == "REJECTED":
        reasons = tuple(READ.rows(view, "rejection_reasons"))
    return Ruling("esms_eligibility", project_inputs(filed.project(view)), letter=letter, reasons=reasons)


def _received(view: View) -> Ruling:
    opens, closes = (None if one is None else one.isoformat() for one in _call(view))
    inputs = {"applied_on": view.at.isoformat(), "opens": opens, "closes": closes, "region": view.region}
    return Ruling("esms_call", inputs, letter="receipt")


def _commit(view: View) -> Ruling:
    """ESMS-R04, R18: the letter with the amount; over several regions, with the share of each ARS."""
    shares, bound = filed.regions(view), filed.aid(view)
    if len(shares) == 1:
        return Ruling("esms_amount", filed.aid_inputs(view), committed=bound, letter="acceptance")
    inputs = {"amount": plain_euros(filed.whole_aid(view)), "esms_by_ars": shares}
    return Ruling("esms_prorata", inputs, committed=bound, letter="acceptance")


def _scheduled(name: str) -> Callable[[View], Ruling]:
    """ESMS-R20: one of the two payments of 40 %."""

    def made(view: View) -> Ruling:
        total = filed.aid(view)
        due = instalments((name, getattr(money.schedule(total), name)))
        return Ruling("esms_schedule", {"total": plain_euros(total)}, due, letter=notification(due))

    return made


def _used(view: View) -> Ruling:
    """ESMS-R22, C-05: of what is left of the aid, the part the criteria earn; the rest of it is set free."""
    left = filed.aid(view) - view.paid()
    earned = money.usage_payment(left, filed.criteria(view), filed.blocked(view)).payment
    paid = instalments(("usage", earned))
    return Ruling("esms_usage_payment", filed.usage_inputs(view), paid, earned - left, notification(paid))


_PAYS: dict[str, Callable[[View], Ruling]] = {
    "COMMITTED": _commit,
    "AGREEMENT_SIGNED": _scheduled("signature"),
    "CONFIGURED": _scheduled("configuration"),
    "CRITERIA_VERIFIED": _used,
}


def _needs(view: View) -> Needs:
    """ESMS-R24: the last three months once rolled out, each month in maintenance."""
    phase = {"ROLLED_OUT": "projet", "MAINTENANCE": "maintenance"}.get(view.state)
    if phase is None:
        return Needs()
    period = usage.evaluation_period(phase, view.day)
    return Needs(tuple(f"I-ESMS-{name}" for name in CRITERIA), period, period.end)


LIFE = Life(
    machine=MACHINE,
    entries=ENTRIES,
    facts=facts_of(
        MACHINE,
        {
            "call_open": _call_open,
            "eligible": _eligible,
            "ineligibility_founded": _ineligible,
            "reasons_given": _reasons_given,
            "amount": _amount,
            "CONFIGURED:amount": lambda view, _: _amount_after(view, "signature", "AGREEMENT_SIGNED"),
            "CRITERIA_VERIFIED:amount": lambda view, _: _amount_after(view, "configuration", "CONFIGURED"),
            "in_commitment_time": _in_time,
            "credits_left": _credits_left,
            "agreement": _agreement,
            "configuration_invoice": _invoice("configuration"),
            "roll_out_invoice": _invoice("roll_out"),
            "criteria": _criteria,
        },
    ),
    ruling=_ruling,
    needs=_needs,
    key={"project": ()},
    envelope="project_support:<region>",
)
