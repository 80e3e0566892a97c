"""What a search parameter is compared with: values as they are written in a query, as the index holds them.

FHIR R4, search.html#ptypes (types), #prefix (comparisons), #escaping.
"""

from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import Final

from fhir_server.fhir.indexing.ranges import bounds, moment, number, span
from fhir_server.store.criteria import Span

PREFIXES: Final = ("eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap")

_ESCAPED: Final = re.compile(r"\\([\\,|$])")
_PREFIX: Final = re.compile(rf"({'|'.join(PREFIXES)})?(.*)", re.DOTALL)


class Malformed(Exception):
    """A value that is none of its parameter's type; the text says what is expected."""


def split(text: str, mark: str) -> list[str]:
    """The parts of a value between marks that no backslash precedes; the escapes stay."""
    parts, start, place = [], 0, 0
    while place < len(text):
        if text[place] == "\\":
            place += 1
        elif text[place] == mark:
            parts.append(text[start:place])
            start = place + 1
        place += 1
    return [*parts, text[start:]]


def plain(text: str) -> str:
    """A part of a value without its escapes."""
    return _ESCAPED.sub(r"\1", text)


def token(text: str) -> tuple[str | None, str]:
    """`code`, `system|code` or `|code`: a system of None is any, an empty one is none.

    Raises:
        Malformed: there is no code; a system alone names no value to look up.
    """
    parts = [plain(part) for part in split(text, "|")]
    if len(parts) > 2 or not parts[-1]:
        raise Malformed("system|code")
    return (None, parts[0]) if len(parts) == 1 else (parts[0], parts[1])


def typed_identifier(text: str) -> tuple[str | None, str]:
    """`system|code|value` of `:of-type`: the system of the type, then its code and the value.

    Raises:
        Malformed: a part is missing.
    """
    parts = [plain(part) for part in split(text, "|")]
    if len(parts) != 3 or not all(parts):
        raise Malformed("system|code|value")
    return parts[0], f"{parts[1]}|{parts[2]}"


# -- ranges ------------------------------------------------------------------------------------------------------------


def _parted(text: str) -> tuple[str, str]:
    found = _PREFIX.fullmatch(text)
    assert found is not None
    return found[1] or "eq", found[2]


def micros(text: str) -> tuple[str, tuple[int, int]]:
    """The prefix of a date, and the microseconds it stands for: the first, and the one after the last.

    Raises:
        Malformed: no such prefix, or no date.
    """
    prefix, rest = _parted(text)
    # A plus that nobody escaped arrives as a space.
    found = span(rest.replace(" ", "+"))
    if found is None:
        raise Malformed(f"[{'|'.join(PREFIXES)}]YYYY[-MM[-DD[Thh:mm:ss±hh:mm]]]")
    return (prefix, found) if prefix != "ap" else (prefix, _around(*found))


def _around(low: int, high: int) -> tuple[int, int]:
    """A tenth of the way from now to the date, to either side (FHIR R4, search.html#prefix)."""
    away = abs(time.time_ns() // 1000 - (low + high) // 2) // 10
    return low - away, high + away


def dates(text: str) -> list[Span]:
    """The spans a date may lie in."""
    prefix, found = micros(text)
    return compared(prefix, *map(moment, found))


def moments(text: str) -> list[Span]:
    """The same in plain microseconds, for what the server itself has dated."""
    prefix, found = micros(text)
    return compared(prefix, *map(str, found))


def compared(prefix: str, low: str, high: str) -> list[Span]:
    """What a range must be to compare so with another; an open end reaches beyond all."""
    if prefix == "ne":
        return [Span(low_below=low), Span(high_above=high)]
    return [{
        "eq": Span(low_from=low, high_to=high), "gt": Span(high_above=high), "ge": Span(high_above=low),
        "lt": Span(low_below=low), "le": Span(low_below=high), "sa": Span(low_from=high), "eb": Span(high_to=low),
        "ap": Span(low_below=high, high_above=low),
    }[prefix]]  # fmt: skip


def numbers(text: str, unit: str | None = None) -> list[Span]:
    """The spans a number may lie in: with `eq` as precise as it is written, with an order exactly.

    Raises:
        Malformed: no number.
    """
    prefix, rest = _parted(text)
    found = bounds(rest)
    if found is None:
        raise Malformed(f"[{'|'.join(PREFIXES)}]number")
    exact = number((found[0] + found[1]) / 2)
    if prefix in ("eq", "ne", "ap"):
        wider = abs(found[0] + found[1]) / 20 if prefix == "ap" else Decimal(0)
        spans = compared(prefix, number(found[0] - wider), number(found[1] + wider))
    else:
        spans = [{
            "gt": Span(low_from=exact), "sa": Span(low_from=exact), "ge": Span(high_above=exact),
            "lt": Span(high_to=exact), "eb": Span(high_to=exact), "le": Span(low_below=exact),
        }[prefix]]  # fmt: skip
    return [Span(one.low_from, one.low_below, one.high_above, one.high_to, unit) for one in spans]


def quantities(text: str) -> list[Span]:
    """`number`, `number|system|code` or `number||code`.

    Raises:
        Malformed: no number, or a unit without a code.
    """
    value, *unit = (plain(part) for part in split(text, "|"))
    if unit and (len(unit) != 2 or not unit[1]):
        raise Malformed("number|system|code")
    ends = None if not unit else f"|{unit[0]}|{unit[1]}" if unit[0] else f"|{unit[1]}"
    return numbers(value, ends)
