"""What a measure is: its words, its counting expression, its evidence expression, the window and grain they look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from indicators.engine import unbound

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True, slots=True)
class Window:
    """An inclusive period of local dates (Europe/Paris) and the last day a deposit counts, the period's end by default.

    Raises `ValueError` when the period ends before it starts, `TypeError` on an instant: 23:30 UTC is another day.
    """

    period_start: date
    period_end: date
    cutoff: date = None  # type: ignore[assignment]  # filled below

    def __post_init__(self) -> None:
        if self.cutoff is None:
            object.__setattr__(self, "cutoff", self.period_end)
        if any(isinstance(day, datetime) for day in (self.period_start, self.period_end, self.cutoff)):
            raise TypeError("a window takes local dates, not instants")
        if self.period_end < self.period_start:
            raise ValueError(f"the period ends ({self.period_end}) before it starts ({self.period_start})")


@dataclass(frozen=True, slots=True)
class Facts:
    """The four fact tables, as unbound Ibis tables."""

    declared: ibis.Table
    documents: ibis.Table
    messages: ibis.Table
    stays: ibis.Table

    @classmethod
    def unbound(cls) -> Facts:
        """The fact tables of the contract, which every engine has under the same names."""
        return cls(*(unbound(name) for name in ("declared", "documents", "messages", "stays")))


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose evidence is asked for: one geographic establishment, one legal entity, both, or everybody (no filter)."""

    organization: str | None = None
    legal_entity: str | None = None

    def with_lost(self, table: ibis.Table) -> ibis.Table:
        """The rows of the establishment, and those of its legal entity that no establishment is known for.

        Only the legal entity can look for its lost rows: without one, the rows of the establishment alone.
        """
        if self.legal_entity is not None:
            table = table.filter(table.legal_entity == self.legal_entity)
        if self.organization is None:
            return table
        own = table.organization == self.organization
        return table.filter(own if self.legal_entity is None else own | table.organization.isnull())


@dataclass(frozen=True, slots=True)
class Grain:
    """How fine the figures are: by month of attribution or over the period, of one establishment or of all.

    `legal_entities` are those the establishment's stays belong to: its documents are looked for nowhere else. With
    `parts`, measures that have parts are split by them.
    """

    by_month: bool = False
    organization: str | None = None
    legal_entities: tuple[str, ...] = ()
    parts: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that figures are grouped by."""
        return ("organization", "month") if self.by_month else ("organization",)

    def of_entities(self, table: ibis.Table) -> ibis.Table:
        """The rows of the establishment's legal entities; of everybody when no establishment is asked for."""
        return table if self.organization is None else table.filter(table.legal_entity.isin(self.legal_entities))

    def of_site(self, table: ibis.Table) -> ibis.Table:
        """The rows of the establishment, or of everybody."""
        return table if self.organization is None else table.filter(table.organization == self.organization)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureInfo:
    """The words of a measure; its definition page and its FHIR resource are made from them.

    `unit` is what the population is made of, `subject` its FHIR resource type, `key` what makes two units one,
    `attributed_by` the fact column whose date and site a unit is counted under, `part` what a figure may be split by.
    `deposit` says that the figure is about the DMP, so that it carries the label of `Figure.label`. `better` is the
    direction of progress. `convention` is a reading that the source leaves open.
    """

    id: str
    title_fr: str
    title_en: str
    definition_fr: str
    definition_en: str
    unit: str
    kind: Literal["ratio", "count"]
    source: str
    subject: str
    key: str
    attributed_by: str
    excluded: str = ""
    convention: str = ""
    part: str = ""
    deposit: bool = False
    better: Literal["increase", "decrease"] = "increase"


class Measure(Protocol):
    """One indicator: its words, the expression that counts it, the expression that shows why."""

    @property
    def info(self) -> MeasureInfo:
        """The words of the measure."""
        ...

    def count(self, facts: Facts, window: Window, grain: Grain) -> ibis.Table:
        """Columns of `COUNTS` (those it has), integers only, one row an establishment, month (when asked) and part.

        A row whose numerator and denominator are zero or null is no figure: the establishment has no population.

        `denominator` is null for a count, and where it is declared and absent; `acknowledged` is how many units of
        the numerator rest on a deposit that the DMP acknowledged, null when the measure is not about deposits.
        """
        ...

    def evidence(self, facts: Facts, window: Window, scope: Scope) -> ibis.Table:
        """The columns of `Evidence`, with as many counted rows as the numerator over the same window."""
        ...


COUNTS = {
    "organization": "string",
    "month": "int32",
    "part": "string",
    "numerator": "int64",
    "denominator": "int64",
    "acknowledged": "int64",
}
EVIDENCE = {
    "document": "string",
    "stay": "int64",
    "counted": "boolean",
    "reason": "string",
    "organization": "string",
    "legal_entity": "string",
    "acknowledged": "boolean",
    "message": "string",
    "declared": "string",
}


def single(together: ibis.Table) -> ibis.Table:
    """The count of a batch of one measure, without its place."""
    return together.rename(numerator="numerator_0", denominator="denominator_0", acknowledged="acknowledged_0")


def shaped(table: ibis.Table, columns: Mapping[str, str]) -> ibis.Table:
    """The table with exactly these columns and types; one that it lacks is null."""
    import ibis

    found = {
        name: table[name].cast(kind) if name in table.columns else ibis.null(kind) for name, kind in columns.items()
    }
    return table.select(**found)


@dataclass(frozen=True, slots=True)
class Figure:
    """One computed figure of one geographic establishment.

    `month` (yyyymm) is null over the whole period, `part` null unless parts were asked for, `denominator` null for a
    count and where it is declared and absent, `acknowledged` null when the measure is not about deposits.
    """

    measure: str
    organization: str
    month: int | None
    numerator: int
    denominator: int | None
    part: str | None = None
    acknowledged: int | None = None

    @property
    def label(self) -> str | None:
        """What the figure may be called: `dmp` when the DMP acknowledged all of it, else `accepted_by_this_server`."""
        if self.acknowledged is None:
            return None
        return "dmp" if 0 < self.numerator == self.acknowledged else "accepted_by_this_server"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why one stay, document, message or declared figure counts or does not.

    `stay` is a pseudonym; `acknowledged` says whether the document's repository confirmed it, null without a
    document; `declared` names the source of a declared figure.
    """

    document: str | None
    stay: int | None
    counted: bool
    reason: str
    organization: str | None
    legal_entity: str
    acknowledged: bool | None
    message: str | None = None
    declared: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For machines and for whoever may see the figure: pseudonyms, and what the document may be called."""
        label = None if self.document is None else "dmp" if self.acknowledged else "accepted_by_this_server"
        return {
            "document": self.document, "stay": self.stay, "counted": self.counted, "reason": self.reason,
            "organization": self.organization, "message": self.message, "declared": self.declared, "label": label,
        }  # fmt: skip
