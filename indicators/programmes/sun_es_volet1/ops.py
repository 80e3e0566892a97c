"""Operations of case files on SUN-ES volet 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from indicators.measures import Figure
from indicators.programmes.adapters import cents, day, day_or_none, euros, given, number
from indicators.programmes.errors import RuleError
from indicators.programmes.model import Op
from indicators.programmes.observed import identified, reports, stays_with_document
from indicators.programmes.parameters import ParameterSet
from indicators.programmes.sun_es_volet1 import rules
from indicators.programmes.sun_es_volet1.calendar import Period, UsageWindow, deposit_window, usage_window
from indicators.programmes.sun_es_volet1.candidature import Candidature, Ght, Prerequisite, refusal_reasons
from indicators.programmes.sun_es_volet1.situation import Situation, situation
from indicators.programmes.verdicts import judge
from indicators.ratio import Ratio, decimals

Rows = Sequence[Mapping[str, Any]]
_STAYS_CONVENTIONS = ("CFG-S1-03", "CFG-S1-13", "CFG-S1-15")
_REPORTS_CONVENTIONS = ("CFG-S1-03", "CFG-S1-13")


def calendar(window: int | str) -> dict[str, Any]:
    """SUN1-R17."""
    found = _window(window)
    periods = {name: getattr(found, name) for name in ("candidature", "instruction", "measure")}
    return {name: [one.start.isoformat(), one.end.isoformat()] for name, one in periods.items()}


def _window(window: int | str | Mapping[str, Any]) -> UsageWindow:
    """A window of the text by number or id, or an exercise window with its days (`calendar.window_value`)."""
    if isinstance(window, Mapping):
        periods = (Period(*map(day, window[name])) for name in ("candidature", "instruction", "measure"))
        return UsageWindow(str(window["id"]), *periods)
    try:
        return usage_window(f"F{str(window).removeprefix('F')}")
    except LookupError:
        raise RuleError(f"unknown_window:{window}") from None


def deposit(deposited_at: str, window: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """SUN1-R15; an exercise window is asked about by itself."""
    if window is not None:
        one = _window(window)
        return {"window": one.id, "accepted_for_deposit": day(deposited_at) in one.candidature}
    found = deposit_window(day(deposited_at))
    number_ = None if found is None else int(found.id.removeprefix("F"))
    return {"window": number_, "accepted_for_deposit": found is not None}


def check_candidature(c: Mapping[str, Any]) -> dict[str, Any]:
    """SUN1-R01 to R16, by domain."""
    reasons = refusal_reasons(_candidature(c))
    return {
        domain: {"decision": "refused" if found else "admissible", "reasons": list(found)}
        for domain, found in reasons.items()
    }


def _candidature(c: Mapping[str, Any]) -> Candidature:
    return Candidature(
        territory=str(c["territory"]),
        health_establishment=given(c, "is_health_establishment"),
        deposited=day(c["deposited_at"]),
        window=_window(c["window"]),
        director_validation=given(c, "director_validation"),
        prerequisites={
            name: Prerequisite(given(one, "evidence"), one.get("reached"))
            for name, one in (c.get("prerequisites") or {}).items()
        },
        prerequisites_in_osis=given(c, "prerequisites_in_osis"),
        commitment=given(c, "commitment_osis_usage"),
        editors_in_relims=given(c, "all_editors_in_relims"),
        ght=_ght(c.get("ght")),
        domains=tuple(c["domains"]),
        legal_entity=str(c["finess_ej"]),
        laboratory_entity=c.get("lab_finess_ej"),
        imaging_entity=c.get("imaging_finess_ej"),
        domains_paid=frozenset(c.get("domains_already_paid") or ()),
    )


def _ght(ght: Mapping[str, Any] | None) -> Ght | None:
    if ght is None:
        return None
    return Ght(
        sdsi=given(ght, "sdsi_valid_in_osis"),
        convergence_indicators=given(ght, "convergence_indicators_in_osis"),
        dsi=given(ght, "ght_dsi_validated_by_support"),
        support_director_validation=given(ght, "support_director_validation"),
        solution_in_convergence_or_in_place=given(ght, "solution_in_convergence_or_already_in_place"),
    )


def split_candidatures(wishes: Mapping[str, int]) -> dict[str, Any]:
    """SUN1-R16; domains in the order of the text."""
    order = list(rules.DOMAINS)
    return {
        str(window): sorted(domains, key=lambda name: (order.index(name) if name in order else len(order), name))
        for window, domains in rules.split_candidatures(wishes).items()
    }


def payments(
    standard_amount: Any,
    bonus_claimed: bool,
    bonus_timing: str | None,
    accepted: bool,
    targets_reached: bool | None,
    cro_reached: bool | None,
) -> dict[str, Any]:
    """SUN1-R24 to R27; without a verdict the advance alone is known (C-03)."""
    found = rules.payments(
        cents(standard_amount, "standard_amount"),
        accepted=accepted,
        targets_reached=bool(targets_reached),
        bonus_claimed=bonus_claimed,
        cro_reached=bool(cro_reached),
        bonus_timing=bonus_timing,
    )
    if accepted and targets_reached is None:
        return {"advance": euros(found.advance), "usage": None, "total": None, "status": "not_measurable"}
    return {name: euros(getattr(found, name)) for name in ("advance", "usage", "total")}


def validate_grid(
    domain: str, amount_by_window: Mapping[str, Any], target_by_window: Mapping[str, Any]
) -> dict[str, Any]:
    """SUN1-R23."""
    if domain not in rules.DOMAINS:
        raise RuleError(f"unknown_domain:{domain}")
    amounts = {
        _number(window): cents(value, f"amount:F{_number(window)}") for window, value in amount_by_window.items()
    }
    targets = {_number(window): number(value) or Fraction(0) for window, value in target_by_window.items()}
    errors = rules.grid_errors(domain, amounts, targets)
    return {"valid": not errors, "errors": errors}


def _number(window: str) -> int:
    return int(window.removeprefix("F"))


def envelope(delegated: Any, commitments: Iterable[Any]) -> dict[str, Any]:
    """SUN1-R21."""
    committed = [cents(amount, "commitment") for amount in commitments]
    left = rules.envelope_left(cents(delegated, "delegated"), committed)
    return {"committed": euros(sum(committed)), "within": left >= 0, "remaining": euros(left)}


def stay_rate(
    doc_kind: str,
    finess_geo: str,
    window: int,
    exclusions: Iterable[str],
    cutoff: str | None,
    target_pct: Any,
    stays: Rows,
    documents: Rows,
) -> dict[str, Any]:
    """I-SUN1-LDL, -ORD, -CRO, by the product's own measure; the reading of the denominator makes it indicative."""
    measured = _window(window).measured(day_or_none(cutoff))
    found = stays_with_document(doc_kind, finess_geo, measured, exclusions, stays, documents)
    return judge(found, number(target_pct)).as_dict() | _indicative(_STAYS_CONVENTIONS, cutoff)


def report_rate(
    doc_kind: str,
    finess_ej: str,
    window: int,
    cutoff: str | None,
    target_pct: Any,
    produced_declared: int | None,
    documents: Rows,
) -> dict[str, Any]:
    """I-SUN1-BIO, -IMG, by the product's own measure."""
    measured = _window(window).measured(day_or_none(cutoff))
    found = reports(doc_kind, finess_ej, measured, produced_declared, documents)
    return judge(found, number(target_pct)).as_dict() | _indicative(_REPORTS_CONVENTIONS, cutoff)


def _indicative(conventions: tuple[str, ...], cutoff: str | None) -> dict[str, Any]:
    late = ("CFG-S1-10",) if cutoff is None else ()
    return {"indicative": True, "conventions": [*conventions, *late]}


def ins_rate(documents: Rows) -> dict[str, Any]:
    """I-SUN1-INS, by the product's own measure."""
    found = identified(documents)
    return {"numerator": found.numerator, "denominator": found.denominator, "rate_pct": found.percent_text}


def declared_vs_computed(declared_pct: Any, num: int, den: int | None, tolerance_points: Any) -> dict[str, Any]:
    """SUN1-R29; without a tolerance there is no alert to give (CFG-S1-11)."""
    ratio, tolerance = Ratio(num, den), number(tolerance_points)
    gap = rules.declared_gap(number(declared_pct), ratio)
    answer: dict[str, Any] = {
        "computed_pct": ratio.percent_text,
        "difference_points": None if gap is None else decimals(gap),
        "alert": None if tolerance is None else rules.gap_alert(gap, tolerance),
    }
    return answer | ({"status": "parameter_missing:tolerance_points"} if tolerance is None else {})


def verdict(
    finess: str,
    window: int | str | Mapping[str, Any],
    domain: str,
    figures: Rows,
    parameters: Mapping[str, Any],
    control: Rows = (),
    bonus_claimed: bool = False,
) -> dict[str, Any]:
    """SUN1-R25 to R29: the situation from declared figures, with our own beside them (C-10)."""
    one = _window(window)
    window_id = one.id
    days = {
        name: [period.start, period.end]
        for name, period in (
            ("candidature", one.candidature),
            ("instruction", one.instruction),
            ("measure", one.measure),
        )
    }
    values = {f"calendar:{window_id}": days} | {name: _typed(name, value) for name, value in parameters.items()}
    given_set = ParameterSet.of("given", values, source="-")
    last = given_set.find(f"cutoff:{window_id}")

    def of(rows: Rows) -> Situation:
        return situation(
            finess, window_id, _figures(rows), [], given_set,
            domain=domain, cutoff=last.value if last else None, bonus_claimed=bonus_claimed,
        )  # fmt: skip

    found = of(figures)
    return found.as_dict() | {"control": _compared(found, of(control), given_set) if control else []}


def _typed(name: str, value: Any) -> Any:
    return day(value) if name.startswith("cutoff:") else value


def _figures(rows: Rows) -> list[Figure]:
    return [Figure(row["measure"], row["organization"], None, row["numerator"], row["denominator"]) for row in rows]


def _compared(declared: Situation, ours: Situation, given_set: ParameterSet) -> list[dict[str, Any]]:
    """SUN1-R29, by indicator that both figures have."""
    tolerance = given_set.find("tolerance")
    rows = []
    for line in ours.lines:
        stated = next((one.ratio for one in declared.lines if one.measure == line.measure), None)
        gap = rules.declared_gap(stated.percent, line.ratio) if stated and line.ratio else None
        if gap is not None and line.ratio is not None:
            alert = None if tolerance is None else rules.gap_alert(gap, number(tolerance.value) or Fraction(0))
            rows.append(
                {"measure": line.measure, "rate": line.ratio.percent_text, "gap": decimals(gap), "alert": alert}
            )
    return rows


OPS = (
    Op("sun1_calendar", calendar),
    Op("sun1_deposit_window", deposit),
    Op("sun1_check_candidature", check_candidature, keyed=True),
    Op("sun1_split_candidatures", split_candidatures, keyed=True, unordered=frozenset({"*"})),
    Op("sun1_payments", payments),
    Op("sun1_validate_grid", validate_grid, unordered=frozenset({"errors"})),
    Op("sun1_envelope", envelope),
    Op("sun1_stay_rate", stay_rate),
    Op("sun1_report_rate", report_rate),
    Op("ins_rate", ins_rate),
    Op("sun1_declared_vs_computed", declared_vs_computed),
    Op("sun1_verdict", verdict),
)
