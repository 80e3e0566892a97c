"""The kinds of declared data: one record and one shape each (programmes.md 8, what denominators need)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.imports._faults import Wrong
from indicators.imports._shape import Column, Shape, both_or_none, in_order

FIELDS = ("MCO", "DIALYSE", "SMR", "HAD", "PSY")
DOMAINS = {"biologie": "I-SUN1-BIO", "imagerie": "I-SUN1-IMG"}
PROJECTS = ("aucun", "en_preparation", "actif", "clos")


@dataclass(frozen=True, slots=True)
class StayRow:
    """One stay as admissions know it; `patient` is (OID, value) of an INS or of a local identifier, for linking."""

    organization: str
    number: str
    discharged: date | None
    field: str | None
    operated: bool
    excluded: bool
    patient: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Activity:
    """Combined activity of an establishment in one year (SAE and PMSI), as the forfait reads it."""

    organization: str
    year: int
    value: int
    source: str


@dataclass(frozen=True, slots=True)
class ReportsProduced:
    """How many biology or imaging reports an establishment produced in a period."""

    organization: str
    domain: str
    start: date
    end: date
    produced: int
    source: str


@dataclass(frozen=True, slots=True)
class EligiblePatient:
    """One patient of the rare-disease list of an establishment; `patient` is (OID, value), to be pseudonymised."""

    organization: str
    start: date
    end: date
    patient: tuple[str, str]


@dataclass(frozen=True, slots=True)
class PersonUsage:
    """One person of a user record (DUI) in a period: accompaniment, last update, project, dated events."""

    organization: str
    start: date
    end: date
    person: str
    accompanied_from: date
    accompanied_to: date | None
    updated: date | None
    project: str
    events: int

    @property
    def accompanied(self) -> bool:
        """Whether the accompaniment is open at least one day in the period."""
        return self.accompanied_from <= self.end and (self.accompanied_to is None or self.accompanied_to >= self.start)

    @property
    def active(self) -> bool:
        """Whether the file of a person accompanied was updated in the period."""
        return self.accompanied and self.updated is not None and self.start <= self.updated <= self.end


@dataclass(frozen=True, slots=True)
class Figures:
    """One figure as it was declared elsewhere, for instance in oSIS."""

    organization: str
    indicator: str
    start: date
    end: date
    numerator: int | None
    denominator: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The DMP confirmed a document: its unique id as it was sent, the day, the repository's own reference."""

    unique_id: str
    on: date
    reference: str | None


_FINESS = Column("finess", "finess", "FINESS géographique du site", "geographic FINESS of the site", "970490363")
_START = Column("debut", "date", "premier jour de la période", "first day of the period", "2026-01-01")
_END = Column("fin", "date", "dernier jour de la période, compris", "last day of the period, included", "2026-06-30")
_SOURCE = Column("source", "text", "d'où vient le chiffre", "where the figure comes from", "oSIS")
_OID = Column(
    "patient_oid", "text", "OID de l'identifiant du patient", "OID of the patient's identifier",
    "1.2.250.1.213.1.4.10", required=False,
)  # fmt: skip
_PATIENT = Column(
    "patient_id", "text", "identifiant du patient dans cet OID", "the patient's identifier under that OID",
    "279035121518989", required=False,
)  # fmt: skip


def _stay(row: Mapping[str, Any]) -> StayRow:
    both_or_none(row, "patient_oid", "patient_id")
    patient = (row["patient_oid"], row["patient_id"]) if row["patient_id"] else None
    return StayRow(
        row["finess"], row["numero_sejour"], row["date_sortie"], row["champ"], row["opere"], row["exclu"], patient
    )


def _activity(row: Mapping[str, Any]) -> Activity:
    return Activity(row["finess"], row["annee"], row["activite_combinee"], row["source"])


def _reports(row: Mapping[str, Any]) -> ReportsProduced:
    in_order(row)
    return ReportsProduced(
        row["finess"], row["domaine"], row["debut"], row["fin"], row["produits"], row["source"]
    )  # fmt: skip


def _patient(row: Mapping[str, Any]) -> EligiblePatient:
    in_order(row)
    return EligiblePatient(row["finess"], row["debut"], row["fin"], (row["patient_oid"], row["patient_id"]))


def _person(row: Mapping[str, Any]) -> PersonUsage:
    in_order(row)
    in_order(row, "accompagnement_debut", "accompagnement_fin")
    if row["mise_a_jour"] is not None and row["mise_a_jour"] > row["fin"]:
        raise Wrong("AFTER_PERIOD", "mise_a_jour")
    return PersonUsage(
        row["finess"], row["debut"], row["fin"], row["personne"], row["accompagnement_debut"],
        row["accompagnement_fin"], row["mise_a_jour"], row["projet"], row["evenements"],
    )  # fmt: skip


def _figures(row: Mapping[str, Any]) -> Figures:
    in_order(row)
    if row["numerateur"] is None and row["denominateur"] is None:
        raise Wrong("CELL_MISSING", "numerateur")
    return Figures(
        row["finess"], row["indicateur"], row["debut"], row["fin"], row["numerateur"], row["denominateur"],
        row["source"],
    )  # fmt: skip


def _acknowledgement(row: Mapping[str, Any]) -> Acknowledgement:
    return Acknowledgement(row["identifiant_document"], row["date_accuse"], row["reference_dmp"])


STAYS = Shape(
    "stays",
    "Séjours",
    "Stays",
    (
        _FINESS,
        Column("numero_sejour", "text", "numéro du séjour", "the establishment's stay number", "S1"),
        Column(
            "date_sortie", "date", "jour de sortie, vide avant", "day of discharge, empty before it",
            "2026-03-31", required=False,
        ),
        Column("champ", "choice", "champ d'activité", "field of activity", "MCO", required=False, choices=FIELDS),
        Column("opere", "yes_no", "au moins une opération", "at least one operation", "non"),
        Column("exclu", "yes_no", "exclu par la liste de l'ARS", "excluded by the agency's list", "non"),
        _OID,
        _PATIENT,
    ),
    ("finess", "numero_sejour"),
    _stay,
)  # fmt: skip

ACTIVITY = Shape(
    "activity",
    "Activité combinée",
    "Combined activity",
    (
        _FINESS,
        Column("annee", "count", "année", "year", "2019"),
        Column(
            "activite_combinee", "count", "activité combinée SAE et PMSI", "combined activity, SAE and PMSI", "4500"
        ),
        _SOURCE,
    ),
    ("finess", "annee", "source"),
    _activity,
)

REPORTS = Shape(
    "reports",
    "Comptes rendus produits",
    "Reports produced",
    (
        _FINESS,
        Column("domaine", "choice", "domaine", "domain", "biologie", choices=tuple(DOMAINS)),
        _START,
        _END,
        Column("produits", "count", "comptes rendus produits", "reports produced", "1200"),
        _SOURCE,
    ),
    ("finess", "domaine", "debut", "fin", "source"),
    _reports,
)

PATIENTS = Shape(
    "patients",
    "Patients éligibles (maladies rares)",
    "Eligible patients (rare diseases)",
    (
        _FINESS,
        _START,
        _END,
        Column("patient_oid", "text", _OID.fr, _OID.en, _OID.example),
        Column("patient_id", "text", _PATIENT.fr, _PATIENT.en, _PATIENT.example),
    ),
    ("finess", "debut", "fin", "patient_oid", "patient_id"),
    _patient,
)

DUI = Shape(
    "dui",
    "Usage du dossier usager (DUI), une ligne par personne",
    "Use of the user record (DUI), one line a person",
    (
        _FINESS,
        _START,
        _END,
        Column("personne", "text", "clé de la personne, sans identité", "key of the person, without identity", "p-001"),
        Column("accompagnement_debut", "date", "premier jour accompagné", "first day accompanied", "2025-09-01"),
        Column(
            "accompagnement_fin", "date", "dernier jour accompagné, vide si en cours",
            "last day accompanied, empty while it lasts", "", required=False,
        ),
        Column(
            "mise_a_jour", "date", "dernière mise à jour du dossier jusqu'à la fin de la période",
            "last update of the file up to the end of the period", "2026-05-12", required=False,
        ),
        Column("projet", "choice", "projet personnalisé en fin de période", "personalised project at the period's end",
               "actif", choices=PROJECTS),
        Column("evenements", "count", "événements datés de la période", "events dated in the period", "3"),
    ),
    ("finess", "debut", "fin", "personne"),
    _person,
)  # fmt: skip

FIGURES = Shape(
    "figures",
    "Chiffres déclarés (oSIS, PMSI, éditeur)",
    "Declared figures (oSIS, PMSI, editor)",
    (
        Column("finess", "text", "FINESS géographique, ou code INSEE d'une région", "geographic FINESS, or INSEE code "
               "of a region", "970490363"),
        Column("indicateur", "text", "identifiant de l'indicateur", "id of the indicator", "I-SUN1-LDL"),
        _START,
        _END,
        Column("numerateur", "count", "numérateur", "numerator", "150", required=False),
        Column("denominateur", "count", "dénominateur, vide pour un nombre", "denominator, empty for a count", "200",
               required=False),
        _SOURCE,
    ),
    ("finess", "indicateur", "debut", "fin", "source"),
    _figures,
)  # fmt: skip

ACKNOWLEDGEMENTS = Shape(
    "acknowledgements",
    "Accusés de réception du DMP",
    "Acknowledgements of the DMP",
    (
        Column("identifiant_document", "text", "identifiant unique du document, tel qu'envoyé",
               "unique id of the document, as it was sent", "1.2.250.1.999.1.1"),
        Column("date_accuse", "date", "jour de l'accusé", "day of the acknowledgement", "2026-04-02"),
        Column("reference_dmp", "text", "référence donnée par le DMP", "reference given by the DMP", "",
               required=False),
    ),
    ("identifiant_document",),
    _acknowledgement,
)  # fmt: skip

SHAPES: dict[str, Shape[Any]] = {
    shape.id: shape for shape in (STAYS, ACTIVITY, REPORTS, PATIENTS, DUI, FIGURES, ACKNOWLEDGEMENTS)
}
"""Every shape by id."""
