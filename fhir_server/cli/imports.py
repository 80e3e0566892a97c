"""`segur import`: establishments, mailboxes, stays, declared figures, acknowledgements, operators' journals."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.cli.common import Database, Json, database_of, fail, say, say_json, usage_errors

app = typer.Typer(name="import", help="Données importées (imported data).", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV or XLSX (see `segur import template`).")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, store nothing.")]
Lang = Annotated[str, typer.Option("--lang", help="fr or en.")]


def _content(path: Path) -> bytes:
    if not path.is_file():
        fail(f"{path}: no such file")
    with usage_errors(OSError):
        return path.read_bytes()


def _run(kind: str, path: Path, database: str | None, dry_run: bool, lang: str, json: bool) -> None:
    """Import one file: exit 0 with the number of rows, or 1 with every fault and nothing stored."""
    from fhir_server.imports import import_file
    from fhir_server.store.database import open_engine
    from indicators.imports import ImportRefused

    data = _content(path)
    engine = open_engine(database_of(database))
    try:
        count = import_file(engine, kind, data, path.name, dry_run=dry_run)
    except ImportRefused as refused:
        faults = [fault.text(lang) for fault in refused.faults]
        if json:
            say_json({"file": str(path), "rows": 0, "stored": False, "errors": faults})
        else:
            _refused(path, faults, lang)
        raise typer.Exit(1) from None
    finally:
        engine.dispose()
    if json:
        say_json({"file": str(path), "rows": count, "stored": not dry_run, "errors": []})
    else:
        say(f"{path} : {_outcome(count, dry_run, lang)}")


def _refused(path: Path, faults: list[str], lang: str) -> None:
    nothing = "rien n'est importé" if lang == "fr" else "nothing is imported"
    say(f"{path} : {nothing}")
    for fault in faults:
        say(f"  {fault}")


def _outcome(count: int, dry_run: bool, lang: str) -> str:
    many = "s" if count > 1 else ""
    if lang == "fr":
        valid, taken = f"{count} ligne{many} valide{many}", f"{count} ligne{many} importée{many}"
        return f"{valid}, rien n'est importé (essai)" if dry_run else taken
    many = "" if count == 1 else "s"
    return f"{count} valid row{many}, nothing is imported (dry run)" if dry_run else f"{count} row{many} imported"


@app.command("organizations")
def organizations(
    file: File, database: Database = None, dry_run: DryRun = False, lang: Lang = "fr", json: Json = False
) -> None:
    """Import establishments (FINESS): legal entities and their sites; documents that waited for them are linked.

    Example: segur import organizations finess.csv --database segur.db
    """
    _run("organizations", file, database, dry_run, lang, json)


@app.command("mailboxes")
def mailboxes(
    file: File, database: Database = None, dry_run: DryRun = False, lang: Lang = "fr", json: Json = False
) -> None:
    """Import which MSSanté mailbox belongs to which site; messages that waited for it are counted.

    Example: segur import mailboxes boites.csv --database segur.db
    """
    _run("mailboxes", file, database, dry_run, lang, json)


@app.command("stays")
def stays(
    file: File, database: Database = None, dry_run: DryRun = False, lang: Lang = "fr", json: Json = False
) -> None:
    """Import stays; a number that is known is replaced, documents that waited for it are linked.

    Example: segur import stays sejours.csv --database segur.db --dry-run
    """
    _run("stays", file, database, dry_run, lang, json)


@app.command("declared")
def declared(
    file: File, database: Database = None, dry_run: DryRun = False, lang: Lang = "fr", json: Json = False
) -> None:
    """Import figures as they were declared elsewhere, for instance in oSIS.

    Example: segur import declared osis.csv --database segur.db
    """
    _run("declared", file, database, dry_run, lang, json)


@app.command("reports")
def reports(
    file: File, database: Database = None, dry_run: DryRun = False, lang: Lang = "fr", json: Json = False
) -> None:
    """Import how many biology and imaging reports were produced.

    Example: segur import reports comptes-rendus.csv --database segur.db
    """
    _run("reports", file, database, dry_run, lang, json)


@app.command("patients")
def patients(
    file: File, database: Database = None, dry_run: DryRun = False, lang: Lang = "fr", json: Json = False
) -> None:
    """Import a list of eligible rare-disease patients: only their number is kept.

    Example: segur import patients maladies-rares.csv --database segur.db
    """
    _run("patients", file, database, dry_run, lang, json)


@app.command("dui")
def dui(file: File, database: Database = None, dry_run: DryRun = False, lang: Lang = "fr", json: Json = False) -> None:
    """Import the usage of a user record (DUI), one line a person: only the counts are kept.

    Example: segur import dui usage.csv --database segur.db
    """
    _run("dui", file, database, dry_run, lang, json)


@app.command("acknowledgements")
def acknowledgements(
    file: File, database: Database = None, dry_run: DryRun = False, lang: Lang = "fr", json: Json = False
) -> None:
    """Import the DMP's acknowledgements: what they name may be called deposited in the DMP.

    Example: segur import acknowledgements accuses.csv --database segur.db
    """
    _run("acknowledgements", file, database, dry_run, lang, json)


@app.command("mssante")
def mssante(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Journal: CSV or NDJSON.")],
    database: Database = None,
    mode: Annotated[str, typer.Option(help="sandbox or production, as the server runs.")] = "sandbox",
    dry_run: DryRun = False,
    lang: Lang = "fr",
    json: Json = False,
) -> None:
    """Import an operator's journal of MSSanté messages, all of it or nothing; a Message-ID counts once.

    Example: segur import mssante journal.csv --database segur.db --dry-run
    """
    from fhir_server.intake.journal_import import import_journal
    from fhir_server.settings import settings_from
    from validators.report import Mode

    if mode not in tuple(Mode):
        fail(f"--mode: {mode} is neither sandbox nor production")
    data = _content(file)
    settings = settings_from(database=database_of(database), mode=mode)
    found = import_journal(settings, data, dry_run=dry_run)
    if json:
        say_json({"file": str(file), "stored": found.conformant and not dry_run, **found.as_dict(lang)})
    else:
        for line in found.lines(str(file), lang, dry_run=dry_run):
            say(line)
    raise typer.Exit(0 if found.conformant else 1)


@app.command("template")
def template(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="A kind of file: the name of its command.")],
    form: Annotated[str, typer.Option("--form", help="csv or xlsx.")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write (default: standard output).")] = None,
    lang: Lang = "fr",
) -> None:
    """Write an empty file of a kind: its columns and one example line.

    Example: segur import template stays --out sejours.csv
    """
    from fhir_server.imports import KINDS
    from fhir_server.intake.journal import journal_template
    from indicators.imports import template as write

    if kind not in (*KINDS, "mssante"):
        fail(f"unknown kind {kind}; known: {', '.join((*KINDS, 'mssante'))}")
    if form not in (("csv",) if kind == "mssante" else ("csv", "xlsx")):
        fail(f"--form: no {form} for {kind}")
    data = journal_template() if kind == "mssante" else write(KINDS[kind].shape, form, lang)
    if out is None and form == "xlsx":
        fail("--form xlsx needs --out")
    if out is not None:
        with usage_errors(OSError):
            out.write_bytes(data)
        return
    sys.stdout.buffer.write(data.removeprefix(codecs.BOM_UTF8))  # the mark is for spreadsheets
    sys.stdout.flush()
