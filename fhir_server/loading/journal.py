"""How far a load has come in each source: a row that is committed with the plans it tells of."""

from __future__ import annotations

import time

import sqlalchemy as sa

from fhir_server.loading.parts import Tally
from fhir_server.store.bulk_tables import load_progress
from fhir_server.store.driver import Prepared, Session, insert

_P = sa.bindparam
_SOURCE = (load_progress.c.owner == _P("owner"), load_progress.c.source == _P("source"))
_ROW = Prepared(sa.select(load_progress).where(*_SOURCE))
_FORGET = Prepared(load_progress.delete().where(*_SOURCE))


class Journal:
    """The progress of one owner's loads, read and written on one connection.

    Args:
        connection: a connection; to write, one that is inside a transaction.
        owner: whose load it is.
    """

    def __init__(self, connection: sa.Connection, owner: str) -> None:
        self._db = Session(connection)
        self._owner = owner

    def position(self, source: str) -> int:
        """The places of a source that are done."""
        row = self._db.one(_ROW, owner=self._owner, source=source)
        return 0 if row is None else int(row.position)

    def tally(self, source: str) -> Tally:
        """What became of them."""
        row = self._db.one(_ROW, owner=self._owner, source=source)
        return Tally() if row is None else Tally(row.filed, row.unchanged, row.duplicates, row.rejected)

    def advance(self, source: str, position: int, total: int, tally: Tally) -> None:
        """Places are done up to a position; `tally` is what became of them since the last one."""
        whole = self.tally(source) + tally
        self.forget(source)
        self._db.run(
            insert(load_progress), owner=self._owner, source=source, position=position, total=total, filed=whole.filed,
            unchanged=whole.unchanged, duplicates=whole.duplicates, rejected=whole.rejected,
            updated=time.time_ns() // 1000,
        )  # fmt: skip

    def forget(self, source: str) -> None:
        """The source is as if it had never been loaded; what it filed stays."""
        self._db.run(_FORGET, owner=self._owner, source=source)
