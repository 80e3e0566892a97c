"""The catalogue of rules: one table an area, each row with its severity, scope, words (fr, en) and source.

Rule ids are append-only. `rule(id)` finds a row, `render(issue, lang)` gives its sentence.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache

from validators.report import Issue, Rule

AREAS = (
    "fhir", "fhir_resources", "fhir_structures", "fhir_answers", "fhir_bundle",
    "ins", "documents", "cda", "cda_structure", "cda_body", "mhd", "xds", "soap", "mssante", "mail", "stays",
    "adt", "tddui", "intake", "interactions", "programmes", "relay",
    "following", "terminology", "operations",
)  # fmt: skip

RENAMED: Mapping[str, str] = {
    "CONTENT-NOT-YET": "CONTENT-UNKNOWN",
    "MHD-BUNDLE-ELEMENT": "FHIR-INVARIANT",
    "MHD-CONTAINED-ID": "FHIR-ELEMENT-ID",
    "MHD-CONTAINED-META": "FHIR-INVARIANT",
    "MHD-CONTAINED-UNUSED": "FHIR-INVARIANT",
    "MHD-FULL-URL": "FHIR-INVARIANT",
    "MHD-PERIOD": "FHIR-INVARIANT",
}
"""Ids that are no longer used, and the rule that says the same today; an id is never given to another rule."""


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
    if lang == "en":
        return row.en.format_map(_Blank(issue.params))
    return row.fr.format_map(_Blank(_in_french(issue.params)))


def _in_french(params: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters with a constraint's sentence in French, where there is one."""
    if "key" not in params or "human" not in params:
        return params
    from validators.messages.invariants import french  # only when a constraint is not kept: the sentences are many

    return {**params, "human": french(params["key"], params["human"], params.get("profile", "FHIR R4"))}


class _Blank(dict[str, str]):
    """Parameters for `str.format_map`; a missing one shows its name instead of failing the whole report."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
