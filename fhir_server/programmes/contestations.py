"""An establishment says that a document should count; the agency answers, once. Neither is ever changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from fhir_server.fhir.http import Refusal
from fhir_server.ids import micros, month_of, new_id, paris_date
from fhir_server.programmes.actors import Hand
from fhir_server.programmes.missing import counted_by
from fhir_server.programmes.office import Office
from fhir_server.programmes.records import File, moment
from fhir_server.programmes.views import evidence, look
from fhir_server.store import programme_tables, tables
from fhir_server.store.acts import Expect, Put, act_now
from fhir_server.store.declared import written

OUTCOMES = ("upheld", "rejected")
_table, _answers = programme_tables.contestation, programme_tables.contestation_answer


@dataclass(frozen=True, slots=True)
class Answer:
    """What the agency answered."""

    outcome: str
    statement: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Contestation:
    """One contested document. `unique_id` is the establishment's name of it; `document` its pseudonym, for others.

    `reason` is why it was not counted on the day it was contested.
    """

    id: str
    measure: str
    unique_id: str
    document: str | None
    reason: str
    statement: str
    who: str
    at: datetime
    answer: Answer | None


async def contest(
    office: Office, file: File, hand: Hand, measure: str, unique_id: str, statement: str, at: datetime
) -> str:
    """File a contestation; its id.

    Raises:
        Refusal: 404 a measure the file does not count or a document that is not filed, 409 one that is counted.
    """
    reason, document = await run_in_threadpool(_standing, office, file, measure, unique_id, at)
    made = new_id()
    row = {
        "owner": file.owner, "id": made, "month": month_of(paris_date(at)), "file": file.id, "measure": measure,
        "unique_id": document, "reason": reason, "text": statement, "who": hand.who, "at": micros(at),
    }  # fmt: skip
    act = act_now(file.owner, hand.role, made, at, "contestation", file.id, puts=(Put("contestation", (row,)),))
    await office.file(act)
    return made


def _standing(office: Office, file: File, measure: str, unique_id: str, at: datetime) -> tuple[str, str]:
    """Why a document does not count now, and its unique id as it is filed."""
    looked = counted_by(office, look(office, file, at))
    if measure not in looked.measures:
        raise Refusal(404, "PROGRAMME-MEASURE", found=measure, known=", ".join(looked.measures) or "-")
    with office.reading() as connection:
        found = _identity(connection, file.owner, unique_id)
    if found is None:
        raise Refusal(404, "PROGRAMME-DOCUMENT")
    rows = [row for row in evidence(office, looked, measure) if row.document == found.document]
    if any(row.counted for row in rows):
        raise Refusal(409, "PROGRAMME-COUNTED")
    return (rows[0].reason if rows else "NOT_LOOKED_AT"), found.unique_id


def _identity(connection: sa.Connection, owner: str, unique_id: str) -> Any:
    table = tables.document_identity
    query = sa.select(table).where(table.c.owner == owner, table.c.unique_id.in_(written(unique_id)))
    return connection.execute(query).first()


async def answer(
    office: Office, file: File, hand: Hand, contestation_id: str, outcome: str, statement: str, at: datetime
) -> None:
    """Answer a contestation of a file.

    Raises:
        Refusal: 404 when the file has no such contestation, 409 when it has its answer.
    """
    with office.reading() as connection:
        known = [one.id for one in of_file(connection, file)]
    if contestation_id not in known:
        raise Refusal(404, "HTTP-NOT-FOUND")
    row = {
        "owner": file.owner, "contestation": contestation_id, "month": month_of(paris_date(at)), "outcome": outcome,
        "text": statement, "who": hand.who, "at": micros(at),
    }  # fmt: skip
    where = {"owner": file.owner, "contestation": contestation_id}
    await office.file(
        act_now(file.owner, hand.role, new_id(), at, "contestation-answer", file.id,
                expects=(Expect("contestation_answer", where, False, "PROGRAMME-ANSWERED"),),
                puts=(Put("contestation_answer", (row,)),))
    )  # fmt: skip


def of_file(connection: sa.Connection, file: File) -> list[Contestation]:
    """The contestations of a file, oldest first, each with its answer."""
    return list(_read(connection, file))


def _read(connection: sa.Connection, file: File) -> Iterator[Contestation]:
    joined = _table.outerjoin(
        _answers, sa.and_(_answers.c.owner == _table.c.owner, _answers.c.contestation == _table.c.id)
    )
    columns = [_answers.c[name].label(f"answer_{name}") for name in ("outcome", "text", "who", "at")]
    query = sa.select(_table, *columns).select_from(joined).where(_table.c.file == file.id).order_by(_table.c.at)
    for row in connection.execute(query):
        said = None
        if row.answer_outcome is not None:
            said = Answer(row.answer_outcome, row.answer_text, row.answer_who, moment(row.answer_at))
        filed = _identity(connection, file.owner, row.unique_id)
        yield Contestation(
            row.id, row.measure, row.unique_id, None if filed is None else filed.document, row.reason, row.text,
            row.who, moment(row.at), said,
        )  # fmt: skip
