"""`segur programmes letter` and `segur programmes letters`: a decision on paper, from its record or the database."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from fhir_server.cli.common import Database, fail, say

if TYPE_CHECKING:
    from fhir_server.programmes.office import Office
    from fhir_server.programmes.records import Decision as StoredDecision
    from fhir_server.programmes.records import File
    from indicators.programmes import Programme
    from indicators.programmes.decisions import DecisionRecord
    from indicators.programmes.letters import Letter

letters = typer.Typer(name="letters", help="Modèles de courrier (letter templates).", no_args_is_help=True)
TemplatesFolder = Annotated[
    Path | None,
    typer.Option("--templates", envvar="SEGUR_LETTERS", help="Folder of templates that stand in for ours by name."),
]
Decision = Annotated[str, typer.Argument(help="A decision record (JSON), - for standard input, or a stored id.")]


@letters.callback()
def _group() -> None:
    """Letter templates."""


@letters.command("templates")
def templates(
    out: Annotated[Path, typer.Option(help="Folder to write them to; nothing there is overwritten.")],
) -> None:
    """Write the built-in templates, as a start for an agency's own.

    Example: segur programmes letters templates --out modeles
    """
    from fhir_server.letters import built_in

    taken = [path.name for path in built_in() if (out / path.name).exists()]
    if taken:
        fail(f"{out / taken[0]}: already there")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path in built_in():
            (out / path.name).write_bytes(path.read_bytes())
    except OSError as error:
        fail(f"{out}: {error.strerror}")
    say(f"{out} : {len(list(built_in()))} modèles")


def letter(
    decision: Decision,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The letter to write.")],
    file: Annotated[Path | None, typer.Option(help="Facts of the file (JSON): addressee, sender, key…")] = None,
    kind: Annotated[str | None, typer.Option(help="Kind of letter (default: what the decision owes).")] = None,
    format: Annotated[str | None, typer.Option(help="html or pdf (default: by the name of FILE).")] = None,  # noqa: A002
    templates: TemplatesFolder = None,
    lang: Annotated[str, typer.Option(help="fr or en.")] = "fr",
    database: Database = None,
) -> None:
    """Write the letter of a decision; exit code 1 when it may not be sent, because its result is not firm.

    Example: segur programmes letter decision.json --file dossier.json -o courrier.pdf
    """
    from fhir_server.letters import MEDIA_TYPES, TemplateFault, render
    from indicators.programmes.errors import RuleError
    from indicators.programmes.letters import LANGUAGES, refusal_words

    shown = format or output.suffix.lstrip(".").lower()
    if shown not in MEDIA_TYPES:
        fail(f"--format {shown or '?'}: {' or '.join(MEDIA_TYPES)}")
    if lang not in LANGUAGES:
        fail(f"--lang {lang}: fr or en")
    if templates is not None and not templates.is_dir():
        fail(f"{templates}: not a folder of templates")
    try:
        made = _letter(decision, file, kind, templates, database)
        data = render(made, shown, lang, templates)
    except RuleError as error:
        refuse(f"{error.code} : {refusal_words(error.code).say(lang)}")
    except TemplateFault as error:
        refuse(error.message(lang))
    except ValueError as error:
        refuse(str(error))
    try:
        output.write_bytes(data)
    except OSError as error:
        fail(f"{output}: {error.strerror}")
    say(f"{output} : {made.kind}, {made.decision.id}, {len(data)} octets")


def refuse(reason: str) -> NoReturn:
    """What was asked cannot be: one line on standard error, exit code 1."""
    sys.stderr.write(f"segur: {reason}\n")
    raise typer.Exit(1)


def record_bytes(decision: str) -> bytes | None:
    """The bytes of a decision record; None when the argument names no file, and so is an id of the database."""
    if decision == "-":
        return sys.stdin.buffer.read()
    path = Path(decision)
    return path.read_bytes() if path.is_file() else None


def json_file(path: Path) -> Any:
    """A JSON file; exit 2 when it is not there. Raises `ValueError` naming it when it is none."""
    if not path.is_file():
        fail(f"{path}: no such file")
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from None


def _letter(decision: str, file: Path | None, kind: str | None, templates: Path | None, database: str | None) -> Letter:
    from indicators.programmes.letters import letter_of

    data = record_bytes(decision)
    if data is None:
        return _stored(decision, kind, templates, database)
    record = _record(data)
    facts = {} if file is None else json_file(file)
    if not isinstance(facts, dict):
        raise ValueError(f"{file}: an object of facts is needed")
    return letter_of(record, find_programme(record), facts, kind=kind)


def _record(data: bytes) -> DecisionRecord:
    from indicators.programmes.evidence_pack import read_checked

    return read_checked(data)


def find_programme(record: DecisionRecord) -> Programme:
    """The programme of a record. Raises `ValueError` on one nobody installed."""
    from indicators.programmes import programme

    try:
        return programme(record.programme)
    except LookupError as error:
        raise ValueError(str(error)) from None


def _stored(decision: str, kind: str | None, templates: Path | None, database: str | None) -> Letter:
    from fhir_server.letters.stored import stored_letter

    with stored_decision(decision, database) as (office, file, found), office.reading() as connection:
        return stored_letter(connection, file, found, templates, kind)


@contextmanager
def stored_decision(decision: str, database: str | None) -> Iterator[tuple[Office, File, StoredDecision]]:
    """A decision of the database with its file; exit 2 when it has none of that id."""
    from fhir_server.cli.programme_files import office_at
    from fhir_server.programmes.records import any_file
    from fhir_server.programmes.records import decision as find

    with office_at(database) as office:
        with office.reading() as connection:
            found = find(connection, decision)
            file = any_file(connection, found.file)
        yield office, file, found
