"""A page made by a command: written, or compared with what is there."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def write(page: Path, lines: Iterable[str], *, check: bool) -> int:
    """Write a page when it differs; with `check`, write nothing and answer 1 when it does."""
    made = "\n".join(lines).rstrip() + "\n"
    if page.exists() and page.read_text(encoding="utf-8") == made:
        return 0
    if not check:
        page.write_text(made, encoding="utf-8")
    sys.stdout.write(f"{'out of date' if check else 'written'}: {page.relative_to(ROOT)}\n")
    return int(check)
