"""Writes that are no submission: preconditions and rows, applied whole or not at all by whoever owns the database.

Everything that a request changes beside documents and messages goes this way: reports, files of programmes, decisions,
the relay's queue. A plan names its tables and columns; the writer checks what it expects where nobody else can write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.ids import micros, month_of, paris_date
from fhir_server.store import tables
from fhir_server.store.driver import Prepared, Session, insert


class Expect(msgspec.Struct, array_like=True, frozen=True):
    """Rows of `table` with these values are there (`present`), or are not; else `rule` with `status` is the answer."""

    table: str
    where: dict[str, Any]
    present: bool
    rule: str
    status: int = 409
    location: str = ""
    params: dict[str, str] = {}


class Put(msgspec.Struct, array_like=True, frozen=True):
    """Rows of one table, all with the same columns; a missing column is null. `replace` takes the place of the row
    with the same primary key, whatever its month; without it that row is an error.
    """

    table: str
    rows: tuple[dict[str, Any], ...]
    replace: bool = False


class Drop(msgspec.Struct, array_like=True, frozen=True):
    """Rows of `table` with these values go."""

    table: str
    where: dict[str, Any]


class Change(msgspec.Struct, array_like=True, frozen=True):
    """Rows of `table` with the values of `where` take those of `values`; the rest of them stays as it is."""

    table: str
    where: dict[str, Any]
    values: dict[str, Any]


class Act(msgspec.Struct, array_like=True, frozen=True, tag="rows"):
    """What one act writes: `expects` are checked, then `drops`, `puts` and `changes` done, in order; the audit names
    the rest.

    `received` is microseconds since the epoch, `door` the kind of act, `entity` what it was done to.
    """

    owner: str
    role: str
    id: str
    month: int
    received: int
    door: str
    entity: str
    expects: tuple[Expect, ...] = ()
    drops: tuple[Drop, ...] = ()
    puts: tuple[Put, ...] = ()
    outcome: str = "done"
    changes: tuple[Change, ...] = ()


def act_now(
    owner: str,
    role: str,
    plan_id: str,
    at: datetime,
    door: str,
    entity: str,
    *,
    expects: tuple[Expect, ...] = (),
    drops: tuple[Drop, ...] = (),
    puts: tuple[Put, ...] = (),
    changes: tuple[Change, ...] = (),
) -> Act:
    """An act of this moment."""
    return Act(
        owner, role, plan_id, month_of(paris_date(at)), micros(at), door, entity, expects, drops, puts, changes=changes
    )  # fmt: skip


def first_unmet(db: Session, plan: Act) -> Expect | None:
    """The first precondition that does not hold."""
    for one in plan.expects:
        if (db.one(_found(one.table, tuple(sorted(one.where))), **one.where) is not None) != one.present:
            return one
    return None


def apply(db: Session, *, drops: Iterable[Drop] = (), puts: Iterable[Put] = (), changes: Iterable[Change] = ()) -> None:
    """Drop, put and change, inside the caller's savepoint."""
    for drop in drops:
        db.run(_dropped(drop.table, tuple(sorted(drop.where))), **drop.where)
    for put in puts:
        table = _table(put.table)
        key = tuple(column.name for column in table.primary_key if column.name != "month")
        for row in put.rows:
            if put.replace:
                db.run(_dropped(put.table, key), **{name: row[name] for name in key})
            db.run(insert(table), **_whole(table, row))
    for change in changes:
        where = {f"b_{name}": value for name, value in change.where.items()}
        statement = _changed(change.table, tuple(sorted(change.where)), tuple(sorted(change.values)))
        db.run(statement, **where, **change.values)


def _whole(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {column.name: row.get(column.name) for column in table.columns}


def _table(name: str) -> sa.Table:
    return tables.metadata.tables[name]


@cache
def _found(name: str, columns: tuple[str, ...]) -> Prepared:
    table = _table(name)
    return Prepared(sa.select(sa.literal_column("1").label("found")).select_from(table).where(
        *(table.c[column] == sa.bindparam(column) for column in columns)).limit(1))  # fmt: skip


@cache
def _dropped(name: str, columns: tuple[str, ...]) -> Prepared:
    table = _table(name)
    return Prepared(table.delete().where(*(table.c[column] == sa.bindparam(column) for column in columns)))


@cache
def _changed(name: str, columns: tuple[str, ...], values: tuple[str, ...]) -> Prepared:
    table = _table(name)
    where = (table.c[column] == sa.bindparam(f"b_{column}") for column in columns)
    return Prepared(table.update().where(*where).values({column: sa.bindparam(column) for column in values}))
