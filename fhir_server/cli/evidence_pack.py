"""`segur programmes evidence-pack`: one decision with all that proves it, built and checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fhir_server.cli.common import Database, Json, fail, say, say_json
from fhir_server.cli.letters import Decision, find_programme, json_file, record_bytes, refuse, stored_decision

if TYPE_CHECKING:
    from indicators.programmes.evidence_pack import Evidence

app = typer.Typer(
    name="evidence-pack", help="Dossiers de preuve d'une décision (evidence packs).", no_args_is_help=True
)
Rows = Annotated[Path | None, typer.Option(help="Rows of that member of the pack (JSON).")]


@app.command("build")
def build(
    decision: Decision,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="PACK.zip", help="The pack to write.")],
    parameters: Annotated[Path | None, typer.Option(help="The signed parameter set the decision names (YAML).")] = None,
    figures: Rows = None,
    declared: Rows = None,
    contestations: Rows = None,
    database: Database = None,
) -> None:
    """Build the evidence pack of a decision; exit code 1 when it would not pass its own check.

    Example: segur programmes evidence-pack build decision.json --parameters ars-bretagne.yaml -o preuve.zip
    """
    from indicators.programmes import evidence_pack
    from indicators.programmes.errors import RuleError

    data = record_bytes(decision)
    try:
        if data is None:
            made = _stored(decision, database)
        else:
            found = _evidence(data, parameters, figures, declared, contestations)
            made = evidence_pack.build(found, find_programme(found.record))
    except RuleError as error:
        refuse(error.code)
    except (ValueError, TypeError) as error:
        refuse(str(error))
    try:
        output.write_bytes(made)
    except OSError as error:
        fail(f"{output}: {error.strerror}")
    say(f"{output} : {len(made)} octets")


@app.command("verify")
def verify(
    pack: Annotated[Path, typer.Argument(metavar="PACK.zip", help="An evidence pack.")],
    digest: Annotated[str | None, typer.Option(help="SHA-256 of the decision, as its letter prints it.")] = None,
    lang: Annotated[str, typer.Option(help="fr or en.")] = "fr",
    json: Json = False,
) -> None:
    """Check an evidence pack without database or network: one line a failure, exit code 1 when there is one.

    Example: segur programmes evidence-pack verify preuve.zip
    """
    from indicators.programmes import evidence_pack, programmes

    if lang not in ("fr", "en"):
        fail(f"--lang {lang}: fr or en")
    if not pack.is_file():
        fail(f"{pack}: no such file")
    if pack.stat().st_size > evidence_pack.MAX_BYTES:
        failures = [evidence_pack.Failure("", "ZIP_TOO_LARGE", f"> {evidence_pack.MAX_BYTES}")]
    else:
        failures = evidence_pack.verify(pack.read_bytes(), programmes(), digest)
    if json:
        say_json({"valid": not failures, "failures": [_row(one, lang) for one in failures]})
    else:
        for one in failures:
            say(one.message(lang))
        if not failures:
            say(f"{pack} : {'verified' if lang == 'en' else 'vérifié'}")
    if failures:
        raise typer.Exit(1)


def _row(failure: Any, lang: str) -> dict[str, str]:
    return {
        "member": failure.member, "code": failure.code, "detail": failure.detail, "message": failure.message(lang),
    }  # fmt: skip


def _evidence(
    data: bytes, parameters: Path | None, figures: Path | None, declared: Path | None, contestations: Path | None
) -> Evidence:
    from indicators.programmes.evidence_pack import CountedFigure, Evidence, read_checked

    if parameters is not None and not parameters.is_file():
        fail(f"{parameters}: no such file")
    rows = _rows(figures)
    return Evidence(
        record=read_checked(data),
        parameters=None if parameters is None else parameters.read_text(encoding="utf-8"),
        figures=tuple(CountedFigure(**{**row, "counted": _counted(row)}) for row in rows),
        declared=tuple(_rows(declared)),
        contestations=tuple(_rows(contestations)),
    )


def _counted(row: dict[str, Any]) -> tuple[str, ...] | None:
    found = row.get("counted")
    return None if found is None else tuple(found)


def _rows(path: Path | None) -> list[dict[str, Any]]:
    found = [] if path is None else json_file(path)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ValueError(f"{path}: a list of objects is needed")
    return found


def _stored(decision: str, database: str | None) -> bytes:
    from fhir_server.programmes.packs import pack_of

    with stored_decision(decision, database) as (office, file, found):
        return pack_of(office, file, found)
