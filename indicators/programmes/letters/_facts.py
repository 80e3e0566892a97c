"""The facts of a file that a letter needs beside the decision, from plain JSON; every name is known or refused.

`addressee` and `sender` are needed: a name and lines. All the rest may be absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.programmes.dates import read_day
from indicators.programmes.errors import RuleError
from indicators.programmes.letters._model import Party, Words

NAMES = (
    "addressee", "contestation", "dated", "deposited", "granted", "key", "kind", "next", "place", "reasons",
    "reference", "rules", "sender", "signatory", "stage", "until",
)  # fmt: skip
"""Everything a file of facts may hold."""
STAGES = ("eligibility", "selection")
ANSWERS = ("upheld", "rejected")


@dataclass(frozen=True, slots=True)
class Contestation:
    """What was contested and what is answered: the document by its key of the decision, never by its name."""

    document: str
    received: date
    answer: str
    explanation: str
    ground: str = ""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The facts of one file, read. `stage` says what a rejected project failed at; `granted` which amount of a shared
    award is the addressee's.
    """

    addressee: Party
    sender: Party
    signatory: Party
    key: Mapping[str, str]
    kind: str | None
    place: str
    reference: str
    dated: date | None
    deposited: str
    granted: str
    reasons: tuple[str, ...]
    rules: tuple[str, ...]
    following: tuple[Words, ...]
    until: date | None
    stage: str
    contestation: Contestation | None


def read_facts(facts: Mapping[str, Any]) -> FileFacts:
    """Facts from JSON values. Raises `RuleError`: `unknown_fact:<name>`, `fact_missing:<name>`, `wrong_fact:<name>`."""
    for name in sorted(set(facts) - set(NAMES)):
        raise RuleError(f"unknown_fact:{name}")
    return FileFacts(
        addressee=_party(facts, "addressee"),
        sender=_party(facts, "sender"),
        signatory=_party(facts, "signatory") if "signatory" in facts else _party(facts, "sender"),
        key={str(name): _text(facts["key"], name, "key.") for name in _mapping(facts, "key")},
        kind=_text(facts, "kind") or None,
        place=_text(facts, "place"),
        reference=_text(facts, "reference"),
        dated=_day(facts, "dated"),
        deposited=_moment(facts),
        granted=_text(facts, "granted"),
        reasons=_texts(facts, "reasons"),
        rules=_texts(facts, "rules"),
        following=tuple(_words(one, f"next[{index}]") for index, one in enumerate(_list(facts, "next"))),
        until=_day(facts, "until"),
        stage=_choice(facts, "stage", STAGES),
        contestation=_contestation(facts),
    )


def _contestation(facts: Mapping[str, Any]) -> Contestation | None:
    found = _mapping(facts, "contestation")
    if not found:
        return None
    received = _day(found, "received", "contestation.")
    document, explanation = (_text(found, name, "contestation.") for name in ("document", "explanation"))
    for name, value in (("document", document), ("received", received), ("explanation", explanation)):
        if not value:
            raise RuleError(f"fact_missing:contestation.{name}")
    assert received is not None
    answer = _choice(found, "answer", ANSWERS, "contestation.")
    if not answer:
        raise RuleError("fact_missing:contestation.answer")
    return Contestation(document, received, answer, explanation, _text(found, "ground", "contestation."))


def _party(facts: Mapping[str, Any], name: str) -> Party:
    found = _mapping(facts, name)
    if not _text(found, "name", f"{name}."):
        raise RuleError(f"fact_missing:{name}")
    return Party(_text(found, "name", f"{name}."), _texts(found, "lines", f"{name}."))


def _mapping(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = facts.get(name) or {}
    if not isinstance(found, Mapping):
        raise RuleError(f"wrong_fact:{name}")
    return found


def _list(facts: Mapping[str, Any], name: str, where: str = "") -> list[Any]:
    found = facts.get(name) or []
    if not isinstance(found, list | tuple):
        raise RuleError(f"wrong_fact:{where}{name}")
    return list(found)


def _text(facts: Mapping[str, Any], name: str, where: str = "") -> str:
    found = facts.get(name)
    if found is not None and not isinstance(found, str):
        raise RuleError(f"wrong_fact:{where}{name}")
    return (found or "").strip()


def _texts(facts: Mapping[str, Any], name: str, where: str = "") -> tuple[str, ...]:
    found = _list(facts, name, where)
    if not all(isinstance(one, str) for one in found):
        raise RuleError(f"wrong_fact:{where}{name}")
    return tuple(found)


def _choice(facts: Mapping[str, Any], name: str, choices: tuple[str, ...], where: str = "") -> str:
    found = _text(facts, name, where)
    if found and found not in choices:
        raise RuleError(f"wrong_fact:{where}{name}")
    return found


def _day(facts: Mapping[str, Any], name: str, where: str = "") -> date | None:
    text = _text(facts, name, where)
    try:
        return read_day(text) if text else None
    except ValueError:
        raise RuleError(f"wrong_fact:{where}{name}") from None


def _moment(facts: Mapping[str, Any]) -> str:
    _day(facts, "deposited")
    return _text(facts, "deposited")


def _words(value: Any, where: str) -> Words:
    if isinstance(value, Mapping) and isinstance(value.get("fr"), str):
        return Words(value["fr"], str(value.get("en") or value["fr"]))
    raise RuleError(f"wrong_fact:{where}")
