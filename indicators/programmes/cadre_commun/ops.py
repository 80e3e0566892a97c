"""Operations of case files on the common framework."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from indicators.programmes.adapters import day as local_day
from indicators.programmes.adapters import number
from indicators.programmes.cadre_commun import rules
from indicators.programmes.model import Op
from indicators.programmes.verdicts import judge
from indicators.ratio import Ratio


def coverage(available: Iterable[str]) -> dict[str, Any]:
    """I-CC-1."""
    found = rules.coverage(available)
    return {
        "numerator": found.ratio.numerator,
        "denominator": found.ratio.denominator,
        "rate_pct": found.ratio.percent_text,
        "missing": list(found.missing),
    }


def usage(service: str, semester: str, using: int, in_scope: int | None, target_pct: Any) -> dict[str, Any]:
    """CC-R06, I-CC-2: the use of a service in a half-year against its target."""
    judged = judge(Ratio(using, in_scope), number(target_pct), parameter=f"target:{service}")
    return {"service": service, "semester": semester} | judged.as_dict()


def semester(day: str) -> dict[str, Any]:
    """CC-R08."""
    return {"semester": rules.semester(local_day(day))}


def reports_due(first: str, last: str, received: Iterable[str]) -> dict[str, Any]:
    """CC-R08, I-CC-3."""
    return {"missing": list(rules.reports_missing(first, last, received))}


def governance(year_meetings: Mapping[str, int]) -> dict[str, Any]:
    """CC-R10; a meeting nobody told of was not held."""
    kept = rules.rhythm(*(year_meetings.get(name, 0) for name in ("strategic", "operational", "revisions")))
    return {"strategic_ok": kept.strategic, "operational_ok": kept.operational, "yearly_revision_ok": kept.revision}


OPS = (
    Op("cc_coverage", coverage),
    Op("cc_usage", usage),
    Op("cc_semester", semester),
    Op("cc_reports_due", reports_due),
    Op("cc_governance", governance),
)
