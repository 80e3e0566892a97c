"""The half-yearly report of a region on the nine services of the core (CC-R06, CC-R08; S1 §III.1, §III.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from indicators.export_table import Field, Table
from indicators.programmes.cadre_commun.imports import ServiceReport
from indicators.programmes.cadre_commun.rules import (
    available_services,
    coverage,
    families,
    reports_missing,
    semesters,
)
from indicators.programmes.dates import Period
from indicators.ratio import Ratio

_FIELDS = (
    Field("region", "text", "code INSEE de la région", "INSEE code of the region"),
    Field("semestre", "text", "semestre", "half-year"),
    Field("famille", "text", "famille de services", "family of services"),
    Field("service", "text", "service du socle", "service of the core"),
    Field("etat", "text", "état en fin de semestre, vide s'il n'a pas été déclaré",
          "state at the end of the half-year, empty when nobody told it"),
    Field("trajectoire", "text", "trajectoire vers la cible", "path to the target"),
    Field("equipes", "count", "établissements équipés", "establishments equipped"),
    Field("utilisateurs", "count", "établissements utilisateurs déclarés", "establishments declared to use it"),
    Field("utilisateurs_constates", "count", "établissements utilisateurs constatés par ce serveur (I-CC-2)",
          "establishments this server saw use it (I-CC-2)"),
    Field("concernes", "count", "établissements concernés", "establishments in scope"),
    Field("taux_usage", "percent", "utilisateurs déclarés sur concernés", "declared users over those in scope"),
    Field("couverture", "percent", "services disponibles sur les neuf (I-CC-1)", "services available of the nine"),
    Field("remontees_manquantes", "text", "semestres dus et non remontés (I-CC-3)", "half-years due and not reported"),
    Field("source", "text", "d'où vient la déclaration", "where the statement comes from"),
)  # fmt: skip


def semester_period(semester: str) -> Period:
    """CC-R08 (CONV): January to June, then July to December. Raises `RuleError` `unknown_semester:<text>`."""
    (known,) = semesters(semester, semester)
    year, first = int(known[:4]), known.endswith("1")
    return Period(date(year, 1, 1), date(year, 6, 30)) if first else Period(date(year, 7, 1), date(year, 12, 31))


def half_yearly_report(
    region: str, semester: str, reports: Iterable[ServiceReport], seen: Mapping[str, int] | None = None
) -> Table:
    """CC-R08, I-CC-1 to I-CC-3: one row a service of the core, told or not.

    `reports` are all of the region, whatever their half-year: those before say which reports are missing, from the
    first one received on. `seen` are users counted here by service, where that can be. Raises `RuleError`
    `unknown_semester:<text>`.
    """
    told = [one for one in reports if one.region == region and one.semester <= semester]
    now = {one.service: one for one in told if one.semester == semester}
    received = sorted({one.semester for one in told})
    common = {
        "region": region,
        "semestre": semester,
        "couverture": _coverage(now) if now else None,
        "remontees_manquantes": " ".join(reports_missing(received[0] if received else semester, semester, received)),
    }
    rows = [
        common | {"famille": family, "service": service} | _told(now.get(service), (seen or {}).get(service))
        for family, services in families().items()
        for service in services
    ]
    return Table(
        "cadre-commun", "Remontée semestrielle du cadre commun", "Half-yearly report of the common framework",
        _FIELDS, rows,
    )  # fmt: skip


def _coverage(now: Mapping[str, ServiceReport]) -> Ratio:
    return coverage(available_services({name: one.state for name, one in now.items()})).ratio


def _told(report: ServiceReport | None, seen: int | None) -> dict[str, Any]:
    if report is None:
        return {"etat": None, "utilisateurs_constates": seen}
    rate = None if report.using is None else Ratio(report.using, report.in_scope)
    return {
        "etat": report.state, "trajectoire": report.path, "equipes": report.equipped, "utilisateurs": report.using,
        "utilisateurs_constates": seen, "concernes": report.in_scope, "taux_usage": rate, "source": report.source,
    }  # fmt: skip
