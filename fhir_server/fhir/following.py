"""Following along over HTTP: the change feed (`/api/changes`), read from a position, with or without waiting."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request, Response

from fhir_server.fhir.evaluate import report_owner
from fhir_server.fhir.http import Refusal, authenticate, base_url, services
from fhir_server.ids import moment
from fhir_server.security.caller import Caller, Role
from fhir_server.store import feed

router = APIRouter()

COUNT: Final = 100
MOST: Final = 1000
WAIT: Final = 30
"""Seconds a reader may wait for the next change."""
_PAUSE: Final = 0.25
"""Seconds between two looks while somebody waits."""
_TYPE: Final = re.compile(r"[A-Z][A-Za-z]{1,63}")
_FOLLOWERS: Final = (Role.ESTABLISHMENT, Role.EDITOR, Role.ARS)


def follower(caller: Caller) -> str:
    """Whose changes a caller follows: those of its own documents, of an agency those of its reports."""
    found = caller.scope.owner if caller.scope is not None else report_owner(caller)
    if found is None:
        raise Refusal(403, "AUTH-FORBIDDEN")
    return found


def following(request: Request) -> tuple[Caller, str]:
    """The caller, and whose changes it follows.

    Raises:
        Refusal: 401, 403.
    """
    caller = authenticate(request, _FOLLOWERS)
    return caller, follower(caller)


@dataclass(frozen=True, slots=True)
class Asked:
    """From which position, how many changes, of which types (all without any), waiting how many seconds."""

    after: int
    limit: int
    types: tuple[str, ...]
    wait: int


@router.get("/api/changes", summary="What has changed since a position", tags=["API"])
async def changes(request: Request) -> Response:
    """The caller's changes after a position, the oldest first, and where to go on."""
    _, owner = following(request)
    asked = _asked(request)
    found = await _found(request, owner, asked)
    body = {"changes": [_shown(row) for row in found.rows], "position": found.position,
            "next": _link(request, asked, found.position)}  # fmt: skip
    return Response(orjson.dumps(body), media_type="application/json", headers={"Cache-Control": "no-store"})


async def _found(request: Request, owner: str, asked: Asked) -> feed.Page:
    """What is there now, or the first thing that comes; between two looks no connection is held."""
    deadline = monotonic() + asked.wait
    while True:
        with services(request).reading() as connection:
            found = feed.page(connection, owner, asked.after, asked.limit, asked.types)
            newest = feed.newest(connection) if asked.after else 0
        if asked.after > newest:
            raise Refusal(410, "CHANGES-POSITION", found=asked.after, newest=newest)
        left = deadline - monotonic()
        if found.rows or left <= 0 or services(request).stopping or await request.is_disconnected():
            return found
        await asyncio.sleep(min(_PAUSE, left))


def _shown(row: Any) -> dict[str, Any]:
    return {"seq": row.seq, "type": row.type, "id": row.id, "version": row.version, "at": moment(row.at),
            "action": row.action, "submission": row.submission}  # fmt: skip


def _link(request: Request, asked: Asked, position: int) -> str:
    """The same question from the new position."""
    named: list[tuple[str, str | int]] = [("after", position), ("limit", asked.limit)]
    named += [("type", name) for name in asked.types] + ([("wait", asked.wait)] if asked.wait else [])
    return f"{base_url(request).removesuffix('/fhir')}/api/changes?{urlencode(named)}"


def _asked(request: Request) -> Asked:
    params = request.query_params
    for name in params:
        if name not in ("after", "limit", "type", "wait"):
            raise _wrong(name, "—", "after, limit, type, wait")
    types = tuple(part for text in params.getlist("type") for part in text.split(","))
    for name in types:
        if _TYPE.fullmatch(name) is None:
            raise _wrong("type", name, "DocumentReference, Submission, MeasureReport…")
    return Asked(
        number(params, "after", 0, 0, 2**63 - 1), number(params, "limit", COUNT, 1, MOST), types,
        number(params, "wait", 0, 0, WAIT),
    )  # fmt: skip


def number(params: Any, name: str, default: int, least: int, most: int) -> int:
    """A whole number of the query.

    Raises:
        Refusal: 400, it is none, or out of bounds.
    """
    text = params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise _wrong(name, text, f"{least}..{most}")
    return int(text)


def _wrong(name: str, found: str, expected: str | Sequence[str]) -> Refusal:
    return Refusal(400, "CHANGES-PARAMETER", name=name[:40], found=found[:40], expected=expected)
