"""`segur mllp`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fhir_server.cli.common import fail, say

app = typer.Typer(name="mllp", help="Admissions par HL7 v2 (admissions by HL7 v2).", no_args_is_help=True)


@app.command("listen")
def listen(
    to: Annotated[str, typer.Option("--to", help="Server, scheme://host:port.")],
    token: Annotated[str, typer.Option("--token", envvar="SEGUR_TOKEN", help="Access token of the establishment.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 2575,
    lang: Annotated[str, typer.Option("--lang", help="Of the acknowledgements: fr or en.")] = "fr",
) -> None:
    """Take ADT messages over MLLP and hand each to the server; prints its address when it listens.

    Example: segur mllp listen --to http://127.0.0.1:8000 --token "$TOKEN" --port 2575
    """
    import asyncio

    from fhir_server.logs import configure
    from fhir_server.mllp import Listener

    if not token.strip():
        fail("--token: empty")
    configure()
    try:
        asyncio.run(Listener(to, token, lang).run(host, port, say))
    except OSError as error:
        fail(f"{host}:{port}: {error.strerror}")


@app.command("send")
def send(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="A message each, in ER7; lines may end in LF.")
    ],
    to: Annotated[str, typer.Option("--to", help="Listener, HOST:PORT.")] = "127.0.0.1:2575",
) -> None:
    """Send messages over one MLLP connection, as an engine would, and print what is answered; for trials.

    Example: segur mllp send a01.hl7 --to 127.0.0.1:2575
    """
    from fhir_server.mllp import exchange

    host, _, port = to.rpartition(":")
    if not host or not port.isdigit():
        fail(f"--to: {to} is not HOST:PORT")
    missing = [path for path in files if not path.is_file()]
    if missing:
        fail(f"{missing[0]}: no such file")
    messages = [b"\r".join(path.read_bytes().splitlines()) + b"\r" for path in files]
    accepted = True
    try:
        for path, answer in zip(files, exchange(host, int(port), messages), strict=True):
            lines = [line for line in answer.decode("utf-8", "replace").split("\r") if line[:3] in ("MSA", "ERR")]
            accepted = accepted and any(line.startswith("MSA|AA") for line in lines)
            say("\n".join(f"{path} : {line}" for line in lines))
    except (OSError, EOFError) as error:
        fail(f"{to}: {type(error).__name__}")
    raise typer.Exit(0 if accepted else 1)
