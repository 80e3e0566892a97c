"""`segur db`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import typer

from fhir_server.cli.common import Database, say, usage_errors

app = typer.Typer(name="db", help="La base de données (the database).", no_args_is_help=True)


@app.command("upgrade")
def upgrade(database: Database = None) -> None:
    """Bring the database to this version's schema.

    Example: segur db upgrade --database segur.db
    """
    from fhir_server.settings import settings_from
    from fhir_server.store.database import HEAD, DatabaseError
    from fhir_server.store.database import upgrade as run

    path = settings_from(database=database).database
    with usage_errors(DatabaseError):
        run(path)
    say(f"{path}: schema {HEAD}")


@app.command("rekey")
def rekey(database: Database = None) -> None:
    """Put every pseudonym under a new key: figures stay, what was exported before can no longer be matched.

    Example: segur db rekey --database segur.db
    """
    from fhir_server.cli.common import database_of
    from fhir_server.store.database import open_engine
    from fhir_server.store.rekey import rekey as run

    path = database_of(database)
    engine = open_engine(path)
    try:
        with engine.begin() as connection:
            version, counts = run(connection)
    finally:
        engine.dispose()
    say(f"{path}: key {version}; " + ", ".join(f"{name}: {count}" for name, count in counts.items()))


@app.command("reindex")
def reindex(database: Database = None) -> None:
    """Make again what every resource is found by: after an upgrade that finds by more, or by other values.

    A server may go on meanwhile. What is stopped goes on where it was when the command is run again.

    Example: segur db reindex --database segur.db
    """
    from fhir_server.cli.common import database_of
    from fhir_server.fhir.indexing.rebuild import rebuild
    from fhir_server.store.database import open_engine

    path = database_of(database)
    engine = open_engine(path)
    done = 0
    try:
        for step in _watched(rebuild(engine)):
            done = step[0]
    finally:
        engine.dispose()
    say(f"{path}: {done} resources indexed")


def _watched(steps: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The steps, with a progress bar on standard error for a person."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("Index", total=None)
        for done, total in steps:
            progress.update(bar, completed=done, total=total)
            yield done, total
