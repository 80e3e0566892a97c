"""The tree of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from fhir_server.cli import (
    bench,
    data,
    db,
    demo,
    fhirpath,
    identity,
    imports,
    indicators,
    mail,
    mllp,
    packages,
    programmes,
    relay,
    serve,
    standin,
    submit,
    token,
    validate,
    xdm,
)

app = typer.Typer(
    name="segur",
    help="Reçoit, contrôle et compte les documents du Ségur numérique (receive, validate, count, decide).",
    no_args_is_help=True,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version and stop.")] = False,
) -> None:
    """Options of the command itself."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(installed("segur-fhir"))
        raise typer.Exit


app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("validate")(validate.validate)
app.command("fhirpath")(fhirpath.fhirpath)
app.command("submit")(submit.submit)
for noun in (
    db,
    token,
    imports,
    indicators,
    programmes,
    data,
    xdm,
    mail,
    packages,
    identity,
    mllp,
    relay,
    standin,
    bench,
):
    app.add_typer(noun.app)
