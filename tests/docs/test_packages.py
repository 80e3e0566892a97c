"""The page on packages is true: its commands run in order and print what it says."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, blocks
from tests.docs.tour import run, same

PAGE = DOCS / "how-to" / "packages.md"


def test_every_command_prints_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = blocks(PAGE)
    printed = run([block for block in found if block.language == "bash"], tmp_path)
    following = [after for block, after in pairwise(found) if block.language == "bash"]
    wrong = [f"printed:\n{out}\nsaid:\n{said.text}" for out, said in zip(printed, following, strict=True)
             if said.language == "text" and not same(out, said.text)]  # fmt: skip
    assert wrong == []
