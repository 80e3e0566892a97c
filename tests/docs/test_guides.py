"""The page of differences is what a fresh run says, and the run stops at a difference that has no reason."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs.pages import DOCS
from tests.docs.test_examples import run
from tests.support.packages import profile
from tests.support.shared import shared
from validators.fhir import ProfileSet

PAGE = DOCS / "reference" / "guides.md"
BASE = "http://hl7.org/fhir/StructureDefinition/"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])

    def named(name: str) -> ModuleType:
        return importlib.import_module(name)

    return named


def test_the_page_is_what_a_fresh_run_says() -> None:
    for needed in ("packages/README.md", "examples/README.md", "cases/iti65/base.json"):
        shared(needed)
    done = run(DOCS / "guides.py", "--check")
    assert (done.returncode, done.stdout) == (0, ""), f"run `python docs/guides.py`\n{done.stderr}"


def test_every_row_has_a_reason() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if re.match(r"\| [^-]", line)]
    assert len(rows) > 40
    assert all(row.rpartition(" | ")[2].removesuffix(" |").strip() for row in rows)


def test_a_difference_without_a_reason_stops_it(script: Any) -> None:
    used = script("guides")._Used((script("guide_reasons").Reason("^a", "as is"),))
    assert used.why("abc") == "as is"
    with pytest.raises(SystemExit, match="no reason for: xyz"):
        used.why("xyz")


def test_a_reason_without_a_difference_stops_it(script: Any) -> None:
    used = script("guides")._Used((script("guide_reasons").Reason("^a", "as is"),))
    with pytest.raises(SystemExit, match="reasons that nothing needs"):
        used.all_needed()
    used.why("a")
    used.all_needed()


def compared(script: Any, ours: dict[str, Any], theirs: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    one, other = (ProfileSet([profile("https://example.org/p", **element)]) for element in (ours, theirs))
    sides = [each.get("https://example.org/p") for each in (one, other)]
    _, found = script("guide_trees").differences(sides[0], one, sides[1], other)
    return [(each.element, each.what, each.ours, each.published) for each in found]


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ({"min": 1}, {"min": 1, "max": "*"}, []),
        ({"min": 1}, {}, [("Patient.gender", "min", "1", "")]),
        ({"max": "0"}, {"max": "1"}, [("Patient.gender", "max", "0", "")]),
        ({"fixedCode": "male"}, {"patternCode": "male"}, []),
        ({"fixedCode": "male"}, {"patternCode": "female"}, [("Patient.gender", "value", "male", "female")]),
        ({"binding": {"strength": "preferred", "valueSet": "urn:x"}}, {}, []),
        ({"binding": {"strength": "required", "valueSet": "urn:x"}}, {},
         [("Patient.gender", "binding", "required: urn:x", "")]),
        ({"constraint": [{"key": "a-1", "severity": "error", "human": "x", "expression": "true"}]}, {},
         [("Patient.gender", "constraint", "a-1", "")]),
    ],
)  # fmt: skip
def test_what_differs_between_two_profiles(
    script: Any, ours: dict[str, Any], theirs: dict[str, Any], found: list[tuple[str, str, str, str]]
) -> None:
    path = {"path": "Patient.gender"}
    assert compared(script, path | ours, path | theirs) == found


def test_targets_of_a_reference(script: Any) -> None:
    path, organization = {"path": "Patient.managingOrganization"}, f"{BASE}Organization"
    kind = {"code": "Reference", "targetProfile": [organization]}
    assert compared(script, path | {"type": [kind]}, path | {"type": [{**kind, "aggregation": ["contained"]}]}) == [
        ("Patient.managingOrganization", "reference", "", "contained")
    ]


def test_without_the_packages_there_is_nothing_to_compare(script: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(script("guides"), "SHARED", tmp_path)
    monkeypatch.setattr(script("guides"), "PAGE", tmp_path / "guides.md")
    assert script("guides").main([]) == 0
    assert not (tmp_path / "guides.md").exists()
