"""What is forgotten, and when: the bytes of refused submissions after their days (policy, What is kept)."""

from __future__ import annotations

import sqlalchemy as sa

from fhir_server.store import tables
from fhir_server.store.driver import Prepared, Session

_submission = tables.submission
_FORGET = Prepared(
    _submission.update()
    .where(
        _submission.c.decision == "refused", _submission.c.envelope.is_not(None),
        _submission.c.received < sa.bindparam("before"),
    )
    .values(envelope=None)
)  # fmt: skip

DAY = 24 * 3600 * 1_000_000


def forget_refused(connection: sa.Connection, now: int, days: int) -> None:
    """Drop the bytes of submissions refused more than `days` ago (`now` in microseconds); report and hash stay."""
    Session(connection).run(_FORGET, before=now - days * DAY)
