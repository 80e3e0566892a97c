"""Ways to call one hand-written rule on one node, with definitional resources at hand."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any, cast

import pytest

from validators.fhir import Definitions
from validators.fhir.codes import CodeSet
from validators.fhir.context import Context, Json
from validators.fhir.profiles import ProfileSet
from validators.fhir.resources import RULES, TYPE_RULES
from validators.messages import rule
from validators.report import Issue, Report

Found = list[tuple[str, str]]
Of = Callable[..., Found]


class Loaded:
    """The part of a ProfileSet that the rules use: resources by canonical, value sets of R4."""

    def __init__(self, definitions: Definitions, resources: tuple[Json, ...]) -> None:
        self._definitions = definitions
        self._resources = {str(each.get("url")): each for each in resources}

    def resource(self, canonical: str) -> Json | None:
        return self._resources.get(canonical.partition("|")[0])

    def value_set(self, url: str) -> CodeSet | None:
        return self._definitions.value_set(url)


def issues_of(definitions: Definitions, node: Json, name: str = "", *loaded: Json) -> list[Issue]:
    """What the rule of a type says of a node standing at the place `X`."""
    report = Report()
    context = Context(definitions, report, cast(ProfileSet, Loaded(definitions, loaded)))
    context.enter(node)
    named = name or str(node["resourceType"])
    (TYPE_RULES[named] if named in TYPE_RULES else RULES[named])(node, "X", context)
    return list(report)


@pytest.fixture(scope="session")
def of(definitions: Definitions) -> Of:
    """The rule ids and places (after `X`) found on a node; every parameter of the sentences must be there."""

    def run(node: Json, name: str = "", *loaded: Json) -> Found:
        found: list[tuple[str, str]] = []
        for issue in issues_of(definitions, node, name, *loaded):
            row = rule(issue.rule)
            for template in (row.fr, row.en):
                fields = {field for _, field, _, _ in string.Formatter().parse(template) if field}
                assert fields <= issue.params.keys(), issue
            found.append((issue.rule.removeprefix("FHIR-"), issue.location.removeprefix("X")))
        return found

    return run


def resource(type_: str, /, **elements: Any) -> Json:
    """A resource of one type."""
    return {"resourceType": type_, **elements}
