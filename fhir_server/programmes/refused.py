"""A refusal with several reasons, each in both languages, in the order the rules give them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from fhir_server.fhir.http import fhir_response, language
from fhir_server.fhir.outcome import operation_outcome
from indicators.programmes.letters import reason_of
from indicators.programmes.model import Programme
from indicators.programmes.parameter_sets import Fault
from validators.messages import rule
from validators.report import Issue


@dataclass(frozen=True, slots=True)
class Said:
    """One reason: a rule of the catalogue, where, the code a program reads, the words a person reads."""

    rule: str
    code: str
    fr: str
    en: str
    location: str = ""
    line: int | None = None

    def issue(self, lang: str) -> Issue:
        """As an issue; its words are those of the language."""
        row = rule(self.rule)
        params = {"reason": self.code, "words": self.en if lang == "en" else self.fr}
        return Issue(row.id, row.severity, row.scope, row.code, self.location, params, line=self.line)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {"code": self.code, "fr": self.fr, "en": self.en}


class Refused(Exception):
    """Nothing was done, and every reason why."""

    def __init__(self, status: int, said: Iterable[Said]) -> None:
        self.status, self.said = status, tuple(said)
        super().__init__(", ".join(one.code for one in self.said))


_MACHINE = {
    "ACTOR_NOT_ALLOWED": ("ce mouvement ne revient pas à : {detail}", "this move does not belong to: {detail}"),
    "FACT_MISSING": ("le fait {detail} n'est pas connu", "the fact {detail} is not known"),
    "INDICATIVE": ("le résultat repose sur une convention que personne n'a confirmée : {detail}",
                   "the result rests on a convention nobody confirmed: {detail}"),
    "NOT_FIRM": ("le fait {detail} n'est pas établi", "the fact {detail} is not firm"),
    "no_transition": ("aucun mouvement du dossier ne mène là : {detail}", "no move of the file leads there: {detail}"),
    "indicative_pays": ("un résultat indicatif ne paie pas : {detail}", "an indicative result does not pay: {detail}"),
    "unknown_pays": ("un résultat inconnu ne paie pas : {detail}", "an unknown result does not pay: {detail}"),
    "bad_entry": ("la saisie {detail} n'est pas lisible", "the entry {detail} cannot be read"),
    "PAYMENT_NOT_ENTERED": ("le versement n'a pas été saisi : {detail}", "the payment was not entered: {detail}"),
    "PAYMENT_DIFFERS": ("le versement saisi n'est pas le montant dû : {detail}",
                        "the payment entered is not the amount due: {detail}"),
}  # fmt: skip
"""Reasons of the machine itself and of the record; those of the rules have their words with the letters."""


def move_refused(reasons: Iterable[str], programme: Programme) -> Refused:
    """422: a move that is not made."""
    return Refused(422, [reason_said(reason, programme) for reason in reasons])


def reason_said(reason: str, programme: Programme) -> Said:
    """A reason with its words; one nobody gave words to says its code."""
    name, _, detail = reason.partition(":")
    if name in _MACHINE:
        fr, en = (text.format(detail=detail or "-") for text in _MACHINE[name])
        return Said("PROGRAMME-MOVE", reason, fr, en)
    found = reason_of(reason, programme).words
    return Said("PROGRAMME-MOVE", reason, found.fr, found.en)


def set_refused(faults: Iterable[Fault], status: int = 422) -> Refused:
    """A parameter set that is not taken: every fault with its place and line."""
    return Refused(
        status,
        [
            Said("PROGRAMME-PARAMETERS", one.code, one.message("fr"), one.message("en"), one.where, one.line)
            for one in faults
        ],
    )


async def refuse_all(request: Request, error: Exception) -> Response:
    """The exception handler of `Refused`: an OperationOutcome, and the same reasons as plain rows in both languages."""
    assert isinstance(error, Refused)
    outcome = operation_outcome([one.issue(language(request)) for one in error.said], language(request))
    return fhir_response(outcome | {"reasons": [one.as_dict() for one in error.said]}, error.status)
