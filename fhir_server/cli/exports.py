"""`segur programmes export`: what an agency sends to the ministry, or reads, as CSV, a workbook or JSON."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.cli.common import Database, database_of, fail, usage_errors

Kind = Annotated[
    str,
    typer.Argument(
        metavar="KIND", help="candidature-list, follow-up, osis, cadre-commun, esms-dashboard or payment-orders."
    ),
]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="File to write (default: standard output).")]


def export(
    kind: Kind,
    region: Annotated[str | None, typer.Option(help="INSEE code of a region (default: every region).")] = None,
    window: Annotated[str | None, typer.Option(help="F1 to F4; for cadre-commun a half-year, 2016-S2.")] = None,
    out: Out = None,
    form: Annotated[str, typer.Option("--format", help="csv, xlsx or json.")] = "csv",
    database: Database = None,
    lang: Annotated[str, typer.Option("--lang", help="fr or en: the words of a workbook.")] = "fr",
) -> None:
    """Export what the programmes hold: lists, follow-up, reports, payment orders as data.

    Example: segur programmes export candidature-list --region 04 --window F1 --out liste.csv
    """
    from fhir_server.exports import EXPORTS, Asked
    from fhir_server.ids import PARIS
    from fhir_server.store.database import open_engine
    from indicators.export_table import FORMS, render

    if kind not in EXPORTS:
        fail(f"unknown kind {kind}; known: {', '.join(EXPORTS)}")
    if form not in FORMS:
        fail(f"--format {form}: {', '.join(FORMS)}")
    if out is None and form == "xlsx":
        fail("--format xlsx needs --out")
    path = database_of(database)
    engine = open_engine(path, read_only=True)
    try:
        with usage_errors(LookupError, ValueError), engine.connect() as connection:
            table = EXPORTS[kind](connection, Asked(path, region, window, datetime.now(PARIS).date()))
    finally:
        engine.dispose()
    _write(render(table, form, lang), out)


def _write(data: bytes, out: Path | None) -> None:
    if out is not None:
        with usage_errors(OSError):
            out.write_bytes(data)
        return
    sys.stdout.buffer.write(data.removeprefix(b"\xef\xbb\xbf"))  # the mark is for spreadsheets
    sys.stdout.flush()
