"""The one process that files: many plans a commit, and with them how far each source has come."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
import structlog

from fhir_server.loading.checking import Checker
from fhir_server.loading.journal import Journal
from fhir_server.loading.parts import Checked, Part, Reason, Reject, Tally, reasons_found
from fhir_server.loading.rejects import Rejects
from fhir_server.loading.sources import Item, Kind, Piece, Source, Sources
from fhir_server.security.caller import Scope
from fhir_server.store.filing import Filer
from fhir_server.store.plan import Outcome

_ATTEMPTS: Final = 3
"""How often the resources of a part are planned again; alone with the database, once is enough."""

Line = dict[str, Any]


class Depot:
    """Files checked pieces in order.

    Args:
        connection: the connection that writes; nobody else has the database open.
        scope: whose load it is.
        sources: the files, to read again what is refused.
        checker: plans again what an earlier piece of the same load has changed.
        rejects: where what is refused is kept.
    """

    def __init__(
        self, connection: sa.Connection, scope: Scope, sources: Sources, checker: Checker, rejects: Rejects
    ) -> None:  # fmt: skip
        self._connection, self._sources, self._checker, self._rejects = connection, sources, checker, rejects
        self._filer = Filer(connection)
        self._journal = Journal(connection, scope.owner)
        self._done: set[str] = set()

    def store(self, batch: Sequence[Checked]) -> Iterator[tuple[Piece, Tally, bool, list[Line]]]:
        """Make a batch durable; then, of each piece, what became of its items, whether it was done before, rejects.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, sqlite3.Error: nothing of the batch is filed.
        """
        told = []
        with self._connection.begin():
            for checked in batch:
                piece = self._sources.pieces[checked.piece]
                tally, before, lines = self._piece(piece, checked)
                told.append((piece, tally, before, lines))
            self._rejects.sync()
        yield from told

    def _piece(self, piece: Piece, checked: Checked) -> tuple[Tally, bool, list[Line]]:
        source = self._sources.files[piece.source]
        if source.kind is Kind.SINGLE:
            if checked.digest in self._done:  # the same file twice
                return Tally(duplicates=piece.items), False, []
            self._done.add(checked.digest)
        if checked.before is not None:
            return checked.before, True, []
        tally = Tally()
        rejects: list[Reject] = []
        for part in checked.parts:
            more, refused = self._part(piece, checked.digest, part)
            tally, rejects = tally + more, rejects + refused
        self._journal.advance(checked.digest, piece.end, source.places, tally)
        return tally, False, self._kept(source, piece, checked.digest, rejects)

    # -- filing --------------------------------------------------------------------------------------------------------

    def _part(self, piece: Piece, digest: str, part: Part, attempt: int = 0) -> tuple[Tally, list[Reject]]:
        rejects = list(part.rejects)
        outcome = self._filed(part)
        if outcome is not None and outcome.kind == "stale" and attempt < _ATTEMPTS:
            return self._again(piece, digest, part, attempt + 1)
        if outcome is not None and outcome.kind in ("failed", "stale"):
            places = {item.place for item in self._items(piece, part)} - {one.place for one in rejects}
            rejects += [Reject(place, 500, (Reason("INTERNAL", "fatal", ""),)) for place in sorted(places)]
            return Tally(rejected=len(rejects)), rejects
        if outcome is not None and outcome.kind == "duplicate":
            return Tally(duplicates=part.filed, rejected=len(rejects)), rejects
        if outcome is not None and outcome.kind == "conflict":
            rejects.append(Reject(part.first, outcome.status, reasons_found(outcome.findings)))
            return Tally(rejected=len(rejects)), rejects
        return Tally(part.filed, part.unchanged, rejected=len(rejects)), rejects

    def _filed(self, part: Part) -> Outcome | None:
        """Whatever is wrong with one plan concerns no other."""
        if part.plan is None:
            return None
        try:
            return self._filer.file(part.plan)
        except sqlite3.OperationalError:  # the database itself
            raise
        except Exception as error:
            structlog.get_logger("segur").error("plan-failed", submission=part.plan.id, kind=type(error).__name__)
            return Outcome("failed", part.plan.id, 500, part.plan.received, "refused", (), ())

    def _again(self, piece: Piece, digest: str, part: Part, attempt: int) -> tuple[Tally, list[Reject]]:
        """Plan on what this very transaction sees: an earlier line has written the same resource."""
        tally = Tally()
        rejects: list[Reject] = []
        for item in self._items(piece, part):  # one by one: two versions of one resource follow each other
            for fresh in self._checker.parts(self._connection, digest, [item]):
                more, refused = self._part(piece, digest, fresh, attempt)
                tally, rejects = tally + more, rejects + refused
        return tally, rejects

    def _items(self, piece: Piece, part: Part) -> list[Item]:
        return [item for item in self._sources.read(piece) if part.first <= item.place <= part.last]

    # -- rejects -------------------------------------------------------------------------------------------------------

    def _kept(self, source: Source, piece: Piece, digest: str, rejects: Sequence[Reject]) -> list[Line]:
        """What is refused again is kept once, for the reasons found last."""
        if not rejects:
            return []
        data = {item.place: item.data for item in self._sources.read(piece)}
        named: dict[int, Mapping[str, object]] = {one.place: self._sources.name(source, one.place) for one in rejects}
        return [self._rejects.keep(digest, named[one.place], one, data.get(one.place)) for one in rejects]
