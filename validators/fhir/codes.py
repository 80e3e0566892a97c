"""Value sets in memory, three-valued: a code is in, out, or nobody can tell offline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from validators.fhir.grammars import GRAMMARS

Json = dict[str, Any]


class CodeSet:
    """An expanded value set. A system given None belongs in a part that cannot be decided here.

    `whole` are those of them that belong with all their codes: what a rule holds to be a code of theirs is a member.
    """

    __slots__ = ("codes", "complete", "open", "systems", "url", "whole")

    def __init__(
        self,
        url: str,
        systems: Mapping[str, Iterable[str] | None],
        *,
        open_: bool = False,
        whole: Iterable[str] = (),
    ) -> None:
        self.url = url
        self.whole = frozenset(whole)
        self.systems = {s: None if codes is None else frozenset(codes) for s, codes in systems.items()}
        self.codes = frozenset(code for codes in self.systems.values() if codes is not None for code in codes)
        self.open = open_
        self.complete = not open_ and None not in self.systems.values()

    @property
    def units_only(self) -> bool:
        """Whether every member is a UCUM unit."""
        return self.systems.keys() == {"http://unitsofmeasure.org"}

    def of_code(self, code: str) -> bool | None:
        """Whether a bare code is a member."""
        if code in self.codes:
            return True
        if self.complete:
            return False
        answers = [self._by_rule(system, code) for system, codes in self.systems.items() if codes is None]
        if True in answers:
            return True
        return False if answers and not self.open and None not in answers else None

    def of_coding(self, coding: object) -> bool | None:
        """Whether a Coding (or Quantity) names a member by system and code; without a system it names none."""
        if type(coding) is not dict:
            return False
        code, system = coding.get("code"), coding.get("system")
        if type(code) is not str or type(system) is not str:
            return False
        known = self.systems.get(system, frozenset())
        if known is not None and code in known:
            return True
        if known is None:
            return self._by_rule(system, code)
        return None if self.open else False

    def _by_rule(self, system: str, code: str) -> bool | None:
        """What a code system's grammar says of a code; a part that was chosen from the system may leave it out."""
        grammar = GRAMMARS.get(system)
        answer = grammar(code) if grammar is not None else None
        return answer if answer is False or system in self.whole else None

    def judge(self, value: object) -> bool | None:
        """Whether a code, a Coding, or at least one coding of a CodeableConcept is a member; None: cannot tell."""
        if type(value) is str:
            return self.of_code(value)
        if type(value) is not dict:
            return False
        codings = value.get("coding")
        if codings is None and "code" in value:
            return self.of_coding(value)
        if type(codings) is not list:
            return False
        answers = [self.of_coding(coding) for coding in codings]
        return True if True in answers else None if None in answers else False

    def misses(self, value: Json) -> bool:
        """Whether a coded value uses a system of this set, but none of its codes (extensible bindings).

        A code of another system is what an extensible binding is open for: nothing can be held against it.
        """
        codings = value.get("coding", [value])
        return type(codings) is list and self.judge(value) is False and any(
            type(c) is dict and "code" in c and str(c.get("system")) in self.systems for c in codings
        )  # fmt: skip

    def has(self, value: object) -> bool:
        """Whether the value is known to be a member."""
        return self.judge(value) is True
