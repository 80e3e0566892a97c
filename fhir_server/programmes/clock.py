"""The moves nobody makes by hand: what is due on a day, found and made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from fhir_server.programmes.actors import CLOCKWORK, UNATTENDED
from fhir_server.programmes.moves import make_move
from fhir_server.programmes.office import Office
from fhir_server.programmes.records import File, Moved, any_file, open_files
from fhir_server.programmes.refused import Refused


async def tick(office: Office, at: datetime) -> AsyncIterator[tuple[File, Moved]]:
    """Make every move of the clock that is due, one after the other until none is left; each with its file before it.

    Raises:
        Refusal: 409 when somebody moves the same file meanwhile, 503 when nothing can be written.
    """
    with office.reading() as connection:
        waiting = [one.id for one in open_files(connection) if _targets(one)]
    for file_id in waiting:
        while (made := await _once(office, file_id, at)) is not None:
            yield made


def _targets(file: File) -> list[str]:
    rows = file.life.machine.transitions
    return [row.target for row in rows if row.source == file.state and row.actor in UNATTENDED]


async def _once(office: Office, file_id: str, at: datetime) -> tuple[File, Moved] | None:
    with office.reading() as connection:
        file = any_file(connection, file_id)
    for target in _targets(file):
        try:
            return file, await make_move(office, file, CLOCKWORK, target, at)
        except Refused:
            continue
    return None
