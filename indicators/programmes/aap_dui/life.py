"""The life of a national project, from its deposit to its agreement; its tranches have a life each (`tranche`).

No rule is written here.
"""

from __future__ import annotations

from datetime import time
from typing import Any

from indicators.money import parse_euros
from indicators.programmes.aap_dui import ops, rules, tranche
from indicators.programmes.aap_dui.entries import PROJECT_ENTRIES
from indicators.programmes.aap_dui.filed import given, known, of_project
from indicators.programmes.aap_dui.states import PROJECT
from indicators.programmes.entered import Reading, all_of, facts_of, needed, weigh
from indicators.programmes.errors import RuleError
from indicators.programmes.life import Life, Ruling, View
from indicators.programmes.machine import Reasons, holds
from indicators.programmes.standing import Standing, settle

_PROJECT = Reading(PROJECT_ENTRIES)


def _closing_hour(view: View) -> time | None:
    found = given(view, "closing_hour")
    try:
        return None if found is None else time.fromisoformat(str(found))
    except ValueError:
        raise RuleError("bad_parameter:closing_hour") from None


def _in_period(view: View, _: str) -> Standing[Reasons]:
    """AAP-R14; on the last day without a closing hour the end of the day is a reading (CFG-AA-05)."""
    open_end = given(view, "closing_hour") is None and view.day == rules.deposit_period().end
    return weigh(
        lambda: needed(rules.deposit_in_time(view.at, _closing_hour(view)), "OUTSIDE_DEPOSIT_PERIOD"),
        ("closing_hour",) if open_end else (),
    )


def _late(view: View, _: str) -> Standing[Reasons]:
    return weigh(lambda: needed(not rules.deposit_in_time(view.at, _closing_hour(view)), "INSIDE_DEPOSIT_PERIOD"))


def _operators(view: View) -> list[int]:
    return [int(row.get("esms", 0)) for row in _PROJECT.rows(view, "operators")]


def _eligibility(view: View, code: str) -> Standing[Reasons]:
    found = rules.eligibility_reasons(sum(_operators(view)), _PROJECT.rows(view, "items"))
    return settle(tuple(reason for reason in found if reason.startswith(code)))


def _award_inputs(view: View) -> dict[str, Any]:
    return {
        "n_esms": sum(_operators(view)),
        "rate_over_500": given(view, of_project(view, "rate_over_500")),
        "small_operators_esms": _operators(view),
        "equipment_with_dui": _PROJECT.flag(view, "equipment_requested"),
        "requested": _PROJECT.value(view, "requested_amount") or "0.00",
        "granted": _PROJECT.value(view, "granted_amount"),
    }


def _award(view: View) -> dict[str, Any]:
    """What the operation on record answers. Raises `RuleError` with its code."""
    found = ops.award(**_award_inputs(view))
    if "error" in found:
        raise RuleError(found["error"])
    return found


def _amount(view: View, _: str) -> Standing[Reasons]:
    return weigh(lambda: tuple(_award(view)["reasons"]))


def _compliant(view: View, _: str) -> Standing[Reasons]:
    """AAP-R08, R09, R11."""
    deployed = [(row.get("solution", ""), row.get("version", "")) for row in _PROJECT.rows(view, "deployed")]
    years = [row["year"] for row in _PROJECT.rows(view, "schedule") if "year" in row]
    return all_of(
        (
            weigh(lambda: _mixed(view)),
            weigh(lambda: needed(rules.schedule_compliant(years), "SCHEDULE_BEYOND_2026")),
            settle(needed(bool(deployed) and rules.same_everywhere(deployed), "SOLUTION_NOT_UNIFORM")),
        )
    )


def _mixed(view: View) -> Reasons:
    """AAP-R08, in the unit the committee chose. Raises `ParameterMissing` on a mix without one (CFG-AA-07)."""
    acquiring, n_esms = _PROJECT.value(view, "acquisition_esms") or 0, sum(_operators(view))
    if not 0 < acquiring < n_esms:
        return ()
    if known(view).get("mixed_base", view.day) == "aid":
        rate = rules.rate_per_esms(n_esms, _rate(view))
        found = rules.mixed_project(acquiring * rate, n_esms * rate)
    else:
        budget = {name: parse_euros(euros) for name, euros in _PROJECT.fields(view, "budget").items()}
        found = rules.mixed_project(budget.get("acquisition", 0), budget.get("without_equipment", 0))
    if found.compliant is None:
        raise RuleError(found.status)
    return needed(found.compliant, "ACQUISITION_ABOVE_40_PERCENT")


def _rate(view: View) -> int | None:
    found = given(view, of_project(view, "rate_over_500"))
    return None if found is None else parse_euros(str(found))


def _refusal_reasons(view: View, _: str) -> Standing[Reasons]:
    return holds(bool(_PROJECT.rows(view, "refusal_reasons")), "REASONS_MISSING")


def _pivot(view: View, _: str) -> Standing[Reasons]:
    def reasons() -> Reasons:
        known(view).get(of_project(view, "pivot"), view.day)
        return ()

    return weigh(reasons)


def _agreement(view: View, _: str) -> Standing[Reasons]:
    return holds("signed_on" in _PROJECT.fields(view, "agreement"), "AGREEMENT_NOT_SIGNED")


def _project_ruling(view: View, target: str) -> Ruling | None:
    PROJECT.transition(view.state, target)
    if target in ("DEPOSITED", "REJECTED_LATE"):
        late = target == "REJECTED_LATE"
        inputs = {"deposited_at": view.at.isoformat(), "closing_hour": given(view, "closing_hour")}
        reasons = ("OUTSIDE_DEPOSIT_PERIOD",) if late else ()
        return Ruling("aap_deposit", inputs, letter="rejection" if late else "receipt", reasons=reasons)
    if target == "ELIGIBLE":
        items = {"n_esms": sum(_operators(view)), "items": _PROJECT.rows(view, "items")}
        return Ruling("aap_eligibility", items)
    return _committee_ruling(view, target)


def _committee_ruling(view: View, target: str) -> Ruling | None:
    """AAP-R15: the award and its reservations, or the reasons; the agreement repeats the award."""
    inputs = _award_inputs(view)
    if target == "REFUSED":
        return Ruling("aap_award", inputs, letter="refusal", reasons=tuple(_PROJECT.rows(view, "refusal_reasons")))
    if target == "AGREEMENT":
        return Ruling("aap_award", inputs)
    if target != "ACCEPTED":
        return None
    try:
        bound = parse_euros(_award(view)["amount"])
    except RuleError:
        return None  # the facts then stop the move with the same reason
    reservations = tuple(_PROJECT.rows(view, "reservations"))
    return Ruling("aap_award", inputs, committed=bound, letter="acceptance", reasons=reservations)


LIFE = Life(
    machine=PROJECT,
    entries=PROJECT_ENTRIES,
    facts=facts_of(
        PROJECT,
        {
            "in_deposit_period": _in_period,
            "late": _late,
            "large_enough": lambda view, _: _eligibility(view, "FEWER_THAN_50_ESMS"),
            "complete": lambda view, _: _eligibility(view, "ITEM_MISSING"),
            "amount": _amount,
            "compliant": _compliant,
            "reasons_given": _refusal_reasons,
            "pivot": _pivot,
            "agreement": _agreement,
        },
    ),
    ruling=_project_ruling,
    key={"project": ()},
    envelope="envelope",
)
LIVES = (LIFE, tranche.LIFE)
