"""Why a letter is not made, in words: what `letter_of` raises is a code, and this is what a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from indicators.programmes.letters._facts import NAMES
from indicators.programmes.letters._model import KINDS, Words

_REFUSALS: Final[Mapping[str, Words]] = {
    "indicative_letter": Words(
        "le résultat est indicatif ou un paramètre manque : aucun courrier ne peut le notifier",
        "the result is indicative or a parameter is missing: no letter may notify it",
    ),
    "amount_missing": Words("la décision ne porte aucun versement", "the decision has no instalment"),
    "reasons_missing": Words("la décision ne porte aucun motif", "the decision has no reason"),
    "reasons_against": Words(
        "la décision porte des motifs de refus : elle n'accepte rien",
        "the decision has reasons to refuse: it accepts nothing",
    ),
    "rule_not_in_force": Words(
        "la règle {detail} n'est pas en vigueur à la date de la décision",
        "the rule {detail} is not in force on the day of the decision",
    ),
    "unknown_letter": Words(
        "aucun courrier {detail} ; connus : " + ", ".join(KINDS), "no letter {detail}; known: " + ", ".join(KINDS)
    ),
    "fact_missing": Words(
        "il manque {detail} dans les données du dossier", "{detail} is missing from the file's facts"
    ),
    "unknown_fact": Words(
        "donnée {detail} inconnue ; connues : " + ", ".join(NAMES), "unknown fact {detail}; known: " + ", ".join(NAMES)
    ),
    "wrong_fact": Words("donnée {detail} illisible", "the fact {detail} cannot be read"),
}


def refusal_words(code: str) -> Words:
    """The words of a code `letter_of` raised; any other code is its own words."""
    name, _, detail = code.partition(":")
    row = _REFUSALS.get(name)
    if row is None:
        return Words(code, code)
    return Words(row.fr.replace("{detail}", detail), row.en.replace("{detail}", detail))
