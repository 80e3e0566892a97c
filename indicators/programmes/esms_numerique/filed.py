"""One project of the kick-off phase as the rules take it: the project, the ARS's share of its aid, its criteria.

A project over several regions is one file an ARS, each for its own share (ESMS-R04).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from indicators.measures import Figure
from indicators.money import plain_euros
from indicators.programmes.entered import Reading, exact
from indicators.programmes.errors import RuleError
from indicators.programmes.esms_numerique import money, rules
from indicators.programmes.esms_numerique.eligibility import Project, small_equipped
from indicators.programmes.esms_numerique.entries import CRITERIA, ENTRIES
from indicators.programmes.life import View
from indicators.programmes.parameters import ParameterSet
from indicators.programmes.territories import plain
from indicators.ratio import Ratio
from indicators.regions import REGIONS

READ = Reading(ENTRIES)
_METIER = 3


def known(view: View) -> ParameterSet:
    """What was supplied, in front of what the text states."""
    return view.parameters.over(rules.source_parameters())


def project_key(view: View) -> str:
    """The project's name in the parameters that are set by project."""
    return view.key.get("project", "")


def given(view: View, name: str) -> Any:
    """A parameter in force on the day, None while nobody gave it."""
    found = known(view).find(name, view.day)
    return None if found is None else found.value


def _structures(view: View) -> list[Mapping[str, Any]]:
    return READ.rows(view, "structures")


def project(view: View) -> Project:
    """The project as its eligibility is looked at."""
    structures = _structures(view)
    categories, market = given(view, "medicalised_categories"), given(view, "national_market")
    return Project(
        items=tuple(READ.rows(view, "items")),
        kind=READ.value(view, "kind") or "none",
        in_cluster=READ.flag(view, "in_cluster"),
        territories=tuple(dict.fromkeys(str(one.get("territory", "")) for one in structures)),
        operators=len(_operators(structures)),
        esms=len(structures),
        medium_from=given(view, "medium_operator_from"),
        medicalised=None if categories is None else any(one.get("category") in categories for one in structures),
        services=tuple(READ.rows(view, "services")),
        in_national_market=None if market is None else READ.value(view, "solution") in market,
        deployed_in_whole_field=READ.flag(view, "deployed_in_whole_field") and READ.flag(view, "derogation_confirmed"),
    )


def _operators(structures: Sequence[Mapping[str, Any]]) -> Counter[str]:
    return Counter(str(one.get("operator", "")) for one in structures)


def aid_inputs(view: View) -> dict[str, Any]:
    """What `esms_amount` takes. Raises `ParameterMissing` when small ESMS cannot be told (CFG-ES-01)."""
    structures = _structures(view)
    equipped = _operators([one for one in structures if one.get("to_equip") is True])
    sizes = [(size, equipped[name]) for name, size in _operators(structures).items()]
    return {
        "kind": READ.value(view, "kind") or "none",
        "n_esms": len(structures),
        "n_small_equipped": small_equipped(sizes, given(view, "small_esms")),
        "equipment_capped_at_30": given(view, "equipment_capped_at_30"),
    }


def whole_aid(view: View) -> int:
    """ESMS-R06 to R08: cents of the whole project. Raises `ParameterMissing`, `RuleError`."""
    asked = aid_inputs(view)
    capped = asked["equipment_capped_at_30"]
    return rules.aid(asked["kind"], asked["n_esms"], asked["n_small_equipped"], capped_at_30=capped).total


def regions(view: View) -> dict[str, int]:
    """ESMS of the project by region of an ARS; one without a region is of the file's own."""
    return dict(Counter(str(one.get("region") or view.region) for one in _structures(view)))


def aid(view: View) -> int:
    """ESMS-R04: cents the file's own ARS pays. Raises `RuleError` `no_esms_in_region:<region>`, as `whole_aid`."""
    total, shares = whole_aid(view), regions(view)
    if view.region not in shares:
        raise RuleError(f"no_esms_in_region:{view.region}")
    return money.ars_shares(total, shares)[view.region]


def support(view: View) -> int | None:
    """ESMS-R17: cents of project support of the file's region in the published table, None of another territory."""
    named = {plain(region): euros for region, euros in known(view).get("project_support").items()}
    found = named.get(plain(REGIONS.get(view.region, view.region)))
    return None if found is None else int(found) * 100


def commitment_limit(view: View) -> Any:
    """ESMS-R18, R19: the last day to commit."""
    return money.commitment_limit(redeployed=READ.flag(view, "redeployed"), parameters=view.parameters)


def paid_criteria(view: View) -> tuple[str, ...]:
    """ESMS-R21: the three criteria of the trade and the two core ones of the agreement. Raises `ParameterMissing`."""
    return (*CRITERIA[:_METIER], *known(view).texts(f"core_criteria:{project_key(view)}", view.day))


def blocked(view: View) -> tuple[str, ...]:
    """ESMS-R23: core criteria the ARS took out of the payment (CFG-ES-05)."""
    return tuple(given(view, f"blocked:{project_key(view)}") or ())


def criteria_inputs(view: View) -> list[dict[str, Any]]:
    """ESMS-R22: the five paid criteria as `esms_usage_payment` takes them. Raises `ParameterMissing` (CFG-ES-04)."""
    results = _results(view)
    return [
        {
            "id": name,
            "family": money.METIER if name in CRITERIA[:_METIER] else money.SOCLE,
            "target": given(view, f"target:{project_key(view)}:{name}"),
            "result": None if results.get(name) is None else str(results[name]),
        }
        for name in paid_criteria(view)
    ]


def criteria(view: View) -> list[money.Criterion]:
    """The same as values."""
    return [
        money.Criterion(
            one["id"], one["family"], _target(view, one), exact(one["result"], "bad_entry:criteria_results")
        )
        for one in criteria_inputs(view)
    ]


def _target(view: View, row: Mapping[str, Any]) -> Fraction | None:
    return exact(row["target"], f"bad_parameter:target:{project_key(view)}:{row['id']}")


def usage_inputs(view: View) -> dict[str, Any]:
    """What `esms_usage_payment` takes: the usage part is the aid less what was paid (C-05)."""
    part = plain_euros(aid(view) - view.paid())
    return {"usage_part": part, "criteria": criteria_inputs(view), "blocked": list(blocked(view))}


def _results(view: View) -> dict[str, Fraction | None]:
    """By criterion: what the holder entered, else what was declared elsewhere, else what was counted here."""
    entered = {
        row["criterion"]: Ratio(row["numerator"], row.get("denominator"))
        for row in READ.rows(view, "criteria_results")
        if {"criterion", "numerator"} <= set(row)
    }
    found = _counted(view.figures) | _counted(view.declared) | entered
    return {name: _value(name, ratio) for name, ratio in found.items()}


def _counted(figures: Sequence[Figure]) -> dict[str, Ratio]:
    """Figures of all structures of the project together, by criterion."""
    found: dict[str, Ratio] = {}
    for figure in figures:
        name = figure.measure.removeprefix("I-ESMS-")
        if name in CRITERIA and figure.month is None:
            before = found.get(name, Ratio(0, 0))
            found[name] = Ratio(
                before.numerator + figure.numerator, (before.denominator or 0) + (figure.denominator or 0)
            )
    return found


def _value(name: str, ratio: Ratio) -> Fraction | None:
    return ratio.percent if name in CRITERIA[:_METIER] else Fraction(ratio.numerator)


def invoice_there(view: View, name: str) -> bool:
    """ESMS-R20: an invoice with its date, not later than today, and its amount."""
    found = READ.fields(view, name)
    return {"on", "euros"} <= set(found) and date.fromisoformat(found["on"]) <= view.day
