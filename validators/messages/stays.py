"""Rules of stays that arrive as FHIR Encounters."""

from __future__ import annotations

from validators.messages._row import error, warning
from validators.report import Rule

_FR = "FR Core, fr-core-encounter"
_FACTS = "Contrat, faits, stays"

RULES: tuple[Rule, ...] = (
    error("VISIT-NUMBER", "required",
          "Numéro de séjour absent. Attendu : un identifiant de type VN, ou un seul identifiant.",
          "Stay number missing. Expected: an identifier of type VN, or only one identifier.", _FR),
    error("VISIT-MOVEMENT", "business-rule",
          "Un mouvement (partOf) n'est pas un séjour. Envoyer la venue à laquelle il appartient.",
          "A movement (partOf) is no stay. Send the visit it belongs to.", _FR),
    error("VISIT-SITE", "required",
          "Établissement absent, inconnu ou qui n'est pas un site géographique. Attendu : serviceProvider.identifier, un FINESS géographique de la table.",
          "Establishment missing, unknown, or no geographic site. Expected: serviceProvider.identifier, a geographic FINESS of the table.", _FACTS),
    error("VISIT-DISCHARGE", "business-rule",
          "Séjour terminé sans fin de période, ou fin avant le début.",
          "Stay finished without an end of its period, or an end before its start.", _FACTS),
    error("VISIT-STATUS", "value",
          "Statut du séjour inconnu. Attendu : l'un de {expected}.",
          "Unknown status of the stay. Expected: one of {expected}.", "FHIR R4, Encounter"),
    error("VISIT-FIELD", "code-invalid",
          "Champ d'activité inconnu. Attendu : l'un de {expected}.",
          "Unknown field of activity. Expected: one of {expected}.", _FACTS),
    warning("VISIT-FUTURE", "business-rule",
            "La sortie est dans le futur.", "The discharge is in the future.", _FACTS),
)  # fmt: skip
