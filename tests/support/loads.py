"""What loads read and what they leave: files of resources and letters, and the content of a database to compare."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def organization(number: int, name: str = "") -> Json:
    """A small resource with an id of its own."""
    return {"resourceType": "Organization", "id": f"o{number}", "name": name or f"Service {number}"}


def lines(path: Path, resources: Iterable[Json | str]) -> Path:
    """A file of NDJSON; text is written as it is."""
    rows = (one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in resources)
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def content(database: Path) -> dict[str, list[Any]]:
    """Everything a load writes, apart from moments and from ids that are made anew at each reception."""
    with closing(sqlite3.connect(database)) as db:
        return {
            "resource": sorted(map(_version, db.execute(
                "select type, id, version, gone, body from resource where type = 'Organization'"))),
            "history": sorted(map(_version, db.execute(
                "select type, id, version, gone, body from resource_history where type = 'Organization'"))),
            "change": sorted(db.execute(
                "select type, id, version, action from change where type = 'Organization'")),
            "index": sorted(db.execute(
                "select type, param, value, system, id from search_index where type = 'Organization'")),
            "documents": sorted(db.execute(
                "select unique_id, hex(sha256) from document_identity")),
            "references": sorted(db.execute(
                "select type, count(*) from resource group by type")),
            "facts": sorted(db.execute(
                "select organization, kind, ins_level, link, count(*) from documents group by 1, 2, 3, 4")),
            "submissions": sorted(db.execute(
                "select decision, hex(sha256), count(*) from submission group by 1, 2")),
            "progress": sorted(db.execute(
                "select source, position, total, filed, unchanged, duplicates, rejected from load_progress")),
        }  # fmt: skip


def _version(row: tuple[Any, ...]) -> tuple[Any, ...]:
    body = json.loads(row[-1])
    body["meta"].pop("lastUpdated")
    return (*row[:-1], json.dumps(body, sort_keys=True))


def rejected(folder: Path) -> list[Json]:
    """The lines of a folder of rejects, by source and place; what they say is kept is there."""
    rows = [json.loads(line) for line in (folder / "rejects.ndjson").read_text(encoding="utf-8").splitlines()]
    assert all((folder / row["kept"]).is_file() for row in rows if row["kept"])
    return sorted(rows, key=lambda row: (row["source"], row["place"]))
