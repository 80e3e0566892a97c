"""The page on letters and evidence packs is true: its commands run in order and print what it says."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from indicators.programmes.letters import FACTS, KINDS
from tests.docs.pages import DOCS, blocks
from tests.docs.tour import run, same

PAGE = DOCS / "how-to" / "letters.md"


def test_every_command_prints_what_the_page_says(tmp_path: Path) -> None:
    found = blocks(PAGE)
    printed = run([block for block in found if block.language == "bash"], tmp_path)
    following = [after for block, after in pairwise(found) if block.language == "bash"]
    wrong = [f"printed:\n{out}\nsaid:\n{said.text}" for out, said in zip(printed, following, strict=True)
             if said.language == "text" and not same(out, said.text)]  # fmt: skip
    assert wrong == []
    assert (tmp_path / "courrier.pdf").read_bytes().startswith(b"%PDF-")


def test_every_kind_and_every_fact_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in (*KINDS, *FACTS) if f"`{name}`" not in text] == []
