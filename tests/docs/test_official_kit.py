"""The page of the official kit is true: its commands, on the small kit of the tests, print what it says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, FENCE, blocks
from tests.docs.tour import run, same
from tests.validators.cda.official import small_kit
from validators.cda.official._defects import REPAIRED
from validators.cda.official._kit import GENERIC, SCHEMA

PAGE = DOCS / "how-to" / "official-kit.md"


def printed(folder: Path) -> list[str]:
    """What the commands of the page print, with the cache in the same folder."""
    kit = small_kit.write_kit(folder / "TestContenuCDA-3-0")
    small_kit.break_header_list(kit)
    cache, os.environ["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME"), str(folder / "cache")
    try:
        return run([block for block in blocks(PAGE) if block.language == "bash"], folder)
    finally:
        del os.environ["XDG_CACHE_HOME"]
        if cache is not None:
            os.environ["XDG_CACHE_HOME"] = cache


def test_its_commands_print_what_it_says(tmp_path: Path) -> None:
    said = [block.text for block in blocks(PAGE) if block.language == "text"]
    outputs = [_without_the_stay(text) for text in printed(tmp_path)]
    assert [same(one, other) for one, other in zip(outputs, said, strict=True)] == [True] * len(said), outputs
    assert sorted(path.name for path in (tmp_path / "cache/segur-fhir/official").iterdir())


def _without_the_stay(text: str) -> str:
    """`segur data letter` names the stay of the day, which the page leaves out."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("lettre.xml: "))


@pytest.mark.parametrize("path", [SCHEMA, *(str(Path(name).parents[-3]) for name in GENERIC)])
def test_the_places_of_the_kit_are_those_of_the_code(path: str) -> None:
    assert path in PAGE.read_text(encoding="utf-8")


def test_what_is_mended_is_in_the_table() -> None:
    assert {"include-case", "value-set-case", "value-set-rebuilt"} == REPAIRED
    assert "rebuilt from `jeuxDeValeurs`" in PAGE.read_text(encoding="utf-8")


def rewrite(folder: Path) -> None:
    """Write what the commands print into the page."""
    outputs = iter(_without_the_stay(text) for text in printed(folder))
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(
        FENCE.sub(lambda m: f"```text\n{next(outputs).strip()}\n```" if m[1] == "text" else m[0], text),
        encoding="utf-8",
    )


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        rewrite(Path(made))
