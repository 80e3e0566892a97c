"""The tutorials are true: their commands run in order against a real server and print what the page says."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.docs.pages import TUTORIALS, blocks
from tests.docs.tour import run, same

pytestmark = pytest.mark.slow

NEEDED = ("bash", "curl", "cmp", "sed", "grep", "python3")
HINT = "`python -m tests.docs.tour [PAGE]` writes what is printed into the page"

Step = tuple[str, str, str]
"""A command, what it printed, and what the page says it prints."""


@pytest.fixture(scope="module", params=TUTORIALS, ids=lambda page: page.stem)
def steps(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Step]:
    """A tutorial, done."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"not installed: {', '.join(missing)}")
    assert not missing
    page = blocks(request.param)
    printed = iter(run([block for block in page if block.language == "bash"], tmp_path_factory.mktemp("tutorial")))
    following = [*page[1:], None]
    return [
        (block.text, next(printed), after.text if after is not None and after.language == "text" else "")
        for block, after in zip(page, following, strict=True)
        if block.language == "bash"
    ]


def test_every_command_prints_what_the_page_says(steps: list[Step]) -> None:
    wrong = [f"{command}\nprinted:\n{printed}" for command, printed, said in steps if not same(printed, said)]

    assert wrong == [], HINT


def test_most_steps_show_their_output(steps: list[Step]) -> None:
    assert sum(bool(said) for _, _, said in steps) >= 9


def test_the_tutorial_leaves_no_server_behind(steps: list[Step]) -> None:
    running = [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"tutorial.db" in _read(path)]

    assert steps
    assert running == []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
