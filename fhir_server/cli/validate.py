"""`segur validate`."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.cli.common import fail, say

if TYPE_CHECKING:
    from fhir_server.checking import Verdict


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
        Path | None, typer.Option("--value-sets", envvar="SEGUR_VALUE_SETS", help="National value sets; not used yet.")
    ] = None,
) -> None:
    """Check FHIR JSON resources, ITI-65 bundles and CDA documents. Exit code 1 when one is not valid.

    Example: segur validate lettre.xml lot.json --format ndjson
    """
    del value_sets
    missing = [path for path in paths if not path.is_file()]
    if missing:
        fail(f"{missing[0]}: no such file")
    if mode not in ("sandbox", "production"):
        fail(f"mode {mode}: sandbox or production")
    valid, rows = True, []
    for path in paths:
        verdict = _judge(path, mode)
        valid = valid and verdict.valid
        if format_ is Format.JSON:
            rows.append(verdict.as_dict(str(path), lang.value))
        elif format_ is Format.NDJSON:
            say(json.dumps(verdict.as_dict(str(path), lang.value), ensure_ascii=False))
        else:
            say(text(str(path), verdict, lang.value))
    if format_ is Format.JSON:
        say(json.dumps(rows, ensure_ascii=False, indent=2))
    raise typer.Exit(0 if valid else 1)


def _judge(path: Path, mode: str) -> Verdict:
    from fhir_server.checking import judge
    from validators.report import Mode

    return judge(path.read_bytes(), Mode(mode))


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
