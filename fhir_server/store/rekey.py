"""A new pseudonym key: every pseudonym in the tables goes under one key more, in one transaction.

The identities behind the pseudonyms are not kept, so a new key cannot start afresh: it is applied to what is there
(`fhir_server.ids`). Figures do not move, and what was exported before cannot be matched with what is exported after.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from fhir_server.ids import next_number, next_text
from fhir_server.store import tables

COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "document_identity": (("document",), ("patient",)),
    "documents": (("document",), ("stay", "patient")),
    "document_encounter": (("document",), ("encounter",)),
    "stays": ((), ("stay", "patient")),
    "messages": (("message",), ("patient",)),
    "message_identity": (("message", "fingerprint", "content"), ()),
    "message_notice": (("message",), ()),
    "message_attachment": (("message",), ()),
    "stay_event": ((), ("stay",)),
    "identity_link": ((), ("patient", "target", "canonical")),
    "identity_seen": ((), ("local", "patient")),
}
"""The columns that hold pseudonyms, as text and as numbers; a new one is a word here (a test looks for them)."""

BATCH = 50_000
"""Rows a statement: what is held in memory at once."""


def rekey(connection: sa.Connection) -> tuple[int, dict[str, int]]:
    """Make the next key and put every pseudonym under it; the new version, and how many rows of each table.

    The caller's transaction holds it all: a reader sees the old pseudonyms or the new ones, never both.
    """
    keys = tables.pseudonym_key
    version = int(connection.scalar(sa.select(sa.func.max(keys.c.version))) or 0) + 1
    key = secrets.token_bytes(32)
    _functions(connection, key)
    counts = {name: sum(_rewritten(connection, name, version)) for name in COLUMNS}
    connection.execute(keys.insert(), {"version": version, "key": key, "created": time.time_ns() // 1000})
    return version, counts


def _functions(connection: sa.Connection, key: bytes) -> None:
    """The next pseudonym as functions of the database: a row is rewritten where it is."""
    driver: Any = connection.connection.driver_connection
    driver.create_function("next_text", 1, lambda text: text and next_text(key, text), deterministic=True)
    driver.create_function(
        "next_number", 1, lambda number: None if number is None else next_number(key, number), deterministic=True
    )


def _rewritten(connection: sa.Connection, name: str, version: int) -> Iterator[int]:
    """Rows of one table, some thousands at a time."""
    table = tables.metadata.tables[name]
    key = list(table.primary_key.columns)
    rows = connection.execute(sa.select(*key)).all()
    texts, numbers = COLUMNS[name]
    change: dict[str, Any] = {column: sa.func.next_text(table.c[column]) for column in texts}
    change |= {column: sa.func.next_number(table.c[column]) for column in numbers}
    if "key_version" in table.c:
        change["key_version"] = version
    update = table.update().where(*(column == sa.bindparam(f"k_{column.name}") for column in key)).values(change)
    for start in range(0, len(rows), BATCH):
        chunk = rows[start : start + BATCH]
        connection.execute(update, [{f"k_{column.name}": row[n] for n, column in enumerate(key)} for row in chunk])
        yield len(chunk)
