"""The life of one establishment in the experiment of citizen messaging: designated, then paid in two.

No rule is written here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from indicators.money import plain_euros
from indicators.programmes.entered import PAYMENT, Reading, facts_of, instalments, needed, notification, weigh
from indicators.programmes.life import Entry, Life, Needs, Ruling, View, part
from indicators.programmes.machine import Reasons
from indicators.programmes.parameters import ParameterMissing, ParameterSet
from indicators.programmes.standing import Standing, settle
from indicators.programmes.sun_es_volet2 import rules
from indicators.programmes.sun_es_volet2.states import MACHINE

_ARS = ("ARS",)
MEASURES = ("I-SUN2-CIT-IN", "I-SUN2-CIT-OUT", "I-SUN2-INS", "I-SUN2-PRO")

ENTRIES = (
    Entry("department", "text", _ARS, "département (code INSEE)", "department (INSEE code)"),
    Entry("starts_on", "date", _ARS, "début de l'expérimentation", "start of the experiment"),
    Entry("consulted", "list", _ARS, "partenaires de la désignation", "partners of the designation",
          choices=("Assurance Maladie", "DNS", "DGOS")),
    Entry("representativeness", "text", _ARS, "représentativité et capacité à tenir le délai",
          "representativeness and ability to be in time"),
    Entry("first_objective_reached", "bool", _ARS, "objectif du premier versement atteint",
          "objective of the first payment reached", ("DESIGNATED",)),
    Entry("amorcage_payment", "object", _ARS, "versement d'amorçage effectué", "start-up payment made",
          ("AMORCAGE_PAID", "EXPERIMENTING"), parts=PAYMENT),
    Entry("objectives", "list", _ARS, "objectifs vérifiés", "objectives verified", ("EXPERIMENTING",),
          parts=(part("objective", "text", "objectif", "objective"), part("reached", "bool", "atteint", "reached"),
                 part("evidence", "text", "référence de la preuve", "reference of the evidence"))),
    Entry("usage_payment", "object", _ARS, "versement d'usage effectué", "usage payment made", ("USAGE_PAID",),
          parts=PAYMENT),
)  # fmt: skip
_READ = Reading(ENTRIES)
_OPEN = frozenset({"AMORCAGE_PAID", "EXPERIMENTING", "OBJECTIVES_VERIFIED"})


def _known(view: View) -> ParameterSet:
    return view.parameters.over(rules.source_parameters())


def _computed(view: View) -> int:
    """Cents from the combined activity, before the cap. Raises `ParameterMissing` (CFG-S2-01)."""
    return _known(view).cents(f"computed_amount:{view.organization}", view.day)


def _designated(view: View) -> bool | None:
    """CFG-S2-03: whether the ARS's list has the establishment; None without a list."""
    listed = _known(view).find("designated", view.day)
    return None if listed is None else not {view.organization, view.legal_entity}.isdisjoint(listed.value)


def _starts(view: View) -> date:
    return _READ.day(view, "starts_on") or view.day


def _eligible(view: View, _: str) -> Standing[Reasons]:
    """SUN2-R01 to R03; the days of the experiment are a reading."""
    department = _READ.value(view, "department") or ""
    return settle(rules.eligibility_reasons(department, _designated(view), _starts(view)), (rules.CONVENTION,))


def _envelope_left(view: View, _: str) -> Standing[Reasons]:
    def reasons() -> Reasons:
        granted = [view.committed, rules.capped_amount(_computed(view))]
        return needed(rules.within_envelope(granted), "CREDITS_EXHAUSTED")

    return weigh(reasons)


def _amount(view: View, _: str) -> Standing[Reasons]:
    return weigh(lambda: needed(rules.capped_amount(_computed(view)) >= view.paid(), "PAID_ABOVE_TOTAL"))


def _first_objective(view: View, _: str) -> Standing[Reasons]:
    """SUN2-R05: the objective that conditions the first payment, once it is known which (CFG-S2-02)."""

    def reasons() -> Reasons:
        _known(view).get("first_objective", view.day)
        return needed(_READ.flag(view, "first_objective_reached"), "FIRST_OBJECTIVE_NOT_REACHED")

    return weigh(reasons)


def _experiment_open(view: View, _: str) -> Standing[Reasons]:
    return settle(needed(view.day in rules.experiment_period(), rules.OUTSIDE_EXPERIMENT), (rules.CONVENTION,))


def _reached(view: View) -> bool:
    """Whether every objective is reached. Raises `ParameterMissing` without the list, or one that nobody verified."""
    said = {row.get("objective"): row.get("reached") for row in _READ.rows(view, "objectives")}
    found = [said.get(name) for name in _known(view).texts("objectives", view.day)]
    if None in found or not found:
        raise ParameterMissing("objectives_reached")
    return all(found)


def _objectives_known(view: View, _: str) -> Standing[Reasons]:
    def reasons() -> Reasons:
        _reached(view)
        return ()

    return weigh(reasons)


def _objectives(view: View, _: str) -> Standing[Reasons]:
    return weigh(lambda: needed(_reached(view), "OBJECTIVES_MISSED"))


def _objectives_missed(view: View, _: str) -> Standing[Reasons]:
    return weigh(lambda: needed(not _reached(view), "OBJECTIVES_REACHED"))


def _ruling(view: View, target: str) -> Ruling | None:
    MACHINE.transition(view.state, target)
    if target == "EXPERIMENTING":
        return None
    try:
        amount, computed = rules.capped_amount(_computed(view)), plain_euros(_computed(view))
    except ParameterMissing:
        return None  # the facts then stop the move with the same reason
    if target in ("DESIGNATED", "AMORCAGE_PAID"):
        return _granted(view, target, amount, computed)
    return _settled(view, target, amount, computed)


def _granted(view: View, target: str, amount: int, computed: str) -> Ruling:
    inputs: dict[str, Any] = {
        "department": _READ.value(view, "department") or "",
        "designated_by_ars": _designated(view),
        "start_date": _starts(view).isoformat(),
        "computed_amount": computed,
    }
    if target == "DESIGNATED":
        return Ruling("sun2_designation", inputs, committed=amount, letter="acceptance")
    paid = instalments(("amorcage", rules.amorcage(amount)))
    return Ruling("sun2_designation", inputs, paid, letter=notification(paid))


def _settled(view: View, target: str, amount: int, computed: str) -> Ruling | None:
    """SUN2-R05, C-05: the rest when the objectives are reached; else it is set free."""
    try:
        inputs = {"computed_amount": computed, "objectives_reached": _reached(view)}
    except ParameterMissing:
        return None
    rest = amount - view.paid()
    if target == "USAGE_PAID":
        paid = instalments(("usage", rest))
        return Ruling("sun2_payments", inputs, paid, letter=notification(paid))
    if target == "NOT_REACHED":
        return Ruling("sun2_payments", inputs, committed=-rest, letter="refusal", reasons=("OBJECTIVES_MISSED",))
    return Ruling("sun2_payments", inputs)


def _needs(view: View) -> Needs:
    period = rules.experiment_period()
    return Needs(MEASURES, period, period.end) if view.state in _OPEN else Needs()


LIFE = Life(
    machine=MACHINE,
    entries=ENTRIES,
    facts=facts_of(
        MACHINE,
        {
            "eligible": _eligible,
            "envelope_left": _envelope_left,
            "amount": _amount,
            "first_objective": _first_objective,
            "experiment_open": _experiment_open,
            "objectives_known": _objectives_known,
            "objectives": _objectives,
            "objectives_missed": _objectives_missed,
        },
    ),
    ruling=_ruling,
    needs=_needs,
    envelope="envelope",
)
