"""Look-ups of a submission's way use an index for what they ask: none walks all rows of an establishment."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import fhir_server.store as store
from fhir_server.store.database import prepare
from fhir_server.store.driver import Prepared

HOT = ("document_identity", "message_identity", "message_attachment", "resource", "submission", "document_content")


def statements() -> Iterator[Prepared]:
    """Every statement that a module of the store prepares."""
    for found in pkgutil.iter_modules(store.__path__):
        if found.name != "migrations":
            module = importlib.import_module(f"fhir_server.store.{found.name}")
            yield from (each for each in vars(module).values() if isinstance(each, Prepared))


def test_no_look_up_walks_an_owner(tmp_path: Path) -> None:
    path = tmp_path / "segur.db"
    prepare(str(path))
    connection = sqlite3.connect(path)
    walks, looked = [], 0
    for statement in statements():
        for *_, step in connection.execute(f"explain query plan {statement.sql}", ["x"] * statement.sql.count("?")):
            words = step.split()
            if words[:1] == ["SEARCH"] and words[1] in HOT:
                looked += 1
                walks += [(step, statement.sql)] if step.endswith(("(owner=?)", "(legal_entity=?)")) else []
    connection.close()
    assert walks == []
    assert looked > 5
