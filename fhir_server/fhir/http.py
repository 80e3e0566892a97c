"""How every door reads a request and writes an answer: bounded bodies, refusals as OperationOutcome, negotiation."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from fhir_server.fhir.outcome import operation_outcome
from fhir_server.security.caller import Caller, Role, Scope, find_caller
from validators.messages import rule
from validators.report import Issue

if TYPE_CHECKING:
    from fhir_server.services import Services  # the whole of the intake: a command that only refuses can do without

FHIR_JSON = "application/fhir+json"


class Refusal(Exception):
    """An answer that stops the request: HTTP status, rule id and its parameters."""

    def __init__(
        self, status: int, rule_id: str, location: str = "", headers: dict[str, str] | None = None, **params: object
    ) -> None:
        super().__init__(rule_id)
        self.status, self.rule_id, self.location, self.params, self.headers = status, rule_id, location, params, headers

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What the answer says."""
        row = rule(self.rule_id)
        words = {name: str(value) for name, value in self.params.items()}
        return (Issue(row.id, row.severity, row.scope, row.code, self.location, words),)


def language(request: Request) -> str:
    """`en` when the client prefers English, French otherwise."""
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "fr"


def fhir_response(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """FHIR JSON, from bytes already made or from a resource."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return Response(data, status, headers, media_type=f"{FHIR_JSON}; charset=utf-8")


async def refuse(request: Request, error: Exception) -> Response:
    """The exception handler of `Refusal`."""
    assert isinstance(error, Refusal)
    return fhir_response(operation_outcome(error.issues, language(request)), error.status, error.headers)


def services(request: Request) -> Services:
    """The services of this worker."""
    found: Services = request.app.state.services
    return found


def authenticate(request: Request, roles: Iterable[Role] = tuple(Role)) -> Caller:
    """The caller, who must have one of the roles; 401 without a valid token, 403 with another role."""
    with services(request).reading() as connection:
        caller = find_caller(connection, request.headers.get("authorization"))
    if caller is None:
        raise Refusal(401, "AUTH-MISSING", headers={"WWW-Authenticate": 'Bearer realm="segur-fhir"'})
    if caller.role not in set(roles):
        raise Refusal(403, "AUTH-FORBIDDEN")
    return caller


def owner(request: Request) -> tuple[Caller, Scope]:
    """A caller who owns documents, and its scope."""
    caller = authenticate(request, (Role.ESTABLISHMENT, Role.EDITOR))
    scope = caller.scope
    if scope is None:
        raise Refusal(403, "AUTH-FORBIDDEN")
    return caller, scope


async def read_body(request: Request, expected: Iterable[str], *, empty: bool = False) -> bytes:
    """The body, of an expected type, within the limits of size and time; `empty` says that it may have no bytes.

    Raises:
        Refusal: 415 another type or a compressed body, 413 too large, 408 too slow, 400 empty.
    """
    settings = services(request).settings
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding", "identity")
    if media_type not in expected or encoding != "identity":
        found = media_type if encoding == "identity" else f"{media_type} ({encoding})"
        raise Refusal(415, "SUBMISSION-MEDIA-TYPE", found=found or "-", expected=", ".join(expected))
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > settings.max_body:
        raise Refusal(413, "SUBMISSION-TOO-LARGE", limit=settings.max_body)
    try:
        body = await asyncio.wait_for(_collect(request, settings.max_body), settings.body_timeout)
    except TimeoutError:
        raise Refusal(408, "SUBMISSION-SLOW", limit=settings.body_timeout) from None
    if not body and not empty:
        raise Refusal(400, "SUBMISSION-EMPTY")
    return body


async def _collect(request: Request, limit: int) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise Refusal(413, "SUBMISSION-TOO-LARGE", limit=limit)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def accepts(request: Request, *types: str) -> str | None:
    """The first of our types that the Accept header (or `_format`) takes; None when it takes none."""
    wanted = request.query_params.get("_format") or request.headers.get("accept") or "*/*"
    for item in wanted.split(","):
        name = item.partition(";")[0].strip().lower().replace("fhir json", "fhir+json")
        for ours in types:
            if name in ("*/*", ours, ours.partition("/")[0] + "/*") or (
                name in ("json", "application/json") and "json" in ours
            ):
                return ours
    return None


def base_url(request: Request) -> str:
    """The FHIR base in the links we make."""
    public = services(request).settings.public_url
    return f"{(public or str(request.base_url)).rstrip('/')}/fhir"


def http_date(micros: int) -> str:
    """Microseconds as an HTTP date."""
    return datetime.fromtimestamp(micros / 1_000_000, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
