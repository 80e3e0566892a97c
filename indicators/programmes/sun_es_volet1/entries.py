"""What is entered in one candidature of SUN-ES volet 1: on the form, in oSIS, by the ARS, and by whoever pays."""

from __future__ import annotations

from indicators.programmes.entered import PAYMENT
from indicators.programmes.life import Entry, part
from indicators.programmes.sun_es_volet1.candidature import PREREQUISITES
from indicators.programmes.sun_es_volet1.situation import READS
from indicators.programmes.sun_es_volet1.states import ARS, ESTABLISHMENT

_HERS = (ESTABLISHMENT,)
_REVIEW = ("DEPOSITED", "UNDER_REVIEW")

_PREREQUISITE = (
    part("evidence", "bool", "preuve déposée", "evidence filed"),
    part("reached", "bool", "prérequis atteint", "prerequisite reached"),
    part("reference", "text", "référence de la preuve", "reference of the evidence"),
)
_GHT = (
    part("sdsi_valid_in_osis", "bool", "SDSI actualisé, validé, déposé dans oSIS", "updated SDSI, valid, in oSIS"),
    part("convergence_indicators_in_osis", "bool", "indicateurs de convergence saisis dans oSIS",
         "convergence indicators entered in oSIS"),
    part("ght_dsi_validated_by_support", "bool", "DSI de GHT nommé et validé", "GHT CIO appointed and validated"),
    part("support_director_validation", "bool", "validation du directeur de l'établissement support",
         "validation by the director of the support establishment"),
    part("name", "text", "nom du GHT", "name of the GHT"),
)  # fmt: skip
_SOLUTION = (
    part("name", "text", "logiciel", "software"),
    part("in_place_before", "bool", "déjà en place", "already in place"),
    part("in_convergence_plan", "bool", "dans le plan de convergence", "in the convergence plan"),
)
_DECLARED = (
    part("indicator", "text", "indicateur", "indicator", *READS),
    part("numerator", "integer", "numérateur", "numerator"),
    part("denominator", "integer", "dénominateur", "denominator"),
)

ENTRIES = (
    Entry("form_number", "text", _HERS, "numéro de dossier Démarches simplifiées", "number of the form"),
    Entry("project_lead", "text", _HERS, "référent du projet", "project lead"),
    Entry("territory", "text", _HERS, "territoire", "territory"),
    Entry("legal_status", "text", _HERS, "statut juridique", "legal status", choices=("public", "privé", "EBNL")),
    Entry("director_validation", "bool", _HERS, "validation du directeur", "validation by the director"),
    Entry("commitment", "bool", _HERS, "engagement à atteindre les cibles et à saisir l'usage dans oSIS",
          "commitment to reach the targets and to enter the usage in oSIS"),
    Entry("prerequisites", "object", _HERS, "prérequis Ségur et leurs preuves", "Ségur prerequisites with evidence",
          parts=tuple(part(name, "object", f"prérequis {name}", f"prerequisite {name}", parts=_PREREQUISITE)
                      for name in PREREQUISITES)),
    Entry("prerequisites_in_osis", "bool", _HERS, "prérequis saisis dans oSIS", "prerequisites entered in oSIS"),
    Entry("editors", "list", _HERS, "éditeurs des applications du projet", "editors of the project's applications"),
    Entry("all_editors_in_relims", "bool", _HERS, "tous les éditeurs sont référencés dans RELIMS",
          "every editor is listed in RELIMS"),
    Entry("in_ght", "bool", _HERS, "établissement public membre d'un GHT", "public establishment, member of a GHT"),
    Entry("ght", "object", _HERS, "conditions du GHT", "conditions of the GHT", parts=_GHT),
    Entry("solutions", "list", _HERS, "solutions qui atteignent la cible", "solutions that reach the target",
          parts=_SOLUTION),
    Entry("laboratory_entity", "text", _HERS, "FINESS juridique du laboratoire", "legal FINESS of the laboratory"),
    Entry("imaging_entity", "text", _HERS, "FINESS juridique du plateau d'imagerie",
          "legal FINESS of the imaging platform"),
    Entry("bonus_claimed", "bool", _HERS, "forfait avancé demandé (comptes rendus opératoires)",
          "advanced forfait claimed (operative reports)"),
    Entry("prerequisites_not_verified", "list", (ARS,), "prérequis que l'ARS ne retient pas",
          "prerequisites the ARS does not confirm", _REVIEW, PREREQUISITES),
    Entry("editors_not_in_relims", "list", (ARS,), "éditeurs que l'ARS ne trouve pas dans RELIMS",
          "editors the ARS does not find in RELIMS", _REVIEW),
    Entry("combined_activity", "integer", (ARS,), "activité combinée 2019 (SAE et PMSI)",
          "combined activity of 2019 (SAE and PMSI)", _REVIEW),
    Entry("advance_payment", "object", (ARS,), "avance versée", "advance paid", ("ADVANCE_NOTIFIED",), parts=PAYMENT),
    Entry("declared_usage", "list", _HERS, "usage saisi dans oSIS", "usage entered in oSIS", ("MEASURING",),
          parts=_DECLARED),
    Entry("usage_verified", "bool", (ARS,), "usage déclaré vérifié par l'ARS", "declared usage verified by the ARS",
          ("DECLARED",)),
    Entry("usage_payment", "object", (ARS,), "versement d'usage effectué", "usage payment made", ("USAGE_NOTIFIED",),
          parts=PAYMENT),
)  # fmt: skip
"""Everything entered. A candidature carries one domain here: one of several is as many files (SUN1-R16)."""
