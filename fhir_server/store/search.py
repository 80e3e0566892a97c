"""Searches over the one table of search values: pages in a steady order, totals, what belongs to what was found.

A page goes on after the last resource of the page before (keyset), so what is written in between shifts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fhir_server.store import tables
from fhir_server.store.criteria import NO_DATE, TOP, Asking, Criterion, Span

__all__ = ["Criterion", "Key", "Page", "Sort", "Span", "count", "matching", "referred", "referring", "rows", "search"]

_index = tables.search_index
_resource = tables.resource

Key = tuple[str | int, ...]
"""Where a resource stands in the order of a search: its values of the sort, then its id."""


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of an order: a parameter, `_id` or `_lastUpdated`; a resource without a value comes last."""

    param: str
    descending: bool = False


BY_DATE = Sort("", descending=True)
"""The resource's own date: the order without any other, the newest first."""


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of `resource` in order, and the key to go on after; None when nothing is left."""

    rows: list[Any]
    last: Key | None


def matching(
    connection: sa.Connection, owner: str, kind: str, criteria: tuple[Criterion, ...], limit: int
) -> tuple[str, ...]:
    """The ids, at most `limit` and sorted, of the resources of a type that meet every criterion.

    For conditions of writes: it also runs inside the writer's transaction.
    """
    found = _ids(owner, kind, criteria)
    return tuple(connection.scalars(sa.select(found.c.id).order_by(found.c.id).limit(limit)))


def count(
    connection: sa.Connection, owner: str, kind: str, criteria: Sequence[Criterion], at_most: int | None = None
) -> int:
    """How many resources meet every criterion; with `at_most`, counting stops there."""
    found = sa.select(_ids(owner, kind, criteria)).limit(at_most).subquery()
    return connection.scalar(sa.select(sa.func.count()).select_from(found)) or 0


def search(
    connection: sa.Connection, owner: str, kind: str, criteria: Sequence[Criterion], limit: int,
    order: Sequence[Sort] = (), after: Key | None = None,
) -> Page:  # fmt: skip
    """The resources that meet every criterion, the newest first unless another order is asked for, `limit` at most."""
    if limit < 1:
        return Page([], None)
    keys = order or (BY_DATE,)
    query = _by_date(owner, kind, criteria, limit + 1, keys[0].descending, after) if _dated(keys) else (
        _sorted(owner, kind, criteria, limit + 1, keys, after)
    )  # fmt: skip
    found = connection.execute(query).all()
    last = tuple(found[limit - 1]) if len(found) > limit else None
    ids = [row[-1] for row in found[:limit]]
    bodies = {row.id: row for row in rows(connection, owner, kind, ids)}
    return Page([bodies[one] for one in ids if one in bodies], last)


def rows(connection: sa.Connection, owner: str, kind: str, ids: Iterable[str]) -> list[Any]:
    """The current versions of resources of a type, in the order of their ids; a deleted one is not there."""
    query = sa.select(_resource).where(
        _resource.c.owner == owner, _resource.c.type == kind, _resource.c.id.in_(list(ids)),
        _resource.c.gone == sa.false(),
    )  # fmt: skip
    return list(connection.execute(query.order_by(_resource.c.id)))


def referred(
    connection: sa.Connection, owner: str, kind: str, ids: Iterable[str], params: Iterable[str]
) -> list[str]:  # fmt: skip
    """What resources of a type refer to by any of these parameters, as `Type/id`, sorted."""
    row = _index
    query = sa.select(row.c.value).distinct().where(
        row.c.owner == owner, row.c.type == kind, row.c.id.in_(list(ids)), row.c.param.in_(list(params))
    )  # fmt: skip
    return list(connection.scalars(query.order_by(row.c.value)))


def referring(
    connection: sa.Connection, owner: str, kind: str, param: str, references: Iterable[str], limit: int
) -> list[str]:
    """The ids, sorted, of resources of a type that refer to any of `references` by a parameter; `limit` at most."""
    row = _index
    query = sa.select(row.c.id).distinct().where(
        *Asking(owner, kind).param(row, param), row.c.value.in_(list(references))
    )  # fmt: skip
    return list(connection.scalars(query.order_by(row.c.id).limit(limit)))


# -- the order ---------------------------------------------------------------------------------------------------------


def _union(owner: str, kind: str, criteria: Iterable[Criterion]) -> Any:
    return sa.union_all(*Asking(owner, kind).walks(criteria))


def _ids(owner: str, kind: str, criteria: Iterable[Criterion]) -> Any:
    """Each id once. It is an expression, or SQLite would walk every row in the order of ids to tell them apart."""
    found = _union(owner, kind, criteria).subquery()
    return sa.select((found.c.id + "").label("id")).distinct().subquery()


def _dated(keys: Sequence[Sort]) -> bool:
    return len(keys) == 1 and not keys[0].param


def _by_date(
    owner: str, kind: str, criteria: Sequence[Criterion], limit: int, descending: bool, after: Key | None
) -> sa.Select[Any]:
    """Each walk in its own order, as far as the page goes; then the first of them all."""
    walks = [
        _first(walk, limit, descending, after).subquery() for walk in Asking(owner, kind).walks(criteria)
    ]  # fmt: skip
    every = sa.union_all(*(sa.select(*reversed(walk.c.values())) for walk in walks)).subquery()
    both = [_way(column, descending) for column in every.c]
    return sa.select(*every.c).distinct().order_by(*both).limit(limit)


def _first(walk: sa.Select[Any], limit: int, descending: bool, after: Key | None) -> sa.Select[Any]:
    identity, date = walk.selected_columns
    # A date that is the same for all, of the walk over resources, is no column to sort by.
    by = [identity] if date.name == NO_DATE else [date, identity]
    if after is not None:
        place, last = sa.tuple_(*by), sa.tuple_(*(sa.literal(part) for part in after[-len(by) :]))
        walk = walk.where(place < last if descending else place > last)
    return walk.distinct().order_by(*(_way(column, descending) for column in by)).limit(limit)


def _sorted(
    owner: str, kind: str, criteria: Sequence[Criterion], limit: int, keys: Sequence[Sort], after: Key | None
) -> sa.Select[Any]:
    """Everything that matches, each with its keys; the id says who comes first of equals."""
    found = _union(owner, kind, criteria).subquery()
    named = [_key(owner, kind, found, one).label(f"key{place}") for place, one in enumerate(keys)]
    every = sa.select(*named, found.c.id).distinct().subquery()
    columns = list(every.c)
    down = [*(one.descending for one in keys), keys[-1].descending]
    query = sa.select(*columns)
    if after is not None:
        query = query.where(_beyond(columns, down, after))
    return query.order_by(*(_way(c, d) for c, d in zip(columns, down, strict=True))).limit(limit)


def _key(owner: str, kind: str, found: Any, sort: Sort) -> Any:
    """What a resource is sorted by: of several values the lowest, or from the top the highest."""
    if sort.param == "_id":
        return found.c.id
    if not sort.param:
        return found.c[1]
    if sort.param == "_lastUpdated":
        row = _resource.alias()
        return (
            sa.select(row.c.updated)
            .where(row.c.owner == owner, row.c.type == kind, row.c.id == found.c.id)
            .scalar_subquery()
        )
    value = _index.alias()
    end = sa.func.max(value.c.value) if sort.descending else sa.func.min(value.c.value)
    first = sa.select(end).where(*Asking(owner, kind).param(value, sort.param), value.c.id == found.c.id)
    return sa.func.coalesce(first.scalar_subquery(), sa.literal("" if sort.descending else TOP))


def _beyond(columns: Sequence[Any], down: Sequence[bool], after: Key) -> Any:
    """After a key in an order that may turn at each column."""
    choices: list[Any] = []
    before: list[Any] = []
    for column, descending, part in zip(columns, down, after, strict=True):
        choices.append(sa.and_(*before, column < part if descending else column > part))
        before.append(column == part)
    return sa.or_(*choices)


def _way(column: Any, descending: bool) -> Any:
    return column.desc() if descending else column.asc()
