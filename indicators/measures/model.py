"""What a measure is: its words, its counting expression, its evidence expression, and the window it looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import ibis

    from indicators.engine import Engine


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
    def of(cls, engine: Engine) -> Facts:
        """The fact tables of an engine."""
        return cls(*(engine.table(name) for name in ("declared", "documents", "messages", "stays")))


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose evidence is asked for: one geographic establishment, one legal entity, both, or everybody (no filter)."""

    organization: str | None = None
    legal_entity: str | None = None


@dataclass(frozen=True, slots=True)
class MeasureInfo:
    """The words of a measure. `unit` is what the population is made of, `subject` its FHIR resource type."""

    id: str
    title_fr: str
    title_en: str
    definition_fr: str
    definition_en: str
    unit: str
    kind: Literal["ratio", "count"]
    source: str
    subject: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One indicator.

    `count` gives organization, month, numerator, denominator (integers; denominator null for a count). `evidence`
    gives the columns of `Evidence`, with as many counted rows as the numerator over the same window.
    """

    info: MeasureInfo
    count: Callable[[Facts, Window], ibis.Table]
    evidence: Callable[[Facts, Window, Scope], ibis.Table]


@dataclass(frozen=True, slots=True)
class Figure:
    """One computed figure of one geographic establishment; `month` (yyyymm) is null over the whole period."""

    measure: str
    organization: str
    month: int | None
    numerator: int
    denominator: int | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why one stay or document counts or does not. `stay` is a pseudonym; `acknowledged` says whether the document's
    repository confirmed it, null without a document."""

    document: str | None
    stay: int | None
    counted: bool
    reason: str
    organization: str | None
    legal_entity: str
    acknowledged: bool | None
