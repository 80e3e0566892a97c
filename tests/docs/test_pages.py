"""Pages are whole: the site builds, links lead somewhere, and every command shown exists with its options."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from fhir_server.cli.app import tree
from tests.docs.pages import DOCS, ROOT, invocations, pages, segur_commands

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HOSTS = {"keepachangelog.com", "semver.org", "127.0.0.1:8000"}


def ids(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built where nothing outside can be reached."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_site_builds_and_has_every_page(site: Path) -> None:
    sources = [page.relative_to(DOCS).with_suffix(".html") for page in DOCS.rglob("*.md")]

    assert [str(page) for page in sources if not (site / page).exists()] == []
    assert not (site / "generate.py").exists()


def test_the_site_takes_nothing_from_outside(site: Path) -> None:
    loaded = re.compile(r"""<(?:script|img|iframe)[^>]+src="(?:https?:)?//|<link[^>]+href="(?:https?:)?//""")
    found = [page.name for page in site.rglob("*.html") if loaded.search(page.read_text(encoding="utf-8"))]

    assert found == []


@pytest.mark.parametrize("page", pages(), ids=ids(pages()))
def test_links_lead_somewhere(page: Path) -> None:
    """The site's own check sees `docs/` only; this one sees the README, and the headings of what it points at."""
    broken = []
    for link in _LINK.findall(re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)):
        path, _, anchor = link.partition("#")
        if "://" in link:
            broken += [] if link.split("/")[2] in _HOSTS else [link]
            continue
        target = page if not path else (page.parent / path).resolve()
        if not target.is_relative_to(ROOT) or not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


def anchors(page: Path) -> set[str]:
    from markdown.extensions.toc import slugify

    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.M)
    return {slugify(re.sub(r"[`*\\]", "", heading), "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=ids(pages()))
def test_commands_exist_with_their_options(page: Path) -> None:
    wrong = [" ".join(words) for words in segur_commands(page) if not known(words)]

    assert wrong == []


def known(words: list[str]) -> bool:
    """Whether the words start with a command and go on with options it has."""
    command: Any = typer.main.get_command(tree())
    rest = list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    if hasattr(command, "commands"):
        return words in ([], ["--help"], ["-h"])
    options = {opt for parameter in command.params for opt in (*parameter.opts, *parameter.secondary_opts)}
    given = [word.partition("=")[0] for word in rest if word.startswith("-") and word != "-"]
    return all(option in options | {"--help", "-h"} for option in given)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("segur serve --port 8000", [["serve", "--port", "8000"]]),
        ("X=$(segur token create --role ars) && echo done", [["token", "create", "--role", "ars"]]),
        ("segur validate a.xml | cat; segur db upgrade", [["validate", "a.xml"], ["db", "upgrade"]]),
        (".venv/bin/segur --help > out", [["--help"]]),
        ("echo nothing", []),
    ],
)
def test_commands_are_found_in_a_script(script: str, expected: list[list[str]]) -> None:
    assert sorted(invocations(script)) == sorted(expected)


def test_an_option_that_does_not_exist_is_seen() -> None:
    assert not known(["serve", "--prot", "8000"])
    assert not known(["no-such-command"])


@pytest.mark.parametrize("page", pages(), ids=ids(pages()))
def test_make_targets_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"(?:^|`)make ([a-z]+)\b", page.read_text(encoding="utf-8"), flags=re.M)

    assert [target for target in named if not re.search(rf"^{target}:", makefile, flags=re.M)] == []


def test_decisions_are_numbered_without_gaps_and_have_their_three_parts() -> None:
    found = sorted((DOCS / "decisions").glob("*.md"))

    assert [page.name[:4] for page in found] == [f"{number:04}" for number in range(1, len(found) + 1)]
    for page in found:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]} ")
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), page.name
