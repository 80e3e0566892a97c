"""What was compiled once and may be used again: files in the user's cache directory, whole or absent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def cache_folder() -> Path:
    """`segur-fhir` in the user's cache directory (XDG_CACHE_HOME)."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~").expanduser() / ".cache")
    return Path(base) / "segur-fhir"


def keep(path: Path, content: bytes) -> bool:
    """Write beside, then rename: a reader never sees half a file. Where nothing can be written nothing is lost."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as target:
            target.write(content)
        os.replace(target.name, path)
    except OSError:
        return False
    return True


def kept(path: Path, decode: Callable[[bytes], T]) -> T | None:
    """What was kept; None when it is absent, damaged or of another shape (`decode` raises `ValueError`)."""
    try:
        return decode(path.read_bytes())
    except (OSError, ValueError):
        return None
