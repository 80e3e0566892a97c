"""`segur db`."""

from __future__ import annotations

import typer

from fhir_server.cli.common import Database, say, usage_errors

app = typer.Typer(name="db", help="La base de données (the database).", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `db` a group although it has one command."""


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
