"""`segur indicators`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fhir_server.cli.common import Database, database_of, fail, note, say, usage_errors

if TYPE_CHECKING:
    from indicators.engine import Engine, Source
    from indicators.measures import Figure, Window

app = typer.Typer(name="indicators", help="Indicateurs d'usage (usage indicators).", no_args_is_help=True)
ENGINES = ("duckdb", "postgresql", "spark")


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{name}: {text} is not a date YYYY-MM-DD")


@app.command("compute")
def compute(
    start: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")],
    end: Annotated[str, typer.Option("--to", help="Last day, included.")],
    facts: Annotated[Path | None, typer.Option(help="Folder of exported facts (Parquet).")] = None,
    database: Database = None,
    measure: Annotated[list[str] | None, typer.Option(help="Measure id; may be repeated.")] = None,
    cutoff: Annotated[str | None, typer.Option(help="Last day a deposit counts (default: the last day).")] = None,
    by: Annotated[str | None, typer.Option(help="`month` for one row a month.")] = None,
    organization: Annotated[str | None, typer.Option(help="One geographic FINESS.")] = None,
    engine: Annotated[str, typer.Option(help="duckdb, postgresql or spark.")] = "duckdb",
    spark_master: Annotated[
        str, typer.Option("--spark-master", envvar="SEGUR_SPARK_MASTER", help="Where Spark runs.")
    ] = "local[*]",
    parts: Annotated[bool, typer.Option("--parts", help="Split by field, service or indicator.")] = False,
    label: Annotated[bool, typer.Option("--label", help="Say what each figure may be called, and its status.")] = False,
    format_: Annotated[str, typer.Option("--format", help="Only json.")] = "json",
) -> None:
    """Compute figures from exported facts or from the database.

    PostgreSQL counts in its own fact tables, or, with --facts, in a temporary copy. Spark reads exported facts.

    Example: segur indicators compute --database segur.db --from 2026-01-01 --to 2026-06-30 --format json
    """
    from indicators.facts import FactsError
    from indicators.measures import UnknownMeasure
    from indicators.measures import compute as run

    for option, given, known in (("engine", engine, ENGINES), ("format", format_, ("json",)), ("by", by, ("month",))):
        if given not in (None, *known):
            fail(f"--{option} {given}: --{option} is one of {', '.join(known)}")
    window = _window(start, end, cutoff)
    with usage_errors(UnknownMeasure, FactsError, ValueError):
        counting = _engine(engine, facts, database, spark_master)
        try:
            rows = run(
                counting, window, measures=measure or None, by_month=by == "month", organization=organization,
                parts=parts,
            )  # fmt: skip
        finally:
            counting.close()
    say(json.dumps([_shown(row, parts=parts, label=label) for row in rows]))
    if organization is not None and not rows and facts is None and engine == "duckdb":
        note(_not_a_site(database_of(database), organization) or f"{organization}: nothing to count in this period")


@app.command("evidence")
def evidence(
    measure: Annotated[str, typer.Argument(help="Measure id.")],
    organization: Annotated[str, typer.Option(help="Geographic FINESS.")],
    start: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")],
    end: Annotated[str, typer.Option("--to", help="Last day, included.")],
    cutoff: Annotated[str | None, typer.Option(help="Last day a deposit counts (default: the last day).")] = None,
    facts: Annotated[Path | None, typer.Option(help="Folder of exported facts (Parquet).")] = None,
    legal_entity: Annotated[
        str | None, typer.Option(help="Legal FINESS whose rows of no known site are shown (default: the site's own).")
    ] = None,
    database: Database = None,
    summary: Annotated[bool, typer.Option("--summary", help="Only how many rows have each reason.")] = False,
) -> None:
    """Say what a figure is made of: every stay, document or message, counted or not, and why, by pseudonyms.

    Example: segur indicators evidence I-SUN1-LDL --organization 350000014 --from 2026-01-01 --to 2026-06-30 --summary
    """
    from collections import Counter

    from indicators.facts import FactsError
    from indicators.measures import UnknownMeasure
    from indicators.measures import evidence as run

    window = _window(start, end, cutoff)
    if facts is None and legal_entity is None:
        legal_entity = _legal_entity(database_of(database), organization)
    with usage_errors(UnknownMeasure, FactsError):
        counting = _engine("duckdb", facts, database, "")
        try:
            rows = run(counting, measure, window, organization=organization, legal_entity=legal_entity)
        finally:
            counting.close()
    if summary:
        say(json.dumps(dict(sorted(Counter(row.reason for row in rows).items()))))
    else:
        say(json.dumps([row.as_dict() for row in rows]))


def _window(start: str, end: str, cutoff: str | None) -> Window:
    from indicators.measures import Window

    with usage_errors(ValueError):
        return Window(_day(start, "--from"), _day(end, "--to"), _day(cutoff or end, "--cutoff"))


def _legal_entity(database: str, finess: str) -> str:
    """The legal entity of a geographic FINESS; exit 2 with what to give instead."""
    problem = _not_a_site(database, finess)
    return fail(problem) if problem else str(_establishment(database, finess)[0].legal_entity)


def _not_a_site(database: str, finess: str) -> str | None:
    """Why a FINESS has no figures of its own, if so."""
    row, sites = _establishment(database, finess)
    if row is None:
        return f"{finess}: no such establishment in this database"
    if row.kind != "geographic":
        return f"{finess}: a legal entity; figures are of its sites: {', '.join(sites)}"
    return None


def _establishment(database: str, finess: str) -> tuple[Any, list[str]]:
    """What the table says of a FINESS (None: nothing), and the sites it is the legal entity of."""
    from fhir_server.store import organizations
    from fhir_server.store.database import open_engine

    engine = open_engine(database, read_only=True)
    try:
        with engine.connect() as connection:
            return organizations.get(connection, finess), organizations.sites_of(connection, finess)
    finally:
        engine.dispose()


def _shown(figure: Figure, *, parts: bool, label: bool) -> dict[str, object]:
    from indicators.measures import status

    keys = ("measure", "organization", "month", "numerator", "denominator", *(("part",) if parts else ()))
    found: dict[str, object] = {key: getattr(figure, key) for key in keys}
    return found | {"label": figure.label, "status": status(figure)} if label else found


def _engine(name: str, facts: Path | None, database: str | None, spark_master: str) -> Engine:
    """The engine asked for, over the facts asked for. Raises `FactsError`."""
    from indicators.facts import FactsError

    if name == "spark":
        from indicators.spark import SparkEngine

        if facts is None:
            raise FactsError("Spark reads exported facts: give --facts (segur indicators export-facts writes them)")
        return SparkEngine(facts, master=spark_master)
    if name == "postgresql":
        from indicators.postgresql import PostgresEngine

        url = _url(database)
        if not url.startswith("postgres"):
            raise FactsError(
                "--engine postgresql needs --database postgresql://… (with --facts: a copy is counted there)"
            )
        return PostgresEngine(url, None if facts is None else _source(facts, None))
    from indicators.engine import duckdb_engine

    return duckdb_engine(_source(facts, database))


def _url(database: str | None) -> str:
    from fhir_server.settings import settings_from

    return settings_from(database=database).database


def _source(facts: Path | None, database: str | None) -> Source:
    from fhir_server.store.facts import fact_tables
    from indicators.engine import ArrowFacts, ParquetFacts

    if facts is not None:
        return ParquetFacts(facts)
    return ArrowFacts(fact_tables(database_of(database)))


@app.command("export-facts")
def export_facts(
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    database: Database = None,
    since: Annotated[
        int | None, typer.Option(help="First month to look at, YYYYMM; older ones stay as they were exported.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Write every month again.")] = False,
) -> None:
    """Write the facts as Parquet, by month, sorted by establishment; no identity in them.

    An export that is already there is brought up to date: a month that did not change is neither read nor written.
    `manifest.json` says of each file how many rows it holds and its SHA-256.

    Example: segur indicators export-facts --database segur.db --out facts
    """
    from fhir_server.store.facts import DatabaseFacts
    from indicators.export import export
    from indicators.facts import TABLES, FactsError

    with usage_errors(FactsError):
        done = export(DatabaseFacts(database_of(database), since), out, fresh=fresh, since=since)
    counts = ", ".join(f"{name}: {done.rows(name)}" for name in TABLES)
    say(f"{counts} ({len(done.written)} files written, {len(done.parts)} in all)")
    versions = sorted({version for part in done.parts for version in part.key_versions})
    if len(versions) > 1:
        said = ", ".join(map(str, versions))
        say(f"pseudonyms of key versions {said}: one person may be several until they are re-keyed")


@app.command("import-template")
def import_template(
    kind: Annotated[str, typer.Argument(help="stays, reports, patients, dui or acknowledgements.")],
    out: Annotated[Path, typer.Option(help="File to write, .csv or .xlsx.")],
    lang: Annotated[str, typer.Option(help="fr or en.")] = "fr",
) -> None:
    """Write an empty file of declared data, with its columns explained.

    Example: segur indicators import-template stays --out sejours.xlsx
    """
    from indicators.imports import SHAPES, template

    if kind not in SHAPES or out.suffix.lower() not in (".csv", ".xlsx"):
        fail(f"the kind is one of {', '.join(sorted(SHAPES))}, the file ends in .csv or .xlsx")
    out.write_bytes(template(SHAPES[kind], out.suffix.lower().removeprefix("."), lang))
    say(str(out))


@app.command("check-import")
def check_import(
    kind: Annotated[str, typer.Argument(help="stays, reports, patients, dui or acknowledgements.")],
    file: Annotated[Path, typer.Argument(help="The file, .csv or .xlsx.")],
    lang: Annotated[str, typer.Option(help="fr or en.")] = "fr",
) -> None:
    """Read a file of declared data without storing anything: every error with its line, or how many rows it holds.

    Example: segur indicators check-import stays sejours.csv
    """
    from indicators.imports import SHAPES, ImportRefused, read

    if kind not in SHAPES:
        fail(f"the kind is one of {', '.join(sorted(SHAPES))}")
    try:
        data = file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    try:
        rows = read(SHAPES[kind], data)
    except ImportRefused as refused:
        for fault in refused.faults:
            say(fault.text(lang))
        raise typer.Exit(1) from None
    say(f"{file}: {len(rows)}")
