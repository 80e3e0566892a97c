"""Rules of the area `cda_body`: one row a rule of the body's tables, and the few that belong to no table.

The words of a table row are made from its kind (`validators.cda.rules`): nothing to add here when a rule is added there.
"""

from __future__ import annotations

from validators.cda.rules._catalogue import rows
from validators.messages._row import error, information, warning
from validators.report import Rule, Scope

_POLICY = "Policy, Other CDA findings"

_OWN = (
    error(
        "CDA-BODY-INTERVAL", "value",
        "La fin (high) précède le début (low) dans le corps du document : corriger l'une des deux dates.",
        "The end (high) comes before the start (low) in the body of the document: fix one of the two dates.",
        f"CI-SIS, modèles de contenus CDA, effectiveTime ; {_POLICY}",
    ),
    warning(
        "CDA-REFERENCE", "value",
        "Référence au texte sans cible : aucun ID du document ne porte cette ancre. Corriger la référence ou ajouter "
        "l'ID dans section/text.",
        "Text reference without a target: no ID of the document bears this anchor. Fix the reference or add the ID in "
        "section/text.",
        f"CI-SIS, modèles de contenus CDA, text/reference ; {_POLICY}",
    ),
    warning(
        "CDA-DISPLAY", "value",
        "Libellé différent de celui du jeu de valeurs pour le code « {code} » : attendu « {expected} ».",
        "Display name different from the value set's for the code “{code}”: expected “{expected}”.",
        _POLICY,
    ),
    information(
        "CDA-VALUE-SET-MISSING", "not-supported",
        "Jeux de valeurs non chargés ({names}) : les codes qui en dépendent ne sont pas vérifiés. Indiquer le dossier "
        "des jeux de valeurs (--value-sets).",
        "Value sets not loaded ({names}): the codes that depend on them are not checked. Give the folder of value sets "
        "(--value-sets).",
        _POLICY,
    ),
    information(
        "CDA-VOLET-NOT-COVERED", "not-supported",
        "Modèle {model} : son en-tête et les modèles de contenus communs sont vérifiés, les règles propres à ce volet "
        "ne le sont pas.",
        "Model {model}: its header and the shared content templates are checked, the rules of this model are not.",
        "CI-SIS, volets de contenu",
    ),
    information(
        "CDA-BODY-MORE", "informational",
        "Le corps a d'autres défauts que ceux listés : corriger les premiers puis vérifier à nouveau.",
        "The body has more faults than those listed: fix the first ones, then check again.",
        _POLICY,
    ),
)  # fmt: skip

RULES: tuple[Rule, ...] = (
    *_OWN,
    *(Rule(row.id, row.severity, Scope.CONFORMITY, row.code, row.fr, row.en, row.source) for row in rows()),
)
