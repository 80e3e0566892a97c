"""History of a resource or of a type (FHIR R4, http.html#history): newest first, paged by an opaque position."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.interactions import reads
from fhir_server.fhir.interactions.conditions import etag
from fhir_server.ids import micros
from fhir_server.security.caller import Scope
from fhir_server.store import reading, tables

_table: Final = tables.change
COUNT, MOST = 100, 500
_PAGE: Final = re.compile(r"[0-9a-f]{1,16}")
_INSTANT: Final = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?")
_KNOWN: Final = ("_count", "_since", "_page", "_format", "_pretty")


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a history is asked for: since when (microseconds), how many, before which change."""

    since: int | None
    count: int
    before: int | None


@dataclass(frozen=True, slots=True)
class _Change:
    """One version as it came to be; `seq` is its place in the order."""

    type: str
    id: str
    version: int
    at: int
    action: str
    seq: int


def window_of(params: Mapping[str, str]) -> Window:
    """The parameters of a history.

    Raises:
        Refusal: 400, one of them is unknown or malformed.
    """
    for name in params:
        if name not in _KNOWN:
            raise Refusal(400, "INTERACTION-PARAMETER", name=name, found="—", expected=", ".join(_KNOWN))
    count, page, since = params.get("_count", str(COUNT)), params.get("_page"), params.get("_since")
    if not (count.isascii() and count.isdigit()):
        raise _wrong("_count", count, f"0..{MOST}")
    if page is not None and _PAGE.fullmatch(page) is None:
        raise _wrong("_page", page, "link.url")
    return Window(
        None if since is None else _moment(since), min(int(count[:9]), MOST), None if page is None else int(page, 16)
    )


def _wrong(name: str, found: str, expected: str) -> Refusal:
    return Refusal(400, "INTERACTION-PARAMETER", name=name, found=found[:40], expected=expected)


def _moment(text: str) -> int:
    text = text.replace(" ", "+")  # a plus that nobody escaped
    try:
        if _INSTANT.fullmatch(text) is None:
            raise ValueError
        whole = text + {4: "-01-01", 7: "-01"}.get(len(text), "")
        moment = datetime.fromisoformat(whole)
    except ValueError:
        raise _wrong("_since", text, "instant") from None
    return micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def history(
    connection: sa.Connection, scope: Scope, kind: str, resource_id: str | None, window: Window, base: str
) -> bytes:
    """A Bundle of type history.

    Raises:
        Refusal: 404, no resource of this id ever was.
    """
    found = _of_type if resource_id is None else _of_one
    total, rows = found(connection, scope, kind, resource_id or "", window)
    shown, more = rows[: window.count], len(rows) > window.count > 0
    entries = [_entry(connection, scope, change, base) for change in shown]
    place = f"{base}/{kind}" + ("" if resource_id is None else f"/{resource_id}") + "/_history"
    return _bundle(entries, total, _links(place, window, shown[-1].seq if more else None))


def _of_type(connection: sa.Connection, scope: Scope, kind: str, _: str, window: Window) -> tuple[int, list[_Change]]:
    """In the order in which they were made."""
    mine = [_table.c.owner == scope.owner, _table.c.type == kind]
    mine += [] if window.since is None else [_table.c.at >= window.since]
    total = connection.scalar(sa.select(sa.func.count()).select_from(_table).where(*mine)) or 0
    older = [] if window.before is None else [_table.c.seq < window.before]
    page = sa.select(_table).where(*mine, *older).order_by(_table.c.seq.desc()).limit(window.count + 1)
    return total, [_Change(kind, r.id, r.version, r.at, r.action, r.seq) for r in connection.execute(page)]


def _of_one(
    connection: sa.Connection, scope: Scope, kind: str, resource_id: str, window: Window
) -> tuple[int, list[_Change]]:
    """By the versions themselves: among all changes of its type those of one resource would have to be looked for."""
    selects = [
        sa.select(table.c.version, table.c.updated, table.c.gone).where(
            table.c.owner == scope.owner, table.c.type == kind, table.c.id == resource_id
        )
        for table in (tables.resource, tables.resource_history)
    ]
    versions = {row.version: row for row in connection.execute(sa.union_all(*selects))}
    if not versions:
        raise Refusal(404, "HTTP-NOT-FOUND")
    mine = [
        _Change(kind, resource_id, number, row.updated, _action(row, versions.get(number - 1)), number)
        for number, row in sorted(versions.items(), reverse=True)
        if window.since is None or row.updated >= window.since
    ]
    return len(mine), [one for one in mine if window.before is None or one.seq < window.before]


def _action(row: Any, previous: Any) -> str:
    if row.gone:
        return "delete"
    return "create" if previous is None or previous.gone else "update"


def _links(place: str, window: Window, last: int | None) -> list[dict[str, str]]:
    asked = f"{place}?_count={window.count}"
    if window.since is not None:
        asked += f"&_since={datetime.fromtimestamp(window.since / 1_000_000, UTC).isoformat().replace('+00:00', 'Z')}"
    here = asked if window.before is None else f"{asked}&_page={window.before:x}"
    links = [{"relation": "self", "url": here}]
    return links if last is None else [*links, {"relation": "next", "url": f"{asked}&_page={last:x}"}]


_HOW: Final = {"create": ("POST", "201 Created"), "update": ("PUT", "200 OK"), "delete": ("DELETE", "204 No Content")}


def _entry(connection: sa.Connection, scope: Scope, change: _Change, base: str) -> bytes:
    """One version: what was done, and unless it is a deletion what it was then."""
    place = f"{change.type}/{change.id}"
    method, status = _HOW[change.action]
    moment = datetime.fromtimestamp(change.at / 1_000_000, UTC).isoformat(timespec="milliseconds")
    said = {
        "request": {"method": method, "url": change.type if method == "POST" else place},
        "response": {"status": status, "etag": etag(change.version), "lastModified": moment},
    }
    row = reading.version(connection, scope, change.type, change.id, change.version)
    body = b""
    if row is not None and not row.gone:
        body = b'"resource":%s,' % reads.served(connection, scope, row, base)
    return b'{"fullUrl":%s,%s%s' % (orjson.dumps(f"{base}/{place}"), body, orjson.dumps(said)[1:])


def _bundle(entries: list[bytes], total: int, links: list[dict[str, str]]) -> bytes:
    head = b'{"resourceType":"Bundle","type":"history","total":%d,"link":%s' % (total, orjson.dumps(links))
    return head + (b',"entry":[%s]}' % b",".join(entries) if entries else b"}")
