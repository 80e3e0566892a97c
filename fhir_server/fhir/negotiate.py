"""In which form a FHIR answer is given: JSON or XML (`_format`, `Accept`), indented or not (`_pretty`).

Every address under /fhir answers in JSON bytes; this is the one place where they become something else. FHIR R4,
http.html#mime-type and #general (parameters); RFC 9110, 12.5.1.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final, TypeVar

import jiter
import orjson
from fastapi.routing import APIRoute, APIRouter
from lxml import etree
from starlette.requests import Request
from starlette.responses import Response

from fhir_server.fhir import http
from fhir_server.fhir.http import FHIR_JSON, Refusal
from fhir_server.fhir.interactions.bodies import encoded, stored
from validators.fhir import load_definitions
from validators.fhir.xmlwrite import to_xml

FHIR_XML: Final = "application/fhir+xml"
FORMATS: Final = f"{FHIR_JSON}, {FHIR_XML}"
_NAMES: Final = {
    "json": FHIR_JSON, "application/json": FHIR_JSON, "text/json": FHIR_JSON, FHIR_JSON: FHIR_JSON,
    "xml": FHIR_XML, "application/xml": FHIR_XML, "text/xml": FHIR_XML, FHIR_XML: FHIR_XML,
    "*/*": FHIR_JSON, "application/*": FHIR_JSON, "text/*": FHIR_XML,
}  # fmt: skip
_XHTML: Final = "{http://www.w3.org/1999/xhtml}div"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def wanted(request: Request) -> str | None:
    """The media type of the answer; None when neither is accepted. `_format` is stronger than `Accept`."""
    named = request.query_params.get("_format")
    if named is not None:
        # In a query a plus that nobody escaped is a space.
        return _NAMES.get(named.partition(";")[0].strip().lower().replace(" ", "+"))
    found = sorted(_accepted(request.headers.get("accept") or "*/*"), key=lambda pair: -pair[0])
    return next((_NAMES[name] for weight, name in found if weight > 0 and name in _NAMES), None)


def _accepted(header: str) -> Iterator[tuple[float, str]]:
    for item in header.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        weights = [text[2:] for text in parameters if text.startswith("q=")]
        try:
            yield float(weights[0]) if weights else 1.0, name
        except ValueError:
            yield 0.0, name


class FhirRoute(APIRoute):
    """A route whose answers in FHIR JSON go out as the client asks."""

    def get_route_handler(self) -> Handler:
        """The handler, with the form of its answer put right."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            if request.method not in ("GET", "HEAD") and wanted(request) is None:
                raise _unacceptable()  # before anything is written
            return rendered(request, await handler(request), strict=True)

        return handle


def readable(router: APIRouter, path: str, **known: Any) -> Callable[[Endpoint], Endpoint]:
    """Register a function for GET, and for HEAD beside it: only the first is an operation of the OpenAPI."""

    def register(endpoint: Endpoint) -> Endpoint:
        router.head(path, include_in_schema=False)(endpoint)
        return router.get(path, **known)(endpoint)

    return register


async def refuse(request: Request, error: Exception) -> Response:
    """The exception handler of `Refusal`: an OperationOutcome, in JSON where what is asked for is nothing we have."""
    return rendered(request, await http.refuse(request, error))


def rendered(request: Request, response: Response, *, strict: bool = False) -> Response:
    """The answer in the form that is asked for; what is no FHIR JSON stays as it is.

    Raises:
        Refusal: 406, neither format is accepted, and `strict`.
    """
    if not response.headers.get("content-type", "").startswith(FHIR_JSON):
        return response
    form = wanted(request)
    if form is None and strict:
        raise _unacceptable()
    pretty = request.query_params.get("_pretty") == "true"
    body = bytes(response.body)
    if form == FHIR_XML:
        response.headers["content-type"] = f"{FHIR_XML}; charset=utf-8"
        body = (
            _indented(to_xml(stored(body), load_definitions())) if pretty else to_xml(stored(body), load_definitions())
        )
    elif pretty:
        body = encoded(jiter.from_json(body, float_mode="lossless-float"), orjson.OPT_INDENT_2)
    response.body = body
    response.headers["content-length"] = str(len(body))
    return response


def _unacceptable() -> Refusal:
    return Refusal(406, "HTTP-NOT-ACCEPTABLE", available=FORMATS)


def _indented(xml: bytes) -> bytes:
    """With every element but those of narratives on a line of its own."""
    root = etree.fromstring(xml)  # what we wrote ourselves a moment ago
    _indent(root, "\n")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _indent(element: etree._Element, margin: str) -> None:
    children = [] if element.tag == _XHTML else list(element)
    for child in children:
        _indent(child, f"{margin}  ")
        child.tail = f"{margin}  "
    if children:
        element.text, children[-1].tail = f"{margin}  ", margin
