"""`segur validate`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.cli.common import fail, say

if TYPE_CHECKING:
    from fhir_server.checking import Verdict
    from validators.terminology import ValueSets


MANY = 50
"""Files from which a progress bar is worth its lines."""


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"


class Language(StrEnum):
    """The language of messages."""

    FR = "fr"
    EN = "en"


def validate(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files to check.")],
    format_: Annotated[Format, typer.Option("--format", help="text, json or ndjson.")] = Format.TEXT,
    lang: Annotated[Language, typer.Option(help="fr or en.")] = Language.FR,
    mode: Annotated[str, typer.Option(envvar="SEGUR_MODE", help="sandbox or production.")] = "sandbox",
    value_sets: Annotated[
        Path | None,
        typer.Option("--value-sets", envvar="SEGUR_VALUE_SETS", help="Folder of national value sets (SVS)."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes; a progress bar shows when there are many files.")] = 1,
) -> None:
    """Check FHIR JSON resources, ITI-65 bundles and CDA documents. Exit code 1 when one is not valid.

    Example: segur validate lettre.xml lot.json --format ndjson
    """
    missing = [path for path in paths if not path.is_file()]
    if missing:
        fail(f"{missing[0]}: {'a folder, name its files' if missing[0].is_dir() else 'no such file'}")
    if value_sets is not None and not value_sets.is_dir():
        fail(f"{value_sets}: no such folder")
    if mode not in ("sandbox", "production"):
        fail(f"mode {mode}: sandbox or production")
    lists = None
    if value_sets is not None:
        from validators.terminology import ValueSets

        lists = ValueSets.load(value_sets)
    one = partial(_one, mode=mode, format_=format_, lang=lang.value, lists=lists)
    valid, rows = True, []
    for answer, text_ in _all(one, paths, jobs):
        valid = valid and answer
        if format_ is Format.JSON:
            rows.append(text_)
        else:
            say(text_)
    if format_ is Format.JSON:
        say("[\n" + ",\n".join(rows) + "\n]")
    raise typer.Exit(0 if valid else 1)


def _one(path: Path, mode: str, format_: Format, lang: str, lists: ValueSets | None) -> tuple[bool, str]:
    """Whether one file is valid, and what is written about it."""
    from fhir_server.checking import judge
    from validators.report import Mode

    verdict = judge(path.read_bytes(), Mode(mode), value_sets=lists)
    if format_ is Format.TEXT:
        return verdict.valid, text(str(path), verdict, lang)
    indent = 2 if format_ is Format.JSON else None
    return verdict.valid, json.dumps(verdict.as_dict(str(path), lang), ensure_ascii=False, indent=indent)


def _all(one: Callable[[Path], tuple[bool, str]], paths: list[Path], jobs: int) -> Iterator[tuple[bool, str]]:
    """Every file in order, over `jobs` processes that share what was loaded before they were forked."""
    if jobs == 1 or len(paths) == 1:
        yield from _watched(map(one, paths), len(paths))
        return
    import multiprocessing

    from validators.fhir import default_walker

    default_walker()
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        yield from _watched(pool.imap(one, paths, chunksize=8), len(paths))


def _watched(rows: Iterable[tuple[bool, str]], count: int) -> Iterator[tuple[bool, str]]:
    """A progress bar on standard error, for a person and many files."""
    if count < MANY or not sys.stderr.isatty():
        yield from rows
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(rows, "Contrôle", total=count, console=Console(stderr=True))


_WORDS = {
    "fr": {"ok": "conforme", "ko": "NON CONFORME", "counts": "comptable", "not": "NON COMPTABLE", "fatal": "fatal",
           "error": "erreur", "warning": "avertissement", "information": "information", "line": "ligne"},
    "en": {"ok": "conformant", "ko": "NOT CONFORMANT", "counts": "countable", "not": "NOT COUNTABLE", "fatal": "fatal",
           "error": "error", "warning": "warning", "information": "information", "line": "line"},
}  # fmt: skip


def text(name: str, verdict: Verdict, lang: str) -> str:
    """A report for a person: the verdicts, then one finding a line with its place."""
    from validators.messages import render

    words = _WORDS[lang]
    states = [words["ok"] if verdict.report.conformant else words["ko"]]
    if verdict.countable is not None:
        states.append(words["counts"] if verdict.countable else words["not"])
    if verdict.document_kind is not None:
        states.append(verdict.document_kind.code)
    if verdict.ins is not None:
        states.append(f"INS {verdict.ins.level.value}")
    lines = [f"{name} : {', '.join(states)}"]
    for issue in verdict.report:
        where = f" ({words['line']} {issue.line})" if issue.line is not None else ""
        lines.append(f"  {words[issue.severity.value]} {issue.rule} {issue.location}{where}")
        lines.append(f"    {render(issue, lang)}")
    return "\n".join(lines)
