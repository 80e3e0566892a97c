"""Read and vread: the body of a version as it is served, with what HTTP says of it."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl

import orjson
import sqlalchemy as sa
from starlette.requests import Request

from fhir_server.fhir.http import Refusal, base_url, http_date, language
from fhir_server.fhir.interactions.bodies import Json
from fhir_server.fhir.interactions.conditions import etag
from fhir_server.fhir.search import Asker, absolute, search_bundle
from fhir_server.security.caller import Scope
from fhir_server.services import Services
from fhir_server.store import reading


def find(connection: sa.Connection, scope: Scope, kind: str, resource_id: str, number: int | None = None) -> Any:
    """The row of the current version, or of one by number.

    Raises:
        Refusal: 404 there is none, 410 that version is a deletion.
    """
    row = (
        reading.resource(connection, scope, kind, resource_id)
        if number is None
        else reading.version(connection, scope, kind, resource_id, number)
    )
    if row is None:
        raise Refusal(404, "HTTP-NOT-FOUND")
    if row.gone:
        raise Refusal(410, "RESOURCE-DELETED", headers=headers_of(row), version=row.version)
    return row


def headers_of(row: Any) -> dict[str, str]:
    """The version and its date."""
    return {"ETag": etag(row.version), "Last-Modified": http_date(row.updated)}


def served(connection: sa.Connection, scope: Scope, row: Any, base: str) -> bytes:
    """The JSON of a version: attachment addresses complete, a Binary with its bytes."""
    if row.type != "Binary":
        return absolute(row.body, base)
    stub: Json = orjson.loads(row.body)
    return orjson.dumps({**stub, "data": base64.b64encode(binary(connection, scope, stub)).decode()})


def binary(connection: sa.Connection, scope: Scope, stub: Json) -> bytes:
    """The bytes of a Binary, of which the resource keeps the hash.

    Raises:
        Refusal: 410, they are no longer kept.
    """
    data = reading.document(connection, scope, bytes.fromhex(str(stub["data"]).removeprefix("sha256:")))
    if data is None:
        raise Refusal(410, "HTTP-GONE")
    return data


def parsed(query: str) -> list[tuple[str, str]]:
    """The parameters of a query."""
    return parse_qsl(query, keep_blank_values=True)


def version_in(steps: list[str]) -> tuple[str, int | None]:
    """The id and version in the steps of an address after its type.

    Raises:
        Refusal: 404, this is no address of a resource or version.
    """
    if len(steps) == 1:
        return steps[0], None
    if len(steps) == 3 and steps[1] == "_history" and steps[2].isascii() and steps[2].isdigit() and len(steps[2]) < 10:
        return steps[0], int(steps[2])
    raise Refusal(404, "HTTP-NOT-FOUND")


def searched(request: Request, services: Services, scope: Scope, kind: str, items: list[tuple[str, str]]) -> bytes:
    """The searchset of a search, in the language and under the conditions of the request.

    Raises:
        Refusal: 400, a parameter is unknown or malformed.
    """
    lenient = "handling=lenient" in request.headers.get("prefer", "").replace(" ", "").lower()
    asker = Asker(scope.owner, services.keys, base_url(request), language(request), lenient)
    with services.reading() as connection:
        return search_bundle(connection, kind, items, asker)
