"""Euros as integer cents, exact (convention C-05): parsing, display, shares, instalments, largest remainder (C-08)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from indicators.ratio import half_up

_AMOUNT = re.compile(r"(?P<sign>-?)(?P<euros>\d{1,3}( \d{3})+|\d+)([.,](?P<cents>\d{1,2}))?", re.ASCII)
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2212": "-"})


def parse_euros(text: str) -> int:
    """Cents of a euro amount: `18 333,35 €`, `18333.35` and `18000` are read; no-break spaces are welcome.

    Raises `ValueError` on anything else, a third decimal included: nothing is rounded on the way in.
    """
    found = _AMOUNT.fullmatch(text.translate(_SPACES).removesuffix("€").strip())
    if found is None:
        raise ValueError(f"not an amount in euros: {text!r}")
    cents = int(found["euros"].replace(" ", "")) * 100 + int((found["cents"] or "0").ljust(2, "0"))
    return -cents if found["sign"] else cents


def plain_euros(cents: int) -> str:
    """Euros for machines: 1833335 gives `18333.35`."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def format_euros(cents: int, lang: str = "fr") -> str:
    """Euros for people: `18 333,35 €` in French (narrow no-break and no-break spaces), `€18,333.35` in English."""
    sign, whole, rest = "-" if cents < 0 else "", f"{abs(cents) // 100:,}", f"{abs(cents) % 100:02d}"
    if lang == "fr":
        return f"{sign}{whole.replace(',', chr(0x202F))},{rest}\u00a0€"
    return f"{sign}€{whole}.{rest}"


def share(cents: int, part: Fraction) -> int:
    """A part of an amount in cents, rounded half up: 30 % of 18 333.35 € is 5 500.005 €, so 5 500.01 € (C-05)."""
    return half_up(cents * part)


def instalments(total: int, parts: Sequence[Fraction]) -> tuple[int, ...]:
    """Successive payments in cents: one rounded share per part, then the rest; they add up to `total` (C-05)."""
    paid = [share(total, part) for part in parts]
    return (*paid, total - sum(paid))


def largest_remainder(total: int, weights: Mapping[str, int | Fraction]) -> dict[str, int]:
    """Split `total` units in proportion to weights: floors first, then one unit each by largest remainder (C-08).

    Ties go to the smaller key. Raises `ValueError` on a negative total or weight, or when nothing weighs anything.
    """
    whole = sum((Fraction(weight) for weight in weights.values()), Fraction(0))
    if total < 0 or whole <= 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("a share needs a total and weights that are not negative, and one weight above zero")
    exact = {key: total * Fraction(weight) / whole for key, weight in weights.items()}
    floors = {key: value.numerator // value.denominator for key, value in exact.items()}
    left = total - sum(floors.values())
    first = sorted(weights, key=lambda key: (floors[key] - exact[key], key))[:left]
    return {key: floors[key] + (key in first) for key in sorted(weights)}
