"""The fact tables: one dataclass per table is the schema that every engine reads.

A field is a column, in the order of the contract; a field with a default is an extra column, which a folder written
by somebody else may lack. Dates are local dates of Europe/Paris, months are `yyyymm`, stay and patient keys are
signed 64-bit pseudonyms. `link` says how a document met its stay: null or `linked`, `unknown`, `ambiguous`,
`site_unknown`.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from datetime import date
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Any, NewType, get_args, get_type_hints

if TYPE_CHECKING:
    import pyarrow as pa

BigInt = NewType("BigInt", int)
"""A 64-bit signed integer; a plain `int` column is 32-bit, enough for months and versions."""


class FactsError(ValueError):
    """The facts are not where they were said to be, or lack a column of the contract."""


@dataclass(frozen=True, slots=True)
class Document:
    """One logical document: all its versions, both channels. `organization` is null when the site is unknown."""

    document: str
    organization: str | None
    legal_entity: str
    kind: str
    stay: BigInt | None
    patient: BigInt | None
    produced: date
    deposited: date
    deleted: date | None
    month: int
    dmp: bool
    mssante: bool
    ins_level: str
    conformant: bool
    acknowledged: bool
    key_version: int
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay; `discharged` and `month` are null while the patient is still in.

    `field` is the field of activity: MCO, DIALYSE, SMR, HAD or PSY.
    """

    stay: BigInt
    organization: str
    legal_entity: str
    discharged: date | None
    month: int | None
    operated: bool
    excluded: bool
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message and one audience: a message to two audiences is two rows with the same `message`.

    `direction` is `sent` or `received`, `audience` the other side's: `professional`, `organization`, `application` or
    `citizen`. `sent` is the local date of sending, of receipt for a message received; `organization` is null while the
    mailbox is of no known establishment.
    """

    message: str
    organization: str | None
    legal_entity: str
    direction: str
    audience: str
    sent: date
    month: int
    delivered: bool
    sdm_mr: bool
    patient: BigInt | None


@dataclass(frozen=True, slots=True)
class Declared:
    """One declared figure, for instance entered in oSIS; `denominator` is null for a count.

    `organization` is a geographic FINESS, or the INSEE code of a region for the indicators of a region.
    """

    organization: str
    legal_entity: str
    indicator: str
    period_start: date
    period_end: date
    numerator: BigInt | None
    denominator: BigInt | None
    source: str
    received: date


TABLES: dict[str, type] = {"declared": Declared, "documents": Document, "messages": Message, "stays": Stay}
PARTITIONED = frozenset({"documents", "messages", "stays"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `kind` is the Ibis name of its type (`string`, `int64`, `int32`, `boolean`, `date`)."""

    name: str
    kind: str
    nullable: bool
    extra: bool


_KINDS: dict[Any, str] = {str: "string", BigInt: "int64", int: "int32", bool: "boolean", date: "date"}


@cache
def columns(table: str) -> tuple[Column, ...]:
    """The columns of a fact table, in the order of the contract, extras last. Raises `FactsError` on another name."""
    if table not in TABLES:
        raise FactsError(f"unknown fact table {table!r}; known: {', '.join(sorted(TABLES))}")
    hints = get_type_hints(TABLES[table])
    return tuple(
        _column(field.name, hints[field.name], field.default is not MISSING) for field in fields(TABLES[table])
    )


def _column(name: str, hint: Any, extra: bool) -> Column:
    nullable = NoneType in get_args(hint)
    base = next(part for part in get_args(hint) if part is not NoneType) if nullable else hint
    return Column(name, _KINDS[base], nullable, extra)


def schema(table: str) -> pa.Schema:
    """The Arrow schema of a fact table: contract columns, then extras."""
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "int64": pa.int64(),
        "int32": pa.int32(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
    }
    return pa.schema([pa.field(column.name, types[column.kind], column.nullable) for column in columns(table)])


def yyyymm(day: date) -> int:
    """The month key of a local date: 2026-03-31 gives 202603."""
    return day.year * 100 + day.month
