"""`segur identity`."""

from __future__ import annotations

import typer

from fhir_server.cli.common import Database, Json, database_of, say, say_json

app = typer.Typer(name="identity", help="Identités rapprochées (linked identities).", no_args_is_help=True)

_WORDS = {"merge": "fusions", "nia": "NIA suivis de leur NIR"}


@app.command("links")
def links(database: Database = None, json: Json = False) -> None:
    """Count the identities that are followed to another, by legal entity and reason; nobody is named.

    Example: segur identity links --database segur.db
    """
    from fhir_server.store.database import open_engine
    from fhir_server.store.identity import counts

    engine = open_engine(database_of(database), read_only=True)
    with engine.connect() as connection:
        found = counts(connection)
    engine.dispose()
    if json:
        say_json([{"legal_entity": owner, "kind": kind, "links": count} for owner, kind, count in found])
        return
    for owner, kind, count in found:
        say(f"{owner} : {_WORDS[kind]}, {count}")
    if not found:
        say("aucune identité rapprochée")
