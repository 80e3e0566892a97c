"""The CI recipe is true: its commands run in order and print what the page says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from lxml import etree

from tests.docs.pages import DOCS, blocks
from tests.docs.tour import run, same

PAGE = DOCS / "how-to" / "validate-in-ci.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("ci")
    return made


@pytest.fixture(scope="module")
def printed(folder: Path) -> list[tuple[str, str]]:
    """What each command printed and what the page says of it."""
    found = blocks(PAGE)
    outputs = iter(run([block for block in found if block.language == "bash"], folder))
    following = [*found[1:], None]
    return [
        (next(outputs), after.text if after is not None and after.language == "text" else "")
        for block, after in zip(found, following, strict=True)
        if block.language == "bash"
    ]


def test_every_command_prints_what_the_page_says(printed: list[tuple[str, str]]) -> None:
    wrong = [f"printed:\n{output}\nsaid:\n{said}" for output, said in printed if not same(output, said)]
    assert wrong == []
    assert sum(bool(said) for _, said in printed) >= 5


def test_the_reports_are_what_ci_systems_read(printed: list[tuple[str, str]], folder: Path) -> None:
    assert printed
    suites = etree.parse(folder / "junit.xml").getroot()
    assert [suite.get("name") for suite in suites] == ["lettre.xml", "sans-ins.xml", "patient.json"]
    assert json.loads((folder / "segur.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert (folder / "report.html").read_text("utf-8").startswith("<!doctype html>")


def test_the_recipes_are_yaml() -> None:
    recipes = [yaml.safe_load(block.text) for block in blocks(PAGE) if block.language == "yaml"]
    assert len(recipes) == 2
    assert all("segur validate" in json.dumps(recipe) for recipe in recipes)
