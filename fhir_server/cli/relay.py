"""`segur relay`: the routes, what waits, and what is sent again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.cli.common import Database, Json, database_of, fail, say, say_json, usage_errors

if TYPE_CHECKING:
    import sqlalchemy as sa

app = typer.Typer(name="relay", help="Relais (store and forward).", no_args_is_help=True)
States = Annotated[str, typer.Option(help="Which items: refused, expired, or both (refused,expired).")]


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="A file of routes (YAML).")], json: Json = False) -> None:
    """The routes of a file, or what is wrong with it.

    Example: segur relay check routes.yaml
    """
    from fhir_server.relay.routes import RouteError, read_routes

    with usage_errors(RouteError):
        found = read_routes(file)
    rows = [{"name": r.name, "mode": r.mode, "protocol": r.protocol, "to": r.to} for r in found.all]
    if json:
        say_json(rows)
        return
    for row in rows:
        say(f"{row['name']} : {row['mode']}, {row['protocol']} {row['to']}")


@app.command("status")
def status(database: Database = None, json: Json = False) -> None:
    """How many submissions are where, by route and state.

    Example: segur relay status --database segur.db
    """
    from fhir_server.relay import queue

    with _reading(database) as connection:
        rows = [{"route": row.route, "state": row.state, "number": row.number, "oldest": _moment(row.oldest)}
                for row in queue.counts(connection)]  # fmt: skip
    if json:
        say_json(rows)
        return
    for row in rows:
        say(f"{row['route']} : {row['number']} {_WORDS[str(row['state'])]} (depuis {row['oldest']})")
    if not rows:
        say("rien dans la file")


_WORDS = {"waiting": "en attente", "sending": "en cours d'envoi", "acknowledged": "confirmées", "refused": "refusées",
          "expired": "abandonnées"}  # fmt: skip


@app.command("again")
def again(
    owner: Annotated[str, typer.Argument(help="Legal FINESS of the establishment.")],
    states: States = "refused,expired",
    database: Database = None,
) -> None:
    """Put what was refused or given up back in the line, behind what waits.

    Example: segur relay again 350000001 --states expired --database segur.db
    """
    import asyncio

    from fhir_server.relay import queue
    from fhir_server.store.database import open_engine
    from fhir_server.store.writer import DirectWriter

    wanted = [one.strip() for one in states.split(",")]
    if not set(wanted) <= {"refused", "expired"}:
        fail(f"--states {states}: refused, expired")
    with _reading(database) as connection:
        rows = queue.listed(connection, owner, wanted, limit=100_000)
    engine = open_engine(database_of(database))
    writer = DirectWriter(engine)
    now = datetime.now(UTC)
    done = [asyncio.run(writer.file(queue.again(row, now))).kind for row in rows]
    writer.close()
    engine.dispose()
    say(f"{done.count('filed')} remises en file")


@contextmanager
def _reading(database: str | None) -> Iterator[sa.Connection]:
    """A consistent view of the database a command works on."""
    from fhir_server.store.database import open_engine

    engine = open_engine(database_of(database), read_only=True)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _moment(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1_000_000, UTC).isoformat(timespec="seconds")
