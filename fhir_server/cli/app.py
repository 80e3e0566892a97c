"""The tree of commands: all of them, or only the one that was asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

COMMANDS = ("serve", "demo", "validate", "fhirpath", "submit", "load")
"""Commands of one word; the module and its function bear the name."""

NOUNS = {
    "db": "db",
    "token": "token",
    "import": "imports",
    "indicators": "indicators",
    "programmes": "programmes",
    "data": "data",
    "xdm": "xdm",
    "mail": "mail",
    "packages": "packages",
    "identity": "identity",
    "mllp": "mllp",
    "relay": "relay",
    "stand-in": "standin",
    "bench": "bench",
}
"""Groups of commands and their modules."""


def tree(word: str | None = None) -> typer.Typer:
    """The `segur` command with all it can do; with `word`, the first word of a command line, only what it names.

    Building every command costs more than checking a letter, hence the choice. A word that names nothing gets all.
    """
    app = typer.Typer(
        name="segur",
        help="Reçoit, contrôle et compte les documents du Ségur numérique (receive, validate, count, decide).",
        no_args_is_help=True,
        invoke_without_command=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    known = word in COMMANDS or word in NOUNS
    for name in COMMANDS:
        if name == word or not known:
            app.command(name)(getattr(import_module(f"fhir_server.cli.{name}"), name))
    for name, module in NOUNS.items():
        if name == word or not known:
            app.add_typer(import_module(f"fhir_server.cli.{module}").app)
    return app


def _root(
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version and stop.")] = False,
) -> None:
    """Options of the command itself."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(installed("segur-fhir"))
        raise typer.Exit
