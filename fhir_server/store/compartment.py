"""Which resources belong together: the types an owner has, what refers to a resource, what it is referred to with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa

from fhir_server.store import tables

_resource = tables.resource
_index = tables.search_index

Key = tuple[str, str]
"""The type and id of a resource."""

_AT_ONCE = 500
"""Ids in one statement."""

T = TypeVar("T", str, Key)


def _some(items: Iterable[T]) -> Iterator[list[T]]:
    """So many at a time, in their order."""
    every = sorted(items)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]


def types_of(connection: sa.Connection, owner: str) -> list[str]:
    """The types an owner has resources of, sorted; one look-up a type, however many resources there are."""
    first = sa.select(sa.func.min(_resource.c.type).label("type")).where(_resource.c.owner == owner)
    found = first.cte("found", recursive=True)
    following = sa.select(sa.func.min(_resource.c.type)).where(
        _resource.c.owner == owner, _resource.c.type > found.c.type
    )
    found = found.union_all(sa.select(following.scalar_subquery()).where(found.c.type.is_not(None)))
    return list(connection.scalars(sa.select(found.c.type).where(found.c.type.is_not(None))))


def pointing(connection: sa.Connection, owner: str, params: Mapping[str, Collection[str]], reference: str) -> set[Key]:
    """What refers to `Type/id` by one of the reference parameters of its type; `params` are those by type."""
    wanted = sa.or_(
        *(sa.and_(_index.c.type == kind, _index.c.param.in_(names)) for kind, names in params.items() if names)
    )
    query = sa.select(_index.c.type, _index.c.id).where(_index.c.owner == owner, _index.c.value == reference, wanted)
    return {(row.type, row.id) for row in connection.execute(query)}


def values(connection: sa.Connection, owner: str, kind: str, ids: Iterable[str], params: Collection[str]) -> set[str]:
    """The values of parameters of resources."""
    found: set[str] = set()
    for some in _some(ids):
        query = sa.select(_index.c.value).where(
            _index.c.owner == owner, _index.c.type == kind, _index.c.param.in_(params), _index.c.id.in_(some)
        )
        found.update(connection.scalars(query))
    return found


def known_by(
    connection: sa.Connection, owner: str, kind: str, param: str, wanted: Iterable[str]
) -> set[Key]:  # fmt: skip
    """Resources of a type that have one of these values, of whatever system."""
    found: set[Key] = set()
    for some in _some(wanted):
        query = sa.select(_index.c.id).where(
            _index.c.owner == owner, _index.c.type == kind, _index.c.param == param, _index.c.value.in_(some)
        )
        found |= {(kind, one) for one in connection.scalars(query)}
    return found


def present(connection: sa.Connection, owner: str, keys: Iterable[Key], since: int | None = None) -> dict[Key, Any]:
    """The current versions of resources that are there, changed since a moment (microseconds) where one is given."""
    ids: dict[str, list[str]] = {}
    for kind, key in keys:
        ids.setdefault(kind, []).append(key)
    found = {}
    for kind, wanted in ids.items():
        for some in _some(wanted):
            query = sa.select(_resource).where(
                _resource.c.owner == owner, _resource.c.type == kind, _resource.c.id.in_(some),
                _resource.c.gone == sa.false(), *([_resource.c.updated >= since] if since is not None else []),
            )  # fmt: skip
            found.update({(kind, row.id): row for row in connection.execute(query)})
    return found
