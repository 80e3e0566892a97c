"""`segur mail`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.cli.common import fail, say

if TYPE_CHECKING:
    from validators.mssante import Direction

app = typer.Typer(name="mail", help="Mails de MSSanté (MSSanté mail).", no_args_is_help=True)

DirectionOption = Annotated[
    str | None, typer.Option("--direction", help="sent or received, seen from the establishment; default: by mailbox.")
]


@app.callback()
def _group() -> None:
    """MSSanté mail."""


@app.command("listen")
def listen(
    to: Annotated[str, typer.Option("--to", help="Server, scheme://host:port.")],
    token: Annotated[str, typer.Option("--token", envvar="SEGUR_TOKEN", help="Access token of an establishment.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8025,
    lmtp: Annotated[bool, typer.Option("--lmtp", help="Speak LMTP (RFC 2033) instead of SMTP.")] = False,
    journal: Annotated[str, typer.Option(help="Address the mail system sends its copies to.")] = "",
    direction: DirectionOption = None,
    max_size: Annotated[int, typer.Option("--max-size", min=1_000, help="Largest message, in bytes.")] = 20_000_000,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds a silent client or server is waited for.")] = 60.0,
) -> None:
    """Take copies of messages by SMTP or LMTP and hand them to a server; prints its address when it listens.

    Example: segur mail listen --to http://127.0.0.1:8000 --token "$TOKEN" --journal journal@localhost
    """
    from fhir_server.logs import configure
    from fhir_server.mail_listener import Listening
    from fhir_server.mail_listener import listen as run

    if not token.strip():
        fail("--token: empty")
    if not to.startswith(("http://", "https://")):
        fail(f"--to: {to} is no address of a server")
    configure()
    how = Listening(to, token, host, port, lmtp, journal, direction_of(direction), max_size, timeout)
    try:
        raise typer.Exit(run(how, lambda address: say(f"segur mail : {address} -> {to}")))
    except OSError as error:
        fail(f"{host}:{port}: {error.strerror}")


def direction_of(text: str | None) -> Direction | None:
    """The direction an option names; exit 2 when it names none."""
    from validators.mssante import Direction

    if text is not None and text not in tuple(Direction):
        fail(f"--direction: {text} is neither sent nor received")
    return Direction(text) if text is not None else None
