"""Rules of following along: the change feed, subscriptions and the places they notify."""

from __future__ import annotations

from validators.messages._row import error
from validators.report import Rule

_FEED = "Suivi des changements : docs/how-to/follow.md"
_R4 = "FHIR R4, https://hl7.org/fhir/R4/subscription.html; Subscriptions R5 Backport, R4"

RULES: tuple[Rule, ...] = (
    error("CHANGES-PARAMETER", "value",
          "Paramètre {name} : {found}. Attendu : {expected}.", "Parameter {name}: {found}. Expected: {expected}.", _FEED),
    error("CHANGES-POSITION", "not-found",
          "La position {found} n'existe pas encore : la base a été restaurée, ou la position vient d'un autre serveur. Reprendre à une position connue d'ici (au plus {newest}).",
          "Position {found} does not exist yet: the database was restored, or the position is another server's. Go on from a position known here (at most {newest}).", _FEED),
    error("SUBSCRIPTION-TOPIC", "not-supported",
          "Sujet {found}. Attendu dans criteria : {expected}.", "Topic {found}. Expected in criteria: {expected}.", _R4),
    error("SUBSCRIPTION-ELEMENT", "not-supported",
          "{found} n'est pas pris en charge ici. Attendu : {expected}.",
          "{found} is not supported here. Expected: {expected}.", _R4),
    error("SUBSCRIPTION-ENDPOINT", "security",
          "L'adresse à notifier n'est pas admise : {found}. Attendu : {expected}.",
          "The address to notify is not allowed: {found}. Expected: {expected}.", _FEED),
    error("SUBSCRIPTION-LIMIT", "too-costly",
          "{limit} abonnements au plus ; en supprimer un avant d'en créer un autre.",
          "{limit} subscriptions at most; delete one before creating another.", _FEED),
    error("SUBSCRIPTION-CHANGED", "conflict",
          "L'abonnement a changé entre-temps. Le relire avant de le modifier.",
          "The subscription has changed meanwhile. Read it again before changing it.", _FEED),
)  # fmt: skip
