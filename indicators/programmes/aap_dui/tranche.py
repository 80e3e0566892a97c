"""The life of one tranche of a national project: opened, verified in regular service, its criteria reached or missed.

A tranche is a file of its own; the first one needs the committee's opinion, the others the closing of the one before.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from indicators.money import parse_euros
from indicators.programmes.aap_dui import ops, rules
from indicators.programmes.aap_dui.entries import TRANCHE_ENTRIES
from indicators.programmes.aap_dui.filed import given, known, of_project
from indicators.programmes.aap_dui.states import TRANCHE
from indicators.programmes.entered import Reading, all_of, exact, facts_of, instalments, needed, notification, weigh
from indicators.programmes.errors import RuleError
from indicators.programmes.life import Life, Ruling, View
from indicators.programmes.machine import Reasons, holds
from indicators.programmes.parameters import ParameterMissing
from indicators.programmes.standing import Standing, settle

_TRANCHE = Reading(TRANCHE_ENTRIES)


def _rank(view: View) -> int:
    """The number of the tranche, from 1. Raises `RuleError` `no_tranche:<tranche>`."""
    name = view.key.get("tranche", "")
    if not name.isascii() or not name.isdigit():
        raise RuleError(f"no_tranche:{name}")
    return int(name)


def _previous_closed(view: View, _: str) -> Standing[Reasons]:
    """AAP-R12, R13."""
    if _rank(view) == 1:
        favourable = _TRANCHE.fields(view, "committee_opinion").get("favourable") is True
        return holds(favourable, "COMMITTEE_OPINION_MISSING")
    closed = _TRANCHE.day(view, "previous_closed_on")
    return holds(closed is not None and closed <= view.day, "PREVIOUS_TRANCHE_OPEN")


def _demonstrated(view: View, _: str) -> Standing[Reasons]:
    """AAP-R12: after a pilot, what it has to show."""
    if _rank(view) != 2 or not _TRANCHE.flag(view, "pilot_first"):
        return settle(())
    shown = needed(_TRANCHE.flag(view, "demonstration"), "DEMONSTRATION_MISSING")
    return settle((*shown, *needed(_TRANCHE.flag(view, "integration_proof"), "INTEGRATION_PROOF_MISSING")))


def _tranche_inputs(view: View) -> dict[str, Any]:
    return {
        "total": _TRANCHE.value(view, "project_amount"),
        "percents": _TRANCHE.rows(view, "plan"),
        "rank": _rank(view),
    }


def _tranche_cents(view: View) -> int:
    """Raises `ParameterMissing`, `RuleError`."""
    inputs = _tranche_inputs(view)
    for percent in inputs["percents"]:
        exact(percent, "bad_entry:plan")
    return parse_euros(ops.tranche(**inputs)["amount"])


def _tranche_amount(view: View, _: str) -> Standing[Reasons]:
    def reasons() -> Reasons:
        if not _TRANCHE.rows(view, "plan") or _TRANCHE.value(view, "project_amount") is None:
            return ("PLAN_MISSING",)
        return needed(_tranche_cents(view) >= 0, "TRANCHE_BELOW_ZERO")

    return weigh(reasons)


def _vsr(view: View, _: str = "") -> Standing[Reasons]:
    return holds("signed_on" in _TRANCHE.fields(view, "vsr"), "VSR_MISSING")


def _criteria_inputs(view: View) -> dict[str, Any]:
    """What `aap_next_tranche` takes. Raises `ParameterMissing` without the criteria of the project (CFG-AA-02)."""
    names = known(view).texts(of_project(view, "usage_criteria"), view.day)
    results = {row["criterion"]: row for row in _TRANCHE.rows(view, "usage_results") if "criterion" in row}
    deployed = [(row.get("solution", ""), row.get("version", "")) for row in _TRANCHE.rows(view, "deployed")]
    return {
        "vsr_signed": "signed_on" in _TRANCHE.fields(view, "vsr"),
        "usage_criteria": {
            name: {"target": _target(view, name), "result": _result(results.get(name, {}))} for name in names
        },
        "same_solution_and_version": bool(deployed) and rules.same_everywhere(deployed),
    }


def _target(view: View, criterion: str) -> str | None:
    name = f"{of_project(view, 'target')}:{criterion}"
    found = given(view, name)
    exact(found, f"bad_parameter:{name}")
    return None if found is None else str(found)


def _result(row: dict[str, Any]) -> str | None:
    """A count, or the percentage of a rate; a rate out of nothing has none (C-03)."""
    if "result" not in row or row.get("out_of") == 0:
        return None
    return str(Fraction(100 * row["result"], row["out_of"]) if "out_of" in row else row["result"])


def _criteria_reasons(view: View) -> Reasons:
    return tuple(ops.next_tranche(**_criteria_inputs(view))["reasons"])


def _verified(view: View) -> Standing[Reasons]:
    return holds(_TRANCHE.flag(view, "criteria_verified"), "CRITERIA_NOT_VERIFIED")


def _criteria(view: View, _: str) -> Standing[Reasons]:
    return all_of((_verified(view), weigh(lambda: _criteria_reasons(view))))


def _criteria_missed(view: View, _: str) -> Standing[Reasons]:
    return all_of((_verified(view), weigh(lambda: needed(bool(_criteria_reasons(view)), "CRITERIA_REACHED"))))


def _tranche_ruling(view: View, target: str) -> Ruling | None:
    TRANCHE.transition(view.state, target)
    try:
        return _tranche_ruled(view, target)
    except (ParameterMissing, RuleError) as stopped:
        if str(stopped).startswith("bad_entry:"):
            raise
        return None  # the facts then stop the move with the same reason


def _tranche_ruled(view: View, target: str) -> Ruling | None:
    if target == "OPEN":
        due = instalments(("tranche", _tranche_cents(view)))
        return Ruling("aap_tranche", _tranche_inputs(view), due, letter=notification(due))
    if target == "VSR":
        return None
    missed = _criteria_reasons(view)
    letter = "refusal" if target == "CRITERIA_MISSED" else None
    return Ruling("aap_next_tranche", _criteria_inputs(view), letter=letter, reasons=missed)


LIFE = Life(
    machine=TRANCHE,
    settled=frozenset({"CRITERIA_REACHED"}),
    entries=TRANCHE_ENTRIES,
    facts=facts_of(
        TRANCHE,
        {
            "previous_closed": _previous_closed,
            "demonstrated": _demonstrated,
            "amount": _tranche_amount,
            "vsr_signed": _vsr,
            "criteria": _criteria,
            "criteria_missed": _criteria_missed,
        },
    ),
    ruling=_tranche_ruling,
    key={"project": (), "tranche": ()},
)
