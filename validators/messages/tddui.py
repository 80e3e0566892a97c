"""Rules of the transfer of a user record (TDDUI)."""

from __future__ import annotations

from validators.messages._row import error, warning
from validators.report import Rule

_TDDUI = "TDDUI 1.1.0, tddui-bundle"
_DOCUMENT = "TDDUI 1.1.0, tddui-documentreference"
_HERE = "Contrat, HTTP"

RULES: tuple[Rule, ...] = (
    error("TDDUI-COUNT", "required",
          "Le lot ne contient aucune fiche de document (DocumentReference).",
          "The bundle holds no DocumentReference.", _TDDUI),
    error("TDDUI-REQUEST", "value",
          "Requête inattendue pour une fiche de document. Attendu : POST.",
          "Unexpected request for a DocumentReference. Expected: POST.", _TDDUI),
    warning("TDDUI-URL", "value",
            "Adresse inattendue pour une création. Attendu : DocumentReference.",
            "Unexpected address for a creation. Expected: DocumentReference.", "FHIR R4, http, transaction"),
    warning("TDDUI-CDA", "value",
            "Le document n'est pas un CDA : le volet ne transporte que des CDA.",
            "The document is no CDA: the guide carries CDA documents only.", _DOCUMENT),
    error("TDDUI-BASE64", "value",
          "attachment.data n'est pas du base64 valide, ou ne contient rien.",
          "attachment.data is not valid base64, or holds nothing.", "FHIR R4, base64Binary"),
    error("TDDUI-ENTRY", "not-supported",
          "Ce serveur ne prend d'un lot TDDUI que des fiches de documents.",
          "Of a TDDUI bundle this server takes DocumentReferences only.", _HERE),
    error("TDDUI-DOCUMENT", "not-supported",
          "Document qui n'est pas un CDA : ce serveur ne peut ni l'attribuer ni le compter.",
          "A document that is no CDA: this server can neither attribute nor count it.", _HERE),
)  # fmt: skip
