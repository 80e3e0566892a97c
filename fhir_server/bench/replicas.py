"""A large database from one real submission: its rows repeated by SQL under ids, dates and persons of their own.

Filing a million letters would take more than an hour; SQLite writes their rows in minutes. What differs between two
copies is what two letters differ by: ids, unique ids, dates, stay, patient. All else, and the bytes of the document,
stay those of the real one. Only for measuring: the audit rows of copies do not chain.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from fhir_server.fhir.indexing import ranges
from fhir_server.ids import PARIS, micros, month_of
from validators.ins import control_key

EACH: Final = 20
"""Documents a patient, spread over those of others."""
SPAN: Final = timedelta(days=270)
"""All copies lie in so much time before the real letter."""
_BLOCK: Final = 20_000
"""Copies that are written together: the parts of the indexes that they go to fit into the cache."""
_TABLES: Final = {
    "submission": "id", "resource": "submission", "change": "submission", "search_index": "id",
    "document_identity": "submission", "documents": "submission", "document_encounter": "document", "audit": "entity",
}  # fmt: skip
"""What is repeated, and the column that names its owner: the submission, a resource of it, or its document."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What is a copy's own, beside its texts: its place, its person and when it was written and received.

    `moved` is how much later than the template, in microseconds; `first` the first of its person.
    """

    number: int
    person: int
    first: bool
    moved: int
    texts: tuple[str, ...]
    written: datetime
    received: datetime
    reference: str
    patient: str
    matricule: str


class Template:
    """The one submission of a database, and the texts that are its own."""

    def __init__(self, connection: sqlite3.Connection, total: int) -> None:
        self._total = total
        submission, at = connection.execute("select id, received from submission").fetchone()
        self.ids: dict[str, str] = dict(connection.execute("select type, id from resource").fetchall())
        document, patient, sent = (self._body(connection, kind) for kind in ("DocumentReference", "Patient", "List"))
        (key,) = connection.execute("select document from document_identity").fetchone()
        self.received = datetime.fromtimestamp(at / 1_000_000, UTC)
        self.written = datetime.fromisoformat(document["date"])
        self.custodian: dict[str, str] = document["custodian"]["identifier"]
        self.identifier: dict[str, str] = document["subject"]["identifier"]
        self._stem = document["masterIdentifier"]["value"].rpartition(".")[0]
        self._set = sent["identifier"][0]["value"]
        self._local = next(i["value"] for i in patient["identifier"] if i["value"] != self.identifier["value"])
        self._stay = document["context"]["encounter"][0]["identifier"]["value"]
        self.owners = {submission, key, *self.ids.values()}
        self.texts = (
            submission, *(self.ids[kind] for kind in ("List", "DocumentReference", "Binary")), key, self._stem,
            self._set, self._stay, document["date"], *_indexed(self.written), document["meta"]["lastUpdated"],
            sent["date"], *_indexed(datetime.fromisoformat(sent["date"])), self.ids["Patient"],
            self.identifier["value"], self._local,
        )  # fmt: skip

    def _body(self, connection: sqlite3.Connection, kind: str) -> Any:
        (body,) = connection.execute("select body from resource where type = ?", (kind,)).fetchone()
        return json.loads(body)

    def copy(self, number: int) -> Copy:
        """The copy of a number, from 0 to the total; every text as long as the real one."""
        before = timedelta(seconds=SPAN * (self._total - number) // self._total // timedelta(seconds=1))
        written, received = self.written - before, self.received - before
        block, place = divmod(number, _BLOCK)
        persons = math.ceil(min(_BLOCK, self._total) / EACH)
        person = block * persons + place % persons
        own, reference, sent, binary = (_uuid(received, place, number) for place in range(4))
        patient, matricule = f"{person:032x}", _matricule(self.identifier["value"], person)
        texts = (
            own, sent, reference, binary, f"{number:032x}", _numbered(self._stem, number), _numbered(self._set, number),
            _numbered(self._stay, number), written.astimezone(PARIS).isoformat(), *_indexed(written),
            received.isoformat(timespec="milliseconds"), received.isoformat(timespec="seconds"),
            *_indexed(received.replace(microsecond=0)), patient, matricule, _numbered(self._local, person),
        )  # fmt: skip
        moved = -(before // timedelta(microseconds=1))
        return Copy(number, person, place < persons, moved, texts, written, received, reference, patient, matricule)


def fill(path: str, template: Template, first: int, last: int) -> None:
    """Add the copies of the numbers from `first` (in) to `last` (out) to a SQLite file that no server has open."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=off", "synchronous=off", "cache_size=-500000", "temp_store=memory"):
        connection.execute(f"pragma {pragma}")
    texts = ", ".join(f"t{place}" for place in range(len(template.texts)))
    fields = ("number", "person", "first", "moved", "month", "produced", "deposited")
    connection.execute(f"create temp table copy ({', '.join(fields)}, {texts})")
    statements = list(_statements(connection, template))
    marks = ", ".join("?" * (len(fields) + len(template.texts)))
    for start in range(first, last, _BLOCK):
        connection.execute("begin")
        connection.execute("delete from copy")
        rows = (_fields(template.copy(number)) for number in range(start, min(start + _BLOCK, last)))
        connection.executemany(f"insert into copy values ({marks})", rows)  # noqa: S608
        for statement, values in statements:
            connection.execute(statement, values)
        connection.execute("commit")
    connection.execute("pragma journal_mode=wal")
    connection.close()


# -- the copies --------------------------------------------------------------------------------------------------------


def _fields(copy: Copy) -> tuple[object, ...]:
    """A row of the table of copies."""
    produced, deposited = (moment.astimezone(PARIS).date() for moment in (copy.written, copy.received))
    return (
        copy.number, copy.person, copy.first, copy.moved, month_of(deposited), str(produced), str(deposited),
        *copy.texts,
    )  # fmt: skip


def _uuid(at: datetime, place: int, number: int) -> str:
    """A UUID version 7, as the server makes them, of the time and a number instead of chance."""
    return str(UUID(int=micros(at) // 1000 << 80 | 0x7 << 76 | place << 64 | 0x2 << 62 | number))


def _numbered(text: str, number: int) -> str:
    """A text with the digits at its end replaced: by the number, after a 1."""
    head = text.rstrip("0123456789")
    return f"{head}1{number:0{len(text) - len(head) - 1}d}"


def _matricule(model: str, person: int) -> str:
    """The INS of another person, born in the same month and department: at most a million of them."""
    body = f"{model[:7]}{person:06d}"
    return body + control_key(body)


def _indexed(moment: datetime) -> tuple[str, str]:
    """The two ends of a date, in seconds, as the search index holds them."""
    low = micros(moment)
    return ranges.moment(low), ranges.moment(low + 1_000_000)


# -- the statements ----------------------------------------------------------------------------------------------------


def _statements(connection: sqlite3.Connection, template: Template) -> Iterator[tuple[str, list[object]]]:
    """One `insert … select` a row of the template; those of a Patient once a person."""
    owners = sorted(template.owners)
    marks = ", ".join("?" * len(owners))
    for table, named in _TABLES.items():
        columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
        order = ", ".join(map(str, range(1, len(columns) + 1)))
        found = connection.execute(f"select * from {table} where {named} in ({marks}) order by {order}", owners)  # noqa: S608
        for row in found.fetchall():
            yield _statement(table, dict(zip(columns, row, strict=True)), template)


def _statement(table: str, row: dict[str, Any], template: Template) -> tuple[str, list[object]]:
    if table == "change":
        del row["seq"]  # the next of all
    values: list[object] = []
    parts = [_part(table, column, value, template, values) for column, value in row.items()]
    once = " where first" if row.get("type") == "Patient" else ""
    select = f"select {', '.join(parts)} from copy{once} order by number"  # noqa: S608
    return f"insert into {table} ({', '.join(row)}) {select}", values


_ADDED: Final = {
    "stay": "number", "encounter": "number", "patient": "person", "updated": "moved", "received": "moved",
    "at": "moved", "sort_date": "moved",
}  # fmt: skip
"""What is added to a number: pseudonyms become those of another, moments move with the copy."""
_TAKEN: Final = frozenset({"month", "produced", "deposited"})


def _part(table: str, column: str, value: Any, template: Template, values: list[object]) -> str:
    """The SQL of a column of a copy; its parameters go to `values`. A sort date of 0 is none."""
    if column in _TAKEN:
        return column
    if table == "audit" and column in ("chain", "seq"):
        return "'copies'" if column == "chain" else "number"
    values.append(value)
    if not isinstance(value, str | bytes):
        return f"? + {_ADDED[column]}" if value and column in _ADDED else "?"
    found = [place for place, text in enumerate(template.texts) if _within(text, value)]
    expression = "cast(? as text)" if isinstance(value, bytes) and found else "?"
    for place in found:
        values.append(template.texts[place])
        expression = f"replace({expression}, ?, t{place})"
    return f"cast({expression} as blob)" if isinstance(value, bytes) and found else expression


def _within(text: str, value: str | bytes) -> bool:
    return text in value if isinstance(value, str) else text.encode() in value
