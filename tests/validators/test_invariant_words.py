"""The constraints of R4 in French: every key has its sentence, and a report in French says it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from validators.fhir import load_definitions
from validators.fhir.invariants import BY_WALK, WRITTEN_OUT
from validators.messages import render, rule
from validators.messages.invariants import FRENCH, SHARED, french
from validators.report import Issue

WALKED = BY_WALK - {"bdl-6"} | {"dom-6"}
"""Constraints that R4 has and the walk keeps; bdl-6 is the one number R4 left out."""


def in_profiles() -> Iterator[tuple[str, str]]:
    """The key and the sentence of each constraint of the profiles of R4."""

    def below(node: Any) -> Iterator[tuple[str, str]]:
        if isinstance(node, dict):
            for constraint in node.get("constraint", ()):
                yield constraint["key"], constraint["human"]
            for value in node.values():
                yield from below(value)
        elif isinstance(node, list):
            for value in node:
                yield from below(value)

    for content in load_definitions().profiles.values():
        yield from below(json.loads(content).get("differential"))


SENTENCES = {
    *((rule.key, rule.human) for rule in (*load_definitions().invariants, *WRITTEN_OUT.values())),
    *in_profiles(),
}
KEYS = {key for key, _ in SENTENCES}


def broken(key: str, human: str, **params: str) -> Issue:
    row = rule("FHIR-INVARIANT")
    given = {"key": key, "human": human, "expression": "a.exists()", "profile": "FHIR R4"} | params
    return Issue(row.id, row.severity, row.scope, row.code, "Patient", given)


def test_every_constraint_has_a_french_sentence_and_no_other_has_one() -> None:
    assert set(FRENCH) == KEYS | WALKED
    assert {"ele-1", "ext-1", "dom-6", "txt-2", "vs-3", "sqty-1"} <= set(FRENCH)


def test_a_key_with_several_sentences_has_one_for_each() -> None:
    several: defaultdict[str, set[str]] = defaultdict(set)
    for key, human in SENTENCES:
        several[key].add(human)
    assert set(SHARED) == {human for humans in several.values() if len(humans) > 1 for human in humans}
    assert len({french("inv-1", human) for human in SHARED}) == len(SHARED)


@pytest.mark.parametrize(("key", "human"), sorted(SENTENCES), ids=lambda text: text if text in KEYS else "")
def test_a_sentence_is_not_the_english_one(key: str, human: str) -> None:
    assert french(key, human) != human


@pytest.mark.parametrize("sentence", [*FRENCH.values(), *SHARED.values()])
def test_a_sentence_goes_after_a_colon_and_before_the_name_of_the_profile(sentence: str) -> None:
    assert sentence == " ".join(sentence.split())
    assert sentence[-1] not in ".;: "
    assert sentence[0].islower() or sentence.startswith("AllergyIntolerance.")
    assert sentence.count("(") == sentence.count(")")
    assert sentence.count("«") == sentence.count("»")
    assert "’" not in sentence


def test_a_report_says_it_in_both_languages() -> None:
    issue = broken("per-1", "If present, start SHALL have a lower value than end")
    assert render(issue, "fr") == render(issue) == (
        "La contrainte per-1 n'est pas respectée : le début d'une période (start) n'est pas postérieur à sa fin (end) "
        "(FHIR R4). Attendu : a.exists(). Corriger l'élément désigné."
    )  # fmt: skip
    assert render(issue, "en") == (
        "The constraint per-1 is not kept: If present, start SHALL have a lower value than end (FHIR R4). "
        "Expected: a.exists(). Correct the element named."
    )
    assert issue.params["human"] == "If present, start SHALL have a lower value than end"


def test_the_sentence_of_a_profile_of_r4() -> None:
    url = "http://hl7.org/fhir/StructureDefinition/vitalsigns"
    assert FRENCH["vs-2"] in render(broken("vs-2", "…", profile=url))


def test_a_constraint_of_another_guide_keeps_its_own_sentence() -> None:
    own = "L'identifiant technique est un UUID"
    assert own in render(broken("segur-id-3", own))
    assert own in render(broken("obs-6", own, profile="https://example.org/StructureDefinition/mine"))


def test_an_issue_that_names_no_profile_is_of_r4() -> None:
    row = rule("FHIR-INVARIANT")
    issue = Issue(row.id, row.severity, row.scope, row.code, params={"key": "obs-6", "human": "…"})
    assert FRENCH["obs-6"] in render(issue)


@pytest.mark.parametrize(
    ("key", "said"),
    [("que-12", "plusieurs conditions (enableWhen)"), ("app-4", "cancelled ou noshow"), ("tim-9", "C, CM, CD et CV")],
)
def test_a_corrected_constraint_says_what_is_judged(key: str, said: str) -> None:
    assert said in FRENCH[key]


def test_the_sentences_are_read_only_when_one_is_said() -> None:
    code = (
        "import sys; from validators.messages import catalogue; catalogue(); import validators.fhir; "
        "sys.exit('validators.messages.invariants' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
