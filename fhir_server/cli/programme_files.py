"""`segur programmes file`, `decision`, `tick`: files of programmes, on the machine of the database."""

from __future__ import annotations

import json as json_
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fhir_server.cli.common import Database, Json, database_of, fail, say, say_json, usage_errors

if TYPE_CHECKING:
    from fhir_server.programmes.office import Office
    from fhir_server.programmes.records import File, Moved
    from fhir_server.programmes.refused import Refused
    from fhir_server.security.caller import Caller

file = typer.Typer(name="file", help="Dossiers d'un programme (files of a programme).", no_args_is_help=True)
decision = typer.Typer(name="decision", help="Décisions (decision records).", no_args_is_help=True)

FileId = Annotated[str, typer.Argument(metavar="FILE", help="Id of a file.")]
As = Annotated[str, typer.Option("--as", help="establishment, ars or ministry: who acts.")]
Lang = Annotated[str, typer.Option(help="fr or en.")]


@file.command("create")
def create(
    programme: Annotated[str, typer.Argument(help="Id of a programme.")],
    organization: Annotated[str, typer.Argument(help="FINESS of the establishment, or a region's code.")],
    key: Annotated[
        list[str] | None, typer.Option(help="What the file is about: name=value, as often as needed.")
    ] = None,
    machine: Annotated[str | None, typer.Option(help="Machine, where the programme has several.")] = None,
    as_: As = "establishment",
    database: Database = None,
    lang: Lang = "fr",
) -> None:
    """Open a file and print its id.

    Example: segur programmes file create sun_es_v1 350000014 --key window=F1 --key domain=documents_sortie
    """
    from fhir_server.programmes.actors import hand_of
    from fhir_server.programmes.files import Wish
    from fhir_server.programmes.files import create as run

    wish = Wish(programme, machine, organization, _pairs(key or []))
    with office_at(database, lang) as office:
        caller = _caller_at(office, as_, organization)
        made = done(lambda: run(office, caller, hand_of(caller), wish, _now()))
    say(made.id)


@file.command("list")
def list_(
    programme: Annotated[str | None, typer.Option(help="Of one programme.")] = None,
    state: Annotated[str | None, typer.Option(help="In one state.")] = None,
    organization: Annotated[str | None, typer.Option(help="Of one establishment.")] = None,
    window: Annotated[str | None, typer.Option(help="Of one window.")] = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Files, newest first.

    Example: segur programmes file list --programme sun_es_v1 --state ACCEPTED
    """
    from fhir_server.programmes.records import Asked, list_files
    from fhir_server.programmes.shown import shown_row

    with office_at(database) as office, office.reading() as connection:
        found = list_files(connection, None, Asked(programme, state, organization, window))
    if json:
        say_json([shown_row(one) for one in found])
        return
    for one in found:
        say(f"{one.id} {one.programme.id} {one.organization} {_about(one)} : {one.state}")


@file.command("show")
def show(file_id: FileId, as_: As = "ars", database: Database = None, json: Json = False, lang: Lang = "fr") -> None:
    """One file: its state, history and amounts, and the moves that may come next with every reason against them.

    Example: segur programmes file show 01a2b3c4-0000-7000-8000-000000000000
    """
    from fhir_server.programmes.actors import hand_of
    from fhir_server.programmes.shown import shown_file
    from fhir_server.programmes.views import look

    with office_at(database, lang) as office:
        found = _file(office, file_id)
        shown = shown_file(look(office, found, _now()), hand_of(_caller(as_, found)))
    if json:
        say_json(shown)
        return
    say(f"{found.programme.id} {found.organization} {_about(found)} : {found.state}")
    for move in shown["history"]:
        say(f"  {move['at'][:10]} {move['source']} -> {move['target']} ({move['who']}){_amounts(move)}")
    for move in shown["next"]:
        say(f"  {'->' if move['made'] else '--'} {move['to']} ({move['actor']})")
        for reason in move["reasons"]:
            say(f"       {reason[lang]} [{reason['code']}]")


@file.command("enter")
def enter(
    file_id: FileId,
    values: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="A value is JSON, or text as it is.")],
    as_: As = "establishment",
    database: Database = None,
    lang: Lang = "fr",
) -> None:
    """Enter things in a file, all of them or none; @FILE reads the JSON of a file.

    Example: segur programmes file enter 01a2b3c4-0000-7000-8000-000000000000 director_validation=true
    """
    from fhir_server.programmes.actors import hand_of
    from fhir_server.programmes.files import enter as run

    given = {name: _value(text) for name, text in _pairs(values).items()}
    with office_at(database, lang) as office:
        found = _file(office, file_id)
        hand = hand_of(_caller(as_, found))
        version = done(lambda: run(office, found, hand, given, _now()))
    say(f"{found.id} : version {version}")


@file.command("move")
def move(
    file_id: FileId,
    to: Annotated[str, typer.Argument(metavar="STATE", help="The state it is to move to.")],
    as_: As = "ars",
    database: Database = None,
    json: Json = False,
    lang: Lang = "fr",
) -> None:
    """Move a file, with its decision; exit 1 with every reason when it is not made.

    Example: segur programmes file move 01a2b3c4-0000-7000-8000-000000000000 UNDER_REVIEW
    """
    from fhir_server.programmes.actors import hand_of
    from fhir_server.programmes.moves import make_move

    with office_at(database, lang) as office:
        found = _file(office, file_id)
        hand = hand_of(_caller(as_, found))
        made = done(lambda: make_move(office, found, hand, to, _now()))
    if json:
        from fhir_server.programmes.shown import shown_move

        say_json(shown_move(made, found.programme))
    else:
        say(_moved(found, made))


def tick(database: Database = None, json: Json = False) -> None:
    """Make the moves of the clock that are due, on every file.

    Example: segur programmes tick --database segur.db
    """
    from fhir_server.programmes.clock import tick as run

    async def every(office: Office) -> list[tuple[File, Moved]]:
        return [one async for one in run(office, _now())]

    with office_at(database) as office:
        made = done(lambda: every(office))
    if json:
        say_json([{"file": one.id, "source": moved.source, "target": moved.target} for one, moved in made])
        return
    for one, moved in made:
        say(_moved(one, moved))


@decision.command("show")
def show_decision(decision_id: Annotated[str, typer.Argument(metavar="DECISION")], database: Database = None) -> None:
    """Write the record of a decision to standard output, as it was written.

    Example: segur programmes decision show 01a2b3c4-0000-7000-8000-000000000000
    """
    from fhir_server.programmes.records import decision as find

    with office_at(database) as office, office.reading() as connection:
        say(find(connection, decision_id).record.decode())


@decision.command("replay")
def replay_decision(decision_id: Annotated[str, typer.Argument(metavar="DECISION")], database: Database = None) -> None:
    """Compute a decision again from its own inputs; exit 1 naming the parts that differ.

    Example: segur programmes decision replay 01a2b3c4-0000-7000-8000-000000000000
    """
    from fhir_server.programmes.deciding import different
    from fhir_server.programmes.records import decision as find

    with office_at(database) as office, office.reading() as connection:
        found = find(connection, decision_id)
    parts = different(found)
    say(f"{found.id} : {', '.join(parts) if parts else f'sha256 {found.digest}'}")
    if parts:
        raise typer.Exit(1)


@contextmanager
def office_at(database: str | None, lang: str = "fr") -> Iterator[Office]:
    """The service over a database of this machine; a refusal is words and exit 1, something unknown exit 2."""
    from fhir_server.fhir.http import Refusal
    from fhir_server.programmes.office import Office
    from fhir_server.programmes.refused import Refused
    from fhir_server.store.database import open_engine
    from fhir_server.store.writer import DirectWriter

    if lang not in ("fr", "en"):
        fail(f"--lang {lang}: fr or en")
    path = database_of(database)
    reads, writes = open_engine(path, read_only=True), open_engine(path)
    writer = DirectWriter(writes)
    try:
        yield Office(path, reads.connect, writer)
    except Refused as refused:
        _say_refused(refused, lang)
        raise typer.Exit(1) from None
    except Refusal as refused:
        fail(_words(refused, lang))
    finally:
        writer.close()
        reads.dispose()
        writes.dispose()


def _say_refused(refused: Refused, lang: str) -> None:
    from validators.messages import render

    for one in refused.said:
        say(render(one.issue(lang), lang))


def _words(refused: Any, lang: str) -> str:
    from validators.messages import render, rule
    from validators.report import Issue

    row = rule(refused.rule_id)
    words = {name: str(value) for name, value in refused.params.items()}
    return f"{render(Issue(row.id, row.severity, row.scope, row.code, '', words), lang)} [{row.id}]"


def done(run: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """What an act of the service comes to."""
    import asyncio

    return asyncio.run(run())


def _file(office: Office, file_id: str) -> File:
    from fhir_server.programmes.records import any_file

    with office.reading() as connection:
        return any_file(connection, file_id)


def _caller(role: str, found: File) -> Caller:
    """Whoever acts on a file from here: its own establishment or agency, or the ministry."""
    return _made(role, found.owner, found.region)


def _caller_at(office: Office, role: str, organization: str) -> Caller:
    from fhir_server.store import organizations

    with office.reading() as connection:
        row = organizations.get(connection, organization)
    return _made(role, organization, organization) if row is None else _made(role, row.legal_entity, row.region)


def _made(role: str, legal_entity: str, region: str) -> Caller:
    from fhir_server.security.caller import Caller, Role

    named = {"establishment": legal_entity, "ars": region, "ministry": None}
    if role not in named:
        fail(f"--as {role}: establishment, ars or ministry")
    return Caller(Role(role), named[role])


def _pairs(texts: list[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            fail(f"{text}: NAME=VALUE")
        found[name] = value
    return found


def _value(text: str) -> Any:
    """JSON where it is JSON, text elsewhere; `@FILE` is the JSON of a file."""
    if text.startswith("@"):
        with usage_errors(OSError, ValueError):
            return json_.loads(Path(text[1:]).read_text(encoding="utf-8"))
    try:
        return json_.loads(text)
    except ValueError:
        return text


def _about(found: File) -> str:
    return " ".join(f"{name}={value}" for name, value in found.key.items())


def _amounts(move: dict[str, Any]) -> str:
    from indicators.money import format_euros

    return f" : {format_euros(move['paid_cents'])}" if move["paid_cents"] else ""


def _moved(found: File, made: Moved) -> str:
    from indicators.money import format_euros

    amount = f", {format_euros(made.paid)}" if made.paid else ""
    record = f", décision {made.decision}" if made.decision else ""
    return f"{found.id} : {made.source} -> {made.target}{amount}{record}"


def _now() -> datetime:
    return datetime.now(UTC)
