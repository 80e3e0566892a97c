"""Changes of resources that are no documents: what was found when they were planned, and the versions they write.

A worker reads, merges and validates; the writer makes sure that nothing it relied on has changed since, and writes all
or nothing. What was found and is no longer so makes the plan stale: the worker makes it again. So a condition holds at
the moment of the write, whoever else writes (FHIR R4, http.html#ccreate, #concurrency, #transaction).
"""

from __future__ import annotations

import msgspec

from fhir_server.store.acts import Change, Put
from fhir_server.store.plan import IndexRow
from fhir_server.store.search import Criterion


class Relied(msgspec.Struct, array_like=True, frozen=True):
    """What a search gave when the plan was made: the ids (at most `limit`, in any order) of one type."""

    type: str
    criteria: tuple[Criterion, ...]
    found: tuple[str, ...]
    limit: int = 2


class Seen(msgspec.Struct, array_like=True, frozen=True):
    """The version of a resource when the plan was made; 0 where there was none, a deletion is a version."""

    type: str
    id: str
    version: int


class Version(msgspec.Struct, array_like=True, frozen=True):
    """The next version of a resource: its JSON (`meta.versionId` and `lastUpdated` are the writer's) and the values it
    is found by from now on; `gone` is its deletion, with the body it had.
    """

    type: str
    id: str
    body: bytes
    index: tuple[IndexRow, ...] = ()
    gone: bool = False


class ResourcePlan(msgspec.Struct, array_like=True, frozen=True, tag="resources"):
    """Everything one interaction, or one transaction, changes; `placed` of its outcome follows `versions`.

    `door` is what was done (`create`, `patch`…), `entity` what it was done to, for the audit. `puts` and `changes` are
    rows of other tables that go with it.
    """

    owner: str
    role: str
    id: str
    month: int
    received: int
    door: str
    entity: str
    relied: tuple[Relied, ...] = ()
    seen: tuple[Seen, ...] = ()
    versions: tuple[Version, ...] = ()
    puts: tuple[Put, ...] = ()
    changes: tuple[Change, ...] = ()
