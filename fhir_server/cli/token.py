"""`segur token`."""

from __future__ import annotations

from typing import Annotated

import typer

from fhir_server.cli.common import Database, database_of, fail, say

app = typer.Typer(name="token", help="Jetons d'accès (access tokens).", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `token` a group although it has one command."""


@app.command("create")
def create(
    role: Annotated[str, typer.Option(help="establishment, editor, ars, ministry or operator.")],
    organization: Annotated[str | None, typer.Option(help="Legal FINESS, region code (ars) or name (editor).")] = None,
    database: Database = None,
) -> None:
    """Create a token and print it alone; only its hash is kept.

    Example: segur token create --role establishment --organization 350000022
    """
    from fhir_server.security.caller import Role, TokenError, create_token
    from fhir_server.store.database import open_engine

    if role not in list(Role):
        fail(f"unknown role {role}; known: {', '.join(Role)}")
    engine = open_engine(database_of(database))
    try:
        with engine.begin() as connection:
            say(create_token(connection, Role(role), organization))
    except TokenError as error:
        fail(str(error))
    finally:
        engine.dispose()
