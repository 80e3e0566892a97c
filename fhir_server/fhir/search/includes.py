"""What goes with the resources found: what they refer to, and what refers to them (FHIR R4, search.html#include)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from fhir_server.fhir.search.criteria import references
from fhir_server.fhir.search.query import Include
from fhir_server.store import search

MOST_INCLUDED: Final = 1000
"""Resources that go with a page."""
_ROUNDS: Final = 8
"""How often what was included is looked at in its turn."""

Found = dict[tuple[str, str], Any]
"""Rows of `resource` by type and id."""


def included(
    connection: sa.Connection, owner: str, kind: str, rows: Sequence[Any], includes: Iterable[Include]
) -> tuple[list[Any], bool]:
    """The rows that go with those found, none twice, and whether they are all."""
    wanted = list(includes)
    matches = {(kind, row.id) for row in rows}
    found: Found = {}
    fresh = {kind: [row.id for row in rows]}
    for turn in range(_ROUNDS):
        asked = [one for one in wanted if one.again or not turn]
        names = {name for one in asked for name in _names(connection, owner, one, fresh)}
        fresh = _add(connection, owner, sorted(names - matches - set(found)), found)
        if not fresh or len(found) >= MOST_INCLUDED:
            break
    return list(found.values())[:MOST_INCLUDED], len(found) < MOST_INCLUDED


def _names(
    connection: sa.Connection, owner: str, one: Include, fresh: dict[str, list[str]]
) -> Iterable[tuple[str, str]]:
    """Types and ids that an include leads to from resources that are new."""
    if one.reverse:
        target = [f"{kind}/{key}" for kind, keys in fresh.items() if one.target in ("", kind) for key in keys]
        for key in search.referring(connection, owner, one.source, one.param, target, MOST_INCLUDED):
            yield one.source, key
        return
    for kind in [one.source] if one.source else list(fresh):
        if ids := fresh.get(kind):
            params = [one.param] if one.param else references(kind)
            for value in search.referred(connection, owner, kind, ids, params):
                found, _, key = value.rpartition("/")
                if one.target in ("", found):
                    yield found, key


def _add(
    connection: sa.Connection, owner: str, names: Iterable[tuple[str, str]], found: Found
) -> dict[str, list[str]]:  # fmt: skip
    """Read the rows that are there; the ids by type of those that are new."""
    ids = defaultdict(list)
    for kind, key in list(names)[: MOST_INCLUDED + 1]:
        ids[kind].append(key)
    fresh = {kind: search.rows(connection, owner, kind, keys) for kind, keys in ids.items()}
    found.update({(kind, row.id): row for kind, rows in fresh.items() for row in rows})
    return {kind: [row.id for row in rows] for kind, rows in fresh.items() if rows}
