"""`segur xdm`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.cli.common import fail, say

app = typer.Typer(name="xdm", help="IHE XDM archives, as MSSanté messages carry them.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """IHE XDM archives."""


@app.command("build")
def build(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="CDA documents, or PDF with --metadata.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.ZIP", help="The archive to write.")],
    metadata: Annotated[Path | None, typer.Option(help="Metadata of the PDF (JSON), as in segur submit.")] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="MOMENT", help="Submission time, with zone; default: the newest document's."),
    ] = None,
) -> None:
    """Put documents of one patient in an archive; metadata come from their headers. Exit code 1 when it is not valid.

    Example: segur xdm build lettre.xml -o IHE_XDM.ZIP
    """
    from fhir_server.checking import judge
    from fhir_server.cli.submit import document_bytes
    from fhir_server.intake.xdm_build import BuildError, archive_of
    from fhir_server.reports.options import Options
    from fhir_server.reports.text import render
    from validators.report import Mode, Severity

    missing = [path for path in (*files, *([metadata] if metadata else [])) if not path.is_file()]
    if missing:
        fail(f"{missing[0]}: no such file")
    moment = _moment(at)
    try:
        archive = archive_of([document_bytes(path, metadata) for path in files], moment)
    except BuildError as error:
        sys.stderr.write(f"segur: {error}\n")
        raise typer.Exit(1) from None
    verdict = judge(archive, Mode.SANDBOX)
    if not verdict.report.conformant:
        say(render([(str(output), verdict)], "fr", Options(Severity.ERROR, lambda _: None)))
        raise typer.Exit(1)
    try:
        output.write_bytes(archive)
    except OSError as error:
        fail(f"{output}: {error.strerror}")
    say(f"{output} : {len(files)} document(s), {len(archive)} octets")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--at: {text} is no moment, expected 2026-03-02T10:00:00+01:00")
    if moment.tzinfo is None:
        fail("--at: a time zone is missing")
    return moment
