"""How a programme writes its rules down: one call a rule, functions when something is computed, a reason when not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Protocol

from indicators.programmes.model import Rule


class Define(Protocol):
    """Writes one rule of a text."""

    def __call__(
        self,
        rule_id: str,
        part: str,
        fr: str,
        en: str,
        *functions: Callable[..., Any],
        mark: str = "SOURCE",
        declared: str = "",
        since: date | None = None,
        until: date | None = None,
    ) -> Rule:
        """A rule from its id, the part of the text, and its statement in French and English."""
        ...


def rules_of(text: str, effective: date) -> Define:
    """A writer of the rules of one text, in force from a date unless a rule says otherwise.

    A rule has functions or a `declared` reason, never both nor neither: what is not computed is visibly only declared.
    Raises `ValueError`.
    """

    def define(
        rule_id: str,
        part: str,
        fr: str,
        en: str,
        *functions: Callable[..., Any],
        mark: str = "SOURCE",
        declared: str = "",
        since: date | None = None,
        until: date | None = None,
    ) -> Rule:
        if bool(functions) == bool(declared):
            raise ValueError(f"{rule_id}: functions, or why there are none")
        source = f"{text} {part}"
        return Rule(rule_id, fr, en, source, mark, since or effective, until, functions, declared)

    return define
