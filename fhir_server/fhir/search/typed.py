"""The values of one parameter as a criterion, by the kind of the parameter (FHIR R4, search.html#ptypes)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from msgspec.structs import replace

from fhir_server.fhir.indexing.parameters import Parameter
from fhir_server.fhir.indexing.values import IDENTIFIER, LONGEST, OF_TYPE, TEXT, fold, moment, reference_value
from fhir_server.fhir.search import operands
from fhir_server.fhir.search.operands import Malformed, plain
from fhir_server.store.criteria import Criterion, Span

Bound = TypeVar("Bound", int, str)
Read = Callable[[Parameter, str, str | None, Sequence[str]], Criterion]
"""A parameter, its modifier, the address of this server (None: any), and the values with their escapes."""

MODIFIERS: Final[Mapping[str, tuple[str, ...]]] = {
    "string": ("exact", "contains"), "token": ("not", "text", "of-type"), "uri": ("above", "below"),
    "reference": ("identifier",),
}  # fmt: skip
"""Modifiers of a kind, beside `missing` and, of a reference, the type it leads to."""

_STATUS: Final = "status"
_MANY: Final = 20
_IHE: Final = "//profiles.ihe.net/"
_MINUTE: Final = 60_000_000
_SLACK: Final = {"DocumentReference": _MINUTE, "List": 367 * 24 * 60 * _MINUTE}
"""Microseconds that the date of a type may stand for: an instant's minute, a year."""


def targets(param: Parameter) -> tuple[str, ...]:
    """The types a reference leads to without being told; none where it may lead to anything."""
    return param.targets if len(param.targets) <= _MANY else ()


def _token(param: Parameter, modifier: str, _base: str | None, values: Sequence[str]) -> Criterion:
    if modifier == "text":
        return _starts(param.name + TEXT, values)
    if modifier == "of-type":
        return Criterion(param.name + OF_TYPE, tuple(operands.typed_identifier(value) for value in values))
    tokens = [operands.token(value) for value in values]
    if param.name == _STATUS:  # a code: its system is known, and no row holds it
        tokens = [(None, code) for _, code in tokens]
    return Criterion(param.name, tuple(also for one in tokens for also in _written(*one)), negated=modifier == "not")


def _written(system: str | None, code: str) -> list[tuple[str | None, str]]:
    """The lists of MHD are named with http in the specification, with https in PDSm's examples."""
    if system is None or _IHE not in system:
        return [(system, code)]
    rest = system.partition("://")[2]
    return [(f"{scheme}://{rest}", code) for scheme in ("http", "https")]


def _reference(param: Parameter, modifier: str, base: str | None, values: Sequence[str]) -> Criterion:
    if modifier == "identifier":
        return Criterion(param.name + IDENTIFIER, tuple(operands.token(value) for value in values))
    kinds = (modifier,) if modifier else targets(param)
    found = [(None, each) for value in values for each in _referred(plain(value), kinds, base)]
    return Criterion(param.name, tuple(found))


def _referred(text: str, kinds: Sequence[str], base: str | None) -> list[str]:
    """What the index may hold for a reference: relative where it is ours, else as it is."""
    value = reference_value(text.strip())
    rest, _, key = value.rpartition("/")
    if not key or not (rest or kinds or ":" in value):
        raise Malformed("[type]/id")
    kind = rest.rpartition("/")[2]
    if ":" in value:
        ours = value == f"{base}/{kind}/{key}" if base is not None else kind[:1].isupper()
        return [f"{kind}/{key}"] if ours else [value]
    return [value] if rest else [f"{each}/{value}" for each in kinds]


def _starts(name: str, values: Sequence[str], modifier: str = "") -> Criterion:
    folded = [fold(plain(value)) for value in values]
    if not all(folded):
        raise Malformed("…")
    return Criterion(name, tuple((None, text) for text in folded), "contains" if modifier else "starts")


def _string(param: Parameter, modifier: str, _base: str | None, values: Sequence[str]) -> Criterion:
    if modifier != "exact":
        return _starts(param.name, values, modifier)
    return Criterion(param.name, tuple((plain(value)[:LONGEST], fold(plain(value))) for value in values))


def _uri(param: Parameter, modifier: str, _base: str | None, values: Sequence[str]) -> Criterion:
    texts = [plain(value) for value in values]
    if modifier == "above":
        return Criterion(param.name, tuple((None, each) for text in texts for each in _above(text)))
    same = Criterion(param.name, tuple((None, text) for text in texts))
    if modifier != "below":
        return same
    under = Criterion(param.name, tuple((None, f"{text.rstrip('/')}/") for text in texts), "starts")
    return Criterion("", test="either", inner=(same, under))


def _above(text: str) -> list[str]:
    """The address, and those it lies under."""
    start = text.find("://") + 3 if "://" in text else 0
    if text.count("/") > _MANY:
        raise Malformed(f"≤ {_MANY} × /")
    return [text, *(text[:place] for place in range(start, len(text)) if text[place] == "/")]


def _ranged(read: Callable[[str], list[Span]]) -> Read:
    def criterion(param: Parameter, _modifier: str, _base: str | None, values: Sequence[str]) -> Criterion:
        return Criterion(param.name, test="within", spans=tuple(span for value in values for span in read(value)))

    return criterion


def _id(param: Parameter, _modifier: str, _base: str | None, values: Sequence[str]) -> Criterion:
    return Criterion(param.name, tuple((None, plain(value)) for value in values))


_READERS: Final[Mapping[str, Read]] = {
    "token": _token, "reference": _reference, "string": _string, "uri": _uri, "date": _ranged(operands.dates),
    "number": _ranged(operands.numbers), "quantity": _ranged(operands.quantities),
}  # fmt: skip
_COLUMNS: Final[Mapping[str, Read]] = {"id": _id, "updated": _ranged(operands.moments)}


def read(
    kind: str, param: Parameter, modifier: str, base: str | None, values: Sequence[str]
) -> Criterion:  # fmt: skip
    """The criterion that a parameter of a type has any of these values.

    Raises:
        Malformed: a value that is none of the parameter's kind.
    """
    if not all(values):
        raise Malformed("…")
    reader = _COLUMNS[param.column] if param.column else _READERS[param.kind]
    found = reader(param, modifier, base, values)
    return _bounded(kind, found, values) if param.name == "date" and kind in _SLACK else found


def _bounded(kind: str, one: Criterion, values: Sequence[str]) -> Criterion:
    """With the bounds it puts on the date that documents are sorted by, which is where this date begins."""
    if len(one.spans) != 1:
        return one
    prefix, (first, after) = operands.micros(values[0])
    low = {"eq": first, "sa": after, "gt": after - _SLACK[kind], "ge": first - _SLACK[kind],
           "ap": first - _SLACK[kind]}.get(prefix)  # fmt: skip
    high = {"eq": after, "eb": first, "lt": first, "le": after, "ap": after}.get(prefix)
    [span] = one.spans
    span = replace(
        span, low_from=span.low_from or (None if low is None else moment(low)),
        low_below=span.low_below or (None if high is None else moment(high)),
    )  # fmt: skip
    return Criterion(one.param, test="within", spans=(span,), dates=(low, high))


def merged(found: Sequence[Criterion]) -> list[Criterion]:
    """The criteria, those on the date of a resource made one: it has one date at most, so both bounds are on that."""
    dated = [one for one in found if one.dates != (None, None)]
    if len(dated) < 2:
        return list(found)
    spans = [one.spans[0] for one in dated]
    span = Span(
        _last(one.low_from for one in spans), _first(one.low_below for one in spans),
        _last(one.high_above for one in spans), _first(one.high_to for one in spans),
    )  # fmt: skip
    dates = _last(one.dates[0] for one in dated), _first(one.dates[1] for one in dated)
    return [*(one for one in found if one not in dated), replace(dated[0], spans=(span,), dates=dates)]


def _last(bounds: Iterable[Bound | None]) -> Bound | None:
    return max((one for one in bounds if one is not None), default=None)


def _first(bounds: Iterable[Bound | None]) -> Bound | None:
    return min((one for one in bounds if one is not None), default=None)
