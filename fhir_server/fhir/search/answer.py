"""A search, answered: its page, its total, what goes with it, as a Bundle of the stored bodies as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.outcome import operation_outcome
from fhir_server.fhir.search.includes import MOST_INCLUDED, included
from fhir_server.fhir.search.paging import PAGE, Cursor, seal, self_link, unseal
from fhir_server.fhir.search.query import Query, parse_search
from fhir_server.fhir.search.summary import partial
from fhir_server.ids import Pseudonyms
from fhir_server.store import search
from validators.messages import rule
from validators.report import Issue

COUNTED: Final = 500
"""Resources that are counted without being asked: a total above is left out, unless `_total` asks for it."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who searches: the owner of what may be found, the keys its links are sealed with, its language, our address."""

    owner: str
    keys: Pseudonyms
    base: str
    lang: str = "fr"
    lenient: bool = False


def search_bundle(connection: sa.Connection, kind: str, items: Iterable[tuple[str, str]], asker: Asker) -> bytes:
    """The searchset of a search on resources of a type.

    Raises:
        Refusal: 400, as `parse_search`, or a page that is not one of ours.
    """
    query, cursor = _read(kind, list(items), asker)
    criteria = tuple(query.criteria)
    count = 0 if query.counts_only else query.count
    page = search.search(connection, asker.owner, kind, criteria, count, query.order, cursor.after)
    if cursor.after is not None:
        total = cursor.total
    elif count and page.last is None and query.total != "none" and len(page.rows) <= COUNTED:
        total = len(page.rows)  # all of them are on the page
    else:
        total = _total(connection, asker.owner, query)
    more, whole = included(connection, asker.owner, kind, page.rows, query.includes) if query.includes else ([], True)
    entries = [
        *_entries(query, page.rows, "match", asker.base), *_entries(query, more, "include", asker.base),
        *_outcome(query, asker.lang, whole=whole),
    ]  # fmt: skip
    return _bundle(total, _links(query, page.last, total, asker), entries)


def _read(kind: str, items: list[tuple[str, str]], asker: Asker) -> tuple[Query, Cursor]:
    """A search as it is written, or as a link of ours holds it."""
    token = dict(items).get(PAGE)
    if token is None:
        return parse_search(kind, items, base=asker.base, lenient=asker.lenient), Cursor(())
    if others := [name for name, _ in items if name not in (PAGE, "_format", "_pretty")]:
        raise Refusal(400, "SEARCH-PARAMETER", name=others[0], known=PAGE)
    cursor = unseal(asker.keys, asker.owner, kind, token)
    return parse_search(kind, cursor.items, base=asker.base), cursor


def _total(connection: sa.Connection, owner: str, query: Query) -> int | None:
    """Exact where it is told at all; up to `COUNTED` without being asked."""
    if query.total == "none" and not query.counts_only:
        return None
    exact = query.counts_only or query.total == "accurate"
    found = search.count(
        connection, owner, query.kind, tuple(query.criteria), None if exact or query.total else COUNTED + 1
    )
    return found if exact or query.total or found <= COUNTED else None


def _links(query: Query, last: search.Key | None, total: int | None, asker: Asker) -> Iterator[tuple[str, str]]:
    yield "self", self_link(asker.keys, asker.owner, query.kind, asker.base, query.items)
    if last is not None:
        token = seal(asker.keys, asker.owner, query.kind, Cursor(tuple(query.items), last, total))
        yield "next", f"{asker.base}/{query.kind}?{PAGE}={token}"


def _entries(query: Query, rows: Sequence[Any], mode: str, base: str) -> Iterator[bytes]:
    for row in rows:
        body = absolute(partial(row.body, row.type, query.summary, query.elements), base)
        url = orjson.dumps(f"{base}/{row.type}/{row.id}")
        yield b'{"fullUrl":%s,"resource":%s,"search":{"mode":"%s"}}' % (url, body, mode.encode())


def _outcome(query: Query, lang: str, *, whole: bool) -> Iterator[bytes]:
    """What was left out, said."""
    found = [_issue("SEARCH-IGNORED", name=name) for name in query.ignored]
    found += [] if whole else [_issue("SEARCH-INCLUDED", limit=str(MOST_INCLUDED))]
    if found:
        yield b'{"resource":%s,"search":{"mode":"outcome"}}' % orjson.dumps(operation_outcome(found, lang))


def _issue(rule_id: str, **params: str) -> Issue:
    row = rule(rule_id)
    return Issue(row.id, row.severity, row.scope, row.code, "", params)


def _bundle(total: int | None, links: Iterable[tuple[str, str]], entries: Sequence[bytes]) -> bytes:
    head = b'{"resourceType":"Bundle","type":"searchset"'
    if total is not None:
        head += b',"total":%d' % total
    head += b',"link":%s' % orjson.dumps([{"relation": name, "url": url} for name, url in links])
    return head + (b',"entry":[%s]}' % b",".join(entries) if entries else b"}")


def absolute(body: bytes, base: str) -> bytes:
    """A stored resource with its attachment addresses complete: retrievable as they stand (MHD, ITI-67)."""
    return body.replace(b'"url":"Binary/', f'"url":"{base}/Binary/'.encode())
