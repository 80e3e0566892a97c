"""Files, entries, moves and decisions read back. What somebody else owns is not there for the caller: 404."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from fhir_server.fhir.http import Refusal
from fhir_server.programmes.actors import sees
from fhir_server.programmes.registry import find_life, find_programme, known
from fhir_server.security.caller import Caller, Role
from fhir_server.store import programme_tables as tables
from indicators.programmes.life import Life
from indicators.programmes.machine import Notice
from indicators.programmes.model import Programme

LIMIT = 500
"""Most files a list gives."""


def moment(micros: int) -> datetime:
    """Microseconds since the epoch as a moment."""
    return datetime.fromtimestamp(micros / 1_000_000, UTC)


@dataclass(frozen=True, slots=True)
class Entered:
    """One thing that was entered, by whom and when."""

    name: str
    value: Any
    role: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """One move that was made. `reasons` are those the decision gives, amounts are cents."""

    source: str
    target: str
    actor: str
    role: str
    who: str
    at: datetime
    reasons: tuple[str, ...]
    notices: tuple[Notice, ...]
    letter: str | None
    decision: str | None
    paid: int
    committed: int


@dataclass(frozen=True, slots=True)
class File:
    """One file as it stands, with everything that happened to it, oldest first.

    `owner` is the legal entity, or the region of a region's own file; `version` grows with every entry and move.
    """

    id: str
    owner: str
    month: int
    programme: Programme
    life: Life
    organization: str
    region: str
    key: Mapping[str, str]
    state: str
    version: int
    created: datetime
    updated: datetime
    deposited: datetime | None
    entries: tuple[Entered, ...] = ()
    moves: tuple[Moved, ...] = ()

    def values(self) -> dict[str, Any]:
        """What is entered, by name: the last one wins."""
        return {one.name: one.value for one in self.entries}

    @property
    def envelope(self) -> str | None:
        """The credit line its commitments are drawn on; the region is in its name where there is a line a region."""
        named = self.life.envelope
        return None if named is None else named.replace("<region>", self.region)

    @property
    def paid(self) -> int:
        """Cents paid so far."""
        return sum(one.paid for one in self.moves)

    @property
    def committed(self) -> int:
        """Cents bound so far."""
        return sum(one.committed for one in self.moves)


@dataclass(frozen=True, slots=True)
class Decision:
    """A stored decision: the bytes of its record, as they were written."""

    id: str
    file: str
    at: datetime
    record: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which files a list is about; None is any."""

    programme: str | None = None
    state: str | None = None
    organization: str | None = None
    window: str | None = None


def load_file(connection: sa.Connection, caller: Caller, file_id: str) -> File:
    """One file with its entries and moves.

    Raises:
        Refusal: 403 for a role without files, 404 for a file that is not the caller's.
    """
    row = _row(connection, file_id)
    if caller.role not in (Role.ESTABLISHMENT, Role.ARS, Role.MINISTRY):
        raise Refusal(403, "AUTH-FORBIDDEN")
    if row is None or not _visible(caller, row):
        raise Refusal(404, "HTTP-NOT-FOUND")
    return whole(connection, row)


def any_file(connection: sa.Connection, file_id: str) -> File:
    """One file whoever asks: for commands, on the machine of the database.

    Raises:
        Refusal: 404.
    """
    row = _row(connection, file_id)
    if row is None:
        raise Refusal(404, "HTTP-NOT-FOUND")
    return whole(connection, row)


def load_decision(connection: sa.Connection, caller: Caller, decision_id: str) -> tuple[File, Decision]:
    """One decision and its file. Raises `Refusal` as `load_file`."""
    found = decision(connection, decision_id)
    return load_file(connection, caller, found.file), found


def decision(connection: sa.Connection, decision_id: str) -> Decision:
    """One decision whoever asks.

    Raises:
        Refusal: 404.
    """
    table = tables.programme_decision
    row = connection.execute(sa.select(table).where(table.c.id == decision_id)).one_or_none()
    if row is None:
        raise Refusal(404, "HTTP-NOT-FOUND")
    return Decision(row.id, row.file, moment(row.at), bytes(row.record), row.digest)


def list_files(connection: sa.Connection, caller: Caller | None, asked: Asked) -> list[File]:
    """Files the caller may see (None: all, for commands), newest first, without what happened to them.

    Raises:
        Refusal: 403 for a role without files.
    """
    table = tables.programme_file
    where: list[Any] = [*_mine(caller)]
    for column, value in (("programme", asked.programme), ("state", asked.state), ("organization", asked.organization)):
        if value is not None:
            where.append(table.c[column] == value)
    rows = connection.execute(sa.select(table).where(*where).order_by(table.c.created.desc(), table.c.id)).all()
    found = (bare(row) for row in rows if caller is None or _visible(caller, row))
    return [one for one in found if asked.window in (None, one.key.get("window"))][:LIMIT]


def _mine(caller: Caller | None) -> Iterable[Any]:
    table = tables.programme_file
    if caller is None:
        return ()
    if caller.role is Role.ESTABLISHMENT:
        return (table.c.owner == caller.organization,)
    if caller.role is Role.ARS:
        return (table.c.region == caller.organization,)
    if caller.role is Role.MINISTRY:
        return (table.c.programme.in_(sorted(known())),)
    raise Refusal(403, "AUTH-FORBIDDEN")


def _row(connection: sa.Connection, file_id: str) -> Any:
    table = tables.programme_file
    return connection.execute(sa.select(table).where(table.c.id == file_id)).one_or_none()


def _visible(caller: Caller, row: Any) -> bool:
    life = find_life(find_programme(row.programme), row.machine)
    return sees(caller, life.machine, legal_entity=row.owner, region=row.region)


def bare(row: Any) -> File:
    """A file from its row alone."""
    programme = find_programme(row.programme)
    return File(
        row.id, row.owner, row.month, programme, find_life(programme, row.machine), row.organization, row.region,
        json.loads(row.key), row.state, row.version, moment(row.created), moment(row.updated),
        None if row.deposited is None else moment(row.deposited),
    )  # fmt: skip


def whole(connection: sa.Connection, row: Any) -> File:
    """A file with its entries and moves."""
    found = bare(row)
    return File(
        **{name: getattr(found, name) for name in File.__slots__ if name not in ("entries", "moves")},
        entries=tuple(_entered(one) for one in _events(connection, tables.programme_entry, row)),
        moves=tuple(_moved(one) for one in _events(connection, tables.programme_move, row)),
    )


def _events(connection: sa.Connection, table: sa.Table, row: Any) -> Sequence[Any]:
    query = sa.select(table).where(table.c.owner == row.owner, table.c.file == row.id)
    return connection.execute(query.order_by(table.c.seq)).all()


def _entered(row: Any) -> Entered:
    return Entered(row.name, json.loads(row.value), row.role, row.who, moment(row.at))


def _moved(row: Any) -> Moved:
    return Moved(
        row.from_state, row.to_state, row.actor, row.role, row.who, moment(row.at), tuple(json.loads(row.reasons)),
        tuple(Notice(*one) for one in json.loads(row.notices)), row.letter, row.decision, row.paid, row.committed,
    )  # fmt: skip


def open_files(connection: sa.Connection) -> list[File]:
    """Every file that may still move, oldest first, without what happened to them."""
    table = tables.programme_file
    query = sa.select(table).where(table.c.programme.in_(sorted(known()))).order_by(table.c.created, table.c.id)
    found = (bare(row) for row in connection.execute(query))
    return [one for one in found if one.state not in one.life.machine.finals]
