"""`segur bench`."""

from __future__ import annotations

import json as jsonlib
from typing import Annotated

import typer

from fhir_server.cli.common import Json, say

app = typer.Typer(name="bench", help="Mesures de vitesse (benchmarks).", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `bench` a group although it has one command."""


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
