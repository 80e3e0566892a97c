"""How firm a result is: firm, indicative, or unknown. Only a firm one may move money.

A result that leans on a convention is `Indicative`; one that lacks a parameter is `Unknown`. `Machine.pay`, the way
into every state that decides money, takes `Firm` alone: a type checker refuses the other two before a test does.
`settle` is the one place that tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Firm(Generic[T]):
    """A result every parameter of which was given or is stated by a source."""

    value: T


@dataclass(frozen=True, slots=True)
class Indicative(Generic[T]):
    """A result to be read and exported, never paid from; `conventions` names what the ARS has to confirm."""

    value: T
    conventions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """No result, and why: `parameter_missing:<name>`, `not_measurable`."""

    reason: str


Standing: TypeAlias = Firm[T] | Indicative[T] | Unknown


def settle(value: T, conventions: Iterable[str] = (), missing: str | None = None) -> Standing[T]:
    """A value with what it leans on: unknown when a parameter is missing, indicative when a convention stands in."""
    if missing is not None:
        return Unknown(missing)
    leans_on = tuple(dict.fromkeys(conventions))
    return Indicative(value, leans_on) if leans_on else Firm(value)


def attempt(compute: Callable[[], T], conventions: Iterable[str] = ()) -> Standing[T]:
    """The result of a computation that may lack a parameter: `ParameterMissing` becomes `Unknown`."""
    from indicators.programmes.parameters import ParameterMissing

    try:
        return settle(compute(), conventions)
    except ParameterMissing as missing:
        return Unknown(str(missing))


def derive(found: Standing[T], compute: Callable[[T], R]) -> Standing[R]:
    """A result computed from another one; it is never firmer than what it was computed from."""
    if isinstance(found, Unknown):
        return found
    if isinstance(found, Indicative):
        return Indicative(compute(found.value), found.conventions)
    return Firm(compute(found.value))


def label(found: Standing[T]) -> dict[str, object]:
    """What an answer adds for machines: nothing when firm, `indicative` and its conventions, or the reason."""
    if isinstance(found, Unknown):
        return {"error": found.reason}
    if isinstance(found, Indicative):
        return {"indicative": True, "conventions": list(found.conventions)}
    return {}
