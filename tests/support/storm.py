"""Many submissions at once, and what became of each: what the fault tests count with."""

from __future__ import annotations

import asyncio
import base64
import copy
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from testdata import Stay
from tests.support.synthetic import bundle, entry, letter


@dataclass(frozen=True, slots=True)
class Sent:
    """One submission: its document's unique id and bytes, and the body that carries it."""

    unique_id: str
    document: bytes
    body: bytes


def submissions(stays: Sequence[Stay], count: int, label: str) -> list[Sent]:
    """Distinct submissions, the letters of the stays in turn."""
    templates = [bundle(letter(stay)) for stay in stays]
    made = []
    for number in range(count):
        rank = number % len(stays)
        document = letter(stays[rank], unique=f"{label}-{number}")
        made.append(_sent(templates[rank], document))
    return made


def _sent(template: dict, document: bytes) -> Sent:  # type: ignore[type-arg]
    """The template's submission with another document in it."""
    root = document.partition(b'<id root="')[2].partition(b'"')[0].decode()
    body = copy.copy(template)
    body["entry"] = [copy.copy(e) for e in template["entry"]]
    for e in body["entry"]:
        if e["resource"]["resourceType"] in ("DocumentReference", "Binary"):
            e["resource"] = copy.deepcopy(e["resource"])
    reference = entry(body, "DocumentReference")
    reference["masterIdentifier"]["value"] = f"urn:oid:{root}"
    digest = hashlib.sha1(document).digest()
    reference["content"][0]["attachment"] |= {"size": len(document), "hash": base64.b64encode(digest).decode()}
    entry(body, "Binary")["data"] = base64.b64encode(document).decode()
    return Sent(f"urn:oid:{root}", document, json.dumps(body).encode())


def storm(port: int, token: str, sent: Sequence[Sent], fault: Callable[[], None], after: int) -> list[int | None]:
    """Send all at once; the fault happens when `after` of them are acknowledged. Statuses; None without an answer."""
    return asyncio.run(_storm(port, token, sent, fault, after))


async def _storm(
    port: int, token: str, sent: Sequence[Sent], fault: Callable[[], None], after: int
) -> list[int | None]:
    acknowledged = 0
    done = False

    async def one(item: Sent) -> int | None:
        nonlocal acknowledged, done
        try:
            status = await asyncio.wait_for(post(port, token, item.body), 40)
        except (OSError, asyncio.IncompleteReadError):
            return None
        acknowledged += status == 200
        if acknowledged == after and not done:
            done = True
            fault()
        return status

    found = await asyncio.gather(*(one(item) for item in sent))
    assert done, f"only {acknowledged} acknowledged: the fault never happened"
    return list(found)


async def post(port: int, token: str, body: bytes) -> int:
    """One ITI-65 on a connection of its own; its status, once the whole answer is here."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = (
            f"POST /fhir HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        answer = await reader.readuntil(b"\r\n\r\n")
        lower = answer.lower()
        at = lower.index(b"content-length:") + 15
        await reader.readexactly(int(lower[at : lower.index(b"\r\n", at)]))
        return int(answer[9:12])
    finally:
        writer.close()
