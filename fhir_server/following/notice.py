"""What is sent: a history Bundle whose first entry is the state of the subscription, and its signature.

Source: Subscriptions R5 Backport 1.1, R4: backport-subscription-notification-r4, backport-subscription-status-r4;
`id-only` names what an event is about and nothing that is in it, `empty` not even that.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from fhir_server.following.topics import TOPICS, Event
from fhir_server.ids import moment

BACKPORT: Final = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
SUBMISSIONS: Final = "https://segur-fhir.example/fhir/NamingSystem/submission"
SIGNATURE: Final = "Segur-Signature"

Json = dict[str, Any]


def signature(secret: bytes, key: str, body: bytes, at: int) -> str:
    """`t=SECONDS,kid=KEY,v1=HEX`: HMAC-SHA256 over `SECONDS.BODY`, so that an old notification cannot be sent again."""
    digest = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},kid={key},v1={digest}"


def notification(row: Any, kind: str, events: Sequence[Event], first: int, last: int) -> Json:
    """A Bundle of type history: `events` are numbered from `first`; `last` is the number of the newest one told."""
    shown = events if row.content != "empty" else ()
    entries = [state_entry(row, status(row, kind, shown, first, last))]
    entries[0] |= {"request": {"method": "GET", "url": f"{row.base}/Subscription/{row.id}/$status"}}
    method = _METHODS[TOPICS[row.topic].action]
    urls = dict.fromkeys(_url(row.base, event) for event in shown)
    entries += [{"fullUrl": url, "request": {"method": method, "url": url}} for url in urls]
    return {"resourceType": "Bundle", "type": "history",
            "entry": [entry | {"response": {"status": "200"}} for entry in entries]}  # fmt: skip


def state_entry(row: Any, parameters: Json) -> Json:
    """The entry of a Bundle that holds the state of a subscription."""
    return {"fullUrl": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{row.base}/Subscription/{row.id}')}", "resource": parameters}


_METHODS: Final = {"refused": "POST", "create": "POST", "update": "PUT"}


def status(row: Any, kind: str, events: Sequence[Event], first: int, last: int) -> Json:
    """SubscriptionStatus as Parameters; `kind` is handshake, event-notification, query-status or query-event."""
    parameters: list[Json] = [
        {"name": "subscription", "valueReference": {"reference": f"{row.base}/Subscription/{row.id}"}},
        {"name": "topic", "valueCanonical": TOPICS[row.topic].url},
        {"name": "status", "valueCode": row.status},
        {"name": "type", "valueCode": kind},
        {"name": "eventsSinceSubscriptionStart", "valueString": str(last)},
        *(_event(row, event, first + index) for index, event in enumerate(events)),
    ]
    if row.error:
        parameters.append({"name": "error", "valueCodeableConcept": {"text": row.error}})
    profile = f"{BACKPORT}backport-subscription-status-r4"
    return {"resourceType": "Parameters", "meta": {"profile": [profile]}, "parameter": parameters}


def _event(row: Any, event: Event, number: int) -> Json:
    focus: Json = {"reference": _url(row.base, event)}
    if event.type == "Submission":
        focus["identifier"] = {"system": SUBMISSIONS, "value": event.id}
    parts = [
        {"name": "event-number", "valueString": str(number)},
        {"name": "timestamp", "valueInstant": moment(event.at)},
        {"name": "focus", "valueReference": focus},
    ]
    return {"name": "notification-event", "part": parts}


def _url(base: str, event: Event) -> str:
    """Where its owner reads what an event is about; a submission is no FHIR resource."""
    if event.type == "Submission":
        return f"{base.removesuffix('/fhir')}/api/submissions/{event.id}"
    return f"{base}/{event.type}/{event.id}"
