"""The outermost layer: security headers, request metrics, and an answer instead of a stack trace."""

from __future__ import annotations

import time
import uuid
from typing import Any

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fhir_server.fhir.outcome import refusal
from fhir_server.ops import DURATION, REQUESTS

_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"),
    (b"cache-control", b"no-store"),
]


def reference_of(scope: Scope) -> str:
    """What an internal error is called, in its answer and in the log."""
    reference: str = scope.setdefault("segur.reference", uuid.uuid4().hex[:12])
    return reference


class Guard:
    """Counts and hardens every answer; an exception becomes a 500 whose reference is in the log, with no content."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log: Any = structlog.get_logger("segur")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        started = time.perf_counter()
        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            await self._fail(error, scope, answer)
        finally:
            # The path alone: a query may hold an identity (policy, What is shown).
            REQUESTS.labels(scope["method"], str(answer.status)).inc()
            DURATION.observe(time.perf_counter() - started)

    async def _fail(self, error: Exception, scope: Scope, answer: _Answer) -> None:
        reference = reference_of(scope)
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where is not None else "?"
        self._log.error(
            "internal-error", reference=reference, kind=type(error).__name__, place=place, method=scope["method"]
        )
        if answer.status:
            return
        body = orjson.dumps(refusal("INTERNAL", reference=reference))
        await answer(
            {"type": "http.response.start", "status": 500, "headers": [(b"content-type", b"application/fhir+json")]}
        )
        await answer({"type": "http.response.body", "body": body})


class _Answer:
    """The `send` of one request: remembers the status, adds the headers that are missing."""

    __slots__ = ("_send", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            present = {name for name, _ in message.get("headers", ())}
            added = [pair for pair in _HEADERS if pair[0] not in present]
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await self._send(message)
