"""The life of one establishment in the rare-disease call, under the initial text and under the note of 2019.

Both begin alike. A file the note finds between its two payments goes on under the updated text: 40 % without
condition, and everything back on missed targets (S0 §1.2; MR-R09, C-11).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from indicators.money import parse_euros, plain_euros
from indicators.programmes.dates import Period, local_date
from indicators.programmes.entered import (
    PAYMENT,
    Reading,
    all_of,
    facts_of,
    instalments,
    needed,
    notification,
    notified,
    weigh,
)
from indicators.programmes.life import Entry, Life, Needs, Ruling, View, part
from indicators.programmes.machine import Machine, Reasons, holds
from indicators.programmes.maladies_rares import rules, states
from indicators.programmes.parameters import ParameterMissing
from indicators.programmes.standing import Firm, Standing, Unknown, derive

_ESTABLISHMENT, _DGOS, _ARS = "establishment", "DGOS", "ARS"
_JUDGED = ("AMORCAGE_PAID", "USAGE_PAID")
MEASURES = ("I-MR-1", "I-MR-2", "I-MR-3")

ENTRIES = (
    Entry("reference_centres", "list", (_ESTABLISHMENT,), "centres de référence maladies rares",
          "rare-disease reference centres"),
    Entry("patient_record", "text", (_ESTABLISHMENT,), "logiciel de dossier patient", "patient record software"),
    Entry("selection", "object", (_DGOS,), "décision de sélection", "selection decision", ("APPLIED", "SELECTED"),
          parts=(part("on", "date", "date", "day"), part("reference", "text", "référence", "reference"))),
    Entry("amorcage_payment", "object", (_DGOS,), "versement d'amorçage effectué", "start-up payment made",
          ("AMORCAGE_PAID",), parts=PAYMENT),
    Entry("usage_payment", "object", (_DGOS,), "versement d'usage effectué", "usage payment made", ("USAGE_PAID",),
          parts=PAYMENT),
    Entry("verification", "object", (_DGOS,), "vérification des cibles d'usage", "verification of the usage targets",
          _JUDGED,
          parts=(part("on", "date", "vérifié le", "verified on"),
                 part("reached_on", "date", "cibles atteintes le", "targets reached on"))),
    Entry("restitution_received", "list", (_DGOS, _ARS), "restitutions reçues", "restitutions received",
          ("RESTITUTION_DUE",), parts=PAYMENT),
)  # fmt: skip
_READ = Reading(ENTRIES)


def _perceived(view: View) -> int:
    """Cents the establishment was paid, whatever it returned since."""
    return sum(one.paid for one in view.history if one.paid > 0)


def _reached(view: View) -> date | None:
    found = _READ.fields(view, "verification").get("reached_on")
    return None if found is None else date.fromisoformat(found)


def _limit(version: str, view: View) -> Standing[date]:
    return rules.target_day(version, view.parameters)


def _targets_known(view: View) -> Reasons:
    """MR-R08: the targets of annexe 3 were given, and somebody looked. Raises `ParameterMissing` (CFG-MR-01)."""
    if not any(one.name.startswith("target:") and one.in_force(view.day) for one in view.parameters.entries):
        raise ParameterMissing("targets")
    return needed("on" in _READ.fields(view, "verification"), "TARGETS_NOT_VERIFIED")


def _received(view: View, _: str) -> Standing[Reasons]:
    return holds(rules.application_in_time(view.day), "RECEIVED_AFTER_CLOSING")


def _selected(view: View, _: str) -> Standing[Reasons]:
    return holds("on" in _READ.fields(view, "selection"), "NOT_SELECTED")


def _targets(version: str, view: View, _: str) -> Standing[Reasons]:
    """MR-R05, R06."""
    known = weigh(lambda: _targets_known(view))
    reached = derive(
        _limit(version, view), lambda day: needed(rules.reached_in_time(_reached(view), day), "TARGETS_NOT_REACHED")
    )
    return all_of((known, reached))


def _targets_missed(version: str, view: View, _: str) -> Standing[Reasons]:
    """MR-R05, R07: not reached by the day, and the day is over."""

    def reasons(limit: date) -> Reasons:
        reached = rules.reached_in_time(_reached(view), limit)
        return (*needed(not reached, "TARGETS_REACHED"), *needed(view.day > limit, "TARGET_DAY_NOT_OVER"))

    return all_of((weigh(lambda: _targets_known(view)), derive(_limit(version, view), reasons)))


def _returned(view: View, _: str) -> Standing[Reasons]:
    back = sum(parse_euros(row["euros"]) for row in _READ.rows(view, "restitution_received") if "euros" in row)
    return holds(back >= -notified(view, "RESTITUTION_DUE"), "RESTITUTION_INCOMPLETE")


def _text_in_force(version: str, view: View, _: str) -> Standing[Reasons]:
    """MR-R09, C-11."""
    return holds(rules.version_in_force(view.day) == version, f"TEXT_NOT_IN_FORCE:{version}")


def _ruling(version: str, machine: Machine, view: View, target: str) -> Ruling | None:
    machine.transition(view.state, target)
    if target == "APPLIED":
        return Ruling("mr_application", {"received": view.at.isoformat()}, letter="receipt")
    if target in ("SELECTED", "AMORCAGE_PAID") or (target == "USAGE_PAID" and version == rules.UPDATED):
        return _granted(view, target)
    return _settled(version, view, target)


def _granted(view: View, target: str) -> Ruling:
    """MR-R04, R06: what is due whatever the targets; the second payment is the grant less the first (C-05)."""
    inputs = {"selected": True}
    if target == "SELECTED":
        return Ruling("mr_grant", inputs, letter="acceptance")
    due = ("amorcage", rules.amorcage()) if target == "AMORCAGE_PAID" else ("usage", rules.grant() - view.paid())
    paid = instalments(due)
    return Ruling("mr_grant", inputs, paid, letter=notification(paid))


def _settled(version: str, view: View, target: str) -> Ruling:
    inputs = _account_inputs(version, view)
    if target == "USAGE_PAID":
        rest = instalments(("usage", rules.grant() - view.paid()))
        return Ruling("mr_payments", inputs, rest, letter=notification(rest))
    if target == "RESTITUTION_DUE":
        back = instalments(("restitution", -_due_back(version, view)))
        return Ruling("mr_payments", inputs, back, letter="restitution", reasons=("TARGETS_NOT_REACHED",))
    return Ruling("mr_payments", inputs)


def _account_inputs(version: str, view: View) -> dict[str, Any]:
    reached, limit = _reached(view), _limit(version, view)
    return {
        "version": version,
        "selected": True,
        "reached_on": None if reached is None else reached.isoformat(),
        "as_of": view.day.isoformat(),
        "perceived": plain_euros(_perceived(view)),
        "target_day": limit.value.isoformat() if isinstance(limit, Firm) else None,
    }


def _due_back(version: str, view: View) -> int:
    limit = _limit(version, view)
    assert not isinstance(limit, Unknown)
    return rules.restitution(_perceived(view), _reached(view), limit.value, view.day)


def _needs(version: str, view: View) -> Needs:
    """From the start-up payment to the day of the targets; the day is the one given, or our reading of the month."""
    begun = [local_date(one.at) for one in view.history if one.state == "AMORCAGE_PAID"]
    limit = _limit(version, view)
    if not begun or isinstance(limit, Unknown) or begun[0] > limit.value:
        return Needs()
    return Needs(MEASURES, Period(begun[0], limit.value), limit.value)


def _superseded(view: View) -> str | None:
    """MR-R09: the note takes over every file that waits for its second payment or comes before."""
    taken = view.state in ("DRAFT", "APPLIED", "SELECTED", "AMORCAGE_PAID")
    return states.UPDATED.id if taken and rules.version_in_force(view.day) == rules.UPDATED else None


def _life(version: str, machine: Machine, superseded: Callable[[View], str | None]) -> Life:
    return Life(
        machine=machine,
        entries=tuple(one for one in ENTRIES if set(one.in_states) <= set(machine.states)),
        facts=facts_of(
            machine,
            {
                "received_in_time": _received,
                "selected": _selected,
                "text_in_force": partial(_text_in_force, version),
                "targets": partial(_targets, version),
                "targets_missed": partial(_targets_missed, version),
                "returned": _returned,
            },
        ),
        ruling=partial(_ruling, version, machine),
        needs=partial(_needs, version),
        superseded=superseded,
    )


INITIAL = _life(rules.INITIAL, states.INITIAL, _superseded)
UPDATED = _life(rules.UPDATED, states.UPDATED, lambda _: None)
LIVES = (INITIAL, UPDATED)


def life_in_force(day: date) -> Life:
    """MR-R09: the life a file that begins on a day follows."""
    return INITIAL if rules.version_in_force(day) == rules.INITIAL else UPDATED
