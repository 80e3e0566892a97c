"""What a letter holds: everything a template may show, in both languages, and nothing about how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

KINDS = ("receipt", "acceptance", "refusal", "notification", "rejection", "restitution", "contestation")
"""Receipt of a deposit, acceptance, refusal, notification of amounts, ineligibility or rejection of a project,
restitution, answer to a contestation."""
LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence or label in both languages."""

    fr: str
    en: str

    def say(self, lang: str) -> str:
        """The words in a language; French unless English is asked for."""
        return self.en if lang == "en" else self.fr


@dataclass(frozen=True, slots=True)
class Party:
    """Who writes or is written to: a name and the lines below it."""

    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AmountLine:
    """One amount of the decision, in cents, with the label of its instalment."""

    label: Words
    cents: int


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason in words; `code` is the fixed answer of the rules, `rule` the rule it comes from, empty when none."""

    code: str
    words: Words
    rule: str = ""


@dataclass(frozen=True, slots=True)
class CitedRule:
    """A rule the letter rests on: its statement, its place in the text (`S2 §5`), and the title of that text."""

    id: str
    statement: Words
    source: str
    text: Words


@dataclass(frozen=True, slots=True)
class DecisionMark:
    """What ties a letter to its decision record: id, SHA-256 of the record, moment, author, role, parameter set."""

    id: str
    digest: str
    decided_at: str
    decided_by: str
    role: str
    parameter_set: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of one decision. `about` is the file key in words; `total` is in cents, None without amounts.

    `until` is the last day for what the addressee has to do next, None when nothing is due.
    """

    kind: str
    programme: str
    programme_title: Words
    version: str
    about: tuple[tuple[Words, Words], ...]
    addressee: Party
    sender: Party
    signatory: Party
    place: str
    reference: str
    dated: date
    subject: Words
    body: tuple[Words, ...]
    amounts: tuple[AmountLine, ...]
    total: int | None
    reasons: tuple[Reason, ...]
    rules: tuple[CitedRule, ...]
    decision: DecisionMark
    following: tuple[Words, ...]
    until: date | None
