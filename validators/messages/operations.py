"""Rules of the operations that take long: an export that is under way, or that could not be made."""

from __future__ import annotations

from validators.messages._row import error
from validators.report import Rule, Scope, Severity

_BULK = "HL7 FHIR Bulk Data Access 2.0.0, export"

RULES: tuple[Rule, ...] = (
    error("EXPORT-BUSY", "throttled",
          "Un export de ce titulaire est déjà en cours. Attendre qu'il soit terminé, ou l'annuler.",
          "An export of this owner is under way. Wait until it is done, or cancel it.", f"{_BULK}, Bulk Data Kick-off"),
    Rule("EXPORT-FAILED", Severity.FATAL, Scope.CONFORMITY, "exception",
         "L'export n'a pas pu être fait. En demander un autre ; le journal du serveur dit pourquoi.",
         "The export could not be made. Ask for another; the server's log says why.", f"{_BULK}, Status Request"),
)  # fmt: skip
