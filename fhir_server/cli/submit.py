"""`segur submit`."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Annotated

import typer

from fhir_server.cli.common import Json, fail, say


def submit(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CDA, ITI-65 bundle (.json), XDM, mail (.eml) or PDF.")
    ],
    to: Annotated[str, typer.Option("--to", help="Server, scheme://host:port.")],
    token: Annotated[str, typer.Option("--token", envvar="SEGUR_TOKEN", help="Access token.")],
    metadata: Annotated[Path | None, typer.Option(help="Metadata of the PDF (JSON).")] = None,
    withdraw: Annotated[
        list[str] | None,
        typer.Option(metavar="UNIQUE_ID", help="Withdraw a document sent before; may be repeated."),
    ] = None,
    json: Json = False,
) -> None:
    """Send documents: a CDA is wrapped into a conformant ITI-65, a bundle, an archive or a mail is sent as it is.

    Example: segur submit lettre.xml --to http://127.0.0.1:8000 --token "$TOKEN"
    """
    import httpx

    from fhir_server.client import Client, is_cda

    if not token.strip():
        fail("--token: empty")
    missing = [path for path in (*files, *([metadata] if metadata else [])) if not path.is_file()]
    if missing:
        fail(f"{missing[0]}: no such file")
    if withdraw and (len(files) > 1 or not is_cda(files[0].read_bytes())):
        fail("--withdraw goes with one CDA or PDF")
    accepted = True
    try:
        with Client(to, token) as client:
            for path in files:
                answer = client.submit(document_bytes(path, metadata), withdraw or ())
                accepted = accepted and answer.accepted
                filed = answer.archives or ((answer.submission,) if answer.submission else ())
                counted = [row for one in filed if answer.accepted for row in client.counted(one)]
                if json:
                    say(jsonlib.dumps(answer.as_dict(str(path)) | {"counted": counted}, ensure_ascii=False))
                    continue
                say(answer.text(str(path)))
                for row in counted:
                    say(f"  {row['measure']} : {'compté' if row['counted'] else 'non compté, ' + row['reason']}")
    except httpx.HTTPError as error:
        fail(f"{to}: {type(error).__name__}: {error}")
    raise typer.Exit(0 if accepted else 1)


def document_bytes(path: Path, metadata: Path | None) -> bytes:
    """The bytes to send: a PDF is wrapped as a level 1 CDA by its metadata, anything else is sent as it is."""
    data = path.read_bytes()
    if not data.startswith(b"%PDF-"):
        return data
    from fhir_server.intake.level1 import MetadataError, level1_cda, read_metadata

    if metadata is None:
        fail(f"{path}: a PDF needs --metadata")
    try:
        return level1_cda(data, read_metadata(metadata.read_bytes()))
    except MetadataError as error:
        fail(f"{metadata}: {error}")
