"""What a load refuses, kept for whoever mends it: the bytes as they came, and a line that says why.

Bytes and lines are on the disk before the database commits that their places are done; lines beyond what it has
committed go when the load goes on. So after a `kill -9` none is missing and none is there twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from fhir_server.loading.parts import Reject
from validators.sniffing import sniff

NAME = "rejects.ndjson"
_SUFFIXES = {"application/xml": ".xml", "application/zip": ".zip", "application/pdf": ".pdf"}


class Rejects:
    """A folder of rejects.

    Args:
        folder: made with mode 700 where it is absent; None keeps nothing.
        owner: whose load it is; the lines of other owners stay as they are.
        position: how many places of a source, named by its digest, the database knows as done.

    Raises:
        OSError: the folder cannot be written to.
    """

    def __init__(self, folder: Path | None, owner: str, position: Callable[[str], int]) -> None:
        self._folder, self._owner = folder, owner
        self._known: set[tuple[str, int]] = set()
        self._lines: Any = None
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._prune(folder / NAME, position)
            self._lines = os.fdopen(_opened(folder / NAME, os.O_APPEND), "ab")

    def _prune(self, path: Path, position: Callable[[str], int]) -> None:
        """Keep the lines of places that are done; one that was cut short is of none."""
        kept = []
        for line in path.read_bytes().splitlines(keepends=True) if path.exists() else ():
            try:
                row = orjson.loads(line)
                key = str(row["source"]), int(row["place"])
                ours = row["owner"] == self._owner
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
                continue
            if not ours:
                kept.append(line)
            elif key not in self._known and key[1] <= position(key[0]):
                self._known.add(key)
                kept.append(line)
        fresh = path.with_suffix(".new")
        with os.fdopen(_opened(fresh, os.O_TRUNC), "wb") as file:
            file.writelines(kept)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)

    def keep(self, digest: str, name: Mapping[str, object], reject: Reject, data: bytes | None) -> dict[str, Any]:
        """Keep one; its line comes back. The same place of the same source is kept once."""
        kept = None
        if self._folder is not None and reject.keep and data is not None:
            kept = f"{digest[:16]}-{reject.place}{_suffix(data)}"
            with os.fdopen(_opened(self._folder / kept, os.O_TRUNC), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        line = {**name, "owner": self._owner, **line_of(digest, reject, kept)}
        if self._lines is not None and (digest, reject.place) not in self._known:
            self._known.add((digest, reject.place))
            self._lines.write(orjson.dumps(line) + b"\n")
        return line

    def sync(self) -> None:
        """Everything kept so far is on the disk."""
        if self._lines is not None:
            self._lines.flush()
            os.fsync(self._lines.fileno())

    def close(self) -> None:
        """Nothing more is refused."""
        if self._lines is not None:
            self._lines.close()


def line_of(digest: str, reject: Reject, kept: str | None) -> dict[str, Any]:
    """What the server would have answered, the rules and their places; nothing of the content."""
    rules = [{"rule": one.rule, "severity": one.severity, "location": one.location} for one in reject.reasons]
    return {"source": digest, "place": reject.place, "status": reject.status, "rules": rules, "kept": kept}


def _opened(path: Path, flag: int) -> int:
    return os.open(path, os.O_CREAT | os.O_WRONLY | flag, 0o600)


def _suffix(data: bytes) -> str:
    known = _SUFFIXES.get(sniff(data))
    return known or (".json" if data.lstrip()[:1] in (b"{", b"[") else ".bin")
