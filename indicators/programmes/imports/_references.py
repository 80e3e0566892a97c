"""Tables that several programmes look at: GHT, the register of editors (RELIMS), credits delegated by circulars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.imports import Column, Shape, Wrong

SDSI_PARTS = ("introduction", "etat_des_lieux", "objectifs", "si_cible", "projets", "evaluation", "pilotage")
"""SUN1-R10 (S2 §5): the seven parts the master plan of a GHT holds at least."""
LINES = ("projets", "pilotage_ars", "pilotage_grades", "etablissements")
"""What delegated credits are for: projects or their steering (ESMS-R16, R17), establishments (SUN1-R21, SUN2-R07)."""
PROGRAMMES = ("sun_es_v1", "sun_es_v2", "maladies_rares", "esms_amorcage", "aap_dui")
"""Programmes that delegate money; the two volets of SUN-ES are two, never one envelope."""


@dataclass(frozen=True, slots=True)
class GhtFacts:
    """One GHT as its support establishment declares it; FINESS are legal ones (SUN1-R10, R11; S2 §5, §6.1)."""

    id: str
    name: str
    support: str
    members: tuple[str, ...]
    sdsi_validated: bool
    sdsi_consistent: bool
    sdsi_deposited: date | None
    sdsi_parts: tuple[str, ...]
    convergence_entered: date | None
    dsi_appointed: date | None
    dsi_validated: bool

    @property
    def sdsi(self) -> bool:
        """The updated plan is validated, consistent with the medical project, in oSIS, and has its seven parts."""
        whole = set(SDSI_PARTS) <= set(self.sdsi_parts)
        return self.sdsi_validated and self.sdsi_consistent and self.sdsi_deposited is not None and whole

    @property
    def convergence(self) -> bool:
        """The convergence indicators are entered in oSIS."""
        return self.convergence_entered is not None

    @property
    def dsi(self) -> bool:
        """A CIO of the GHT is appointed, and validated by the director of the support establishment."""
        return self.dsi_appointed is not None and self.dsi_validated


@dataclass(frozen=True, slots=True)
class Editor:
    """One product of one editor as RELIMS lists it (SUN1-R09)."""

    editor: str
    product: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Delegation:
    """Cents that one circular delegates to a region for a programme; below zero it takes back (ESMS-R19)."""

    region: str
    programme: str
    line: str
    circular: str
    day: date
    cents: int


def _ght(row: Mapping[str, Any]) -> GhtFacts:
    if row["finess_support"] not in row["membres"]:
        raise Wrong("SUPPORT_NO_MEMBER", "finess_support")
    return GhtFacts(
        row["ght"], row["nom"], row["finess_support"], row["membres"], row["sdsi_valide"],
        row["sdsi_projet_medical"], row["sdsi_depot_osis"], row["sdsi_rubriques"] or (), row["convergence_osis"],
        row["dsi_nomination"], row["dsi_valide"],
    )  # fmt: skip


def _editor(row: Mapping[str, Any]) -> Editor:
    return Editor(row["editeur"], row["produit"], row["reference"])


def _delegation(row: Mapping[str, Any]) -> Delegation:
    return Delegation(
        row["region"], row["programme"], row["ligne"], row["circulaire"], row["date_circulaire"], row["montant"]
    )


GHT: Shape[GhtFacts] = Shape(
    "ght",
    "GHT : établissements, schéma directeur, convergence, DSI",
    "GHT: establishments, master plan, convergence, CIO",
    (
        Column("ght", "text", "identifiant du GHT, comme dans la table FINESS", "id of the GHT, as the FINESS table has"
               " it", "GHT fictif du Lagon"),
        Column("nom", "text", "nom du GHT", "name of the GHT", "GHT de démonstration"),
        Column("finess_support", "finess", "FINESS juridique de l'établissement support",
               "legal FINESS of the support establishment", "970490348"),
        Column("membres", "finess_list", "FINESS juridiques des membres, support compris",
               "legal FINESS of the members, support included", "970490348|970490371"),
        Column("sdsi_valide", "yes_no", "schéma directeur à jour, validé", "up-to-date master plan, validated", "oui"),
        Column("sdsi_projet_medical", "yes_no", "cohérent avec le projet médical partagé",
               "consistent with the shared medical project", "oui"),
        Column("sdsi_depot_osis", "date", "jour du dépôt dans oSIS, vide avant", "day of its deposit in oSIS, empty "
               "before it", "2021-09-15", required=False),
        Column("sdsi_rubriques", "list", "rubriques présentes", "parts it holds", "|".join(SDSI_PARTS),
               required=False, choices=SDSI_PARTS),
        Column("convergence_osis", "date", "jour de saisie des indicateurs de convergence, vide avant",
               "day the convergence indicators were entered, empty before it", "2021-09-15", required=False),
        Column("dsi_nomination", "date", "jour de nomination du DSI de GHT, vide avant",
               "day the CIO of the GHT was appointed, empty before it", "2020-01-06", required=False),
        Column("dsi_valide", "yes_no", "DSI validé par le directeur de l'établissement support",
               "CIO validated by the director of the support establishment", "oui"),
    ),
    ("ght",),
    _ght,
)  # fmt: skip

RELIMS: Shape[Editor] = Shape(
    "relims",
    "Éditeurs du répertoire RELIMS",
    "Editors of the RELIMS register",
    (
        Column("editeur", "text", "raison sociale de l'éditeur", "name of the editor", "Éditeur de démonstration"),
        Column("produit", "text", "produit", "product", "DPI de démonstration"),
        Column("reference", "text", "référence dans RELIMS", "reference in RELIMS", "RELIMS-0001", required=False),
    ),
    ("editeur", "produit"),
    _editor,
)

ENVELOPES: Shape[Delegation] = Shape(
    "envelopes",
    "Crédits délégués par circulaire",
    "Credits delegated by circulars",
    (
        Column("region", "region", "région", "region", "04"),
        Column("programme", "choice", "programme ; chaque volet de SUN-ES est le sien",
               "programme; each volet of SUN-ES is one", "sun_es_v1", choices=PROGRAMMES),
        Column("ligne", "choice", "ce que financent les crédits", "what the credits are for", "etablissements",
               choices=LINES),
        Column("circulaire", "text", "référence de la circulaire", "reference of the circular", "FMIS 2021-1"),
        Column("date_circulaire", "date", "date de la circulaire", "date of the circular", "2021-10-01"),
        Column("montant", "signed_euros", "montant délégué, négatif s'il est repris", "amount delegated, below zero "
               "when it is taken back", "637000.00"),
    ),
    ("region", "programme", "ligne", "circulaire"),
    _delegation,
)  # fmt: skip
