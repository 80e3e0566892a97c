"""The face of the room: what is exported, and a row in both languages for every rule."""

from __future__ import annotations

import string

import pytest

import validators.fhir as face
from validators.messages.fhir import RULES
from validators.report import Rule


def test_the_exported_names_are_sorted_and_exist() -> None:
    assert face.__all__ == sorted(face.__all__)
    assert all(hasattr(face, name) for name in face.__all__)


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.id)
def test_a_rule_says_the_same_in_both_languages(row: Rule) -> None:
    def fields(template: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    assert fields(row.fr) == fields(row.en) != set()
    assert row.id.startswith("FHIR-")
    assert row.source
    assert ("ttendu" in row.fr, "xpected" in row.en) == (True, True) or row.severity == "warning"
