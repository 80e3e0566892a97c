"""The whole index made again from what is stored (`segur db reindex`), beside the one in use, then put in its place.

A search finds everything all along, and the server goes on filing: what it changes in the meantime is in the table of
changes, which is caught up with at the end. Every batch is a transaction of its own that says how far it came, so that
a rebuilding that was stopped goes on from there. Only the last step takes its time: the names of indexes cannot be
changed, so the second one of the table is made when the old table is gone.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from fhir_server.fhir.indexing.stored import stored_rows
from fhir_server.store import tables
from fhir_server.store.plan import IndexRow

BATCH = 500
"""Resources a transaction: the writer of a running server waits for one."""

_working = sa.MetaData()
_next = tables.search_index.to_metadata(_working, name="search_index_next")
_state = sa.Table(
    "search_index_rebuilding", _working,
    sa.Column("owner", sa.Text, nullable=False), sa.Column("type", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False), sa.Column("seq", sa.Integer, nullable=False),
)  # fmt: skip
_now, _past, _change = tables.resource, tables.resource_history, tables.change


def rebuild(engine: sa.Engine, batch: int = BATCH) -> Generator[tuple[int, int]]:
    """Make the index again, in steps: (resources done, of how many) after each.

    Args:
        engine: on the database, for writing.
        batch: resources a transaction.
    """
    with engine.begin() as connection:
        _begin(connection)
        done, total = _progress(connection)
    while True:
        with engine.begin() as connection:
            count = _advance(connection, batch)
        if not count:
            break
        done += count
        yield done, max(done, total)
    while not _finished(engine, batch):
        yield done, max(done, total)


def _begin(connection: sa.Connection) -> None:
    """The working tables, and the change from which there is something to catch up with."""
    if sa.inspect(connection).has_table(_state.name):
        return
    _working.drop_all(connection)
    for table in (_next, _state):
        connection.execute(sa.schema.CreateTable(table))
    seq = connection.scalar(sa.select(sa.func.max(_change.c.seq))) or 0
    connection.execute(_state.insert(), {"owner": "", "type": "", "id": "", "seq": seq})


def _place(table: sa.Table) -> Any:
    return sa.tuple_(table.c.owner, table.c.type, table.c.id)


def _progress(connection: sa.Connection) -> tuple[int, int]:
    """How many resources are done, and how many there are."""
    state = connection.execute(sa.select(_state)).one()
    count = sa.select(sa.func.count()).select_from(_now)
    before = count.where(_place(_now) <= sa.tuple_(state.owner, state.type, state.id))
    return connection.scalar(before) or 0, connection.scalar(count) or 0


def _advance(connection: sa.Connection, batch: int) -> int:
    """Index the next resources in the order of their key; how many there were."""
    state = connection.execute(sa.select(_state)).one()
    after = sa.select(_now).where(_place(_now) > sa.tuple_(state.owner, state.type, state.id))
    rows = connection.execute(after.order_by(_now.c.owner, _now.c.type, _now.c.id).limit(batch)).all()
    for row in rows:
        _put(connection, row)
    if rows:
        last = rows[-1]
        connection.execute(_state.update().values(owner=last.owner, type=last.type, id=last.id))
    return len(rows)


def _put(connection: sa.Connection, row: Any) -> None:
    found = stored_rows(connection, row)
    if found:
        insert = _next.insert().prefix_with("or ignore", dialect="sqlite")
        connection.execute(insert, list(_columns(row, found)))


def _columns(row: Any, found: Iterable[IndexRow]) -> Iterator[dict[str, Any]]:
    for one in found:
        yield {"owner": row.owner, "type": one.type, "param": one.param, "value": one.value, "id": one.id,
               "sort_date": one.sort_date, "system": one.system, "month": row.month}  # fmt: skip


def _finished(engine: sa.Engine, batch: int) -> bool:
    """Catch up with changes; when there are few left, with all of them and put the new index in place."""
    with engine.begin() as connection:
        seq = connection.scalar(sa.select(_state.c.seq))
        query = sa.select(_change).where(_change.c.seq > seq).order_by(_change.c.seq).limit(batch)
        changes = connection.execute(query).all()
        for change in changes:
            _caught_up(connection, change)
        if len(changes) == batch:
            connection.execute(_state.update().values(seq=changes[-1].seq))
            return False
        _swap(connection)
        return True


def _caught_up(connection: sa.Connection, change: Any) -> None:
    """The version before a change is found no more, the current one is."""
    place = (change.owner, change.type, change.id)
    before = connection.execute(
        sa.select(_past).where(_place(_past) == sa.tuple_(*place), _past.c.version == change.version - 1)
    ).first()
    if before is not None:
        gone = sa.and_(*(column == sa.bindparam(f"k_{column.name}") for column in _next.primary_key.columns))
        rows = list(_columns(before, stored_rows(connection, before)))
        if rows:
            connection.execute(
                _next.delete().where(gone), [{f"k_{k}": v for k, v in one.items()} for one in rows]
            )  # fmt: skip
    current = connection.execute(sa.select(_now).where(_place(_now) == sa.tuple_(*place))).first()
    if current is not None:
        _put(connection, current)


def _swap(connection: sa.Connection) -> None:
    """The new index under the name of the old, with what the planner assumes of it (migration 0009)."""
    name = tables.search_index.name
    known = connection.exec_driver_sql("select idx, stat from sqlite_stat1 where tbl = ?", (name,)).all()
    connection.execute(sa.schema.DropTable(tables.search_index))
    connection.exec_driver_sql(f"alter table {_next.name} rename to {name}")
    for index in tables.search_index.indexes:
        index.create(connection)
    connection.exec_driver_sql("delete from sqlite_stat1 where tbl in (?, ?)", (name, _next.name))
    for row in known:
        connection.exec_driver_sql("insert into sqlite_stat1 (tbl, idx, stat) values (?, ?, ?)", (name, *row))
    connection.exec_driver_sql("analyze sqlite_schema")
    connection.execute(sa.schema.DropTable(_state))
