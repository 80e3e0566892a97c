"""A Subscription as somebody writes it: read, judged, and given back as it stands.

R4 Subscription by the Subscriptions R5 Backport: `criteria` is the canonical of a topic, `channel` a rest-hook whose
content is `id-only` (or `empty`). What is not supported is refused: a subscription that waits for something else than
its owner thinks is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.interactions.bodies import encoded, stored
from fhir_server.following.notice import BACKPORT
from fhir_server.following.places import Forbidden, place_of
from fhir_server.following.topics import TOPICS, Topic
from fhir_server.ids import micros, moment
from fhir_server.security.caller import Role
from validators.report import Mode

Json = dict[str, Any]

CONTENT: Final = f"{BACKPORT}backport-payload-content"
_CONTENTS: Final = ("id-only", "empty")
_PAYLOAD: Final = "application/fhir+json"
_STATES: Final = ("requested", "active", "error", "off")
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}:[ \t]*[\x21-\x7e](?:[\x20-\x7e\t]{0,2000})?")
_RESERVED: Final = frozenset({
    "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect", "host",
    "keep-alive", "proxy-authorization", "segur-signature", "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
_MOST_HEADERS: Final = 10
_OWN: Final = frozenset({"id", "meta", "status", "error"})
"""What the server says of a subscription, whatever was written."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a subscription asks: `on` is False when its owner switched it off; `ends` in microseconds."""

    body: bytes
    topic: Topic
    content: str
    ends: int | None
    on: bool


def wanted(resource: Json, role: Role, mode: Mode) -> Wanted:
    """Read a Subscription that R4 holds right.

    Raises:
        Refusal: 422, it asks for what there is not here, or for an address that is not notified.
    """
    channel = resource["channel"]
    topic = _topic(resource, role)
    if channel.get("type") != "rest-hook":
        raise _not("Subscription.channel.type", channel.get("type"), "rest-hook")
    if channel.get("payload", _PAYLOAD) != _PAYLOAD:
        raise _not("Subscription.channel.payload", channel["payload"], _PAYLOAD)
    _check_extensions(resource)
    _check_headers(channel.get("header", ()))
    endpoint_of(resource, mode)
    state = resource.get("status")
    if state not in _STATES:
        raise _not("Subscription.status", state, "requested, off")
    body = encoded({name: value for name, value in resource.items() if name not in _OWN})
    end = resource.get("end")
    ends = micros(datetime.fromisoformat(end)) if isinstance(end, str) else None
    return Wanted(body, topic, _content(channel), ends, state != "off")


def shown(row: Any) -> bytes:
    """The resource as it stands: what was written, with version, status and last failure."""
    body = stored(row.body)
    meta = {"versionId": str(row.version), "lastUpdated": moment(row.updated)}
    found = {"resourceType": "Subscription", "id": row.id, "meta": meta, "status": row.status}
    found |= {name: value for name, value in body.items() if name != "resourceType"}
    return encoded(found | ({"error": row.error} if row.error else {}))


def topics_of(role: Role) -> list[Topic]:
    """What a role may subscribe to."""
    return [topic for topic in TOPICS.values() if role in topic.roles]


def endpoint_of(resource: Json, mode: Mode) -> str:
    """The address to notify.

    Raises:
        Refusal: 422, it is not one that is notified.
    """
    endpoint = resource["channel"].get("endpoint")
    try:
        place_of(endpoint if isinstance(endpoint, str) else "", mode)
    except Forbidden as why:
        raise forbidden(str(why), mode) from None
    return str(endpoint)


def forbidden(why: str, mode: Mode) -> Refusal:
    """422: an address that is not notified, and which are."""
    expected = "https" if mode is Mode.PRODUCTION else "https, http://localhost"
    return Refusal(422, "SUBSCRIPTION-ENDPOINT", "Subscription.channel.endpoint", found=why, expected=expected)


def _topic(resource: Json, role: Role) -> Topic:
    named = str(resource.get("criteria", "")).partition("|")[0]
    known = topics_of(role)
    for topic in known:
        if topic.url == named:
            return topic
    listed = ", ".join(topic.url for topic in known)
    raise Refusal(422, "SUBSCRIPTION-TOPIC", "Subscription.criteria", found=named[:120] or "—", expected=listed)


def _content(channel: Json) -> str:
    found: Sequence[Any] = _extensions(channel.get("_payload"))
    codes = [one.get("valueCode") for one in found if one.get("url") == CONTENT]
    if not codes:
        return "id-only"
    if codes[0] not in _CONTENTS or len(codes) > 1:
        raise _not("Subscription.channel.payload.extension", codes[0], ", ".join(_CONTENTS))
    return str(codes[0])


def _check_extensions(resource: Json) -> None:
    """Filters, heartbeats and time limits are not kept: none of them is taken."""
    for place, node, known in _places(resource):
        for extension in _extensions(node):
            if extension.get("url") not in known:
                raise _not(place, extension.get("url"), ", ".join(known) or "—")


def _places(resource: Json) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    channel = resource["channel"]
    yield "Subscription.extension", resource, ()
    yield "Subscription.criteria.extension", resource.get("_criteria"), ()
    yield "Subscription.channel.extension", channel, ()
    yield "Subscription.channel.endpoint.extension", channel.get("_endpoint"), ()
    yield "Subscription.channel.payload.extension", channel.get("_payload"), (CONTENT,)


def _extensions(node: Any) -> list[Json]:
    if not isinstance(node, dict):
        return []
    return [one for name in ("extension", "modifierExtension") for one in node.get(name, ()) if isinstance(one, dict)]


def _check_headers(lines: Sequence[Any]) -> None:
    if len(lines) > _MOST_HEADERS:
        raise _not("Subscription.channel.header", f"{len(lines)} header", f"0..{_MOST_HEADERS}")
    for index, line in enumerate(lines):
        name = str(line).partition(":")[0]
        if _HEADER.fullmatch(str(line)) is None or name.lower() in _RESERVED:
            raise _not(f"Subscription.channel.header[{index}]", name[:64], "Name: value")


def _not(place: str, found: object, expected: str) -> Refusal:
    return Refusal(422, "SUBSCRIPTION-ELEMENT", place, found=str(found)[:120], expected=expected)
