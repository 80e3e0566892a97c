"""Batches and transactions of resources that are no documents (FHIR R4, http.html#transaction).

A transaction is one plan: all of it is written, or nothing. Each entry of a batch stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from fhir_server.fhir.http import Refusal, base_url, fhir_response, language
from fhir_server.fhir.interactions import answers, reads
from fhir_server.fhir.interactions.answers import Return, entry_answer, preferred, status_line
from fhir_server.fhir.interactions.bodies import Json
from fhir_server.fhir.interactions.conditions import not_modified
from fhir_server.fhir.interactions.desk import Desk
from fhir_server.fhir.interactions.entries import FORMS, Entry, entries_of, in_order, shape_issues, write_of
from fhir_server.fhir.interactions.errors import Unfit, within
from fhir_server.fhir.interactions.history import history, window_of
from fhir_server.fhir.interactions.references import Links
from fhir_server.fhir.interactions.running import Office
from fhir_server.fhir.interactions.types import Interaction, require_stored
from fhir_server.fhir.interactions.writes import Asked, Done, perform, settle
from fhir_server.fhir.outcome import operation_outcome
from validators.fhir import parse_json
from validators.mhd import is_submission
from validators.report import Issue, Report
from validators.tddui import is_tddui

_DOCUMENTS: Final = (b'"transaction"', b'"DocumentReference"', b'"List"', b'"Binary"')
_LARGE: Final = 20
"""Entries from which a transaction is planned aside: others are answered meanwhile."""


def general_bundle(body: bytes) -> Json | None:
    """The Bundle in a body when it is a batch or transaction that provides no documents; None for all else.

    What has everything a submission of documents has is not read here: it would be read twice.
    """
    if b'"Bundle"' not in body or all(mark in body for mark in _DOCUMENTS):
        return None
    found = parse_json(body, Report())
    return found if isinstance(found, dict) and is_general_bundle(found) else None


def is_general_bundle(found: Json) -> bool:
    """Whether a resource is a batch or transaction that asks for something, and no submission of documents."""
    if found.get("resourceType") != "Bundle" or found.get("type") not in FORMS:
        return False
    rows = found.get("entry")
    asks = any(isinstance(row, dict) and "request" in row for row in (rows if isinstance(rows, list) else ()))
    return asks and not is_tddui(found) and not is_submission(found)


@dataclass(slots=True)
class Round:
    """One batch or transaction on its way; `wanted` is how much of each result comes back."""

    request: Request
    office: Office
    wanted: Return = field(init=False)
    base: str = field(init=False)

    def __post_init__(self) -> None:
        self.base = base_url(self.request)
        self.wanted = preferred(self.request, Return.MINIMAL)

    async def receive(self, bundle: Json) -> Response:
        """Do what a Bundle asks.

        Raises:
            Refusal: 422 it is no right Bundle, 413 it is too long; of a transaction what its entries are refused for.
        """
        entries, limit = entries_of(bundle, self.base), self.office.services.settings.max_entries
        if len(entries) > limit:
            raise Refusal(413, "BUNDLE-LIMIT", "Bundle.entry", count=len(entries), limit=limit)
        issues = Report(shape_issues(bundle))
        if not issues.conformant:
            raise Unfit(422, issues)
        form = str(bundle["type"])
        made = await (self._transaction(entries) if form == "transaction" else self._batch(entries))
        rows = b",".join(made[entry.number] for entry in entries)
        return fhir_response(b'{"resourceType":"Bundle","type":"%s-response","entry":[%s]}' % (form.encode(), rows))

    # -- batch -----------------------------------------------------------------------------------------------------

    async def _batch(self, entries: list[Entry]) -> dict[int, bytes]:
        made = {}
        for entry in in_order(entries):
            try:
                with _at(entry):
                    made[entry.number] = await self._alone(entry)
            except Refusal as error:
                made[entry.number] = self._refused(error.status, error.issues)
        return made

    async def _alone(self, entry: Entry) -> bytes:
        if entry.reads:
            return self._read(entry)
        asked = write_of(entry)
        return entry_answer(self.request, self.office, asked, await self.office.one(asked), self.wanted)

    def _refused(self, status: int, issues: tuple[Issue, ...]) -> bytes:
        outcome = operation_outcome(issues, language(self.request))
        return orjson.dumps({"response": {"status": status_line(status), "outcome": outcome}})

    # -- transaction -----------------------------------------------------------------------------------------------

    async def _transaction(self, entries: list[Entry]) -> dict[int, bytes]:
        ordered = in_order(entries)
        done = await self.office.made(
            "transaction", lambda desk: self._planned(desk, ordered), aside=len(entries) >= _LARGE
        )
        made = {
            number: entry_answer(self.request, self.office, asked, result, self.wanted)
            for number, (asked, result) in done.items()
        }
        return made | {entry.number: self._read(entry) for entry in ordered if entry.reads}

    def _planned(self, desk: Desk, ordered: list[Entry]) -> dict[int, tuple[Asked, Done]]:
        """Ids first, so that references can be led to them; then every change; what is read must be there."""
        faults = _Faults()
        settled: list[tuple[Entry, Asked]] = []
        for entry in ordered:
            with faults.of(entry):
                if not entry.reads:
                    settled.append((entry, settle(desk, write_of(entry))))
        faults.stop()
        _no_twice(settled)
        links = Links({e.full_url: a.reference for e, a in settled if e.full_url and a.id is not None}, desk.find)
        done = {}
        for entry, asked in settled:
            with faults.of(entry):
                led = asked if asked.resource is None else replace(
                    asked, resource=links.resolved(asked.resource, entry.full_url)
                )  # fmt: skip
                done[entry.number] = (asked, perform(desk, led))
        for entry in ordered:
            with faults.of(entry):
                if entry.reads:
                    self._readable(desk, entry, [result for _, result in done.values()])
        faults.stop()
        return done

    def _readable(self, desk: Desk, entry: Entry, done: list[Done]) -> None:
        """What a transaction reads is there when it is done; searches are made for their refusals only."""
        if len(entry.steps) != 2 or entry.steps[1].startswith("_"):
            self._read(entry)
            return
        kind, resource_id = entry.steps
        require_stored(kind, Interaction.READ, instance=True)
        written = next((one for one in done if (one.kind, one.id) == (kind, resource_id)), None)
        row = desk.current(kind, resource_id)
        if (written.status == 204) if written is not None else (row is None or row.gone):
            raise Refusal(410 if written is not None or row is not None else 404, "HTTP-NOT-FOUND")

    # -- reads -----------------------------------------------------------------------------------------------------

    def _read(self, entry: Entry) -> bytes:
        """A read, version, history or search as an entry.

        Raises:
            Refusal: what the same request alone would be refused for.
        """
        kind, *rest = entry.steps
        params = reads.parsed(entry.query or "")
        if not rest:
            require_stored(kind, Interaction.SEARCH)
            return self._found(reads.searched(self.request, self.office.services, self.office.scope, kind, params))
        with self.office.services.reading() as connection:
            scope = self.office.scope
            if rest == ["_history"] or (len(rest) == 2 and rest[1] == "_history"):
                require_stored(kind, Interaction.HISTORY, instance=len(rest) == 2)
                resource_id = rest[0] if len(rest) == 2 else None
                return self._found(history(connection, scope, kind, resource_id, window_of(dict(params)), self.base))
            require_stored(kind, Interaction.READ, instance=True)
            row = reads.find(connection, scope, kind, *reads.version_in(rest))
            said: dict[str, Any] = {
                "status": status_line(200), "etag": reads.headers_of(row)["ETag"],
                "lastModified": answers.moment(row.updated),
            }  # fmt: skip
            if not_modified(row, entry.text("ifNoneMatch"), None):
                return orjson.dumps({"response": said | {"status": status_line(304)}})
            body = reads.served(connection, scope, row, self.base)
        return b'{"fullUrl":%s,"resource":%s,"response":%s}' % (
            orjson.dumps(f"{self.base}/{kind}/{row.id}"), body, orjson.dumps(said),
        )  # fmt: skip

    @staticmethod
    def _found(bundle: bytes) -> bytes:
        return b'{"resource":%s,"response":{"status":"%s"}}' % (bundle, status_line(200).encode())


@contextmanager
def _at(entry: Entry) -> Iterator[None]:
    """A refusal of an entry names the entry."""
    try:
        yield
    except Refusal as error:
        raise Unfit(error.status, [within(issue, entry.at) for issue in error.issues], error.headers) from None


class _Faults:
    """The refusals of the entries of a transaction, gathered so that all are told at once."""

    def __init__(self) -> None:
        self._found: list[Refusal] = []

    @contextmanager
    def of(self, entry: Entry) -> Iterator[None]:
        """Keep what an entry is refused for."""
        try:
            with _at(entry):
                yield
        except Refusal as error:
            self._found.append(error)

    def stop(self) -> None:
        """Go on only when nothing was refused; the first status is that of the whole.

        Raises:
            Unfit: with everything found.
        """
        if self._found:
            first = self._found[0]
            raise Unfit(first.status, [issue for error in self._found for issue in error.issues], first.headers)


def _no_twice(settled: list[tuple[Entry, Asked]]) -> None:
    """No resource is written twice, whichever way it is named (http.html#trules)."""
    taken: set[str] = set()
    for entry, asked in settled:
        creates = asked.interaction is Interaction.CREATE
        if asked.id is None or (creates and asked.matched):
            continue
        names = [asked.reference]
        if not asked.matched and (query := asked.if_none_exist if creates else asked.criteria) is not None:
            names.append(f"{asked.kind}?{query}")
        for name in names:
            if name in taken:
                raise Refusal(400, "BUNDLE-TWICE", entry.at, reference=name.partition("?")[0])
            taken.add(name)
