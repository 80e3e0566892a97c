"""`segur stand-in`: receivers to try against."""

from __future__ import annotations

from typing import Annotated

import typer

from fhir_server.cli.common import fail, say

app = typer.Typer(name="stand-in", help="Doublures (stand-ins of receivers).", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Receivers that answer as they are told."""


@app.command("dmp")
def dmp(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8081,
    answer: Annotated[str, typer.Option(help="open, closed, unknown, author, duplicate, down or lost.")] = "open",
    delay: Annotated[float, typer.Option(help="Seconds before each answer.")] = 0.0,
    times: Annotated[int, typer.Option(help="For how many submissions; then open (0: for ever).")] = 0,
) -> None:
    """A stand-in of the DMP: takes ITI-65 at /fhir and ITI-41 at /xds/repository, and answers as it is told.

    Example: segur stand-in dmp --port 8081 --answer down --times 2
    """
    import socket

    import uvicorn

    from fhir_server.standin.dmp import KINDS, Behaviour, create_standin

    if answer not in KINDS:
        fail(f"--answer {answer}: {', '.join(KINDS)}")
    try:
        sock = socket.create_server((host, port))
    except OSError as problem:
        fail(f"{host}:{port}: {problem.strerror}")
    say(f"doublure du DMP ({answer}) : http://{host}:{sock.getsockname()[1]}")
    config = uvicorn.Config(create_standin(Behaviour(answer, delay, times)), log_config=None, access_log=False)
    uvicorn.Server(config).run(sockets=[sock])
