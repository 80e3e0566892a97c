"""Whether a SQLite database is open anywhere else: who writes straight into the file asks first."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from fhir_server.store.database import DatabaseError, database_url

_PATIENCE = 5.0
"""Seconds that what was killed a moment ago may need to end."""


def require_alone(text: str) -> None:
    """Go on only when no other process has the database open.

    In WAL mode every open connection holds a shared lock on the file, so exclusive locking fails beside any of them
    (SQLite, pragma locking_mode).

    Raises:
        DatabaseError: a server, or another command, has it open.
    """
    path = database_url(text).database or ""
    with closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as connection:
        try:
            connection.execute("pragma locking_mode=exclusive")
            connection.execute("begin immediate")
            connection.execute("rollback")
            connection.execute("pragma locking_mode=normal")
            connection.execute("select 1 from sqlite_schema limit 1").fetchone()
        except sqlite3.OperationalError as error:
            raise DatabaseError(
                f"{path} is open elsewhere, by a server or another command: stop it first ({error})"
            ) from error
