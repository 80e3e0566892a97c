"""A situation in sentences, French and English: each says a fact, what it costs, and the rule it comes from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from indicators.measures import MEASURES
from indicators.money import format_euros
from indicators.programmes.sun_es_volet1 import rules
from indicators.ratio import Ratio

if TYPE_CHECKING:
    from fractions import Fraction

    from indicators.programmes.sun_es_volet1.situation import Amount, Line, Situation

LANGUAGES = ("fr", "en")
_TEXTS: dict[str, dict[str, str]] = {
    "fr": {
        "head": "Établissement {finess}, fenêtre {window} (mesure du {start} au {end}), domaine {domain}.",
        "domain:documents_sortie": "documents de sortie",
        "domain:biologie": "biologie médicale",
        "domain:imagerie": "imagerie",
        "line": "{title} : {numerator} sur {denominator}, soit {rate} ({label}).",
        "not_computed": "{title} : pas encore calculé.",
        "target": "Cible : {target}. {verdict}",
        "reached": "Atteinte.",
        "not_reached": "Non atteinte : il manque {missing}.",
        "not_measurable": "Aucun dénominateur : pas de taux, donc pas de verdict.",
        "to_verify": "Le numérateur dépasse le dénominateur : à vérifier par l'ARS.",
        "missing:LDL": "{n} lettre{s}",
        "missing:": "{n} document{s}",
        "verdict": "Verdict du domaine : {verdict}",
        "verdict:reached": "cibles atteintes.",
        "verdict:not_reached": "cibles non atteintes.",
        "verdict:no_target": "aucune cible.",
        "verdict:not_computed": "pas encore calculé.",
        "parameter": "Il manque un paramètre de l'ARS : {name}.",
        "not_applied": "L'ARS a fixé {name}, et ces chiffres n'en tiennent pas compte.",
        "declared": "Déclaré dans oSIS : {rate}, soit {gap} d'écart{alert}.",
        "alert": ", au-dessus de la tolérance",
        "advance": "Avance de 30 %, versée si la candidature est acceptée : {amount}.",
        "usage": "Versement d'usage : {amount}.",
        "total": "Total : {amount}.",
        "stake": "Ce que rapporte encore la cible si elle est atteinte : {amount}.",
        "control": "Chiffre de contrôle : celui qui décide est déclaré dans oSIS puis vérifié par l'ARS.",
        "indicative": "Résultat indicatif, sans effet sur un paiement, tant que l'ARS n'a pas fixé : {names}.",
        "label:dmp": "déposé au DMP",
        "label:accepted_by_this_server": "reçu et accepté par ce serveur",
        "points": "{n} points",
        "unknown": "non calculable",
    },
    "en": {
        "head": "Establishment {finess}, window {window} (measured from {start} to {end}), domain {domain}.",
        "domain:documents_sortie": "discharge documents",
        "domain:biologie": "medical biology",
        "domain:imagerie": "imaging",
        "line": "{title}: {numerator} out of {denominator}, {rate} ({label}).",
        "not_computed": "{title}: not computed yet.",
        "target": "Target: {target}. {verdict}",
        "reached": "Reached.",
        "not_reached": "Not reached: {missing} missing.",
        "not_measurable": "No denominator: no rate, hence no verdict.",
        "to_verify": "The numerator exceeds the denominator: to be verified by the ARS.",
        "missing:LDL": "{n} letter{s}",
        "missing:": "{n} document{s}",
        "verdict": "Verdict of the domain: {verdict}",
        "verdict:reached": "targets reached.",
        "verdict:not_reached": "targets missed.",
        "verdict:no_target": "no target.",
        "verdict:not_computed": "not computed yet.",
        "parameter": "A parameter of the ARS is missing: {name}.",
        "not_applied": "The ARS has set {name}, and these figures do not follow it.",
        "declared": "Declared in oSIS: {rate}, a gap of {gap}{alert}.",
        "alert": ", above the tolerance",
        "advance": "Advance of 30%, paid if the candidature is accepted: {amount}.",
        "usage": "Usage payment: {amount}.",
        "total": "Total: {amount}.",
        "stake": "What the target still brings once reached: {amount}.",
        "control": "Control figure: the one that decides is declared in oSIS, then verified by the ARS.",
        "indicative": "Indicative result, without effect on any payment, until the ARS sets: {names}.",
        "label:dmp": "deposited in the DMP",
        "label:accepted_by_this_server": "received and accepted by this server",
        "points": "{n} points",
        "unknown": "cannot be computed",
    },
}


def explain(found: Situation, lang: str) -> str:
    """The text, one sentence group a line. Raises `ValueError` on another language than `fr` or `en`."""
    if lang not in LANGUAGES:
        raise ValueError(f"no words in {lang!r}; known: {', '.join(LANGUAGES)}")
    say = _TEXTS[lang]
    period = found.window.measure
    head = say["head"].format(
        finess=found.finess,
        window=found.window.id,
        start=_day(period.start, lang),
        end=_day(period.end, lang),
        domain=say[f"domain:{found.domain}"],
    )
    parts = [f"{head} [SUN1-R17]", *(_line(line, found.label, lang) for line in found.lines)]
    parts.append(f"{_domain_verdict(found.verdict, lang)} [SUN1-R25]")
    parts += _money(found, lang)
    parts.append(f"{say['control']} [SUN1-R29]")
    if found.indicative:
        parts.append(say["indicative"].format(names=", ".join(found.conventions)))
    return "\n".join(parts)


def _day(day: date, lang: str) -> str:
    return f"{day.day:02d}/{day.month:02d}/{day.year}" if lang == "fr" else day.isoformat()


def _line(line: Line, label: str, lang: str) -> str:
    say, title = _TEXTS[lang], _title(line.measure, lang)
    # An acknowledgement of the DMP says nothing about figures of every channel.
    label = label if line.decides else "accepted_by_this_server"
    if line.ratio is None:
        text = say["not_computed"].format(title=title)
    else:
        rate = line.ratio.display(lang)
        whole = line.ratio.denominator
        counts = {"numerator": line.ratio.numerator, "denominator": "–" if whole is None else whole}
        text = say["line"].format(title=title, rate=rate, label=say[f"label:{label}"], **counts)
    sentences = [text, _judgement(line, lang) if line.decides else "", _declared(line, lang)]
    return f"{' '.join(filter(None, sentences))} [{line.measure}, {line.rule}]"


def _title(measure: str, lang: str) -> str:
    if measure not in MEASURES:
        return measure
    info = MEASURES[measure].info
    return info.title_fr if lang == "fr" else info.title_en


def _judgement(line: Line, lang: str) -> str:
    verdict = _verdict(line.verdict, lang, missing=_missing(line, lang))
    if line.target is None:
        return verdict
    return _TEXTS[lang]["target"].format(target=_percent(line.target, lang), verdict=verdict).strip()


def _domain_verdict(verdict: str, lang: str) -> str:
    say = _TEXTS[lang]
    return say["verdict"].format(verdict=say.get(f"verdict:{verdict}") or _verdict(verdict, lang))


def _verdict(verdict: str, lang: str, *, missing: str = "") -> str:
    """The sentence of a verdict or of a reason; `parameter_missing:` is kept as it is, so that it can be searched."""
    kind, _, _name = verdict.partition(":")
    if kind == "parameter_missing":
        return _TEXTS[lang]["parameter"].format(name=verdict)
    if kind == "parameter_not_applied":
        return _TEXTS[lang]["not_applied"].format(name=verdict)
    return "" if kind == "not_computed" else _TEXTS[lang][kind].format(missing=missing)


def _missing(line: Line, lang: str) -> str:
    kind = line.measure.rpartition("-")[2]
    template = _TEXTS[lang].get(f"missing:{kind}", _TEXTS[lang]["missing:"])
    return template.format(n=line.missing, s="s" if (line.missing or 0) > 1 else "")


def _percent(value: Fraction, lang: str) -> str:
    return Ratio(value.numerator, value.denominator * 100).display(lang)


def _declared(line: Line, lang: str) -> str:
    if line.declared is None:
        return ""
    gap = _TEXTS[lang]["unknown"] if line.gap is None else _points(line.gap, lang)
    alert = _TEXTS[lang]["alert"] if line.alert is True else ""
    return _TEXTS[lang]["declared"].format(rate=line.declared.display(lang), gap=gap, alert=alert)


def _points(gap: Fraction, lang: str) -> str:
    number = _percent(gap, lang).rstrip("%").rstrip("\u00a0")
    return _TEXTS[lang]["points"].format(n=number)


def _money(found: Situation, lang: str) -> list[str]:
    amounts = [("advance", found.advance), ("usage", found.usage), ("total", found.total)]
    if found.verdict != rules.REACHED:
        amounts.append(("stake", found.at_stake))
    return [f"{_TEXTS[lang][key].format(amount=_amount(amount, lang))} [{amount.rule}]" for key, amount in amounts]


def _amount(amount: Amount, lang: str) -> str:
    return str(amount.value) if amount.cents is None else format_euros(amount.cents, lang)
