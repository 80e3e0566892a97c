"""The life of one service of the core in one region; no money moves. No rule is written here."""

from __future__ import annotations

from typing import Any

from indicators.programmes.cadre_commun import rules
from indicators.programmes.cadre_commun.states import MACHINE
from indicators.programmes.entered import Reading, exact, facts_of, needed, weigh
from indicators.programmes.errors import RuleError
from indicators.programmes.life import Entry, Life, Needs, Ruling, View, part
from indicators.programmes.machine import Reasons, holds
from indicators.programmes.standing import Standing, Unknown
from indicators.programmes.verdicts import judge
from indicators.ratio import Ratio

_ARS = ("ARS",)
MEASURE = "I-CC-2"

ENTRIES = (
    Entry("path", "object", _ARS, "trajectoire vers la cible", "path to the target",
          parts=(part("description", "text", "description", "description"),
                 part("due", "date", "échéance", "due date"))),
    Entry("available_on", "date", _ARS, "service disponible depuis le", "service available since", ("PLANNED",)),
    Entry("equipped", "integer", _ARS, "établissements équipés", "establishments equipped", ("AVAILABLE",)),
    Entry("usage", "object", _ARS, "usage du semestre", "use in the half-year", ("DEPLOYED", "USED"),
          parts=(part("semester", "text", "semestre", "half-year"),
                 part("using", "integer", "établissements utilisateurs", "establishments using it"),
                 part("in_scope", "integer", "établissements concernés", "establishments in scope"))),
)  # fmt: skip
_READ = Reading(ENTRIES)


def _service(view: View) -> str:
    """Raises `RuleError` `unknown_service:<code>`."""
    code = view.key.get("service", "")
    if code not in rules.services(view.day):
        raise RuleError(f"unknown_service:{code}")
    return code


def _path(view: View, _: str) -> Standing[Reasons]:
    _service(view)
    return holds("description" in _READ.fields(view, "path"), "PATH_TO_TARGET_MISSING")


def _available(view: View, _: str) -> Standing[Reasons]:
    since = _READ.day(view, "available_on")
    return holds(since is not None and since <= view.day, "SERVICE_NOT_AVAILABLE")


def _deployed(view: View, _: str) -> Standing[Reasons]:
    return holds(bool(_READ.value(view, "equipped")), "NO_ESTABLISHMENT_EQUIPPED")


def _usage(view: View) -> Ratio:
    """CC-R06, I-CC-2: establishments using the service in the half-year, as the region says it, else as counted."""
    said = _READ.fields(view, "usage")
    if "using" in said and said.get("semester", rules.semester(view.day)) == rules.semester(view.day):
        return Ratio(said["using"], said.get("in_scope"))
    mine = [one for one in view.figures if one.measure == MEASURE and one.part == _service(view)]
    scope = [one.denominator for one in mine]
    whole = sum(one or 0 for one in scope) if scope and None not in scope else None
    return rules.usage_rate([one.organization for one in mine if one.numerator], whole)


def _used(view: View, _: str) -> Standing[Reasons]:
    return holds(_usage(view).numerator > 0, "NO_TRANSACTION_IN_SEMESTER")


def _target_name(view: View) -> str:
    return f"target:{_service(view)}:{view.region}"


def _target(view: View, _: str) -> Standing[Reasons]:
    """CC-R06 (CFG-CC-05): without a target nobody may say that it is reached."""
    name = _target_name(view)
    given = view.parameters.find(name, view.day)

    def reasons() -> Reasons:
        percent = exact(None if given is None else given.value, f"bad_parameter:{name}")
        found = judge(_usage(view), percent, parameter=name)
        if found.reached is None:
            raise RuleError(found.status)
        return needed(found.reached, "TARGET_NOT_REACHED")

    return weigh(reasons)


def _ruling(view: View, target: str) -> Ruling | None:
    MACHINE.transition(view.state, target)
    if target != "TARGET_REACHED" or isinstance(_target(view, target), Unknown):
        return None
    usage, given = _usage(view), view.parameters.find(_target_name(view), view.day)
    inputs: dict[str, Any] = {
        "service": _service(view),
        "semester": rules.semester(view.day),
        "using": usage.numerator,
        "in_scope": usage.denominator,
        "target_pct": None if given is None else str(given.value),
    }
    return Ruling("cc_usage", inputs)


def _needs(view: View) -> Needs:
    period = rules.semester_period(view.day)
    return Needs((MEASURE,), period, period.end) if view.state in ("DEPLOYED", "USED") else Needs()


LIFE = Life(
    machine=MACHINE,
    entries=ENTRIES,
    facts=facts_of(
        MACHINE, {"path": _path, "available": _available, "deployed": _deployed, "used": _used, "target": _target}
    ),
    ruling=_ruling,
    needs=_needs,
    key={"service": rules.services()},
)
