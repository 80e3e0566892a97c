"""What a region reports each half-year of the nine services of the core (CC-R06, R08; S1 §III.1, §III.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indicators.imports import Column, Shape, Wrong
from indicators.programmes.cadre_commun.rules import STATES, services


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """The state of one service in one region at the end of a half-year, and how many establishments it reaches.

    `equipped` have it, `using` used it in the half-year, both of `in_scope`; null is not counted. `path` is the way to
    the target of a service that is missing.
    """

    region: str
    semester: str
    service: str
    state: str
    path: str | None
    equipped: int | None
    using: int | None
    in_scope: int | None
    source: str


def _service(row: Mapping[str, Any]) -> ServiceReport:
    for name in ("equipes", "utilisateurs"):
        if row[name] is None:
            continue
        if row["concernes"] is None:
            raise Wrong("PAIR", name, other="concernes")
        if row[name] > row["concernes"]:
            raise Wrong("ABOVE", name, other="concernes")
    return ServiceReport(
        row["region"], row["semestre"], row["service"], row["etat"], row["trajectoire"], row["equipes"],
        row["utilisateurs"], row["concernes"], row["source"],
    )  # fmt: skip


SERVICES: Shape[ServiceReport] = Shape(
    "services",
    "Services du cadre commun dans une région",
    "Services of the common framework in a region",
    (
        Column("region", "region", "région", "region", "04"),
        Column("semestre", "semester", "semestre", "half-year", "2016-S2"),
        Column("service", "choice", "service du socle", "service of the core", "MSSANTE", choices=services()),
        Column("etat", "choice", "état en fin de semestre", "state at the end of the half-year", "DEPLOYED",
               choices=STATES),
        Column("trajectoire", "text", "trajectoire vers la cible", "path to the target", "", required=False),
        Column("equipes", "count", "établissements équipés", "establishments equipped", "30", required=False),
        Column("utilisateurs", "count", "établissements utilisateurs dans le semestre",
               "establishments that used it in the half-year", "12", required=False),
        Column("concernes", "count", "établissements concernés", "establishments in scope", "40", required=False),
        Column("source", "text", "d'où vient la déclaration", "where the statement comes from", "ARS"),
    ),
    ("region", "semestre", "service"),
    _service,
)  # fmt: skip
