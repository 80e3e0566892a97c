"""The words of the reports themselves, in both languages; those of findings are the catalogue's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from validators.report import REFUSING, Issue, Scope

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "conformant": "conforme", "not_conformant": "NON CONFORME", "countable": "comptable",
        "not_countable": "NON COMPTABLE", "valid": "valide", "not_valid": "non valide",
        "fatal": "fatal", "error": "erreur", "warning": "avertissement", "information": "information",
        "fatals": "Anomalies fatales", "errors": "Erreurs", "warnings": "Avertissements",
        "informations": "Informations",
        "line": "ligne", "in_document": "du document contenu", "suppressed": "écarté", "nothing": "Aucune anomalie.",
        "conformity": "conformité", "programme": "effet sur les programmes",
        "report": "Rapport de contrôle", "summary": "Synthèse", "file": "Fichier",
        "verdict": "Verdict", "kind": "Format", "document": "Document", "documents": "Documents contenus",
        "place": "Emplacement", "found": "Trouvé", "expected": "Attendu", "effect": "Conséquence",
        "rules": "Règles citées",
        "suppressions": "Anomalies écartées", "reason": "Motif",
        "no_programme": "aucun programme ne regarde ce document",
        "skip": "Aller aux résultats", "no_file": "Aucun fichier contrôlé.", "context": "Extrait",
        "refused": "Un serveur refuserait ce document.",
        "uncounted": "Le document est accepté, mais ne compte pour aucun programme.",
        "to_fix": "Sans effet sur les verdicts ; à corriger.", "said": "Pour information, sans effet.",
        "unused": "la mise à l'écart {name} ne correspond à aucune anomalie",
    },
    "en": {
        "conformant": "conformant", "not_conformant": "NOT CONFORMANT", "countable": "countable",
        "not_countable": "NOT COUNTABLE", "valid": "valid", "not_valid": "not valid",
        "fatal": "fatal", "error": "error", "warning": "warning", "information": "information",
        "fatals": "Fatal findings", "errors": "Errors", "warnings": "Warnings", "informations": "Information",
        "line": "line", "in_document": "of the document inside", "suppressed": "suppressed", "nothing": "No finding.",
        "conformity": "conformity", "programme": "effect on programmes",
        "report": "Validation report", "summary": "Summary", "file": "File",
        "verdict": "Verdict", "kind": "Format", "document": "Document", "documents": "Documents inside",
        "place": "Place", "found": "Found", "expected": "Expected", "effect": "Effect",
        "rules": "Rules named",
        "suppressions": "Suppressed findings", "reason": "Reason",
        "no_programme": "no programme looks at this document",
        "skip": "Go to the results", "no_file": "No file was checked.", "context": "Excerpt",
        "refused": "A server would refuse this document.",
        "uncounted": "The document is accepted, but counts for no programme.",
        "to_fix": "No effect on the verdicts; to be corrected.", "said": "For information, without effect.",
        "unused": "the suppression {name} matched no finding",
    },
}  # fmt: skip


def words(lang: str) -> Mapping[str, str]:
    """The words of a language; French unless English is asked for."""
    return WORDS["en" if lang == "en" else "fr"]


def effect(issue: Issue, lang: str) -> str:
    """What a finding costs (policy, Verdicts)."""
    said = words(lang)
    if issue.severity in REFUSING:
        return said["refused" if issue.scope is Scope.CONFORMITY else "uncounted"]
    return said["to_fix" if issue.severity.value == "warning" else "said"]


def line_words(issue: Issue, lang: str) -> str:
    """`ligne 12`, and of what, when the finding is inside a container; nothing when no line is known."""
    if issue.line is None:
        return ""
    said = words(lang)
    inside = f" {said['in_document']}" if "!/" in issue.location else ""
    return f"{said['line']} {issue.line}{inside}"
