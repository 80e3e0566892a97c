"""`segur serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fhir_server.cli.common import Database, fail, say
from validators.pdsm import Pdsm


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (default: 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one (default: 8000).")] = None,
    database: Database = None,
    mode: Annotated[str | None, typer.Option(help="sandbox or production.")] = None,
    pdsm: Annotated[Pdsm | None, typer.Option(help="Version of PDSm: 3.1.1 (default) or head.")] = None,
    package: Annotated[
        list[str] | None,
        typer.Option(
            "--package",
            metavar="FILE|NAME",
            help="A FHIR package to judge by: folder, .tgz, .zip, or an installed name[@version].",
        ),
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that check documents (default: one a core).")] = None,
    demo: Annotated[bool | None, typer.Option("--demo", help="Say on every page that the data are synthetic.")] = None,
    config: Annotated[Path | None, typer.Option(help="File of SEGUR_NAME=value lines.")] = None,
) -> None:
    """Start the server; prints its address when it takes requests.

    Example: segur serve --database segur.db --port 8000
    """
    from pydantic import ValidationError

    from fhir_server.guides import GuideError
    from fhir_server.logs import configure
    from fhir_server.relay.routes import RouteError
    from fhir_server.settings import settings_from
    from fhir_server.soap.trust import TrustError
    from fhir_server.store.database import DatabaseError
    from fhir_server.supervisor import PortTaken
    from fhir_server.supervisor import serve as run

    if config is not None and not config.is_file():
        fail(f"{config}: no such file")
    configure()
    try:
        settings = settings_from(
            config, host=host, port=port, database=database, mode=mode, pdsm=pdsm, package=package or None,
            workers=workers, demo=demo,
        )  # fmt: skip
        raise typer.Exit(run(settings, lambda address: say(f"segur-fhir ({settings.mode.value}) : {address}")))
    except ValidationError as error:
        fail("; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()))
    except (DatabaseError, GuideError, PortTaken, RouteError, TrustError) as error:
        fail(str(error))
