"""The life of one (establishment, window, domain) of SUN-ES volet 1: facts, decisions and figures from the rules.

What decides is the usage declared in oSIS once the ARS verified it (S2 §5, C-10); our own figures stand beside it as a
control. No rule is written here.
"""

from __future__ import annotations

from typing import Any

from indicators.measures import MEASURES
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
from indicators.programmes.life import Life, Needs, Ruling, View
from indicators.programmes.machine import Reasons, holds
from indicators.programmes.parameters import ParameterMissing
from indicators.programmes.standing import Standing, Unknown, settle
from indicators.programmes.sun_es_volet1 import candidature, filed, files, ops, rules
from indicators.programmes.sun_es_volet1.calendar import window_value
from indicators.programmes.sun_es_volet1.entries import ENTRIES
from indicators.programmes.sun_es_volet1.filed import READ
from indicators.programmes.sun_es_volet1.situation import BONUS, SHOWN
from indicators.programmes.sun_es_volet1.states import MACHINE

__all__ = ["ENTRIES", "LIFE"]

_SIGNED = ("DIRECTOR_VALIDATION_MISSING", "GHT_SUPPORT_DIRECTOR_VALIDATION_MISSING")
_MEASURED = frozenset({"ADVANCE_PAID", "MEASURING", "DECLARED", "REACHED", "NOT_REACHED", "USAGE_NOTIFIED"})


def _against(view: View) -> Reasons:
    """SUN1-R01 to R16: every reason to refuse the file's domain, as the operation on record answers."""
    found = ops.check_candidature(filed.candidature_inputs(view))
    return tuple(found[filed.domain_of(view)]["reasons"])


def _admissible(view: View, _: str = "") -> Standing[Reasons]:
    """Every reason; without the list of the six prerequisites nothing can be decided (CFG-S1-01)."""

    def reasons() -> Reasons:
        known = filed.known(view)
        known.get("prerequisites", view.day)
        retry = known.find("retry_allowed", view.day)
        missed = frozenset(one.get("domain", "") for one in view.missed_elsewhere)
        allowed = None if retry is None else retry.value is True
        return (*_against(view), *candidature.retry_reasons(filed.domain_of(view), missed, allowed))

    return weigh(reasons)


def _refusal_founded(view: View, _: str) -> Standing[Reasons]:
    found = _admissible(view)
    return found if isinstance(found, Unknown) else holds(bool(found.value), "NO_REASON_TO_REFUSE")


def _form_complete(view: View, _: str) -> Standing[Reasons]:
    return settle(tuple(reason for reason in _against(view) if reason in _SIGNED))


def _in_period(view: View, _: str) -> Standing[Reasons]:
    return holds(candidature.deposited_in_time(view.day, filed.window_of(view)), "OUTSIDE_CANDIDATURE_PERIOD")


def _late(view: View, _: str) -> Standing[Reasons]:
    return holds(not candidature.deposited_in_time(view.day, filed.window_of(view)), "INSIDE_CANDIDATURE_PERIOD")


def _instruction_open(view: View, _: str) -> Standing[Reasons]:
    return holds(files.decided_in_time(view.day, filed.window_of(view)), "INSTRUCTION_PERIOD_OVER")


def _credits_left(view: View, _: str) -> Standing[Reasons]:
    """SUN1-R21: within the delegated credits; without them there is no check, and the answer says so (CFG-S1-06)."""
    known, name = filed.known(view), f"envelope:ars:{view.region}"
    delegated = known.find(name, view.day)

    def reasons() -> Reasons:
        bound = filed.bound(view)
        if delegated is None:
            return ()
        left = rules.envelope_left(known.cents(name, view.day), [view.committed, bound])
        return needed(left >= 0, "CREDITS_EXHAUSTED")

    return weigh(reasons, () if delegated else (name,))


def _advance_known(view: View, _: str) -> Standing[Reasons]:
    def reasons() -> Reasons:
        filed.advance(view)
        return ()

    return weigh(reasons)


def _advance_paid(view: View, _: str) -> Standing[Reasons]:
    due = notified(view, "ADVANCE_NOTIFIED")
    return settle(payment_reasons("advance", READ.fields(view, "advance_payment"), due, required=True))


def _measure_started(view: View, _: str) -> Standing[Reasons]:
    return holds(view.day >= filed.window_of(view).measure.start, "MEASURE_NOT_STARTED")


def _measure_ended(view: View, _: str) -> Standing[Reasons]:
    return holds(view.day > filed.window_of(view).measure.end, "MEASURE_NOT_ENDED")


def _declared(view: View, _: str) -> Standing[Reasons]:
    there = {figure.measure for figure in filed.declared_figures(view)}
    return holds(set(filed.required(view)) <= there, "USAGE_NOT_DECLARED")


def _in_entry_time(view: View) -> bool:
    """SUN1-R08. Raises `ParameterMissing` with the window's name (CFG-S1-10)."""
    window = filed.window_of(view)
    deadline = filed.known(view).get(f"entry_deadline:{window.id}", view.day)
    return view.day <= window.measure.end or files.entry_in_time(view.day, window, deadline)


def _entry_open(view: View, _: str) -> Standing[Reasons]:
    """Without a last day nothing is ever too late, and the answer says so (CFG-S1-10)."""
    found = weigh(lambda: needed(_in_entry_time(view), "ENTRY_CLOSED"))
    return settle((), (found.reason.removeprefix("parameter_missing:"),)) if isinstance(found, Unknown) else found


def _entry_over(view: View, _: str) -> Standing[Reasons]:
    return weigh(lambda: needed(not _in_entry_time(view), "ENTRY_STILL_OPEN"))


def _verified(view: View) -> Standing[Reasons]:
    return holds(READ.flag(view, "usage_verified"), "USAGE_NOT_VERIFIED")


def _verdict(view: View, reasons: Reasons) -> Standing[Reasons]:
    found = filed.usage_situation(view)
    unknown = None if found.verdict in (rules.REACHED, rules.NOT_REACHED) else found.verdict
    return all_of((_verified(view), settle(reasons, found.conventions, unknown)))


def _targets(view: View, _: str) -> Standing[Reasons]:
    """SUN1-R25: every target of the domain, by the declared figures the ARS verified."""
    found = filed.usage_situation(view)
    bonus = (BONUS,) if filed.bonus_claimed(view) else ()
    missed = [line.measure for line in found.lines if line.verdict == rules.NOT_REACHED and line.measure not in bonus]
    return _verdict(view, tuple(f"TARGET_NOT_REACHED:{name}" for name in missed))


def _targets_missed(view: View, _: str) -> Standing[Reasons]:
    return _verdict(view, needed(filed.usage_situation(view).verdict == rules.NOT_REACHED, "TARGETS_REACHED"))


def _never_paid(view: View, _: str) -> Standing[Reasons]:
    paid = frozenset(one.get("domain", "") for one in view.paid_elsewhere)
    return holds(not candidature.already_funded(filed.domain_of(view), paid), "DOMAIN_ALREADY_FUNDED")


def _usage_known(view: View, _: str) -> Standing[Reasons]:
    found = filed.usage_situation(view)
    if found.total.cents is None:
        return Unknown(str(found.total.reason))
    return settle(needed(found.total.cents >= view.paid(), "PAID_ABOVE_TOTAL"), found.conventions)


def _usage_paid(view: View, _: str) -> Standing[Reasons]:
    due = notified(view, "USAGE_NOTIFIED")
    return settle(payment_reasons("usage", READ.fields(view, "usage_payment"), due, required=True))


def _ruling(view: View, target: str) -> Ruling | None:
    MACHINE.transition(view.state, target)
    make = {
        "DEPOSITED": _deposit, "REJECTED_LATE": _deposit, "REFUSED": _refusal, "ACCEPTED": _acceptance,
        "ADVANCE_NOTIFIED": _advance, "ADVANCE_PAID": _payment, "REACHED": _judged, "NOT_REACHED": _judged,
        "USAGE_NOTIFIED": _usage, "USAGE_PAID": _judged, "CLOSED": _closing, "NOT_DECLARED": _undeclared,
    }.get(target)  # fmt: skip
    return None if make is None else make(view, target)


def _deposit(view: View, target: str) -> Ruling:
    late = target == "REJECTED_LATE"
    reasons = ("OUTSIDE_CANDIDATURE_PERIOD",) if late else ()
    window = window_value(filed.window_of(view))
    inputs = {"deposited_at": view.at.isoformat()} | ({} if isinstance(window, str) else {"window": window})
    return Ruling("sun1_deposit_window", inputs, letter="refusal" if late else "receipt", reasons=reasons)


def _refusal(view: View, _: str) -> Ruling:
    found = _admissible(view)
    reasons = (found.reason,) if isinstance(found, Unknown) else found.value
    return Ruling("sun1_check_candidature", {"c": filed.candidature_inputs(view)}, letter="refusal", reasons=reasons)


def _acceptance(view: View, _: str) -> Ruling:
    inputs = {"c": filed.candidature_inputs(view)}
    return Ruling("sun1_check_candidature", inputs, committed=_cents(filed.bound, view), letter="acceptance")


def _cents(compute: Any, view: View) -> int:
    """Cents, none while a parameter is missing: the move is then not made either."""
    try:
        return int(compute(view))
    except ParameterMissing:
        return 0


def _advance(view: View, _: str) -> Ruling:
    paid = instalments(("advance", _cents(filed.advance, view)))
    return Ruling("sun1_payments", filed.payment_inputs(view, reached=None), paid, letter=notification(paid))


def _payment(view: View, _: str) -> Ruling:
    return Ruling("sun1_payments", filed.payment_inputs(view, reached=None))


def _judged(view: View, target: str) -> Ruling:
    """The verdict on record. A miss sets free what the advance did not use."""
    freed = view.paid() - _cents(filed.bound, view) if target == "NOT_REACHED" else 0
    return Ruling("sun1_verdict", filed.verdict_inputs(view), committed=freed)


def _usage(view: View, _: str) -> Ruling:
    """The last instalment is the total less what was paid (C-05); a bonus that was not earned is set free."""
    total = filed.usage_situation(view).total.cents
    rest = 0 if total is None else total - view.paid()
    freed = 0 if total is None else total - _cents(filed.bound, view)
    paid = instalments(("usage", rest))
    return Ruling("sun1_verdict", filed.verdict_inputs(view), paid, freed, notification(paid))


def _fate(view: View) -> str:
    """What becomes of the advance, undecided until somebody says (CFG-S1-09)."""
    given = filed.known(view).find("advance_on_miss", view.day)
    return "ADVANCE_UNDECIDED" if given is None else f"ADVANCE_{str(given.value).upper()}"


def _undeclared(view: View, _: str) -> Ruling:
    """SUN1-R08: nothing was declared, nothing more is paid; what the advance did not use is set free."""
    freed = view.paid() - _cents(filed.bound, view)
    inputs = filed.payment_inputs(view, reached=False)
    reasons = ("USAGE_NOT_DECLARED", _fate(view))
    return Ruling("sun1_payments", inputs, committed=freed, letter="refusal", reasons=reasons)


def _closing(view: View, _: str) -> Ruling:
    """SUN1-R27: the reasons, and what becomes of the advance."""
    found = _targets(view, "REACHED")
    missed = () if isinstance(found, Unknown) else found.value
    inputs = filed.payment_inputs(view, reached=False)
    return Ruling("sun1_payments", inputs, letter="refusal", reasons=(*missed, _fate(view)))


def _needs(view: View) -> Needs:
    """Once the measure has begun: the indicators with a target, the bonus one, and the one shown beside them."""
    window = filed.window_of(view)
    if view.state not in _MEASURED or view.day < window.measure.start:
        return Needs()
    names = tuple(name for name in dict.fromkeys((*filed.required(view), *SHOWN)) if name in MEASURES)
    return Needs(names, window.measure, filed.cutoff(view))


LIFE = Life(
    machine=MACHINE,
    settled=frozenset({"USAGE_NOTIFIED", "USAGE_PAID"}),
    entries=ENTRIES,
    facts=facts_of(
        MACHINE,
        {
            "form_complete": _form_complete,
            "in_candidature_period": _in_period,
            "late": _late,
            "refusal_founded": _refusal_founded,
            "instruction_open": _instruction_open,
            "admissible": _admissible,
            "credits_left": _credits_left,
            "ADVANCE_NOTIFIED:amount": _advance_known,
            "ADVANCE_PAID:amount": _advance_paid,
            "measure_started": _measure_started,
            "measure_ended": _measure_ended,
            "declared": _declared,
            "entry_open": _entry_open,
            "entry_over": _entry_over,
            "targets": _targets,
            "targets_missed": _targets_missed,
            "never_paid": _never_paid,
            "USAGE_NOTIFIED:amount": _usage_known,
            "USAGE_PAID:amount": _usage_paid,
        },
    ),
    ruling=_ruling,
    needs=_needs,
    key={"window": (), "domain": tuple(rules.DOMAINS)},
    envelope="envelope:ars:<region>",
)
