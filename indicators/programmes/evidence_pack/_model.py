"""What an evidence pack is made of, and what a check of one may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from indicators.programmes.decisions import DecisionRecord

FORMAT: Final = 1
README, MANIFEST, DECISION, PARAMETERS = "README.txt", "manifest.json", "decision.json", "parameters.yaml"
RULES, FIGURES, DECLARED, CONTESTATIONS = "rules.json", "figures.json", "declared.json", "contestations.json"
ALWAYS: Final = frozenset({README, MANIFEST, DECISION, RULES, FIGURES, DECLARED, CONTESTATIONS})
MEMBERS: Final = ALWAYS | {PARAMETERS}
"""Every member a pack may hold; the parameter set is there when the decision names one."""
KEY: Final = re.compile(r"[0-9a-f]{64}")
"""A decision-scoped key of a counted document (`counted_keys`)."""

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "ZIP_UNREADABLE": ("archive illisible : {detail}", "unreadable archive: {detail}"),
    "ZIP_TOO_LARGE": ("archive trop grande : {detail}", "archive too large: {detail}"),
    "MEMBER_UNEXPECTED": ("membre inattendu {detail}", "unexpected member {detail}"),
    "MEMBER_MISSING": ("membre absent", "member missing"),
    "MEMBER_TWICE": ("membre présent deux fois", "member present twice"),
    "MEMBER_UNREADABLE": ("contenu illisible : {detail}", "unreadable content: {detail}"),
    "MANIFEST_DIFFERS": ("le manifeste ne décrit pas cette archive : {detail}",
                         "not the manifest of this pack: {detail}"),
    "HASH_DIFFERS": ("le contenu n'est pas celui du manifeste", "the content is not the manifest's"),
    "DIGEST_DIFFERS": ("l'empreinte de la décision est {detail}", "the digest of the decision is {detail}"),
    "RECORD_NOT_CANONICAL": ("la décision n'est pas écrite sous sa forme canonique", "the record is not canonical"),
    "PROGRAMME_UNKNOWN": ("programme {detail} inconnu de cette version", "programme {detail} unknown to this version"),
    "REPLAY_DIFFERS": ("recalculée, la décision diffère : {detail}", "computed again, the decision differs: {detail}"),
    "RULES_DIFFER": ("règles autres que celles de la décision : {detail}", "not the decision's rules: {detail}"),
    "PARAMETERS_INVALID": ("jeu de paramètres fautif : {detail}", "faulty parameter set: {detail}"),
    "PARAMETERS_DIFFER": ("jeu de paramètres {detail}, autre que celui de la décision",
                          "parameter set {detail}, not the decision's"),
    "INSTALMENTS_DIFFER": ("versements sans montant au résultat : {detail}",
                           "instalments the outcome does not hold: {detail}"),
    "NOT_A_KEY": ("{detail} n'est pas une clé de la décision", "{detail} is no key of the decision"),
    "COUNTED_DIFFERS": ("nombre d'éléments comptés et numérateur diffèrent : {detail}",
                        "number of counted ids and numerator differ: {detail}"),
    "COUNTED_NOT_RECORDED": ("éléments comptés autres que ceux de la décision : {detail}",
                             "counted ids other than the decision's: {detail}"),
    "DECLARED_DIFFERS": ("chiffre calculé autre que celui des figures : {detail}",
                         "computed figure other than that of the figures: {detail}"),
    "IDENTITY_FOUND": ("une identité de santé s'y trouve : {detail}", "a health identity is in it: {detail}"),
    "PSEUDONYM_FOUND": ("une personne ou un séjour y est nommé : {detail}", "a person or a stay is named: {detail}"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing wrong with a pack: the member (empty: the archive), a fixed code, and what it is about."""

    member: str
    code: str
    detail: str = ""

    def message(self, lang: str = "fr") -> str:
        """One line in French or English."""
        fr, en = MESSAGES[self.code]
        said = (en if lang == "en" else fr).format_map({"detail": self.detail})
        return f"{self.member or '-'} {self.code}{':' if lang == 'en' else ' :'} {said}"


@dataclass(frozen=True, slots=True)
class CountedFigure:
    """A figure of the decision with the keys it counts; `counted` None where it is a declared sum, not items."""

    measure: str
    organization: str
    numerator: int
    denominator: int | None
    period_start: str
    period_end: str
    counted: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a pack shows. `parameters` is the text of the signed set, None when only the texts' values were used.

    `declared` and `contestations` are rows of plain JSON: declared against computed, contested documents by their key.
    """

    record: DecisionRecord
    parameters: str | None = None
    figures: tuple[CountedFigure, ...] = ()
    declared: tuple[Mapping[str, Any], ...] = ()
    contestations: tuple[Mapping[str, Any], ...] = ()
