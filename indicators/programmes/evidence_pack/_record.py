"""A decision record from bytes nobody vouches for: its shape is looked at before anything is computed from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain

from indicators.money import parse_euros
from indicators.programmes.decisions import DecisionRecord, read_record

_TEXTS = ("id", "programme", "decided_by", "role", "decided_at", "as_of", "op", "parameter_set")


def read_checked(data: bytes) -> DecisionRecord:
    """A record whose every part is of its kind. Raises `ValueError` naming the part that is not."""
    try:
        record = read_record(data)
    except RecursionError:
        raise ValueError("not a decision record: nested too deeply") from None
    wrong = next(_wrong(record), None)
    if wrong is not None:
        raise ValueError(f"not a decision record: {wrong}")
    return record


def _wrong(record: DecisionRecord) -> Iterator[str]:
    yield from (name for name in _TEXTS if not isinstance(getattr(record, name), str))
    if not isinstance(record.inputs, dict):
        yield "inputs"
    rules = record.rules
    if not isinstance(rules, dict) or not all(isinstance(one, str) for one in chain(rules, rules.values())):
        yield "rules"
    if not all(isinstance(one, str) for one in record.counted):
        yield "counted"
    if not all(isinstance(one.name, str) and type(one.cents) is int for one in record.instalments):
        yield "instalments"
    if isinstance(record.as_of, str) and not _is_day(record.as_of):
        yield "as_of"
    if isinstance(record.decided_at, str) and not _is_moment(record.decided_at):
        yield "decided_at"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def unexplained(record: DecisionRecord) -> tuple[str, ...]:
    """Names of instalments the outcome does not account for; nothing when they add up.

    An instalment is the outcome's amount of its name; one of another name is one of its amounts; a bonus paid apart is
    a part of the amount it belongs to. What comes back is below zero. Together they never exceed the largest amount.
    """
    amounts = _amounts(record)
    loose = [one for one in record.instalments if amounts.get(one.name) != abs(one.cents)]
    named = [one for one in loose if one.name in amounts]
    if named and not any(amounts[one.name] == abs(sum(other.cents for other in loose)) for one in named):
        return tuple(one.name for one in loose)
    if not named and not all(abs(one.cents) in amounts.values() for one in loose):
        return tuple(one.name for one in loose)
    if record.instalments and abs(record.total) > max(amounts.values(), default=0):
        return ("total",)
    return ()


def _amounts(record: DecisionRecord) -> dict[str, int]:
    """Amounts of the outcome by name, in cents: euros as text, or a row with its cents."""
    outcome = record.outcome if isinstance(record.outcome, dict) else {}
    rows = outcome.get("amounts")
    whole = outcome | (rows if isinstance(rows, dict) else {})
    return {name: cents for name, value in whole.items() if (cents := _cents(value)) is not None}


def _cents(value: object) -> int | None:
    if isinstance(value, dict):
        found = value.get("cents")
        return found if type(found) is int else None
    try:
        return parse_euros(value) if isinstance(value, str) else None
    except ValueError:
        return None
