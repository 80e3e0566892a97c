"""The catalogue: one row a rule, words in two languages, and no id without a use."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from types import SimpleNamespace

import pytest

from validators import messages
from validators.messages import AREAS, RENAMED, catalogue, render, rule
from validators.report import Issue, Rule, Scope, Severity

SOURCE = Path(messages.__file__).parents[2]
ROWS = list(catalogue().values())
FHIR_CODES = {
    "invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired", "forbidden",
    "suppressed", "processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long",
    "code-invalid", "extension", "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store",
    "exception", "timeout", "incomplete", "throttled", "informational",
}  # fmt: skip
"""FHIR R4, issue-type."""
ID = re.compile(r"[A-Z][A-Z0-9]*(?:[-_][A-Z0-9]+)*")
TYPES = {"INS-NIR", "INS-NIA", "INS-NIR-TEST", "INS-NIR-DEMO", "INS-C"}
"""Identifier types of FR Core, which look like rule ids."""


def parameters(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def messages_of(*areas: str) -> list[Rule]:
    return [row for area in areas for row in importlib.import_module(f"validators.messages.{area}").RULES]


def test_ids_are_unique() -> None:
    listed = [row.id for row in messages_of(*AREAS)]
    assert len(listed) == len(set(listed)) == len(ROWS)


def test_an_id_defined_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = SimpleNamespace(RULES=(rule("MHD-URL"), rule("MHD-URL")))
    monkeypatch.setattr(messages, "importlib", SimpleNamespace(import_module=lambda name: twice))
    with pytest.raises(ValueError, match="MHD-URL is defined twice"):
        catalogue.__wrapped__()


def test_an_unknown_id_is_a_fault() -> None:
    with pytest.raises(KeyError):
        rule("NO-SUCH-RULE")


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_a_row_is_complete(row: Rule) -> None:
    assert ID.fullmatch(row.id)
    assert row.code in FHIR_CODES
    assert row.source.strip()
    assert row.fr.strip() != row.en.strip()
    assert parameters(row.fr) == parameters(row.en)
    assert row.fr.rstrip().endswith((".", "}", "…"))
    assert row.en.rstrip().endswith((".", "}", "…"))


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_a_sentence_renders(row: Rule) -> None:
    given = {name: f"<{name}>" for name in parameters(row.fr)}
    issue = Issue(row.id, row.severity, row.scope, row.code, params=given)
    for lang in ("fr", "en"):
        sentence = render(issue, lang)
        assert all(text in sentence for text in given.values())
        assert "{" not in sentence
    assert render(issue) == render(issue, "fr") == render(issue, "de")


def test_a_missing_parameter_shows_its_name() -> None:
    row = rule("MHD-REFERENCE")
    assert "{reference}" in render(Issue(row.id, row.severity, row.scope, row.code))


POLICY = {
    ("error", "programme"): "INS-ABSENT INS-OID INS-AMBIGUOUS SITE_UNKNOWN STAY_UNKNOWN STAY_AMBIGUOUS MAILBOX_UNKNOWN",
    ("error", "conformity"): """INS-FORMAT INS-KEY INS-SEX INS-TRAIT-MISSING INS-BIRTH-DATE INS-BIRTH-PLACE XCHECK-INS
        XCHECK-TRAIT CDA-TYPEID CDA-CODE-SYSTEM CDA-CODE-MODEL CDA-MODEL CDA-MODEL-VERSION CDA-N1-EMPTY CDA-N1-BASE64
        CDA-N1-SIGNATURE CDA-DTD CDA-INTERVAL CDA-RELATED CDA-CUSTODIAN MHD-SLICE MHD-SLICE-COUNT MHD-URL XCHECK-HASH
        XCHECK-SIZE XCHECK-TYPE XCHECK-UNIQUE-ID MHD-PATIENT MHD-REPLACE-TARGET MHD-REPLACE-PATIENT MHD-REPLACE-STATUS
        SUBMISSION-CONFLICT SITE-FORBIDDEN MSS-BODY MSS-ADDRESS MSS-CONFLICT MAILBOX-FORBIDDEN FHIR-INVARIANT
        MHD-CODE-SYSTEM""",
    ("warning", "conformity"): """INS-BIRTH INS-TYPE CDA-CODE-DISPLAY CDA-TIME-ZONE CDA-TIME-PRECISION CDA-TIME-FUTURE
        CDA-VERSION-ZERO CDA-CONFIDENTIALITY-J08 CDA-NATIONAL-ID CDA-NATIONAL-KEY CDA-SYSTEM CDA-EVENT-CODE
        XCHECK-DATE XCHECK-PERIOD XCHECK-FORMAT MHD-RELATES-TO MHD-CODE MHD-UUID-CASE""",
    ("information", "conformity"): "INS-TEST MHD-REPLACED-UNKNOWN",
}
SEVERITIES = [(rule_id, *said) for said, ids in POLICY.items() for rule_id in ids.split()]


@pytest.mark.parametrize(("rule_id", "severity", "scope"), SEVERITIES)
def test_severities_are_those_of_the_policy(rule_id: str, severity: str, scope: str) -> None:
    assert (rule(rule_id).severity.value, rule(rule_id).scope.value) == (severity, scope)


def test_a_programme_issue_never_refuses_and_always_costs() -> None:
    assert {row.severity for row in ROWS if row.scope is Scope.PROGRAMME} == {Severity.ERROR}


def test_a_renamed_rule_is_gone_and_what_says_it_today_is_there() -> None:
    assert not RENAMED.keys() & catalogue().keys()
    assert set(RENAMED.values()) <= catalogue().keys()


# -- the source ----------------------------------------------------------------------------------------------------


def texts(*folders: str) -> Iterator[tuple[str, Path]]:
    """Every text of the source that has the form of a rule id."""
    for folder in folders:
        for path in (SOURCE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and ID.fullmatch(node.value):
                    yield node.value, path.relative_to(SOURCE)


WRITTEN = {text for text, _ in texts("validators/messages")} & {row.id for row in ROWS}
"""Rows written by hand; those that are made from the tables of the rules are used by construction."""
TEXTS = [(text, path) for text, path in texts("validators", "fhir_server") if "messages" not in path.parts]


def test_every_rule_is_used() -> None:
    assert {row.id for row in messages_of("fhir", "ins", "cda", "mhd", "intake")} <= WRITTEN
    assert WRITTEN - {text for text, _ in TEXTS} == set()


def test_every_id_in_the_source_is_in_the_catalogue() -> None:
    areas = tuple({rule_id.partition("-")[0] + "-" for rule_id in WRITTEN if "-" in rule_id})
    unknown = {(text, str(path)) for text, path in TEXTS if text.startswith(areas) and text not in catalogue()}
    assert {each for each in unknown if each[0] not in TYPES} == set()
