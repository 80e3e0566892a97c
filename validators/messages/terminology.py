"""Rules of the terminology operations: what may be asked, and what cannot be told here."""

from __future__ import annotations

from validators.messages._row import error
from validators.report import Rule

_SERVICE = "FHIR R4, https://hl7.org/fhir/R4/terminology-service.html"

RULES: tuple[Rule, ...] = (
    error("TERMINOLOGY-PARAMETER", "value",
          "Paramètre {name} : {found}. Attendu : {expected}.", "Parameter {name}: {found}. Expected: {expected}.", _SERVICE),
    error("TERMINOLOGY-UNKNOWN", "not-found",
          "{found} n'est pas connu ici : ni de R4, ni des nôtres, ni des paquets de ce serveur.",
          "{found} is not known here: neither of R4, nor ours, nor of the packages of this server.", _SERVICE),
    error("TERMINOLOGY-UNDECIDED", "not-supported",
          "On ne peut pas le dire ici : {reason}.", "It cannot be told here: {reason}.", _SERVICE),
)  # fmt: skip
