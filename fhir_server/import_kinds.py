"""One kind of file that may be imported: how it is read, what our tables say of it, how it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from fhir_server.ids import Pseudonyms
from fhir_server.store import declared, organizations
from fhir_server.store.filing import Filer
from fhir_server.store.plan import Outcome
from fhir_server.store.writer import Plan
from indicators.imports import Fault, Shape, Wrong

REGION = 2
"""Characters of an INSEE region code, which stands for an establishment in the indicators of a region."""

Numbered = Sequence[tuple[int, Any]]
"""The records of a file with their lines."""


class InTransaction:
    """Files plans inside a transaction that somebody else commits, or does not."""

    def __init__(self, connection: sa.Connection) -> None:
        self._filer = Filer(connection)

    async def file(self, plan: Plan) -> Outcome:
        """Apply one plan."""
        return self._filer.file(plan)


@dataclass(frozen=True)
class Given:
    """What an import works with: a connection in a transaction, pseudonyms, the name of what is read.

    `owner` is the legal entity whose documents may be named; without one, those of every legal entity.
    """

    connection: sa.Connection
    keys: Pseudonyms
    source: str
    owner: str | None = None

    @cached_property
    def owners(self) -> tuple[str, ...]:
        """Whose documents may be named."""
        return declared.senders(self.connection) if self.owner is None else (self.owner,)

    @cached_property
    def writer(self) -> InTransaction:
        """The way in for what is filed as acts."""
        return InTransaction(self.connection)

    def entity(self, finess: str) -> str:
        """The legal entity of a site; of a region, its own code.

        Raises:
            Wrong: no such site.
        """
        if len(finess) == REGION:
            return finess
        row = organizations.get(self.connection, finess)
        if row is None or row.kind != "geographic":
            raise Wrong("FINESS_UNKNOWN", "finess")
        return str(row.legal_entity)

    def legal(self, finess: str, column: str) -> None:
        """Check a legal FINESS against the table.

        Raises:
            Wrong: no such legal entity.
        """
        row = organizations.get(self.connection, finess)
        if row is None or row.kind != "legal":
            raise Wrong("LEGAL_UNKNOWN", column, value=finess)


def nothing(_given: Given, _record: Any) -> None:
    """Nothing that our tables could say of one record."""


def no_fault(_given: Given, _rows: Numbered) -> Iterable[Fault]:
    """Nothing that they could say of the file."""
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file.

    `check` says what our tables know of one record (raises `Wrong`), `store` stores them and counts them, `verify`
    gives the faults of the whole once it is stored, while it can still be undone.
    """

    shape: Shape[Any]
    check: Callable[[Given, Any], None]
    store: Callable[[Given, Sequence[Any]], int]
    verify: Callable[[Given, Numbered], Iterable[Fault]] = no_fault
