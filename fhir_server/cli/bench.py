"""`segur bench`."""

from __future__ import annotations

import json as jsonlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.cli.common import Json, say, usage_errors

app = typer.Typer(name="bench", help="Mesures de vitesse (benchmarks).", no_args_is_help=True)


class Door(StrEnum):
    """A door to send by."""

    MHD = "mhd"
    XDM = "xdm"
    XDS = "xds"
    MAIL = "mail"


@app.command("submit")
def submit(
    size: Annotated[int, typer.Option(help="How many submissions.")] = 2000,
    clients: Annotated[int, typer.Option(help="Connections that send at once.")] = 16,
    door: Annotated[Door, typer.Option(help="ITI-65, an XDM archive, ITI-41 (MTOM), or a mail with the archive.")] = (
        Door.MHD
    ),
    json: Json = False,
) -> None:
    """Letters of 50 kB by one door against a real server, and the floor of the same letters in the same run.

    Example: segur bench submit --size 2000 --json
    """
    from fhir_server.bench.submit import run

    result = run(size, clients, door.value)
    say(jsonlib.dumps(result) if json else "\n".join(f"{name:20} {value}" for name, value in result.items()))


@app.command("rest")
def rest(
    size: Annotated[int, typer.Option(min=2, help="How many documents the database has.")] = 20_000,
    clients: Annotated[int, typer.Option(min=1, help="Connections that ask at once.")] = 8,
    json: Json = False,
) -> None:
    """Read, search and count on a large database, and what creating costs there against 10 000 documents.

    Example: segur bench rest --size 20000 --json
    """
    from fhir_server.bench.rest import run, table

    result = run(size, clients)
    say(jsonlib.dumps(result) if json else table(result))


@app.command("validate")
def validate(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="Files or folders.")] = None,
    size: Annotated[int, typer.Option(min=1, help="Generated letters, when no file is named.")] = 200,
    value_sets: Annotated[Path | None, typer.Option("--value-sets", envvar="SEGUR_VALUE_SETS")] = None,
    parts: Annotated[bool, typer.Option("--parts", help="Where the time of a CDA goes, instead.")] = False,
    peers: Annotated[bool, typer.Option("--peers", help="Other FHIR validators beside ours, instead.")] = False,
    peers_folder: Annotated[Path, typer.Option(help="Where `make peers` put them.")] = Path(".peers"),
    cases: Annotated[
        Path | None, typer.Option(help="With --peers: published cases to agree with (fhir, fhirpath, iti65, cda).")
    ] = None,
    seconds: Annotated[float, typer.Option(help="With --peers: how long each set of resources is repeated.")] = 4.0,
    out: Annotated[Path, typer.Option(help="With --peers: the file that keeps the result.")] = Path(
        "build/conformance.json"
    ),
    json: Json = False,
) -> None:
    """The judgement of `segur validate`, warm, in one process, beside bare parsing; without files, FHIR alone too.

    Example: segur bench validate --size 100 --json
    """
    if parts:
        from fhir_server.bench import cda_parts

        found = cda_parts.run(paths or [], size, value_sets)
        say(jsonlib.dumps(found) if json else cda_parts.table(found))
        return
    if peers:
        from fhir_server.bench import peers as beside
        from fhir_server.bench.agreement import CasesError

        with usage_errors(CasesError):
            found = beside.measure(peers_folder, size, seconds, cases, value_sets)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(jsonlib.dumps(found, indent=2) + "\n", encoding="utf-8")
        say(jsonlib.dumps(found) if json else beside.table(found))
        return
    from fhir_server.bench.validate import run

    result = run(paths or [], size, value_sets)
    say(jsonlib.dumps(result) if json else "\n".join(f"{name:20} {value}" for name, value in result.items()))


@app.command("indicators")
def indicators(
    size: Annotated[int, typer.Option(help="Document rows to generate.")] = 5_000_000,
    folder: Annotated[Path | None, typer.Option(help="Keep the generated facts here; take those of before.")] = None,
    json: Json = False,
) -> None:
    """Every document measure over generated facts, all establishments and months, beside a bare scan.

    Example: segur bench indicators --size 50000000 --folder /tmp/facts --json
    """
    from fhir_server.bench.indicators import run

    result = run(size, folder)
    say(jsonlib.dumps(result) if json else "\n".join(f"{name:20} {value}" for name, value in result.items()))
