"""The how-to pages with output are true: their commands run in order and print what the page says."""

from __future__ import annotations

import pytest

from tests.docs.pages import DOCS, blocks
from tests.docs.tour import run, same

PAGES = ("admissions", "mssante", "programme-data", "programme-file", "stays", "xds")


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_every_command_prints_what_the_page_says(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = blocks(DOCS / "how-to" / f"{name}.md")
    printed = iter(run([block for block in found if block.language == "bash"], tmp_path_factory.mktemp(name)))
    wrong = []
    for block, after in zip(found, [*found[1:], None], strict=True):
        if block.language != "bash":
            continue
        output = next(printed)
        said = after.text if after is not None and after.language == "text" else None
        if said is not None and not same(output, said):
            wrong.append(f"printed:\n{output}\nsaid:\n{said}")

    assert wrong == []
