"""A letter as the plain values a template may use: text, lists and dictionaries that lead nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from indicators.money import format_euros
from indicators.programmes.letters import Letter, Reason, day_words, moment_words

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "fr": {
        "subject": "Objet :", "reference": "Nos références :", "on_the": "le", "on_the_alone": "Le", "rule": "règle",
        "salutation": "Madame, Monsieur,", "amounts": "Montants", "amount_label": "Versement", "amount": "Montant",
        "total": "Total", "following": "Suites", "until": "Date limite :", "answer_by": "Réponse au plus tard le",
        "return_by": "Somme à restituer au plus tard le", "rules": "Textes appliqués", "colon": " :",
        "decision": "Décision", "parameters": "paramètres", "appeal": "Voies et délais de recours",
        "closing": "Je vous prie d'agréer, Madame, Monsieur, l'expression de ma considération distinguée.",
        "translation": "", "page": "page",
    },
    "en": {
        "subject": "Subject:", "reference": "Our reference:", "on_the": "", "on_the_alone": "", "rule": "rule",
        "salutation": "Dear Sir or Madam,", "amounts": "Amounts", "amount_label": "Payment", "amount": "Amount",
        "total": "Total", "following": "What comes next", "until": "Last day:", "answer_by": "Answer by",
        "return_by": "To be returned by", "rules": "Texts applied", "colon": ":",
        "decision": "Decision", "parameters": "parameters", "appeal": "Appeal",
        "closing": "Yours faithfully,",
        "translation": "English version, for information: the French letter alone is binding.", "page": "page",
    },
}  # fmt: skip


def view(letter: Letter, lang: str) -> dict[str, Any]:
    """Every variable of a template, by name."""
    return {
        "lang": lang,
        "w": dict(LABELS[lang]),
        "kind": letter.kind,
        "programme": {"id": letter.programme, "title": letter.programme_title.say(lang), "version": letter.version},
        "about": [{"label": name.say(lang), "text": value.say(lang)} for name, value in letter.about],
        "sender": _party(asdict(letter.sender)),
        "addressee": _party(asdict(letter.addressee)),
        "signatory": _party(asdict(letter.signatory)),
        "place": letter.place,
        "dated": day_words(letter.dated).say(lang),
        "dated_iso": letter.dated.isoformat(),
        "reference": letter.reference,
        "subject": letter.subject.say(lang),
        "body": [sentence.say(lang) for sentence in letter.body],
        "amounts": [{"label": one.label.say(lang), "euros": format_euros(one.cents, lang)} for one in letter.amounts],
        "total": "" if letter.total is None else format_euros(letter.total, lang),
        "reasons": [_reason(one, lang) for one in letter.reasons],
        "rules": [
            {"id": rule.id, "source": rule.source, "statement": rule.statement.say(lang)} for rule in letter.rules
        ],
        "texts": [
            {"alias": alias, "title": title.say(lang)}
            for alias, title in {rule.source.partition(" ")[0]: rule.text for rule in letter.rules}.items()
        ],
        "decision": {
            "id": letter.decision.id, "digest": letter.decision.digest, "by": letter.decision.decided_by,
            "role": letter.decision.role, "parameters": letter.decision.parameter_set,
            "moment": moment_words(letter.decision.decided_at).say(lang),
        },
        "following": [sentence.say(lang) for sentence in letter.following],
        "until": "" if letter.until is None else day_words(letter.until).say(lang),
    }  # fmt: skip


def _reason(reason: Reason, lang: str) -> dict[str, Any]:
    """A reason somebody wrote in words of their own has no code beside them."""
    text = reason.words.say(lang)
    return {"code": "" if reason.code == text else reason.code, "text": text, "rule": reason.rule}


def _party(party: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": party["name"], "lines": list(party["lines"])}
