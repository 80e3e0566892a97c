"""`segur load`."""

from __future__ import annotations

import json as jsonlib
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fhir_server.cli.common import Database, Json, database_of, fail, note, say

if TYPE_CHECKING:
    from fhir_server.loading.run import Progress, Step
    from fhir_server.security.caller import Caller


def load(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", help="NDJSON of resources, CDA, ITI-65 bundles, XDM; folders and zips of them."
        ),
    ],
    database: Database = None,
    owner_token: Annotated[
        str | None, typer.Option("--owner-token", envvar="SEGUR_TOKEN", help="A token of the owner.")
    ] = None,
    as_: Annotated[
        str | None, typer.Option("--as", metavar="ROLE:NAME", help="The owner: establishment:FINESS or editor:NAME.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes that check (default: one a core).")] = None,
    rejects: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep what is refused here, with its reasons.")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on where an earlier load of the same files stopped.")] = True,
    mode: Annotated[
        str, typer.Option(envvar="SEGUR_MODE", help="sandbox or production, as the server runs.")
    ] = "sandbox",
    json: Json = False,
) -> None:
    """Load files straight into a database that no server has open. The same command again goes on, and doubles nothing.

    Example: segur load lettres/ patients.ndjson --as establishment:970490348 --database segur.db --rejects refus
    """
    from sqlalchemy.exc import SQLAlchemyError

    from fhir_server.guides import GuideError
    from fhir_server.loading.pool import CheckingLost
    from fhir_server.loading.run import Load
    from fhir_server.settings import settings_from
    from fhir_server.store.database import DatabaseError
    from validators.report import Mode

    if mode not in tuple(Mode):
        fail(f"--mode: {mode} is neither sandbox nor production")
    if (missing := next((path for path in paths if not path.exists()), None)) is not None:
        fail(f"{missing}: no such file")
    settings = settings_from(database=database_of(database), mode=mode)
    caller = _caller(settings.database, owner_token, as_)
    steps = Load(settings, caller, paths, jobs or os.cpu_count() or 1, rejects, resume).run()
    try:
        progress = _lines(steps) if json else _shown(steps, rejects)
    except (CheckingLost, DatabaseError, GuideError, OSError, SQLAlchemyError, sqlite3.Error) as error:
        fail(str(error) or type(error).__name__)
    except KeyboardInterrupt:
        fail("interrupted: the same command goes on from here")
    raise typer.Exit(1 if progress.tally.rejected else 0)


def _caller(database: str, token: str | None, named: str | None) -> Caller:
    """Whose load it is; exit 2 when nobody's."""
    from fhir_server.security.caller import Caller, Role, TokenError, find_caller, require_form
    from fhir_server.store.database import open_engine

    if named is not None:
        role, _, organization = named.partition(":")
        if role not in (Role.ESTABLISHMENT, Role.EDITOR):
            fail(f"--as {named}: establishment:FINESS or editor:NAME")
        try:
            require_form(Role(role), organization)
        except TokenError as error:
            fail(f"--as {error}")
        return Caller(Role(role), organization)
    if not token:
        fail("--owner-token or --as says whose load it is")
    engine = open_engine(database, read_only=True)
    try:
        with engine.connect() as connection:
            found = find_caller(connection, f"Bearer {token}")
    finally:
        engine.dispose()
    if found is None or found.scope is None:
        fail("--owner-token: no token of an establishment or an editor in this database")
    return found


# -- what is shown -----------------------------------------------------------------------------------------------------


def _lines(steps: Iterable[Step]) -> Progress:
    """One object a line: how far it is after each commit, each reject, the sum."""
    last = None
    for step in steps:
        last = step.progress
        for reject in step.rejects:
            _event("rejected", reject)
        _event("progress", last.as_dict())
    assert last is not None
    _event("summary", last.as_dict())
    return last


def _event(name: str, body: dict[str, Any]) -> None:
    say(jsonlib.dumps({"event": name, **body}, ensure_ascii=False))


def _shown(steps: Iterable[Step], rejects: Path | None) -> Progress:
    """A bar on a terminal, a line a reject, the sum."""
    last = None
    with _bar() as advance:
        for step in steps:
            last = step.progress
            advance(last)
            for reject in step.rejects:
                place = reject.get("line") or reject.get("member")
                where = f"{reject['file']}{f'[{place}]' if place else ''}"
                say(f"{where} : refusé, {reject['status']} : {', '.join(one['rule'] for one in reject['rules'])}")
    assert last is not None
    say(_sum(last))
    if last.tally.rejected and rejects is None:
        note("--rejects DIR keeps what is refused, with its reasons")
    return last


def _sum(progress: Progress) -> str:
    tally = progress.tally
    counts = (
        (tally.filed, "classés"), (tally.unchanged, "inchangés"), (tally.duplicates, "déjà classés"),
        (tally.rejected, "refusés"),
    )  # fmt: skip
    told = ", ".join(f"{count} {word}" for count, word in counts)
    more = [f"dont {progress.before} lors d'un chargement précédent"] if progress.before else []
    more += [f"{progress.left} fichiers laissés de côté"] if progress.left else []
    return f"{progress.items} éléments : {told}" + "".join(f" ; {text}" for text in more)


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    """How far the load is, for a person who looks; items and bytes are those of the files."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    counted = TextColumn("{task.fields[items]}/{task.fields[total_items]}")
    columns = (TextColumn("Chargement"), BarColumn(), counted, DownloadColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None, items=0, total_items=0)

        def advance(progress: Progress) -> None:
            bar.update(task, total=progress.total_bytes, completed=progress.bytes, items=progress.items,
                       total_items=progress.total_items)  # fmt: skip

        yield advance
