"""The catalogue of rules: one table an area, each row with its severity, scope, words (fr, en) and source.

Rule ids are append-only. `rule(id)` finds a row, `render(issue, lang)` gives its sentence.
"""

from __future__ import annotations

import importlib
from functools import cache

from validators.report import Issue, Rule

AREAS = ("fhir", "ins", "documents", "cda", "cda_structure", "cda_body", "mhd", "intake")


@cache
def catalogue() -> dict[str, Rule]:
    """Every rule by id.

    Raises:
        ValueError: two areas define the same id.
    """
    rules: dict[str, Rule] = {}
    for area in AREAS:
        module = importlib.import_module(f"validators.messages.{area}")
        for row in module.RULES:
            if row.id in rules:
                raise ValueError(f"rule {row.id} is defined twice")
            rules[row.id] = row
    return rules


def rule(rule_id: str) -> Rule:
    """The row of one rule; KeyError when there is none."""
    return catalogue()[rule_id]


def render(issue: Issue, lang: str = "fr") -> str:
    """The issue's sentence in French (`fr`) or English (`en`)."""
    row = rule(issue.rule)
    return (row.en if lang == "en" else row.fr).format_map(_Blank(issue.params))


class _Blank(dict[str, str]):
    """Parameters for `str.format_map`; a missing one shows its name instead of failing the whole report."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
