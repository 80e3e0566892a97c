"""Letters of the programmes as values: what is decided, for how much, for which reasons, under which rules, what next.

A letter is made from one decision record and the facts of its file; how it looks is somebody else's job. Nothing
indicative is ever put in a letter that decides or notifies money.
"""

from __future__ import annotations

from indicators.programmes.letters._build import kind_of, letter_of, unsettled
from indicators.programmes.letters._dates import day_words, moment_words
from indicators.programmes.letters._facts import NAMES as FACTS
from indicators.programmes.letters._model import (
    KINDS,
    LANGUAGES,
    AmountLine,
    CitedRule,
    DecisionMark,
    Letter,
    Party,
    Reason,
    Words,
)
from indicators.programmes.letters._reasons import REASON_WORDS, reason_of
from indicators.programmes.letters._refused import refusal_words

__all__ = [
    "FACTS",
    "KINDS",
    "LANGUAGES",
    "REASON_WORDS",
    "AmountLine",
    "CitedRule",
    "DecisionMark",
    "Letter",
    "Party",
    "Reason",
    "Words",
    "day_words",
    "kind_of",
    "letter_of",
    "moment_words",
    "reason_of",
    "refusal_words",
    "unsettled",
]
