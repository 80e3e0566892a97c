"""Rules of the programmes' files: what is asked of a file, an entry, a move, a parameter set, a contestation."""

from __future__ import annotations

from validators.messages._row import error
from validators.report import Rule

_FILES = "docs/decisions/0020"

RULES: tuple[Rule, ...] = (
    error("PROGRAMME-UNKNOWN", "not-found",
          "Inconnu : {found}. Connus : {known}.", "Unknown: {found}. Known: {known}.", _FILES),
    error("PROGRAMME-BODY", "structure",
          "Corps de la requête, {words} [{reason}].", "Request body, {words} [{reason}].", _FILES),
    error("PROGRAMME-ENTRY", "value",
          "Saisie {words} [{reason}].", "Entry {words} [{reason}].", _FILES),
    error("PROGRAMME-MOVE", "business-rule",
          "Mouvement refusé : {words} [{reason}].", "Move refused: {words} [{reason}].", "Règles du programme"),
    error("PROGRAMME-PARAMETERS", "value",
          "Jeu de paramètres, {words} [{reason}].", "Parameter set, {words} [{reason}].", "Règles du programme"),
    error("PROGRAMME-CHANGED", "conflict",
          "Le dossier, ou son enveloppe, a changé entre-temps ; relisez-le, puis recommencez.",
          "The file, or its envelope, changed meanwhile; read it again, then start over.", _FILES),
    error("PROGRAMME-FILE-EXISTS", "duplicate",
          "Un dossier existe déjà sur ce sujet.", "There is a file about this already.", _FILES),
    error("PROGRAMME-SET-TAKEN", "conflict",
          "Le jeu de paramètres {found} est celui d'une autre région ou d'un autre programme ; donnez un autre identifiant.",
          "The parameter set {found} is another region's or another programme's; give another id.", _FILES),
    error("PROGRAMME-SET-UNREADABLE", "processing",
          "Le jeu de paramètres {found} n'est plus valable pour cette version ; déposez la version suivante.",
          "The parameter set {found} is no longer valid for this version; post the next one.", _FILES),
    error("PROGRAMME-REPLAY", "processing",
          "La décision rejouée diffère : {parts}.", "The replayed decision differs: {parts}.", _FILES),
    error("PROGRAMME-DOCUMENT", "not-found",
          "Aucun document de cet identifiant n'est classé pour l'établissement.",
          "No document of this id is filed for the establishment.", _FILES),
    error("PROGRAMME-COUNTED", "business-rule",
          "Ce document est déjà compté ; il n'y a rien à contester.",
          "This document is counted already; there is nothing to contest.", _FILES),
    error("PROGRAMME-MEASURE", "not-found",
          "Ce dossier ne compte pas {found} ; il compte : {known}.",
          "This file does not count {found}; it counts: {known}.", _FILES),
    error("PROGRAMME-ANSWERED", "duplicate",
          "Cette contestation a déjà sa réponse.", "This contestation has its answer already.", _FILES),
    error("PROGRAMME-LETTER", "business-rule",
          "Aucun courrier : {words} [{reason}].", "No letter: {words} [{reason}].", "Règles du programme"),
    error("PROGRAMME-TEMPLATE", "processing",
          "Modèle de courrier fautif : {words} [{reason}].", "Faulty letter template: {words} [{reason}].", _FILES),
    error("PROGRAMME-PACK", "business-rule",
          "Aucun dossier de preuve : {words} [{reason}].", "No evidence pack: {words} [{reason}].",
          "Règles du programme"),
)  # fmt: skip
