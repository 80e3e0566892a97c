"""The parameters of a search, read: its criteria, and how its answer is to look.

An unknown parameter is an error: leaving it out would answer another question. `Prefer: handling=lenient` asks for just
that (FHIR R4, search.html#errors), and is told what was left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.indexing.parameters import parameters_of
from fhir_server.fhir.search.criteria import Unknown, criterion, references
from fhir_server.fhir.search.typed import merged
from fhir_server.store.criteria import Criterion
from fhir_server.store.search import BY_DATE, Sort

COUNT, MOST = 100, 500
"""Resources of a page: by default, and at most."""
MOST_PARAMETERS: Final = 50
SUMMARIES: Final = ("true", "text", "data", "count", "false")
TOTALS: Final = ("none", "estimate", "accurate")
_IGNORED: Final = ("_format", "_pretty")
"""What says how the answer is written: others look at it."""

Items = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Include:
    """Resources that go with what was found: what `source` refers to by `param`, or (`reverse`) what refers to it.

    An empty `param` is any, an empty `target` any type. `again` looks at what was included, too.
    """

    source: str
    param: str
    target: str = ""
    reverse: bool = False
    again: bool = False


@dataclass(slots=True)
class Query:
    """A search, read. `items` are the parameters it was read from, `ignored` those that were left out."""

    kind: str
    criteria: list[Criterion] = field(default_factory=list)
    order: tuple[Sort, ...] = (BY_DATE,)
    count: int = COUNT
    total: str = ""
    summary: str = "false"
    elements: tuple[str, ...] = ()
    includes: list[Include] = field(default_factory=list)
    items: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def counts_only(self) -> bool:
        """Whether the total is all that is asked for."""
        return self.summary == "count" or self.count == 0


def parse_search(
    kind: str, items: Iterable[tuple[str, str]], *, base: str | None = None, lenient: bool = False
) -> Query:  # fmt: skip
    """A search on resources of a type; `base` as for `criterion`.

    Raises:
        Refusal: 400, an unknown (but for `lenient`) or malformed parameter, or one that MHD asks for is missing.
    """
    query, given = Query(kind), [item for item in items if item[0] not in _IGNORED]
    if len(given) > MOST_PARAMETERS:
        raise _malformed(given[MOST_PARAMETERS][0], f"≤ {MOST_PARAMETERS} × &")
    for name, text in given:
        try:
            _take(query, name, text, base)
        except Unknown as unknown:
            if not lenient:
                raise
            query.ignored.append(unknown.name)
        else:
            query.items.append((name, text))
    _required(query)
    query.criteria = merged(query.criteria)
    return query


def _take(query: Query, name: str, text: str, base: str | None) -> None:
    head, _, modifier = name.partition(":")
    if head in _INCLUDES:
        if modifier not in ("", "iterate", "recurse"):
            raise Unknown(name, (head, f"{head}:iterate"))
        query.includes.append(_include(name, text, reverse=head == "_revinclude", again=bool(modifier)))
    elif name in _CONTROLS:
        _CONTROLS[name](query, text)
    else:
        query.criteria.append(criterion(query.kind, name, text, base))


# -- how the answer looks ----------------------------------------------------------------------------------------------


def _malformed(name: str, expected: str) -> Refusal:
    return Refusal(400, "SEARCH-PARAMETER", name=name, known=expected)


def _count(query: Query, text: str) -> None:
    if not (text.isascii() and text.isdigit()):
        raise _malformed("_count", f"0..{MOST}")
    query.count = min(int(text[:9]), MOST)


def _order(query: Query, text: str) -> None:
    query.order = tuple(_sort(query.kind, one) for one in text.split(","))


def _sort(kind: str, text: str) -> Sort:
    name = text.removeprefix("-")
    known = {one for one, what in parameters_of(kind).items() if what.kind != "composite"}
    if name not in known:
        raise _malformed("_sort", ", ".join(sorted(known)))
    # The date of a resource is what its rows are sorted by anyway.
    return Sort("" if name == "date" and kind in _DATED else name, text != name)


def _one_of(name: str, values: tuple[str, ...]) -> Callable[[Query, str], None]:
    def take(query: Query, text: str) -> None:
        if text not in values:
            raise _malformed(f"_{name}", ", ".join(values))
        setattr(query, name, text)

    return take


def _elements(query: Query, text: str) -> None:
    names = tuple(name.strip() for name in text.split(","))
    if not all(name.isidentifier() for name in names):
        raise _malformed("_elements", "…,…")
    query.elements = names


def _uncontained(_query: Query, text: str) -> None:
    if text != "false":
        raise _malformed("_contained", "false")


_CONTROLS: Final[dict[str, Callable[[Query, str], None]]] = {
    "_count": _count, "_sort": _order, "_total": _one_of("total", TOTALS), "_summary": _one_of("summary", SUMMARIES),
    "_elements": _elements, "_contained": _uncontained,
}  # fmt: skip
_DATED: Final = ("DocumentReference", "List")
_INCLUDES: Final = ("_include", "_revinclude")
CONTROLS: Final = (*_CONTROLS, *_INCLUDES, *_IGNORED)
"""Parameters that say nothing about what is found."""


def _include(name: str, text: str, *, reverse: bool, again: bool) -> Include:
    """`DocumentReference:author`, `DocumentReference:author:Practitioner`, `DocumentReference:*`, `*`."""
    if text == "*" and not reverse:
        return Include("", "", again=again)
    source, param, target = [*text.split(":"), "", ""][:3]
    known = references(source)
    if text.count(":") > 2 or param not in (*known, "*") or (param == "*" and reverse):
        raise Unknown(name, (f"{source}:{one}" for one in known))
    return Include(source, param.removesuffix("*"), target, reverse, again)


# -- what MHD asks for -------------------------------------------------------------------------------------------------

_PATIENT: Final = ("patient", "patient.identifier")
_NAMED: Final = ("identifier", "_id")
_CODES: Final = frozenset({
    "status", "type", "category", "facility", "setting", "event", "security-label", "format", *CONTROLS,
})  # fmt: skip
"""What says of which kind documents are, and not which."""


def _required(query: Query) -> None:
    """ITI-67: documents are asked for by patient and status; by identifier, date or anything else without either."""
    if query.kind != "DocumentReference":
        return
    given = {name.partition(":")[0] for name, _ in query.items}
    if given <= _CODES:
        raise Refusal(400, "SEARCH-REQUIRED", name="patient | patient.identifier | identifier | date")
    if given & set(_PATIENT) and "status" not in given and not given & set(_NAMED):
        raise Refusal(400, "SEARCH-REQUIRED", name="status")
