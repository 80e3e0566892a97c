"""Every table of the body, in one place, and the issues that belong to no table row."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from validators.cda.rules import (
    bio,
    header,
    imaging,
    ldl,
    national_entries,
    prescription,
    rare,
    shared_entries,
    shared_sections,
    shared_treatments,
)  # fmt: skip
from validators.cda.rules._engine import Template, templates_of
from validators.cda.rules._row import Group, Row

GROUPS: Final[tuple[Group, ...]] = (
    *header.GROUPS,
    *shared_sections.GROUPS, *shared_entries.GROUPS, *shared_treatments.GROUPS, *national_entries.GROUPS,
    *ldl.GROUPS, *bio.GROUPS, *imaging.GROUPS, *rare.GROUPS, *prescription.GROUPS,
)  # fmt: skip

COVERED: Final = frozenset(root for group in GROUPS for root, _ in group.models)
"""The roots of the national models whose own rules are here."""


def rows() -> Iterator[Row]:
    """Every row of the tables."""
    return (row for group in GROUPS for row in group.rows)


@lru_cache(maxsize=64)
def rules_of(models: frozenset[tuple[str, str]]) -> dict[str, Template]:
    """What to run on a document of these models (root, version): the shared rows and those of the models."""
    return templates_of(group for group in GROUPS if _belongs(group, models))


@lru_cache(maxsize=1)
def header_rules() -> dict[str, Template]:
    """What to run on a level 1 document: the rows of the header."""
    return templates_of(header.GROUPS)


def _belongs(group: Group, models: frozenset[tuple[str, str]]) -> bool:
    if not group.models:
        return True
    return any(
        root == model and (not versions or version in versions)
        for root, versions in group.models
        for model, version in models
    )
