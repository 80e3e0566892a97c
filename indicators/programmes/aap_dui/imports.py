"""Deposits of the national call on GALIS, and the entries of a project they make (AAP-R08 to R16; S4 §3.1, §4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from indicators.imports import SEPARATOR, Column, Shape, Wrong, read_cell
from indicators.money import plain_euros
from indicators.programmes.aap_dui.rules import FILE_ITEMS

_PAIR = "="


@dataclass(frozen=True, slots=True)
class Deposit:
    """One file as it was deposited; amounts are in cents.

    `operators` are the managing bodies with their ESMS, `schedule` cents by year, `solutions` what is rolled out with
    its version: one, where the project is uniform (AAP-R09). `acquisition` and `without_equipment` are those of a mixed
    project (AAP-R08), null elsewhere.
    """

    number: str
    holder: str
    deposited: datetime
    items: tuple[str, ...]
    operators: tuple[tuple[str, int], ...]
    equipment: bool
    requested: int
    acquisition_esms: int | None
    acquisition: int | None
    without_equipment: int | None
    schedule: tuple[tuple[int, int], ...]
    solutions: tuple[tuple[str, str], ...]


def deposit_entries(filed: Deposit) -> dict[str, Any]:
    """The entries of a project, as `entries` names them."""
    given: dict[str, Any] = {
        "items": [*filed.items],
        "operators": [{"name": name, "esms": esms} for name, esms in filed.operators],
        "equipment_requested": filed.equipment,
        "requested_amount": plain_euros(filed.requested),
        "acquisition_esms": filed.acquisition_esms,
        "schedule": [{"year": year, "euros": plain_euros(cents)} for year, cents in filed.schedule],
        "deployed": [{"solution": solution, "version": version} for solution, version in filed.solutions],
    }
    if filed.acquisition is not None and filed.without_equipment is not None:
        given["budget"] = {
            "acquisition": plain_euros(filed.acquisition), "without_equipment": plain_euros(filed.without_equipment)
        }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def _deposit(row: Mapping[str, Any]) -> Deposit:
    acquisition, base = row["montant_acquisition"], row["montant_hors_equipement"]
    if (acquisition is None) != (base is None):
        raise Wrong("CELL_MISSING", "montant_acquisition" if acquisition is None else "montant_hors_equipement")
    if acquisition is not None and acquisition > base:
        raise Wrong("ABOVE", "montant_acquisition", other="montant_hors_equipement")
    return Deposit(
        row["dossier"], row["finess_porteur"], row["depot"], row["pieces"] or (),
        _pairs(row, "organismes", "count"), row["equipement"], row["montant_demande"], row["esms_acquisition"],
        acquisition, base, tuple((_year(year), cents) for year, cents in _pairs(row, "echeancier", "euros")),
        _pairs(row, "solutions", "text"),
    )  # fmt: skip


def _pairs(row: Mapping[str, Any], column: str, kind: str) -> tuple[tuple[str, Any], ...]:
    """The pairs of a cell, `name=value`, each value of a kind."""
    found = []
    for text in row[column] or ():
        name, sign, value = text.rpartition(_PAIR)
        if not (sign and name.strip() and value.strip()):
            raise Wrong("CELL_PAIR", column, value=text)
        found.append((name.strip(), read_cell(kind, value.strip(), column)))
    return tuple(found)


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise Wrong("CELL_PAIR", "echeancier", value=text)
    return int(text)


GALIS: Shape[Deposit] = Shape(
    "galis",
    "Dépôts de l'appel à projets national DUI (GALIS)",
    "Deposits of the national call for a user record (GALIS)",
    (
        Column("dossier", "text", "numéro du dépôt dans GALIS", "number of the deposit in GALIS", "GALIS-0042"),
        Column("finess_porteur", "finess", "FINESS juridique du porteur", "legal FINESS of the holder", "970490348"),
        Column("depot", "moment", "date et heure du dépôt", "date and time of the deposit", "2021-10-19T17:30:00"),
        Column("pieces", "list", "éléments présents au dossier", "items the file has", SEPARATOR.join(FILE_ITEMS),
               required=False, choices=FILE_ITEMS),
        Column("organismes", "list", "organismes gestionnaires et leurs ESMS : nom=nombre",
               "managing bodies and their ESMS: name=number", "Association A=14|Association B=46"),
        Column("equipement", "yes_no", "équipement demandé pour les petits organismes",
               "equipment asked for small bodies", "oui"),
        Column("montant_demande", "euros", "montant demandé", "amount asked for", "580000.00"),
        Column("esms_acquisition", "count", "projet mixte : ESMS en acquisition", "mixed project: ESMS that acquire",
               "", required=False),
        Column("montant_acquisition", "euros", "projet mixte : part d'acquisition", "mixed project: its acquisitions",
               "", required=False),
        Column("montant_hors_equipement", "euros", "projet mixte : total hors équipement",
               "mixed project: total without equipment", "", required=False),
        Column("echeancier", "list", "échéancier : année=montant", "schedule: year=amount",
               "2022=300000.00|2023=280000.00"),
        Column("solutions", "list", "solutions et versions déployées : solution=version",
               "solutions and versions rolled out: solution=version", "DUI de démonstration=4.2", required=False),
    ),
    ("dossier",),
    _deposit,
)  # fmt: skip
