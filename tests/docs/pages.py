"""The documentation as text: where its pages are, their fenced blocks, and the commands inside them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TUTORIALS = (DOCS / "tutorial" / "first-letter.md", DOCS / "tutorial" / "six-figures.md")
"""Pages whose commands are run in order, in an empty folder."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SUBSTITUTION = re.compile(r"\$\(([^()]*)\)")
_HEREDOC = re.compile(r"<<'(\w+)'\n.*?^\1$", re.MULTILINE | re.DOTALL)
_END = re.compile(r"[;|&()<>]+")


def pages() -> list[Path]:
    """Every page a reader may open."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [Block(language, text) for language, text in FENCE.findall(page.read_text(encoding="utf-8"))]


def segur_commands(page: Path) -> Iterator[list[str]]:
    """The arguments of every `segur …` in the page's bash blocks."""
    for block in blocks(page):
        if block.language == "bash":
            yield from invocations(_HEREDOC.sub("", block.text).replace("\\\n", " "))


def invocations(script: str) -> Iterator[list[str]]:
    """The arguments of every `segur …` of a script, those inside `$(…)` too."""
    for inner in _SUBSTITUTION.findall(script):
        yield from invocations(inner)
    for line in _SUBSTITUTION.sub("X", script).splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words: list[str] | None = None
        for token in [*lexer, ";"]:
            if _END.fullmatch(token):
                if words is not None:
                    yield words
                words = None
            elif words is not None:
                words.append(token)
            elif token.rpartition("/")[2] == "segur":
                words = []
