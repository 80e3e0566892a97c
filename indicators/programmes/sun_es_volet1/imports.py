"""Candidatures of SUN-ES volet 1 out of Démarches simplifiées, prerequisites and their evidence (SUN1-R06 to R16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from indicators.imports import Column, Shape, Wrong
from indicators.programmes.sun_es_volet1.candidature import PREREQUISITES
from indicators.programmes.sun_es_volet1.rules import DOMAINS


@dataclass(frozen=True, slots=True)
class Solution:
    """One software of a project that a GHT member means to reach its targets with (SUN1-R14)."""

    name: str
    in_place_before: bool
    in_convergence_plan: bool


@dataclass(frozen=True, slots=True)
class FiledCandidature:
    """One form of Démarches simplifiées: one establishment, one window, one or more domains (SUN1-R15, R16).

    `laboratory` and `imaging` are the legal FINESS of the internal producers; `deposited` is local.
    """

    number: str
    organization: str
    window: str
    domains: tuple[str, ...]
    deposited: datetime
    project_lead: str
    director_validation: bool
    support_director_validation: bool | None
    commitment: bool
    editors: tuple[str, ...]
    all_editors_in_relims: bool
    solutions: tuple[Solution, ...]
    laboratory: str | None
    imaging: str | None
    bonus_claimed: bool


@dataclass(frozen=True, slots=True)
class FiledPrerequisite:
    """One of the six prerequisites as an establishment filed it: `evidence` is the reference of what proves it.

    `level` is the one reached, in the words of the guide (CFG-S1-01); `in_osis` whether it is entered there (SUN1-R07).
    """

    organization: str
    window: str
    prerequisite: str
    evidence: str | None
    reached: bool | None
    level: str | None
    in_osis: bool


def candidature_entries(
    filed: FiledCandidature,
    prerequisites: Iterable[FiledPrerequisite],
    *,
    territory: str,
    legal_status: str | None,
    ght: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The entries of a file, as `entries` names them: the form, the prerequisites, what the tables say of the site.

    `ght` are the conditions its GHT meets, empty while they are not known, None outside any GHT.
    """
    given: dict[str, Any] = {
        "form_number": filed.number,
        "project_lead": filed.project_lead,
        "territory": territory,
        "legal_status": legal_status,
        "director_validation": filed.director_validation,
        "commitment": filed.commitment,
        **prerequisite_entries(prerequisites),
        "editors": [*filed.editors],
        "all_editors_in_relims": filed.all_editors_in_relims,
        "in_ght": ght is not None,
        "laboratory_entity": filed.laboratory,
        "imaging_entity": filed.imaging,
        "bonus_claimed": filed.bonus_claimed,
    }
    if ght is not None:
        given |= {"ght": _signed(ght, filed), "solutions": [_solution(one) for one in filed.solutions]}
    return {name: value for name, value in given.items() if value is not None}


def prerequisite_entries(filed: Iterable[FiledPrerequisite]) -> dict[str, Any]:
    """SUN1-R06, R07: what was filed of each prerequisite, and whether all six are entered in oSIS."""
    there = {one.prerequisite: one for one in filed}
    said = {
        name: {"evidence": one.evidence is not None, "reached": one.reached, "reference": one.evidence}
        for name, one in sorted(there.items())
    }
    return {
        "prerequisites": {name: _said(one) for name, one in said.items()},
        "prerequisites_in_osis": all(name in there and there[name].in_osis for name in PREREQUISITES),
    }


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _signed(ght: Mapping[str, Any], filed: FiledCandidature) -> dict[str, Any]:
    return {**ght, "support_director_validation": filed.support_director_validation is True}


def _solution(one: Solution) -> dict[str, Any]:
    return {
        "name": one.name, "in_place_before": one.in_place_before, "in_convergence_plan": one.in_convergence_plan
    }  # fmt: skip


def _candidature(row: Mapping[str, Any]) -> FiledCandidature:
    return FiledCandidature(
        row["dossier"], row["finess"], row["fenetre"], row["domaines"], row["depot"], row["referent"],
        row["validation_directeur"], row["validation_directeur_support"], row["engagement"], row["editeurs"],
        row["editeurs_relims"], _solutions(row), row["laboratoire"], row["imagerie"], row["forfait_avance"] or False,
    )  # fmt: skip


def _solutions(row: Mapping[str, Any]) -> tuple[Solution, ...]:
    named = row["solutions"] or ()
    there, planned = row["solutions_en_place"] or (), row["solutions_convergence"] or ()
    for column, values in (("solutions_en_place", there), ("solutions_convergence", planned)):
        for value in values:
            if value not in named:
                raise Wrong("NOT_NAMED", column, value=value, other="solutions")
    return tuple(Solution(name, name in there, name in planned) for name in named)


def _prerequisite(row: Mapping[str, Any]) -> FiledPrerequisite:
    return FiledPrerequisite(
        row["finess"], row["fenetre"], row["prerequis"], row["preuve"], row["atteint"], row["niveau"], row["osis"]
    )


_SITE = Column("finess", "finess", "FINESS géographique du candidat", "geographic FINESS of the candidate", "970490363")
_WINDOW = Column("fenetre", "text", "fenêtre d'usage : F1 à F4, ou celle d'un jeu de paramètres de la région",
                 "window of usage: F1 to F4, or one of a parameter set of the region", "F1")  # fmt: skip

CANDIDATURES: Shape[FiledCandidature] = Shape(
    "candidatures",
    "Candidatures SUN-ES volet 1 (Démarches simplifiées)",
    "Candidatures to SUN-ES volet 1 (Démarches simplifiées)",
    (
        Column("dossier", "text", "numéro de dossier", "number of the file", "6412345"),
        _SITE,
        _WINDOW,
        Column("domaines", "list", "domaines demandés", "domains asked for", "documents_sortie",
               choices=tuple(DOMAINS)),
        Column("depot", "moment", "date et heure du dépôt", "date and time of the deposit", "2021-10-31T23:59:59"),
        Column("referent", "text", "référent du projet, titulaire du compte", "project lead, holder of the account",
               "DSI"),
        Column("validation_directeur", "yes_no", "validation du directeur", "validated by the director", "oui"),
        Column("validation_directeur_support", "yes_no", "GHT : validation du directeur de l'établissement support",
               "GHT: validated by the director of the support establishment", "oui", required=False),
        Column("engagement", "yes_no", "engagement d'atteinte des cibles et de saisie dans oSIS",
               "commitment to the targets and to their entry in oSIS", "oui"),
        Column("editeurs", "list", "éditeurs des logiciels du projet", "editors of the project's software",
               "Éditeur de démonstration"),
        Column("editeurs_relims", "yes_no", "tous ces éditeurs sont déclarés référencés dans RELIMS",
               "all of them are declared to be listed in RELIMS", "oui"),
        Column("solutions", "list", "GHT : logiciels qui atteignent la cible", "GHT: software that reaches the target",
               "DPI de démonstration", required=False),
        Column("solutions_en_place", "list", "GHT : parmi eux, déjà en place", "GHT: among them, already in place",
               "DPI de démonstration", required=False),
        Column("solutions_convergence", "list", "GHT : parmi eux, du plan de convergence",
               "GHT: among them, of the convergence plan", "", required=False),
        Column("laboratoire", "finess", "FINESS juridique du laboratoire interne",
               "legal FINESS of the internal laboratory", "", required=False),
        Column("imagerie", "finess", "FINESS juridique du plateau d'imagerie interne",
               "legal FINESS of the internal imaging platform", "", required=False),
        Column("forfait_avance", "yes_no", "forfait avancé demandé (comptes rendus opératoires)",
               "advanced forfait asked for (operative reports)", "non", required=False),
    ),
    ("finess", "fenetre"),
    _candidature,
)  # fmt: skip

PREREQUISITES_FILED: Shape[FiledPrerequisite] = Shape(
    "prerequisites",
    "Prérequis SUN-ES et leurs preuves",
    "SUN-ES prerequisites and their evidence",
    (
        _SITE,
        _WINDOW,
        Column("prerequis", "choice", "prérequis", "prerequisite", "SP1", choices=PREREQUISITES),
        Column("preuve", "text", "référence de la pièce justificative, vide sans pièce",
               "reference of the evidence, empty without any", "SP1-questionnaire-RNIV.pdf", required=False),
        Column("atteint", "yes_no", "atteint, vide si rien n'est dit", "reached, empty when nothing is said", "oui",
               required=False),
        Column("niveau", "text", "niveau atteint, dans les termes du guide", "level reached, in the guide's words", "",
               required=False),
        Column("osis", "yes_no", "saisi dans oSIS", "entered in oSIS", "oui"),
    ),
    ("finess", "fenetre", "prerequis"),
    _prerequisite,
)  # fmt: skip
