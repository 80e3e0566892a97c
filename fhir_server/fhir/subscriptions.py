"""`Subscription`: written, read and asked about by its owner; who serves it is the process that notifies."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from fastapi import APIRouter, Request, Response

from fhir_server.checking import Terms
from fhir_server.fhir.following import following, number
from fhir_server.fhir.http import Refusal, base_url, fhir_response, http_date, read_body, services
from fhir_server.fhir.interactions.bodies import JSON_TYPES, XML_TYPES, Json, media_type, resource_in
from fhir_server.fhir.interactions.conditions import must_match
from fhir_server.fhir.interactions.errors import Unfit
from fhir_server.fhir.negotiate import FhirRoute, readable
from fhir_server.following.notice import state_entry, status
from fhir_server.following.places import Forbidden, addresses_of, place_of
from fhir_server.following.topics import TOPICS, Event, scan
from fhir_server.following.wanted import Wanted, endpoint_of, forbidden, shown, topics_of, wanted
from fhir_server.ids import micros, new_id
from fhir_server.judging import check_alone
from fhir_server.security.caller import Caller, Role
from fhir_server.store import feed, subscriptions
from fhir_server.store.acts import Act, Change, Drop, Expect, Put, act_now
from fhir_server.store.writer import WriterGone
from validators.report import Report

router = APIRouter(prefix="/fhir", tags=["FHIR"], route_class=FhirRoute)

MOST: Final = 20
"""Subscriptions of one owner."""
_EVENTS: Final = 100
"""Events that `$events` gives at a time."""
_RESOLVING: Final = 5
"""Seconds that the name of an endpoint may take to resolve."""
_PARAMETERS: Final = ("_id", "status", "criteria", "_count", "_format", "_pretty")


@router.post("/Subscription", summary="Subscribe")
async def create(request: Request) -> Response:
    """A new subscription, and the secret its notifications are signed with, which is shown once."""
    caller, owner = following(request)
    asked = await _wanted(request, caller)
    now, secret, key = datetime.now(UTC), secrets.token_urlsafe(32), secrets.token_hex(4)
    with services(request).reading() as connection:
        if len(subscriptions.of_owner(connection, owner)) >= MOST:
            raise Refusal(409, "SUBSCRIPTION-LIMIT", limit=MOST)
        start = feed.newest(connection)
    row = _written(asked, now) | {
        "owner": owner, "id": new_id(), "version": 1, "base": base_url(request), "topic": asked.topic.code,
        "secret": secret.encode(), "key": key, "start": start, "position": start, "events": 0,
    }  # fmt: skip
    place = f"Subscription/{row['id']}"
    await _file(request, act_now(owner, caller.role.value, new_id(), now, "subscribe", place,
                                 puts=(Put("subscription", (row,)),)))  # fmt: skip
    services(request).subscribed()
    headers = {"Location": f"{base_url(request)}/{place}", "Segur-Subscription-Secret": secret,
               "Segur-Subscription-Key": key, "Cache-Control": "no-store"}  # fmt: skip
    return _answer(request, owner, str(row["id"]), 201, headers)


@readable(router, "/Subscription", summary="Search subscriptions")
async def search(request: Request) -> Response:
    """The caller's own; `_id`, `status` and `criteria` narrow them."""
    _, owner = following(request)
    for name in request.query_params:
        if name not in _PARAMETERS:
            raise Refusal(400, "SEARCH-PARAMETER", name=name[:40], known=", ".join(_PARAMETERS))
    with services(request).reading() as connection:
        rows = [row for row in subscriptions.of_owner(connection, owner) if _meets(row, request.query_params)]
    base = base_url(request)
    entries = [{"fullUrl": f"{base}/Subscription/{row.id}", "resource": orjson.loads(shown(row)),
                "search": {"mode": "match"}} for row in rows]  # fmt: skip
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return fhir_response(bundle | ({"entry": entries} if entries else {}))


@readable(router, "/Subscription/{subscription_id}", summary="Read a subscription")
async def read(subscription_id: str, request: Request) -> Response:
    """A subscription as it stands: its status says whether it works."""
    _, owner = following(request)
    return _answer(request, owner, subscription_id, 200)


@router.put("/Subscription/{subscription_id}", summary="Change a subscription, or activate it again")
async def update(subscription_id: str, request: Request) -> Response:
    """What was written takes the place of what was there; a handshake follows, then what was missed."""
    caller, owner = following(request)
    asked, now = await _wanted(request, caller), datetime.now(UTC)
    row = _found(request, owner, subscription_id)
    must_match(_Living(row), request.headers.get("if-match"))
    if asked.topic.code != row.topic:
        raise Refusal(422, "SUBSCRIPTION-TOPIC", "Subscription.criteria", found=asked.topic.url,
                      expected=TOPICS[row.topic].url)  # fmt: skip
    key = {"owner": owner, "id": subscription_id}
    change = Change("subscription", key, _written(asked, now) | {"version": row.version + 1})
    expect = Expect("subscription", key | {"version": row.version}, True, "SUBSCRIPTION-CHANGED")
    await _file(request, act_now(owner, caller.role.value, new_id(), now, "subscribe", f"Subscription/{row.id}",
                                 expects=(expect,), changes=(change,)))  # fmt: skip
    services(request).subscribed()
    return _answer(request, owner, subscription_id, 200)


@router.delete("/Subscription/{subscription_id}", summary="Unsubscribe")
async def delete(subscription_id: str, request: Request) -> Response:
    """Nothing more is sent but what is on its way; one that is not there is gone already."""
    caller, owner = following(request)
    drop = Drop("subscription", {"owner": owner, "id": subscription_id})
    await _file(request, act_now(owner, caller.role.value, new_id(), datetime.now(UTC), "unsubscribe",
                                 f"Subscription/{subscription_id[:64]}", drops=(drop,)))  # fmt: skip
    return Response(status_code=204)


@readable(router, "/Subscription/{subscription_id}/$status", summary="How a subscription stands")
async def state(subscription_id: str, request: Request) -> Response:
    """A searchset with the SubscriptionStatus: status, number of the last event told, last failure."""
    _, owner = following(request)
    row = _found(request, owner, subscription_id)
    entry = state_entry(row, status(row, "query-status", (), 0, row.events)) | {"search": {"mode": "match"}}
    return fhir_response({"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [entry]})


@readable(router, "/Subscription/{subscription_id}/$events", summary="What a subscription was told")
async def events(subscription_id: str, request: Request) -> Response:
    """Events by number: for a receiver that misses one."""
    _, owner = following(request)
    row = _found(request, owner, subscription_id)
    first = number(request.query_params, "eventsSinceNumber", 1, 1, 10**9)
    last = number(request.query_params, "eventsUntilNumber", first + _EVENTS - 1, first, 10**9)
    found = _events(request, row, first, min(last, first + _EVENTS - 1, row.events))
    entry = state_entry(row, status(row, "query-event", found, first, row.events))
    return fhir_response({"resourceType": "Bundle", "type": "searchset", "entry": [entry]})


@router.api_route(
    "/Subscription{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
)  # fmt: skip
async def not_here(path: str, request: Request) -> Response:
    """Every other way to a Subscription: it has no versions, and is not written by a condition or a patch."""
    following(request)
    one = path.strip("/")
    if one and ("/" in one or one.startswith("_") or not path.startswith("/")):
        raise Refusal(404, "HTTP-NOT-FOUND")
    allowed = "GET, PUT, DELETE" if one else "GET, POST"
    raise Refusal(405, "HTTP-METHOD", headers={"Allow": allowed}, hint="Subscription → docs/how-to/follow.md")


# -- the pieces --------------------------------------------------------------------------------------------------------


class _Living:
    """A row as the conditions of HTTP look at it."""

    def __init__(self, row: Any) -> None:
        self.version, self.gone = row.version, False


def _events(request: Request, row: Any, first: int, last: int) -> tuple[Event, ...]:
    """The events of these numbers, found again in the feed."""
    after, seen, found = row.start, 0, []
    with services(request).reading() as connection:
        while seen < last:
            page = scan(connection, row.owner, TOPICS[row.topic], after, _EVENTS)
            found += [one for index, one in enumerate(page.events, seen + 1) if first <= index <= last]
            seen, after = seen + len(page.events), page.position
            if not page.more:
                break
    return tuple(found)


async def _wanted(request: Request, caller: Caller) -> Wanted:
    """What a body asks for, which R4 holds right, at an address that is notified."""
    body = await read_body(request, (*JSON_TYPES, *XML_TYPES))
    resource = resource_in(body, media_type(request.headers["content-type"]))
    if resource.get("resourceType") != "Subscription":
        raise Refusal(400, "INTERACTION-TYPE", "resourceType", found=str(resource.get("resourceType"))[:40],
                      expected="Subscription")  # fmt: skip
    checks, report, now = services(request).checks, Report(), datetime.now(UTC)
    terms = Terms(checks.mode, now, checks.bound(now), checks.walker, (), checks.max_entries, checks.pdsm)
    check_alone(resource, report, terms)
    if not report.conformant:
        raise Unfit(422, report)
    found = wanted(resource, caller.role, checks.mode)
    await _reachable(resource, request)
    return found


async def _reachable(resource: Json, request: Request) -> None:
    """Tell now what the process that notifies would find; a name that does not resolve today may tomorrow."""
    mode = services(request).settings.mode
    try:
        async with asyncio.timeout(_RESOLVING):
            await addresses_of(place_of(endpoint_of(resource, mode), mode), mode)
    except Forbidden as why:
        raise forbidden(str(why), mode) from None
    except OSError:  # a timeout among them
        return


def _written(asked: Wanted, now: datetime) -> dict[str, Any]:
    """What a write says of the row: a new handshake, and no memory of failures."""
    return {"updated": micros(now), "body": asked.body, "content": asked.content, "ends": asked.ends,
            "status": "requested" if asked.on else "off", "error": None, "attempts": 0, "next_at": micros(now),
            "failing": None}  # fmt: skip


def _meets(row: Any, params: Mapping[str, str]) -> bool:
    asked: Iterable[tuple[str, str]] = (
        (row.id, params.get("_id", "")), (row.status, params.get("status", "")),
        (TOPICS[row.topic].url, params.get("criteria", "")),
    )  # fmt: skip
    return all(not wanted_ or found in wanted_.split(",") for found, wanted_ in asked)


def _found(request: Request, owner: str, subscription_id: str) -> Any:
    with services(request).reading() as connection:
        row = subscriptions.one(connection, owner, subscription_id)
    if row is None:
        raise Refusal(404, "HTTP-NOT-FOUND")
    return row


def _answer(
    request: Request, owner: str, subscription_id: str, code: int, headers: Mapping[str, str] | None = None
) -> Response:  # fmt: skip
    row = _found(request, owner, subscription_id)
    told = {"ETag": f'W/"{row.version}"', "Last-Modified": http_date(row.updated), **(headers or {})}
    return fhir_response(shown(row), code, told)


async def _file(request: Request, act: Act) -> None:
    """Make an act durable.

    Raises:
        Refusal: 409 somebody else was first, 503 nothing can be written.
    """
    try:
        outcome = await services(request).writer.file(act)
    except WriterGone:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"}) from None
    if outcome.kind == "failed":
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"})
    if outcome.kind != "filed":
        raise Refusal(409, "SUBSCRIPTION-CHANGED")


def capability() -> Json:
    """The line of the CapabilityStatement."""
    topics = ", ".join(topic.url for topic in topics_of(Role.ESTABLISHMENT))
    return {
        "type": "Subscription",
        "interaction": [{"code": code} for code in ("read", "update", "delete", "create", "search-type")],
        "versioning": "versioned-update",
        "documentation": f"criteria : {topics} ; channel.type : rest-hook ; $status, $events",
        "searchParam": [{"name": "status", "type": "token"}, {"name": "criteria", "type": "string"}],
        "operation": [
            {"name": name, "definition": f"{_OPERATIONS}backport-subscription-{name}"} for name in ("status", "events")
        ],
    }


_OPERATIONS: Final = "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/"
