"""`segur indicators`."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.cli.common import Database, database_of, fail, say, usage_errors

if TYPE_CHECKING:
    from indicators.engine import Source

app = typer.Typer(name="indicators", help="Indicateurs d'usage (usage indicators).", no_args_is_help=True)


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
    engine: Annotated[str, typer.Option(help="Only duckdb in this version.")] = "duckdb",
    format_: Annotated[str, typer.Option("--format", help="Only json.")] = "json",
) -> None:
    """Compute figures from exported facts or from the database.

    Example: segur indicators compute --database segur.db --from 2026-01-01 --to 2026-06-30 --format json
    """
    from indicators.engine import duckdb_engine
    from indicators.facts import FactsError
    from indicators.measures import UnknownMeasure, Window
    from indicators.measures import compute as run

    if engine != "duckdb" or format_ != "json" or by not in (None, "month"):
        fail("this version computes with --engine duckdb, --format json and --by month")
    with usage_errors(UnknownMeasure, FactsError, ValueError):
        window = Window(_day(start, "--from"), _day(end, "--to"), _day(cutoff or end, "--cutoff"))
        counting = duckdb_engine(_source(facts, database))
        try:
            rows = run(counting, window, measures=measure or None, by_month=by == "month", organization=organization)
        finally:
            counting.close()
    keys = ("measure", "organization", "month", "numerator", "denominator")
    say(json.dumps([{key: getattr(row, key) for key in keys} for row in rows]))


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
) -> None:
    """Write the facts as Parquet, by month, sorted by establishment; no identity in them.

    Example: segur indicators export-facts --database segur.db --out facts
    """
    from fhir_server.store.facts import fact_tables
    from indicators.engine import write_parquet

    tables = fact_tables(database_of(database))
    write_parquet(tables, out)
    say(", ".join(f"{name}: {table.num_rows}" for name, table in sorted(tables.items())))
