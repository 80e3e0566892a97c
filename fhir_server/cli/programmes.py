"""`segur programmes`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fhir_server.cli.common import Database, Json, database_of, fail, say, say_json, usage_errors

app = typer.Typer(name="programmes", help="Programmes de financement (funding programmes).", no_args_is_help=True)


@app.command("list")
def list_(json: Json = False) -> None:
    """The programmes this version knows.

    Example: segur programmes list
    """
    from indicators.programmes import programmes

    rows = [{"id": p.id, "title": p.title_fr, "rules": len(p.rules)} for p in programmes().values()]
    if json:
        say_json(rows)
        return
    for row in rows:
        say(f"{row['id']:12} {row['title']} ({row['rules']} règles)")


@app.command("situation")
def situation(
    finess: Annotated[str, typer.Argument(help="Geographic FINESS.")],
    window: Annotated[str | None, typer.Option(help="F1 to F4 (default: the one measured now, else the last).")] = None,
    parameters: Annotated[Path | None, typer.Option(help="Parameter set (YAML): targets, forfaits.")] = None,
    database: Database = None,
    lang: Annotated[str, typer.Option(help="fr or en.")] = "fr",
    json: Json = False,
) -> None:
    """Where an establishment stands in SUN-ES volet 1, and what is missing in euros.

    Example: segur programmes situation 350000014 --window F4 --parameters test.yaml
    """
    from fhir_server.situation import situation_of
    from fhir_server.store import organizations
    from fhir_server.store.database import open_engine

    if lang not in ("fr", "en"):
        fail(f"--lang {lang}: fr or en")
    path = database_of(database)
    engine = open_engine(path, read_only=True)
    with engine.connect() as connection:
        row = organizations.get(connection, finess)
    engine.dispose()
    if row is None or row.kind != "geographic":
        fail(f"{finess}: not a geographic FINESS of this database")
    if parameters is not None and not parameters.exists():
        fail(f"{parameters}: no such file")
    with usage_errors(LookupError, ValueError):
        found = situation_of(path, finess, row.legal_entity, window, parameters)
    if json:
        say_json(found.as_dict())
    else:
        say(found.explain(lang))
