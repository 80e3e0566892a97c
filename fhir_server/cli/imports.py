"""`segur import`: one command a kind of file, and the journals of MSSanté operators."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.cli.common import Database, Json, database_of, fail, say, say_json, usage_errors
from fhir_server.cli.mail import DirectionOption, direction_of

app = typer.Typer(name="import", help="Données importées (imported data).", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV, XLSX or a JSON list (see `segur import template`).")]
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


KINDS = {
    "organizations": (
        "Import establishments (FINESS): legal entities and their sites; documents that waited for them are linked.",
        "finess.csv",
    ),
    "mailboxes": (
        "Import which MSSanté mailbox belongs to which site; messages that waited for it are counted.", "boites.csv",
    ),
    "stays": (
        "Import stays; a number that is known is replaced, documents that waited for it are linked.",
        "sejours.csv --dry-run",
    ),
    "declared": ("Import figures as they were declared elsewhere, for instance in oSIS.", "osis.csv"),
    "reports": ("Import how many biology and imaging reports were produced.", "comptes-rendus.csv"),
    "patients": (
        "Import a list of eligible rare-disease patients: only their number is kept.", "maladies-rares.csv",
    ),
    "dui": ("Import the usage of a user record (DUI), one line a person: only the counts are kept.", "usage.csv"),
    "activity": ("Import combined activity (SAE and PMSI) by establishment and year.", "activite.csv"),
    "acknowledgements": (
        "Import the DMP's acknowledgements: what they name may be called deposited in the DMP.", "accuses.csv",
    ),
    "ght": ("Import GHT: their members, master plan, convergence indicators and CIO.", "ght.csv"),
    "relims": ("Import the RELIMS register of editors; it takes the place of the one before.", "relims.csv"),
    "prerequisites": (
        "Import the six prerequisites of establishments, their evidence and their entry in oSIS, before candidatures.",
        "prerequis.csv",
    ),
    "candidatures": (
        "Import candidatures out of Démarches simplifiées: one file a domain, filled in and deposited.",
        "candidatures.csv",
    ),
    "galis": ("Import deposits of the national call for a user record: one file a project.", "galis.csv"),
    "envelopes": ("Import credits delegated to regions by circulars; below zero, credits are taken back.", "fmis.csv"),
    "services": ("Import the state of the nine services of the common framework in a region.", "services.csv"),
    "pai": ("Import aided operations of PAI numérique and their tranches.", "pai.csv"),
    "pai-payments": ("Import payments entered in PAI numérique for known operations.", "versements.csv"),
}  # fmt: skip
"""What each kind of file is, and the file of its example."""


def _command(kind: str) -> None:
    about, example = KINDS[kind]

    @app.command(kind, help=f"{about}\n\nExample: segur import {kind} {example} --database segur.db")
    def command(
        file: File, database: Database = None, dry_run: DryRun = False, lang: Lang = "fr", json: Json = False
    ) -> None:
        _run(kind, file, database, dry_run, lang, json)


for _kind in KINDS:
    _command(_kind)


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


@app.command("mail")
def mail(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A mail (.eml), a mailbox file, or a folder of them.")],
    organization: Annotated[str, typer.Option("--organization", help="Legal FINESS of the mailboxes' establishment.")],
    database: Database = None,
    direction: DirectionOption = None,
    mode: Annotated[str, typer.Option(help="sandbox or production, as the server runs.")] = "sandbox",
    lang: Lang = "fr",
    json: Json = False,
) -> None:
    """Import MSSanté mails: messages, the documents of their archives, notices. A mail counts once.

    Example: segur import mail boite.mbox --organization 970490348 --database segur.db
    """
    from fhir_server.intake.mail import Envelope
    from fhir_server.intake.mail_import import import_mails, is_legal_entity, mails_of
    from fhir_server.settings import settings_from
    from validators.report import Mode

    if mode not in tuple(Mode):
        fail(f"--mode: {mode} is neither sandbox nor production")
    if not path.exists():
        fail(f"{path}: no such file")
    settings = settings_from(database=database_of(database), mode=mode)
    if not is_legal_entity(settings, organization):
        fail(f"--organization: no legal entity {organization} in the database")
    with usage_errors(OSError):
        found = import_mails(settings, mails_of(path), organization, Envelope(direction=direction_of(direction)), lang)
    if json:
        say_json({"path": str(path), **found.as_dict()})
    else:
        for line in found.lines(lang):
            say(line)
    raise typer.Exit(1 if found.refused else 0)


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
