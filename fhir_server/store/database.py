"""Opening the database: SQLite (WAL, every commit durable) by default; creating, migrating and checking its schema."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url

from fhir_server.store import tables

HEAD = "0012"
"""The newest migration; a test holds it equal to alembic's head, so that start-up need not import alembic (257 ms)."""


class DatabaseError(Exception):
    """The database cannot be used; the message says what to do."""


def database_url(text: str) -> URL:
    """Read `--database`: an SQLAlchemy URL, or simply the path of a SQLite file.

    Raises:
        DatabaseError: the URL names an engine this version does not write to.
    """
    url = make_url(text) if "://" in text else URL.create("sqlite", database=text)
    if url.get_backend_name() != "sqlite":
        raise DatabaseError(f"{url.get_backend_name()}: only SQLite is supported as a server database in this version")
    if not url.database or url.database == ":memory:":
        raise DatabaseError("an in-memory database cannot be shared between processes; name a file")
    return url


def open_engine(text: str, *, read_only: bool = False) -> sa.Engine:
    """An engine on an existing, up-to-date database (see `prepare`)."""
    engine = sa.create_engine(database_url(text), poolclass=sa.pool.QueuePool, pool_size=4)
    event.listen(engine, "connect", _configure_read_only if read_only else _configure)
    event.listen(engine, "begin", _begin_read if read_only else _begin_write)
    return engine


def prepare(text: str) -> None:
    """Create and migrate an absent or empty database; refuse one of an older or newer schema.

    Raises:
        DatabaseError: the schema is not this version's; the message names `segur db upgrade`.
    """
    url = database_url(text)
    path = Path(url.database or "")
    if not path.exists() or path.stat().st_size == 0:
        upgrade(text)
        return
    found = schema_version(text)
    if found is None:
        raise DatabaseError(f"{path} is not a segur-fhir database")
    if found != HEAD:
        raise DatabaseError(f"{path} has schema {found}, this version needs {HEAD}: run `segur db upgrade`")


def schema_version(text: str) -> str | None:
    """The migration the database is at; None when it has no schema of ours."""
    engine = open_engine(text, read_only=True)
    try:
        with engine.connect() as connection:
            found = connection.scalar(sa.text("select version_num from alembic_version"))
            return None if found is None else str(found)
    except sa.exc.DatabaseError:
        return None
    finally:
        engine.dispose()


def upgrade(text: str) -> None:
    """Bring the database to the newest schema, creating the file (mode 600) where it is absent."""
    from alembic import command
    from alembic.config import Config

    path = Path(database_url(text).database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    engine = open_engine(text)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _first_key(connection)
    engine.dispose()


def _first_key(connection: sa.Connection) -> None:
    """Make the pseudonym key on the first opening: without it no fact could be written."""
    if connection.scalar(sa.select(sa.func.count()).select_from(tables.pseudonym_key)):
        return
    connection.execute(
        tables.pseudonym_key.insert(), {"version": 1, "key": secrets.token_bytes(32), "created": time.time_ns() // 1000}
    )


def _configure(connection: Any, _record: object) -> None:
    """Take transactions out of the driver's hands (savepoints need it) and make each commit durable."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("pragma journal_mode=wal")
    cursor.execute("pragma synchronous=full")
    cursor.execute("pragma busy_timeout=10000")
    cursor.execute("pragma cache_size=-65536")
    cursor.execute("pragma wal_autocheckpoint=4000")
    cursor.close()


def _configure_read_only(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("pragma query_only=on")
    cursor.execute("pragma busy_timeout=10000")
    cursor.execute("pragma cache_size=-16384")
    cursor.execute("pragma mmap_size=268435456")
    cursor.close()


def _begin_write(connection: sa.Connection) -> None:
    connection.exec_driver_sql("begin immediate")


def _begin_read(connection: sa.Connection) -> None:
    connection.exec_driver_sql("begin")


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A consistent view of the database for one request."""
    with engine.connect() as connection:
        yield connection
