"""The rules of SUN-ES volet 1 this package applies, with their source and effect date."""

from __future__ import annotations

from datetime import date

from indicators.programmes.model import Rule

# The launch instruction is a draft of July 2021 without a day: the first of the month, before any deposit was open.
_DRAFT = date(2021, 7, 1)
_TEXT = "SUN-ES launch instruction (draft, July 2021), part "
_ROWS = (
    ("SUN1-R04", "Domaines et documents envoyés au DMP", "Domains and documents sent to the DMP", "3.1, 3.2", "SOURCE"),
    ("SUN1-R15", "Dépôt pendant la période de candidature", "Deposit in the candidature period", "6.1", "SOURCE"),
    ("SUN1-R16", "Une candidature par fenêtre", "One candidature per window", "6.1", "SOURCE"),
    ("SUN1-R17", "Calendrier des quatre fenêtres", "Calendar of the four windows", "6.1", "PUBLIC"),
    ("SUN1-R21", "Engagements dans les crédits délégués", "Commitments within delegated credits", "3.3, 6.1", "SOURCE"),
    ("SUN1-R23", "Forfait borné, dégressif par fenêtre", "Forfait in range, falling by window", "4.3", "SOURCE"),
    ("SUN1-R24", "Avance de 30 % du forfait", "Advance of 30% of the forfait", "5", "SOURCE"),
    ("SUN1-R25", "Versement d'usage : le reste, cibles atteintes", "Usage payment: the rest, on target", "5", "SOURCE"),
    ("SUN1-R26", "Forfait avancé : 10 % de plus", "Advanced forfait: 10% more", "5", "SOURCE"),
    ("SUN1-R27", "Cible manquée : pas de versement d'usage", "Target missed: no usage payment", "4.1, 5", "SOURCE"),
    ("SUN1-R28", "Un document compte avec une INS qualifiée", "A document counts with a qualified INS", "3.1", "CONV"),
    ("SUN1-R29", "Le déclaré décide, le calculé contrôle", "Declared decides, computed controls", "5, 7.2", "SOURCE"),
)
RULES = tuple(Rule(key, fr, en, _TEXT + part, mark, _DRAFT) for key, fr, en, part, mark in _ROWS)
