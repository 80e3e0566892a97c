"""What a search asks of the one table of search values, and its SQL. Nothing here knows HTTP or FHIR's syntax.

Every look-up starts at a prefix of an index: a value of a parameter (the primary key), or a resource's own rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from fhir_server.store import tables

_index = tables.search_index
_resource = tables.resource

TOP = "\U0010ffff"
"""Comes after every text."""
NO_DATE = "no_date"
"""The name of the second column of a walk over resources, which are in the order of their ids."""
_AFTER_UPPER = "~"
"""Comes after the bar that follows the upper bound of a quantity, before any other digit of a greater bound."""

Test = Literal["is", "starts", "contains", "within", "present", "linked", "has", "either", "all"]


class Span(msgspec.Struct, array_like=True, frozen=True):
    """Bounds on the two ends of a date, a number or a quantity, as the index holds them; None is open.

    `low_from <= low < low_below` and `high_above < high <= high_to`; `unit` is how the unit of a quantity ends,
    whole when it begins with a bar.
    """

    low_from: str | None = None
    low_below: str | None = None
    high_above: str | None = None
    high_to: str | None = None
    unit: str | None = None


class Criterion(msgspec.Struct, array_like=True, frozen=True):
    """One search criterion: any of the tokens; a system of None is any system, "" is no system.

    `test` says how values are looked at: `is` the value itself, `starts` and `contains` the text, `within` the spans,
    `present` any value, `linked` a reference to a resource of one of `types` that meets every criterion of `inner`,
    `has` the other way round: a resource of `types` whose `param` refers to this one and that meets `inner`. `either`
    and `all` join the criteria of `inner`. The parameters `_id` and `_lastUpdated` (microseconds) are the resource's
    own. `negated` turns it round. `dates` are given where the parameter is the date that resources of the type are
    sorted by, of which each has one at most: the bounds that follow (low <= date < high) spare walking the others.
    """

    param: str
    tokens: tuple[tuple[str | None, str], ...] = ()
    test: Test = "is"
    negated: bool = False
    spans: tuple[Span, ...] = ()
    types: tuple[str, ...] = ()
    inner: tuple[Criterion, ...] = ()
    dates: tuple[int | None, int | None] = (None, None)


ALWAYS = {
    "DocumentReference": Criterion("status", tuple((None, c) for c in ("current", "superseded", "entered-in-error"))),
    "List": Criterion("status", tuple((None, c) for c in ("current", "retired", "entered-in-error"))),
}
"""A mandatory code of resources that have a date: a search that names no value follows it, in the order of dates."""

_WIDE = frozenset({
    "status", "category", "class", "active", "gender", "code", "facility", "setting", "format", "language", "medium",
    "security-label",
})  # fmt: skip
"""Parameters of which one value stands in many resources."""
_BRANCHES = 16
"""Values that are walked each in its own order; more are walked together and sorted."""


@dataclass(frozen=True, slots=True)
class Hit:
    """The columns of a resource under test: its date where it comes from the index, else when it was written last."""

    id: Any
    date: Any = None
    updated: Any = None


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for what type of resource."""

    owner: str
    kind: str

    def meets(self, one: Criterion, hit: Hit) -> Any:
        """The condition that a resource meets a criterion."""
        found = self._meets(one, hit)
        return sa.not_(found) if one.negated else found

    def _meets(self, one: Criterion, hit: Hit) -> Any:
        if one.test == "either":
            return sa.or_(sa.false(), *(self.meets(each, hit) for each in one.inner))
        if one.test == "all":
            return sa.and_(sa.true(), *(self.meets(each, hit) for each in one.inner))
        if one.param == "_id":
            return hit.id.in_([value for _, value in one.tokens])
        if one.param == "_lastUpdated":
            return self._updated(one, hit)
        if one.test == "has":
            return self._has(one, hit)
        row = _index.alias()
        same = [row.c.id == hit.id]
        if one.test == "is" and hit.date is not None:
            same.append(row.c.sort_date == hit.date)  # the whole primary key: one step, however common the value is
        return sa.exists().where(*self.row(row, one), *same)

    def _updated(self, one: Criterion, hit: Hit) -> Any:
        if hit.updated is not None:
            return _moments(hit.updated, one)
        row = _resource.alias()
        same = [row.c.owner == self.owner, row.c.type == self.kind, row.c.id == hit.id]
        return sa.exists().where(*same, _moments(row.c.updated, one))

    def _has(self, one: Criterion, hit: Hit) -> Any:
        """Another resource refers to this one: its reference is a value of the index."""
        found = []
        for kind in one.types:
            row = _index.alias()
            other = Asking(self.owner, kind)
            found.append(
                sa.exists().where(
                    *other.param(row, one.param), row.c.value == sa.literal(f"{self.kind}/") + hit.id,
                    *(other.meets(each, Hit(row.c.id, row.c.sort_date)) for each in one.inner),
                )
            )  # fmt: skip
        return sa.or_(sa.false(), *found)

    def param(self, row: Any, param: str) -> list[Any]:
        """The conditions that a row of the index is of a parameter, in the order of its primary key."""
        return [row.c.owner == self.owner, row.c.type == self.kind, row.c.param == param]

    def row(self, row: Any, one: Criterion) -> list[Any]:
        """The conditions that a row of the index meets a criterion."""
        if one.test == "present":
            names = [one.param, *(f"{one.param}:{form}" for form in ("identifier", "text", "of-type"))]
            return [row.c.owner == self.owner, row.c.type == self.kind, row.c.param.in_(names)]
        return [*self.param(row, one.param), self._value(row, one)]

    def _value(self, row: Any, one: Criterion) -> Any:
        if one.test == "linked":
            found = [self.linked(row, kind, one.inner) for kind in one.types]
        elif one.test == "within":
            found = [_within(row, span) for span in one.spans]
        elif one.test == "is":
            found = _equal(row, one)
        else:
            found = [_text(row, one.test, value) for _, value in one.tokens]
        return sa.or_(sa.false(), *found)

    def linked(self, row: Any, kind: str, inner: tuple[Criterion, ...]) -> Any:
        """The condition that a reference leads to a resource of a type that meets criteria."""
        ids = sa.union_all(*Asking(self.owner, kind).walks(inner)).subquery()
        return row.c.value.in_(sa.select(sa.literal(f"{kind}/") + ids.c.id))

    def walks(self, criteria: Iterable[Criterion]) -> list[sa.Select[Any]]:
        """Selections of (id, date) of which the union is what meets every criterion; one may come several times.

        Each walks the rows of one value in the order of dates, and looks the other criteria up one by one.
        """
        asked = tuple(criteria)
        driver = min(asked, key=rank, default=None)
        if driver is None or rank(driver) >= _NO_DRIVER:
            driver = ALWAYS.get(self.kind)
        if driver is None or driver.param in ("_id", "_lastUpdated"):
            return [self._walk_all(asked)]
        others = tuple(one for one in asked if one is not driver)
        return [self._walk(value, others, asked) for value in _apart(driver)]

    def _walk(self, driver: Criterion, others: tuple[Criterion, ...], asked: tuple[Criterion, ...]) -> sa.Select[Any]:
        row = _index.alias()
        bounds = [] if _is_date(driver) else [one.dates for one in asked]
        dates = [row.c.sort_date >= low for low, _ in bounds if low is not None]
        dates += [row.c.sort_date < high for _, high in bounds if high is not None]
        hit = Hit(row.c.id, row.c.sort_date)
        conditions = [*self.row(row, driver), *dates, *(self.meets(one, hit) for one in others)]
        # The values of that date are in its order: they are walked as they lie.
        order = row.c.value.label("sort_date") if _is_date(driver) else row.c.sort_date
        return sa.select(row.c.id, order).where(*conditions)

    def _walk_all(self, asked: tuple[Criterion, ...]) -> sa.Select[Any]:
        """Without a value to follow: the resources themselves, as they were written or in the order of their ids."""
        row = _resource.alias()
        conditions = [row.c.owner == self.owner, row.c.type == self.kind, row.c.gone == sa.false()]
        hit = Hit(row.c.id, updated=row.c.updated)
        conditions += [row.c.id.in_(self._held(one)) if _leads(one) else self.meets(one, hit) for one in asked]
        written = not any(one.param == "_id" for one in asked) and any(one.param == "_lastUpdated" for one in asked)
        return sa.select(row.c.id, row.c.updated if written else sa.literal(0).label(NO_DATE)).where(*conditions)

    def _held(self, one: Criterion) -> Any:
        """The ids that others refer to: found from the others, where nothing else says which to look at."""
        found = []
        for kind in one.types:
            row, other = _index.alias(), Asking(self.owner, kind)
            ids = sa.union_all(*other.walks(one.inner)).subquery()
            found.append(
                sa.select(sa.func.substr(row.c.value, len(self.kind) + 2)).where(
                    *other.param(row, one.param), _text(row, "starts", f"{self.kind}/"),
                    row.c.id.in_(sa.select(ids.c.id)),
                )
            )  # fmt: skip
        return sa.union_all(*found)


# -- which criterion to follow -----------------------------------------------------------------------------------------

_NO_DRIVER = 90


def rank(one: Criterion) -> int:
    """The lower, the fewer resources a criterion leaves to look at; from 90 on there are no rows to follow."""
    if one.negated or one.test not in ("is", "starts", "within", "linked"):
        return _NO_DRIVER
    if one.param == "_id":
        return 0
    if one.test == "is":
        return 50 if one.param in _WIDE else 10 if "identifier" in one.param or _references(one) else 40
    if one.test == "within":
        return 48 if _is_date(one) else 45
    return 20 if one.test == "linked" else 30


def _leads(one: Criterion) -> bool:
    """Whether what refers to a resource is so little that it is better looked for first."""
    return one.test == "has" and not one.negated and min(map(rank, one.inner), default=_NO_DRIVER) <= 30


def _is_date(one: Criterion) -> bool:
    return one.dates != (None, None)


def _references(one: Criterion) -> bool:
    return all("/" in value for _, value in one.tokens)


def _apart(driver: Criterion) -> list[Criterion]:
    """One criterion a value: the rows of one value are in the order of dates."""
    values = {value: [token for token in driver.tokens if token[1] == value] for _, value in driver.tokens}
    if driver.test != "is" or len(values) > _BRANCHES:
        return [driver]
    return [msgspec.structs.replace(driver, tokens=tuple(tokens)) for tokens in values.values()]


# -- one row -----------------------------------------------------------------------------------------------------------


def _equal(row: Any, one: Criterion) -> list[Any]:
    """Values of any system are one list: SQLite takes a thousand alternatives at most, and a list of any length."""
    anyone = sorted({value for system, value in one.tokens if system is None})
    found = [
        sa.and_(row.c.value == value, row.c.system == system) for system, value in one.tokens if system is not None
    ]
    if anyone:
        found.append(row.c.value == anyone[0] if len(anyone) == 1 else row.c.value.in_(anyone))
    return found


def _text(row: Any, test: Test, value: str) -> Any:
    if test == "contains":
        return row.c.value.contains(value, autoescape=True)
    return sa.and_(row.c.value >= value, row.c.value < value + TOP)


def _within(row: Any, span: Span) -> Any:
    found: list[Any] = [sa.true()]
    if span.low_from is not None:
        found.append(row.c.value >= span.low_from)
    if span.low_below is not None:
        found.append(row.c.value < span.low_below)
    if span.high_above is not None:
        found.append(row.c.system > span.high_above + _AFTER_UPPER)
    if span.high_to is not None:
        found.append(row.c.system <= span.high_to + _AFTER_UPPER)
    if span.unit is not None:
        ending = sa.func.substr(row.c.system, sa.func.length(row.c.system) - len(span.unit) + 1)
        found.append(ending == span.unit)
    return sa.and_(*found)


def _moments(column: Any, one: Criterion) -> Any:
    return sa.or_(sa.false(), *(_moment(column, span) for span in one.spans))


def _moment(column: Any, span: Span) -> Any:
    """A moment is its own beginning and end."""
    found: list[Any] = [sa.true()]
    if span.low_from is not None:
        found.append(column >= int(span.low_from))
    if span.low_below is not None:
        found.append(column < int(span.low_below))
    if span.high_above is not None:
        found.append(column >= int(span.high_above))
    if span.high_to is not None:
        found.append(column < int(span.high_to))
    return sa.and_(*found)
