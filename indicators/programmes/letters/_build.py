"""A letter from a decision record and the facts of its file. Pure: the same record and facts give the same letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from indicators.money import format_euros, parse_euros
from indicators.programmes.dates import local_date
from indicators.programmes.decisions import DecisionRecord, Instalment
from indicators.programmes.errors import RuleError
from indicators.programmes.letters import _texts as texts
from indicators.programmes.letters._dates import day_words, moment_words
from indicators.programmes.letters._facts import FileFacts, read_facts
from indicators.programmes.letters._model import (
    KINDS,
    LANGUAGES,
    AmountLine,
    CitedRule,
    DecisionMark,
    Letter,
    Reason,
    Words,
)
from indicators.programmes.letters._reasons import reason_of
from indicators.programmes.model import Programme
from indicators.programmes.sources import source_text

_OF_REASONS = frozenset({"refusal", "rejection"})
_FIRM = frozenset({"acceptance", "refusal", "rejection", "notification", "restitution"})
_OF_AMOUNTS = frozenset({"acceptance", "notification", "restitution"})
_RETURNED = "restitution"
_BESIDE = frozenset({"alert", "control"})


def letter_of(
    record: DecisionRecord, programme: Programme, facts: Mapping[str, Any], *, kind: str | None = None
) -> Letter:
    """The letter of a decision; `facts` are those `FACTS` names.

    Raises `RuleError`: `unknown_letter:<kind>`, `indicative_letter` when what it would say rests on a convention or on
    a parameter nobody gave (policy, Money), `amount_missing`, `reasons_missing`, `rule_not_in_force:<id>`, and what
    `read_facts` raises. No letter is half made.
    """
    read = read_facts(facts)
    decided = _decided_reasons(record, read)
    codes = tuple(dict.fromkeys((*decided, *read.reasons)))
    wanted = kind or read.kind or kind_of(record, list(codes))
    if wanted not in KINDS:
        raise RuleError(f"unknown_letter:{wanted}")
    if wanted == "acceptance" and decided:
        raise RuleError("reasons_against")
    made = _Draft(wanted, record, programme, read, tuple(reason_of(code, programme) for code in codes))
    made.check()
    return made.letter()


def kind_of(record: DecisionRecord, reasons: list[str]) -> str:
    """The kind a decision owes when nobody names one: amounts first, then reasons, else an acceptance."""
    if any(_comes_back(one) for one in record.instalments):
        return "restitution"
    if record.instalments:
        return "notification"
    return "refusal" if reasons else "acceptance"


def _decided_reasons(record: DecisionRecord, facts: FileFacts) -> tuple[str, ...]:
    """Every reason the outcome gives; of several domains, those of the file's own."""
    domain, outcome = facts.key.get("domain", ""), record.outcome
    return tuple(_said(outcome.get(domain, outcome) if isinstance(outcome, Mapping) else outcome))


def _said(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "reasons" and isinstance(inner, list):
                yield from (str(one) for one in inner)
            elif name == "reason" and isinstance(inner, str) and inner:
                yield inner
            else:
                yield from _said(inner)


def unsettled(value: Any, *, missing: bool) -> bool:
    """Whether an outcome rests on a convention anywhere; with `missing`, also on a parameter nobody gave.

    What stands beside a verdict, our control figures and their alert, decides nothing and is left aside (C-10).
    """
    if isinstance(value, Mapping):
        if value.get("indicative") or (missing and "error" in value):
            return True
        return any(unsettled(inner, missing=missing) for name, inner in value.items() if name not in _BESIDE)
    if isinstance(value, list):
        return any(unsettled(inner, missing=missing) for inner in value)
    return missing and isinstance(value, str) and value.startswith(("parameter_missing:", "parameter_not_applied:"))


@dataclass(frozen=True, slots=True)
class _Draft:
    """What the parts of one letter share."""

    kind: str
    record: DecisionRecord
    programme: Programme
    facts: FileFacts
    reasons: tuple[Reason, ...]

    def check(self) -> None:
        """Nothing indicative leaves; nothing is refused without a reason, nor notified without an amount."""
        if self.kind in _FIRM and unsettled(self.record.outcome, missing=self.kind in _OF_AMOUNTS):
            raise RuleError("indicative_letter")
        if self.kind in _OF_REASONS and not self.reasons:
            raise RuleError("reasons_missing")
        if self.kind in ("notification", "restitution") and not self._amounts():
            raise RuleError("amount_missing")
        if self.kind == "contestation" and self.facts.contestation is None:
            raise RuleError("fact_missing:contestation")
        ground = texts.GROUNDS.get((self.kind, self.programme.id))
        if ground is not None and ground not in self.record.rules:
            raise RuleError(f"rule_not_in_force:{ground}")

    def letter(self) -> Letter:
        """Every part."""
        record, amounts = self.record, self._amounts()
        return Letter(
            kind=self.kind,
            programme=self.programme.id,
            programme_title=Words(self.programme.title_fr, self.programme.title_en),
            version=self.programme.version,
            about=self._about(),
            addressee=self.facts.addressee,
            sender=self.facts.sender,
            signatory=self.facts.signatory,
            place=self.facts.place,
            reference=self.facts.reference or record.id,
            dated=self.facts.dated or _decided(record),
            subject=self._subject(),
            body=self._body(),
            amounts=amounts,
            total=sum(line.cents for line in amounts) if amounts else None,
            reasons=self._shown_reasons(),
            rules=tuple(self._rules()),
            decision=DecisionMark(
                record.id, record.digest, record.decided_at, record.decided_by, record.role, record.parameter_set
            ),
            following=tuple(self._following()),
            until=self.facts.until or self._answer_by(),
        )

    def _amounts(self) -> tuple[AmountLine, ...]:
        if self.kind not in _OF_AMOUNTS:
            return ()
        back = self.kind == "restitution"
        kept = [one for one in self.record.instalments if _comes_back(one) == back]
        return tuple(
            AmountLine(texts.label(texts.INSTALMENTS, one.name), abs(one.cents) if back else one.cents) for one in kept
        )

    def _shown_reasons(self) -> tuple[Reason, ...]:
        """Reasons of a refusal or a restitution, reservations of an acceptance."""
        return self.reasons if self.kind in (*_OF_REASONS, "restitution", "acceptance") else ()

    def _stage(self) -> str:
        """The kind, and what it is about where that changes the sentence: `refusal:missed`, `rejection:eligibility`."""
        missed = bool(self.reasons) and all(one.code.partition(":")[0] in texts.MISSED for one in self.reasons)
        if self.kind == "refusal" and self.record.op in texts.TRANCHES:
            return "refusal:tranche"
        if self.kind == "refusal" and missed:
            return "refusal:missed"
        return f"{self.kind}:{self.facts.stage}" if self.facts.stage else self.kind

    def _about(self) -> tuple[tuple[Words, Words], ...]:
        return tuple(
            (texts.label(texts.KEYS, name), texts.label(texts.VALUES, value))
            for name, value in self.facts.key.items()
            if value
        )

    def _subject(self) -> Words:
        subject, about = texts.SUBJECTS.get(self._stage()) or texts.SUBJECTS[self.kind], self._about()
        programme = {"fr": self.programme.title_fr, "en": self.programme.title_en}

        def said(lang: str) -> str:
            key = ", ".join(f"{name.say(lang)} {value.say(lang)}" for name, value in about)
            return " – ".join(filter(None, (programme[lang].partition(":")[0].strip(), subject.say(lang), key)))

        return Words(said("fr"), said("en"))

    def _body(self) -> tuple[Words, ...]:
        own = texts.OWN_BODIES.get((self._stage(), "")) or texts.OWN_BODIES.get((self.kind, self.programme.id))
        fields = {lang: self._fields(lang) for lang in LANGUAGES}
        rows = [row for row in own or texts.BODIES[self.kind] if fields["fr"]["ground"] or "{ground}" not in row.fr]
        if self.kind == "acceptance" and fields["fr"]["granted"]:
            rows.append(texts.GRANTED)
        if self.kind == "acceptance" and self.reasons:
            rows.append(texts.RESERVED)
        return tuple(Words(row.fr.format_map(fields["fr"]), row.en.format_map(fields["en"])) for row in rows)

    def _fields(self, lang: str) -> Mapping[str, str]:
        contested, granted = self.facts.contestation, _granted(self.record.outcome, self.facts.granted)
        shown = self._shown_reasons()
        return {
            "decided": day_words(_decided(self.record)).say(lang),
            "deposited": moment_words(self.facts.deposited or self.record.decided_at).say(lang),
            "motifs": texts.MOTIFS[min(len(shown), 2)].say(lang).format(n=len(shown)),
            "total": format_euros(sum(line.cents for line in self._amounts()), lang),
            "granted": "" if granted is None else format_euros(granted, lang),
            "document": contested.document if contested else "",
            "received": day_words(contested.received).say(lang) if contested else "",
            "ground": contested.ground if contested else "",
            "answer": texts.ANSWERED[contested.answer].say(lang) if contested else "",
            "explanation": contested.explanation if contested else "",
        }

    def _rules(self) -> Iterator[CitedRule]:
        named = (
            *(
                texts.CITED.get((self._stage(), self.programme.id))
                or texts.CITED.get((self.kind, self.programme.id), ())
            ),
            *(reason.rule for reason in self._shown_reasons()),
            *self.facts.rules,
        )
        for name in dict.fromkeys(named):
            if name in self.record.rules:
                rule = self.programme.rule(name)
                text = _text_of(rule.source)
                yield CitedRule(rule.id, Words(rule.statement_fr, rule.statement_en), rule.source, text)

    def _following(self) -> Iterator[Words]:
        if self.facts.following:
            yield from self.facts.following
            return
        of = texts.FOLLOWING
        yield from of.get((self.kind, self.programme.id)) or of.get((self.kind, ""), ())
        for reason in self._shown_reasons():
            if reason.code in texts.FOLLOWING_REASON:
                yield texts.FOLLOWING_REASON[reason.code]
        if self.kind == "notification":
            for one in self.record.instalments:
                if one.name in texts.FOLLOWING_INSTALMENT:
                    yield texts.FOLLOWING_INSTALMENT[one.name]

    def _answer_by(self) -> date | None:
        """SUN1-R20: who deposited in a window of the text is told the outcome by the last day of its instruction."""
        window = self.facts.key.get("window")
        if self.kind != "receipt" or self.programme.id != "sun_es_v1" or not window:
            return None
        from indicators.programmes.sun_es_volet1 import usage_window

        try:
            return usage_window(window).instruction.end
        except LookupError:
            return None  # a window of the agency's own set: the file says the day, or nobody does


def _comes_back(instalment: Instalment) -> bool:
    """Money that is returned is an instalment below zero, or one of that name."""
    return instalment.cents < 0 or instalment.name == _RETURNED


def _decided(record: DecisionRecord) -> date:
    return local_date(datetime.fromisoformat(record.decided_at))


def _granted(outcome: Any, mine: str) -> int | None:
    """The amount a decision grants, in cents, where its operation answers one; of shares, the addressee's.

    Raises `RuleError` `wrong_fact:granted` on an amount the decision does not hold.
    """
    amounts = outcome if isinstance(outcome, Mapping) else {}
    if mine and mine not in amounts.values():
        raise RuleError("wrong_fact:granted")
    found = mine or amounts.get("total") or amounts.get("amount")
    try:
        return parse_euros(found) if isinstance(found, str) else None
    except ValueError:
        return None


def _text_of(source: str) -> Words:
    """The title of the text a rule cites; a third party's text is known by what it wrote."""
    try:
        found = source_text(source.partition(" ")[0])
    except LookupError:
        return Words(source, source)
    return Words(found.title_fr, found.title_en)
