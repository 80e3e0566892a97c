"""The page on following is true: its commands run in order and print what it says."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from tests.docs.pages import DOCS, Block, blocks
from tests.docs.tour import free_port, run, same

PAGE = DOCS / "how-to" / "follow.md"


def test_every_command_prints_what_the_page_says(tmp_path: Path) -> None:
    port = str(free_port())
    found = [Block(block.language, block.text.replace("8082", port)) for block in blocks(PAGE)]
    stop = Block("bash", "kill $(jobs -p) || true")
    printed = run([*(block for block in found if block.language == "bash"), stop], tmp_path)
    following = [after for block, after in pairwise(found) if block.language == "bash"]
    wrong = [f"printed:\n{out}\nsaid:\n{said.text}" for out, said in zip(printed, following, strict=False)
             if said.language == "text" and not same(out, said.text)]  # fmt: skip
    assert wrong == []
