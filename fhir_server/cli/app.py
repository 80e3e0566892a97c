"""The tree of commands."""

from __future__ import annotations

import typer

from fhir_server.cli import bench, data, db, demo, indicators, programmes, serve, submit, token, validate

app = typer.Typer(
    name="segur",
    help="Reçoit, contrôle et compte les documents du Ségur numérique (receive, validate, count, decide).",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("validate")(validate.validate)
app.command("submit")(submit.submit)
for noun in (db, token, indicators, programmes, data, bench):
    app.add_typer(noun.app)
