"""Parameters somebody has to supply: their names, types and holders, as each programme's `wanted.yaml` declares them.

A name may hold places, as in `target:<indicator>:<window>`. There is no default for any of them (C-07).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from indicators.money import parse_euros


@dataclass(frozen=True, slots=True)
class Wanted:
    """One parameter to supply. `kind` is a row of `KINDS`, or `choice` with `choices`; `absent` is what it stops."""

    id: str
    name: str
    kind: str
    holder: str
    absent: str
    choices: tuple[str, ...] = ()

    def matches(self, name: str) -> bool:
        """Whether a given name is one of this parameter."""
        pieces = re.split(r"<[^>]+>", self.name)
        return re.fullmatch("[^:]+".join(re.escape(piece) for piece in pieces), name) is not None

    def fault(self, value: Any) -> str | None:
        """Why a value is not one of this kind: `WRONG_TYPE`, `OUT_OF_RANGE`, or None."""
        if self.kind == "choice":
            return None if value in self.choices else "OUT_OF_RANGE"
        try:
            return None if KINDS[self.kind](value) else "OUT_OF_RANGE"
        except (TypeError, ValueError, KeyError, ZeroDivisionError):
            return "WRONG_TYPE"


def read_wanted(path: Path) -> tuple[Wanted, ...]:
    """The parameters of a `wanted.yaml`; an absent file wants nothing."""
    import yaml

    if not path.exists():
        return ()
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return tuple(Wanted(**{**row, "choices": tuple(row.get("choices", ()))}) for row in rows)


def _number(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError("a number is written as text or as an integer")
    return Fraction(str(value).replace(",", "."))


def _percent(value: Any) -> bool:
    return 0 <= _number(value) <= 100


def _euros(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError("an amount is written as text or as an integer")
    return parse_euros(str(value)) >= 0


def _amounts(value: Any) -> bool:
    if not isinstance(value, list):
        raise TypeError("a list of amounts is wanted")
    return bool(value) and all(_euros(item) for item in value)


def _count(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("a count is an integer")
    return value >= 0


def _date(value: Any) -> bool:
    if not isinstance(value, date):
        raise TypeError("a date is written as one")
    return True


def _text(value: Any) -> bool:
    if not isinstance(value, str):
        raise TypeError("a text is wanted")
    return bool(value.strip())


def _texts(value: Any) -> bool:
    if not isinstance(value, list):
        raise TypeError("a list is wanted")
    return all(_text(item) for item in value) and len(set(value)) == len(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false is wanted")
    return True


def _rising(value: Any) -> bool:
    if not isinstance(value, list):
        raise TypeError("a list is wanted")
    numbers = [_number(item) for item in value]
    return all(one < other for one, other in pairwise(numbers))


def _window(value: Any) -> bool:
    return all(_period(value[part]) for part in ("candidature", "instruction", "measure"))


def _period(value: Any) -> bool:
    start, end = value
    return _date(start) and _date(end) and start <= end


KINDS: Mapping[str, Callable[[Any], bool]] = {
    "percent": _percent,
    "euros": _euros,
    "amounts": _amounts,
    "count": _count,
    "date": _date,
    "text": _text,
    "texts": _texts,
    "flag": _flag,
    "rising": _rising,
    "window": _window,
}
"""True for a value in range, false for one out of it; anything that is not of the kind raises."""
