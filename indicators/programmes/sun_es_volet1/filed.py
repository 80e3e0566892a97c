"""One file of SUN-ES volet 1 as the rules take it: the candidature, the forfait, the usage that was declared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from indicators.measures import Figure
from indicators.money import plain_euros
from indicators.programmes.entered import Reading, deposited_on
from indicators.programmes.errors import RuleError
from indicators.programmes.life import View
from indicators.programmes.parameters import ParameterMissing, ParameterSet
from indicators.programmes.sun_es_volet1 import candidature, files, rules
from indicators.programmes.sun_es_volet1.calendar import UsageWindow, source_parameters, usage_window, window_value
from indicators.programmes.sun_es_volet1.conventions import COMPUTED_WITH, sites_of
from indicators.programmes.sun_es_volet1.entries import ENTRIES
from indicators.programmes.sun_es_volet1.grid import with_forfaits
from indicators.programmes.sun_es_volet1.situation import (
    BONUS,
    Situation,
    required_indicators,
    situation,
    standard_forfait,
)

READ = Reading(ENTRIES)


def window_of(view: View) -> UsageWindow:
    """The window of the file, of the text or of the parameter set. Raises `RuleError` `unknown_window:<id>`."""
    try:
        return usage_window(view.key.get("window", ""), view.parameters)
    except LookupError:
        raise RuleError(f"unknown_window:{view.key.get('window', '')}") from None


def domain_of(view: View) -> str:
    """The domain of the file. Raises `RuleError` `unknown_domain:<domain>`."""
    domain = view.key.get("domain", "")
    files.kinds_of(domain)
    return domain


def known(view: View) -> ParameterSet:
    """What was supplied, in front of what the texts state."""
    return view.parameters.over(source_parameters())


def supplied(view: View) -> ParameterSet:
    """What was supplied, with the forfait the grid gives the activity the ARS entered (SUN1-R03, R23).

    Raises `RuleError` on bounds or a grid that are none.
    """
    try:
        return with_forfaits(view.parameters, view.organization, READ.value(view, "combined_activity"))
    except RuleError:
        raise
    except ValueError:
        raise RuleError("bad_parameter:forfait_grid") from None


def candidature_inputs(view: View) -> dict[str, Any]:
    """The candidature as `sun1_check_candidature` takes it (SUN1-R01 to R16)."""
    in_relims = READ.flag(view, "all_editors_in_relims") and not READ.rows(view, "editors_not_in_relims")
    return {
        "territory": READ.value(view, "territory") or "",
        "is_health_establishment": candidature.is_health_establishment(READ.value(view, "legal_status") or ""),
        "deposited_at": deposited_on(view).isoformat(),
        "window": window_value(window_of(view)),
        "director_validation": READ.flag(view, "director_validation"),
        "prerequisites": _prerequisites(view),
        "prerequisites_in_osis": READ.flag(view, "prerequisites_in_osis"),
        "commitment_osis_usage": READ.flag(view, "commitment"),
        "all_editors_in_relims": in_relims,
        "ght": _ght(view) if READ.flag(view, "in_ght") else None,
        "domains": [domain_of(view)],
        "finess_ej": view.legal_entity,
        "lab_finess_ej": READ.value(view, "laboratory_entity"),
        "imaging_finess_ej": READ.value(view, "imaging_entity"),
        "domains_already_paid": sorted({one.get("domain", "") for one in view.paid_elsewhere}),
    }


def _prerequisites(view: View) -> dict[str, Any]:
    """SUN1-R06: as filed; one the ARS does not confirm is not reached."""
    filed, refused = READ.fields(view, "prerequisites"), set(READ.rows(view, "prerequisites_not_verified"))
    return {
        name: {
            "evidence": one.get("evidence") is True,
            "reached": False if name in refused else one.get("reached"),
        }
        for name, one in filed.items()
    }


def _ght(view: View) -> dict[str, Any]:
    allowed = [
        candidature.solution_allowed(
            in_place_before=one.get("in_place_before") is True,
            in_convergence_plan=one.get("in_convergence_plan") is True,
        )
        for one in READ.rows(view, "solutions")
    ]
    conditions = {name: value for name, value in READ.fields(view, "ght").items() if name != "name"}
    return conditions | {"solution_in_convergence_or_already_in_place": bool(allowed) and all(allowed)}


def bonus_claimed(view: View) -> bool:
    """SUN1-R26: the advanced forfait, in the domain that has operative reports."""
    return BONUS.rpartition("-")[2] in files.kinds_of(domain_of(view)) and READ.flag(view, "bonus_claimed")


def standard(view: View) -> int:
    """SUN1-R23: cents of the standard forfait. Raises `ParameterMissing`."""
    return standard_forfait(view.organization, window_of(view), domain_of(view), supplied(view))


def bound(view: View) -> int:
    """SUN1-R21, R26: cents an acceptance binds, the bonus included when it is claimed. Raises `ParameterMissing`."""
    return rules.advanced_forfait(standard(view)) if bonus_claimed(view) else standard(view)


def advance(view: View) -> int:
    """SUN1-R24, R26: cents of the advance. Raises `ParameterMissing`."""
    claimed = bonus_claimed(view)
    timing = str(known(view).get("bonus_timing", window_of(view).measure.end)) if claimed else None
    paid = rules.payments(
        standard(view), accepted=True, targets_reached=False, bonus_claimed=claimed, bonus_timing=timing
    )
    return paid.advance


def payment_inputs(view: View, *, reached: bool | None) -> dict[str, Any]:
    """What `sun1_payments` takes before the usage is known, or once the targets are missed."""
    timing = known(view).find("bonus_timing", window_of(view).measure.end)
    try:
        amount = plain_euros(standard(view))
    except ParameterMissing:
        amount = None
    return {
        "standard_amount": amount,
        "bonus_claimed": bonus_claimed(view),
        "bonus_timing": None if timing is None else timing.value,
        "accepted": True,
        "targets_reached": reached,
        "cro_reached": None,
    }


def required(view: View) -> tuple[str, ...]:
    """Indicators the file has to declare: those with a target, and the bonus one when it is claimed."""
    bonus = (BONUS,) if bonus_claimed(view) else ()
    return tuple(dict.fromkeys((*required_indicators(window_of(view), domain_of(view), known(view)), *bonus)))


def declared_figures(view: View) -> list[Figure]:
    """What was declared for the window: in the file first, else what came in from elsewhere (SUN1-R29)."""
    site = min(sites_of(known(view), view.organization))
    own = [
        Figure(row["indicator"], site, None, row["numerator"], row.get("denominator"))
        for row in READ.rows(view, "declared_usage")
        if {"indicator", "numerator"} <= set(row)
    ]
    names = {figure.measure for figure in own}
    return own + [figure for figure in view.declared if figure.measure not in names and figure.month is None]


def cutoff(view: View) -> date:
    """CFG-S1-10: the last day a deposit counts; the end of the measure unless said."""
    window = window_of(view)
    found = known(view).find(f"cutoff:{window.id}", window.measure.end)
    return window.measure.end if found is None else found.value


def usage_situation(view: View) -> Situation:
    """SUN1-R25 to R27: where the file stands by what was declared."""
    return situation(
        view.organization, window_of(view).id, declared_figures(view), [], supplied(view),
        domain=domain_of(view), cutoff=cutoff(view), bonus_claimed=bonus_claimed(view),
    )  # fmt: skip


def verdict_inputs(view: View) -> dict[str, Any]:
    """What `sun1_verdict` takes: the declared figures, ours, and every parameter the verdict reads."""
    return {
        "finess": view.organization,
        "window": window_value(window_of(view)),
        "domain": domain_of(view),
        "figures": _rows(declared_figures(view)),
        "parameters": _parameters(view),
        "control": _rows(view.figures),
        "bonus_claimed": bonus_claimed(view),
    }


def _rows(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    return [
        {name: getattr(figure, name) for name in ("measure", "organization", "numerator", "denominator")}
        for figure in figures
        if figure.month is None
    ]


def _parameters(view: View) -> dict[str, Any]:
    window, domain, found = window_of(view), domain_of(view), supplied(view)
    forfait = f"forfait:{domain}:{window.id}"
    names = (
        *COMPUTED_WITH, f"cutoff:{window.id}", f"sites:{view.organization}", f"indicators:{domain}",
        "ordonnance_codes", "tolerance", "bonus_timing", forfait, f"{forfait}:{view.organization}",
        *(f"target:{measure}:{window.id}" for measure in (*required(view), BONUS)),
    )  # fmt: skip
    given = {name: found.find(name, window.measure.end) for name in names}
    return {name: _json(entry.value) for name, entry in given.items() if entry is not None}


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
