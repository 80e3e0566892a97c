"""The page on loading is true: its commands run in order and print what it says."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from tests.docs.pages import DOCS, blocks
from tests.docs.tour import run, same

PAGE = DOCS / "how-to" / "load.md"


def test_every_command_prints_what_the_page_says(tmp_path: Path) -> None:
    found = blocks(PAGE)
    printed = run([block for block in found if block.language == "bash"], tmp_path)
    following = [after for block, after in pairwise(found) if block.language == "bash"]
    wrong = [f"printed:\n{out}\nsaid:\n{said.text}" for out, said in zip(printed, following, strict=True)
             if said.language == "text" and not same(out, said.text)]  # fmt: skip
    assert wrong == []
