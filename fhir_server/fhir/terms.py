"""What is known of codes here: value sets and code systems of R4, of ours, and of the packages of this server.

Three-valued: a code is a member, is none, or it cannot be told; the last is never answered as the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fhir_server.fhir.http import Refusal
from validators.fhir.codes import CodeSet
from validators.fhir.filters import concepts, objects
from validators.fhir.grammars import GRAMMARS
from validators.fhir.profiles import ProfileSet

Json = dict[str, Any]
_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Coded:
    """A code that is asked about; without a system it may be of any that the value set includes."""

    code: str
    system: str = ""
    display: str = ""

    @property
    def value(self) -> str | Json:
        """As a `CodeSet` judges it."""
        return {"system": self.system, "code": self.code} if self.system else self.code


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a code belongs, which one did, and why not."""

    result: bool
    coded: Coded | None = None
    display: str = ""
    message: str = ""


class Terms:
    """Answers from one set of definitions."""

    def __init__(self, profiles: ProfileSet) -> None:
        self._profiles = profiles

    def value_set(self, url: str) -> CodeSet:
        """A value set by canonical, without its version.

        Raises:
            Refusal: 404, it is not known here.
        """
        found = self._profiles.value_set(url) if not url.startswith("#") else None
        if found is None:
            raise unknown(url)
        return found

    def given(self, value_set: Json) -> CodeSet:
        """A value set that somebody brings along.

        Raises:
            Refusal: 422, it filters by a regular expression: whose would run here.
        """
        compose = value_set.get("compose")
        parts = compose if isinstance(compose, dict) else {}
        for include in (*objects(parts.get("include")), *objects(parts.get("exclude"))):
            if any(one.get("op") == "regex" for one in objects(include.get("filter"))):
                raise undecided("filter.op = regex")
        # Without its url: what is expanded here must not stand for what is loaded under that name.
        return self._profiles.expanded({name: value for name, value in value_set.items() if name != "url"})

    def codes_of(self, codes: CodeSet) -> list[Coded]:
        """Every member, by system and code, with its display.

        Raises:
            Refusal: 422, some of them cannot be told.
        """
        if not codes.complete:
            raise undecided(_missing(codes))
        return [
            Coded(code, system, displays.get(code, ""))
            for system, members in sorted(codes.systems.items())
            for displays in (self._displays(system),)
            for code in sorted(members or ())
        ]

    def member(self, codes: CodeSet, asked: list[Coded]) -> Verdict:
        """Whether one of these codes is a member of a value set.

        Raises:
            Refusal: 422, it cannot be told.
        """
        answers = [(one, codes.judge(one.value)) for one in asked]
        for one, answer in answers:
            if answer:
                return self._displayed(_placed(one, codes))
        if any(answer is None for _, answer in answers):
            raise undecided(_missing(codes))
        return Verdict(False, message=f"{_said(asked)} ∉ {codes.url or 'valueSet'}")

    def in_system(self, url: str, asked: list[Coded]) -> Verdict:
        """Whether one of these codes is one of a code system.

        Raises:
            Refusal: 404 no such code system, 422 it cannot be told.
        """
        answers = [(one, self._is_code(url, one)) for one in asked]
        for one, answer in answers:
            if answer:
                return self._displayed(Coded(one.code, url, one.display))
        if any(answer is None for _, answer in answers):
            raise undecided(url)
        return Verdict(False, message=f"{_said(asked)} ∉ {url}")

    def concept(self, system: str, code: str) -> tuple[Json, Json]:
        """A code system, and its concept of a code.

        Raises:
            Refusal: 404, one of them is not known here.
        """
        found = self._profiles.code_system(system)
        concept = next((one for one in concepts(found.get("concept")) if one["code"] == code), None) if found else None
        if found is None or concept is None:
            raise unknown(system if found is None else f"{system}#{code}")
        return found, concept

    def _is_code(self, url: str, asked: Coded) -> bool | None:
        if asked.system and asked.system != url:
            return False
        found = self._profiles.code_system(url)
        if found is not None and found.get("content") != "not-present":
            if any(one["code"] == asked.code for one in concepts(found.get("concept"))):
                return True
            return False if found.get("content") == "complete" else None
        if url in GRAMMARS:
            return GRAMMARS[url](asked.code)
        if found is None:
            raise unknown(url)
        return None

    def _displayed(self, coded: Coded) -> Verdict:
        """A member, unless the display that came with it is none that its code system gives the code."""
        known = list(self._known(coded))
        display = known[0] if known else ""
        if coded.display and known and _folded(coded.display) not in map(_folded, known):
            return Verdict(False, coded, display, f"display « {coded.display} » ≠ « {' », « '.join(known[:_SHOWN])} »")
        return Verdict(True, coded, display)

    def _known(self, coded: Coded) -> Iterator[str]:
        found = self._profiles.code_system(coded.system) or {}
        for concept in concepts(found.get("concept")):
            if concept["code"] == coded.code:
                named = (concept.get("display"), *(one.get("value") for one in objects(concept.get("designation"))))
                yield from (text for text in named if isinstance(text, str) and text)

    def _displays(self, system: str) -> dict[str, str]:
        found = self._profiles.code_system(system) or {}
        return {one["code"]: str(one.get("display") or "") for one in concepts(found.get("concept"))}


def unknown(what: str) -> Refusal:
    """404: not among what is loaded."""
    return Refusal(404, "TERMINOLOGY-UNKNOWN", found=what[:200] or "—")


def undecided(reason: str) -> Refusal:
    """422: it cannot be told here."""
    return Refusal(422, "TERMINOLOGY-UNDECIDED", reason=reason[:400])


def _missing(codes: CodeSet) -> str:
    """What of a value set is not at hand."""
    absent = [system or "?" for system, members in sorted(codes.systems.items()) if members is None]
    return ", ".join([*absent[:_SHOWN], *(["…"] if codes.open else [])]) or codes.url


def _placed(coded: Coded, codes: CodeSet) -> Coded:
    """With its system, where only one has the code."""
    if coded.system:
        return coded
    found = [system for system, members in codes.systems.items() if members is not None and coded.code in members]
    return Coded(coded.code, found[0], coded.display) if len(found) == 1 else coded


def _said(asked: list[Coded]) -> str:
    return ", ".join(f"{one.system}#{one.code}" if one.system else one.code for one in asked[:_SHOWN]) or "—"


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
