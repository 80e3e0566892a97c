"""Rules of the area `documents`: the type code, the national model and what they make of a document."""

from __future__ import annotations

from validators.messages._row import error, warning
from validators.report import Rule

_MIN = "CI-SIS, structuration minimale des documents de santé"
_TERM = "CI-SIS, JDV_J07 (types de document)"
_POLICY = "Policy, Other CDA findings"

RULES: tuple[Rule, ...] = (
    error(
        "CDA-MODEL", "value",
        "Aucun templateId d'un modèle national connu pour ce corps structuré : indiquer le modèle et sa version.",
        "No templateId of a known national model for this structured body: give the model and its version.",
        f"{_MIN}, templateId du modèle ; {_POLICY}",
    ),
    error(
        "CDA-MODEL-VERSION", "value",
        "Version « {found} » du modèle {model} absente ou inconnue : attendu {expected} dans templateId/@extension.",
        "Version “{found}” of the model {model} missing or unknown: expected {expected} in templateId/@extension.",
        f"{_MIN}, templateId du modèle ; {_POLICY}",
    ),
    warning(
        "CDA-MODEL-UNVERSIONED", "value",
        "Modèle {model} sans version : il est lu comme la plus ancienne. Écrire la version dans templateId/@extension.",
        "Model {model} without a version: read as the oldest one. Write the version in templateId/@extension.",
        f"{_MIN}, templateId du modèle",
    ),
    error(
        "CDA-CODE-MODEL", "conflict",
        "Le code de document {found} n'est pas celui du modèle {model} : attendu {expected}.",
        "The document code {found} is not that of the model {model}: expected {expected}.",
        f"{_TERM} ; {_POLICY}",
    ),
    error(
        "CDA-CODE", "code-invalid",
        "Le code de document « {found} » n'est pas un type de document du JDV_J07 : choisir l'un de ses 114 codes.",
        "The document code “{found}” is not a document type of JDV_J07: choose one of its 114 codes.",
        _TERM,
    ),
    error(
        "CDA-CODE-SYSTEM", "code-invalid",
        "Système de codage « {found} » du code de document {code} : attendu {expected}.",
        "Code system “{found}” of the document code {code}: expected {expected}.",
        f"{_TERM} ; {_POLICY}",
    ),
    warning(
        "CDA-CODE-DISPLAY", "code-invalid",
        "Libellé du code de document {code} différent du libellé national : attendu « {expected} ».",
        "Display name of the document code {code} other than the national one: expected “{expected}”.",
        f"{_TERM} ; {_POLICY}",
    ),
    warning(
        "CDA-TITLE-KIND", "conflict",
        "Le titre annonce un document {announced} alors que le code en fait un document {kind} : vérifier le code.",
        "The title announces a {announced} document but the code makes it a {kind} one: check the code.",
        f"{_TERM} ; {_POLICY}",
    ),
)  # fmt: skip
