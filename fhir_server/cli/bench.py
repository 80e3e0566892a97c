"""`segur bench`."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.cli.common import Json, say

app = typer.Typer(name="bench", help="Mesures de vitesse (benchmarks).", no_args_is_help=True)


@app.command("submit")
def submit(
    size: Annotated[int, typer.Option(help="How many submissions.")] = 2000,
    clients: Annotated[int, typer.Option(help="Connections that send at once.")] = 16,
    json: Json = False,
) -> None:
    """ITI-65 with a 50 kB CDA against a real server, and the floor of the same bytes in the same run.

    Example: segur bench submit --size 2000 --json
    """
    from fhir_server.bench.submit import run

    result = run(size, clients)
    say(jsonlib.dumps(result) if json else "\n".join(f"{name:20} {value}" for name, value in result.items()))


@app.command("validate")
def validate(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="Files or folders.")] = None,
    size: Annotated[int, typer.Option(help="Generated letters, when no file is named.")] = 200,
    value_sets: Annotated[Path | None, typer.Option("--value-sets", envvar="SEGUR_VALUE_SETS")] = None,
    json: Json = False,
) -> None:
    """The judgement of `segur validate`, warm, in one process, beside bare parsing.

    Example: segur bench validate --size 100 --json
    """
    from fhir_server.bench.validate import run

    result = run(paths or [], size, value_sets)
    say(jsonlib.dumps(result) if json else "\n".join(f"{name:20} {value}" for name, value in result.items()))
