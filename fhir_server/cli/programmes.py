"""`segur programmes`."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fhir_server.cli.common import Database, Json, database_of, fail, say, say_json, usage_errors
from fhir_server.cli.evidence_pack import app as evidence_pack_app
from fhir_server.cli.exports import export
from fhir_server.cli.letters import letter, letters
from fhir_server.cli.parameters import app as parameters_app
from fhir_server.cli.programme_files import decision as decision_app
from fhir_server.cli.programme_files import file as file_app
from fhir_server.cli.programme_files import tick

if TYPE_CHECKING:
    from indicators.programmes import Programme

app = typer.Typer(name="programmes", help="Programmes de financement (funding programmes).", no_args_is_help=True)
app.add_typer(parameters_app)
app.add_typer(file_app)
app.add_typer(decision_app)
app.add_typer(evidence_pack_app)
app.add_typer(letters)
app.command("letter")(letter)
app.command("tick")(tick)
app.command("export")(export)

Lang = Annotated[str, typer.Option(help="fr or en.")]
Window = Annotated[str | None, typer.Option(help="F1 to F4 (default: the one measured now, else the last).")]
Domain = Annotated[str, typer.Option(help="documents_sortie, biologie or imagerie.")]
Parameters = Annotated[
    Path | None, typer.Option(help="Parameter set (YAML): targets, forfaits (default: the one the region posted last).")
]


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
        say(f"{row['id']:15} {row['title']} ({row['rules']} règles)")


@app.command("show")
def show(programme: Annotated[str, typer.Argument(help="Id, as `list` gives it.")], json: Json = False) -> None:
    """One programme: its rules and source, its state machines, what is entered in a file, the parameters to supply.

    Example: segur programmes show maladies_rares
    """
    from indicators.programmes import programme as find

    with usage_errors(LookupError):
        found = find(programme)
    if json:
        say_json(_described(found))
        return
    say(f"{found.id} : {found.title_fr} ({found.version})")
    for rule in found.rules:
        say(f"  {rule.id:9} {rule.statement_fr} [{rule.source}, {rule.mark}]{' (déclarée)' if rule.declared else ''}")
    for machine in found.machines:
        say(f"  {machine.id} : {' '.join(machine.states)}")
    for life in found.lives:
        for entry in life.entries:
            states = " ".join(entry.in_states or (life.machine.initial,))
            say(f"  {entry.name} ({entry.kind}) : {entry.label_fr} [{', '.join(entry.by)} ; {states}]")
    for wanted in found.wanted:
        say(f"  {wanted.id:10} {wanted.name} ({wanted.kind}) : {wanted.holder}")


def _described(found: Programme) -> dict[str, Any]:
    from fhir_server.programmes.shown import shown_programme

    return shown_programme(found)


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="A case file (JSON).")],
    format: Annotated[str, typer.Option(help="text or ndjson.")] = "text",  # noqa: A002
) -> None:
    """Run the cases of a file through the rules and measures; the last line is `N passed, M failed`.

    Example: segur programmes check cases.json --format ndjson
    """
    from indicators.programmes import operations
    from indicators.programmes.casefile import read_cases, run

    if format not in ("text", "ndjson"):
        fail(f"--format {format}: text or ndjson")
    if not file.is_file():
        fail(f"{file}: no such file")
    try:
        cases = read_cases(file.read_bytes())
    except ValueError as error:
        fail(f"{file}: {error}")
    passed = 0
    for outcome in run(cases, operations()):
        passed += outcome.passed
        if format == "ndjson":
            say(json_.dumps(outcome.as_dict(), ensure_ascii=False))
        elif not outcome.passed:
            said = json_.dumps(outcome.actual, ensure_ascii=False)
            say(f"{outcome.case.id} {outcome.case.op} [{outcome.case.rule}] : {outcome.reason}\n  {said}")
    say(f"{passed} passed, {len(cases) - passed} failed")
    if passed < len(cases):
        raise typer.Exit(1)


@app.command("situation")
def situation(
    finess: Annotated[str, typer.Argument(help="Geographic FINESS.")],
    window: Window = None,
    domain: Domain = "documents_sortie",
    parameters: Parameters = None,
    database: Database = None,
    lang: Lang = "fr",
    json: Json = False,
) -> None:
    """Where an establishment stands in SUN-ES volet 1, and what is missing in euros.

    Example: segur programmes situation 350000014 --window F4 --parameters test.yaml
    """
    from fhir_server.situation import situation_of

    if lang not in ("fr", "en"):
        fail(f"--lang {lang}: fr or en")
    path = _establishment(finess, database, parameters)
    with usage_errors(LookupError, ValueError):
        found = situation_of(path, finess, window, parameters, domain=domain)
    if json:
        say_json(found.as_dict())
    else:
        say(found.explain(lang))


@app.command("what-if")
def what_if(
    finess: Annotated[str, typer.Argument(help="Geographic FINESS.")],
    more: Annotated[int, typer.Option(help="How many more are counted (default: what is missing).")] = 0,
    measure: Annotated[str, typer.Option(help="The indicator they are counted in.")] = "I-SUN1-LDL",
    window: Window = None,
    domain: Domain = "documents_sortie",
    parameters: Parameters = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """What is missing to the targets of SUN-ES volet 1, and what more documents would change, in euros.

    Example: segur programmes what-if 350000014 --more 37 --window F4 --parameters test.yaml
    """
    from fhir_server.situation import what_if_of

    path = _establishment(finess, database, parameters)
    with usage_errors(LookupError, ValueError):
        missing, found = what_if_of(path, finess, window, parameters, measure=measure, more=more, domain=domain)
    answer = {"missing": [one.as_dict() for one in missing], **found.as_dict()}
    if json:
        say_json(answer)
        return
    for one in missing:
        say(f"Il manque {one.missing} à {one.measure} avant le {one.before:%d/%m/%Y} : {_euros(one.worth)}.")
    say(f"Aujourd'hui : {found.before.verdict}, {_euros(found.before.total.value)}.")
    say(f"Ensuite : {found.after.verdict}, {_euros(found.after.total.value)}.")
    say("Supposition : sans effet sur un paiement.")


def _euros(amount: int | str) -> str:
    from indicators.money import format_euros

    return amount if isinstance(amount, str) else format_euros(amount)


def _establishment(finess: str, database: str | None, parameters: Path | None) -> str:
    """The database a geographic FINESS is in; exit 2 when it is none of this database."""
    from fhir_server.store import organizations
    from fhir_server.store.database import open_engine

    path = database_of(database)
    engine = open_engine(path, read_only=True)
    with engine.connect() as connection:
        row = organizations.get(connection, finess)
    engine.dispose()
    if row is None or row.kind != "geographic":
        fail(f"{finess}: not a geographic FINESS of this database")
    if parameters is not None and not parameters.exists():
        fail(f"{parameters}: no such file")
    return path
