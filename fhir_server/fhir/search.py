"""Search criteria in, searchset out. An unknown parameter is an error: ignoring it would answer another question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.outcome import refusal
from fhir_server.fhir.search_index import DOCUMENTS, EXTRACTORS
from fhir_server.store.reading import DateRange, Term

REQUIRED = {"DocumentReference": ("status",)}
"""ITI-67 asks for the status, and for the patient one way or the other."""

COUNT, MOST = 100, 500
_CONTROL = ("_count", "_format", "_pretty", "date")
_PATIENT = ("patient", "patient.identifier", "identifier")


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed search."""

    terms: tuple[Term, ...]
    dates: DateRange
    count: int


def parse_search(kind: str, items: Iterable[tuple[str, str]], required: Sequence[str]) -> Query:
    """The criteria of a search.

    Raises:
        Refusal: 400, an unknown or malformed parameter, or a mandatory one missing.
    """
    known = [*EXTRACTORS[kind], *(["patient.identifier"] if kind in DOCUMENTS else [])]
    terms, dates, count = [], DateRange(), COUNT
    for name, value in items:
        if name == "_count":
            count = _count(value)
        elif name == "date" and kind in DOCUMENTS:
            dates = day_range(value, dates)
        elif name in known:
            terms.append(_term(name, value))
        elif name not in _CONTROL or name == "date":
            raise Refusal(400, "SEARCH-PARAMETER", name=name, known=", ".join(sorted([*known, "date", "_count"])))
    given = {term.param for term in terms}
    for name in required:
        if name not in given:
            raise Refusal(400, "SEARCH-REQUIRED", name=name)
    if not given & set(_PATIENT):
        raise Refusal(400, "SEARCH-REQUIRED", name="patient | patient.identifier | identifier")
    return Query(tuple(sorted(terms, key=lambda term: term.param not in _PATIENT)), dates, count)


def _term(name: str, value: str) -> Term:
    tokens: list[tuple[str | None, str]] = []
    for text in value.split(","):
        system, bar, code = text.partition("|")
        if name == "patient":
            tokens.append((None, f"Patient/{text.rpartition('/')[2]}"))
        else:
            tokens.append((system, code) if bar else (None, text))
    if any(not code for _, code in tokens):
        raise Refusal(400, "SEARCH-PARAMETER", name=name, known="system|code")
    return Term(name, tuple(tokens))


def _count(value: str) -> int:
    if not value.isdigit():
        raise Refusal(400, "SEARCH-PARAMETER", name="_count", known="0..500")
    return min(int(value), MOST)


def day_range(value: str, range_: DateRange) -> DateRange:
    """`ge2026-01`, `lt2026-02-01T00:00:00Z`…: a date stands for its whole day, month or year."""
    prefix, text = (value[:2], value[2:]) if value[:2].isalpha() else ("eq", value)
    low, high = _period(text)
    if prefix == "eq":
        return DateRange(low, high)
    if prefix in ("ge", "gt"):
        return DateRange(low if prefix == "ge" else high, range_.high)
    if prefix in ("le", "lt"):
        return DateRange(range_.low, high if prefix == "le" else low)
    raise Refusal(400, "SEARCH-PARAMETER", name="date", known="eq, ge, gt, le, lt")


def _period(text: str) -> tuple[int, int]:
    try:
        if len(text) == 4:
            start = datetime(int(text), 1, 1, tzinfo=UTC)
            end = start.replace(year=start.year + 1)
        elif len(text) == 7:
            start = datetime.fromisoformat(f"{text}-01").replace(tzinfo=UTC)
            end = (start + timedelta(days=32)).replace(day=1)
        elif len(text) == 10:
            start = datetime.fromisoformat(text).replace(tzinfo=UTC)
            end = start + timedelta(days=1)
        else:
            start = datetime.fromisoformat(text.replace(" ", "+"))
            start = start if start.tzinfo else start.replace(tzinfo=UTC)
            end = start + timedelta(seconds=1)
    except (ValueError, OverflowError):
        raise Refusal(400, "SEARCH-PARAMETER", name="date", known="YYYY, YYYY-MM, YYYY-MM-DD, dateTime") from None
    return int(start.timestamp() * 1_000_000), int(end.timestamp() * 1_000_000)


def searchset(kind: str, rows: Sequence[Any], total: int, base: str, lang: str) -> bytes:
    """A Bundle of the stored bodies as they are; what did not fit is said, not hidden."""
    from fhir_server.fhir.routes import absolute

    entries = [
        b'{"fullUrl":%s,"resource":%s,"search":{"mode":"match"}}'
        % (orjson.dumps(f"{base}/{kind}/{row.id}"), absolute(row.body, base))
        for row in rows
    ]
    if len(rows) < total:
        outcome = refusal("SEARCH-PARTIAL", lang, shown=len(rows), total=total)
        entries.append(b'{"resource":%s,"search":{"mode":"outcome"}}' % orjson.dumps(outcome))
    head = b'{"resourceType":"Bundle","type":"searchset","total":%d' % total
    return head + (b',"entry":[%s]}' % b",".join(entries) if entries else b"}")
