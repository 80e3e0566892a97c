"""The part of UCUM (https://ucum.org/ucum) that health data use: units to a factor and dimensions.

A unit that is not in the tables is a dimension of its own: equal to itself, comparable with nothing else.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

Dimensions = tuple[tuple[str, int], ...]


class Unit(NamedTuple):
    """How many base units one is, and of which dimensions (name and exponent, sorted)."""

    factor: Fraction
    dimensions: Dimensions


def _f(text: str) -> Fraction:
    return Fraction(text)


_PREFIXES: Final = {
    "Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1, "d": -1, "c": -2, "m": -3,
    "u": -6, "n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24,
}  # fmt: skip
_METRIC: Final[dict[str, tuple[Fraction, dict[str, int]]]] = {
    "m": (_f("1"), {"m": 1}),
    "g": (_f("1"), {"g": 1}),
    "s": (_f("1"), {"s": 1}),
    "K": (_f("1"), {"K": 1}),
    "C": (_f("1"), {"C": 1}),
    "cd": (_f("1"), {"cd": 1}),
    "mol": (_f("1"), {"mol": 1}),
    "rad": (_f("1"), {"rad": 1}),
    "eq": (_f("1"), {"eq": 1}),
    "osm": (_f("1"), {"osm": 1}),
    "l": (_f("1/1000"), {"m": 3}),
    "L": (_f("1/1000"), {"m": 3}),
    "t": (_f("1000000"), {"g": 1}),
    "Hz": (_f("1"), {"s": -1}),
    "N": (_f("1000"), {"g": 1, "m": 1, "s": -2}),
    "Pa": (_f("1000"), {"g": 1, "m": -1, "s": -2}),
    "bar": (_f("100000000"), {"g": 1, "m": -1, "s": -2}),
    "J": (_f("1000"), {"g": 1, "m": 2, "s": -2}),
    "W": (_f("1000"), {"g": 1, "m": 2, "s": -3}),
    "A": (_f("1"), {"C": 1, "s": -1}),
    "V": (_f("1000"), {"g": 1, "m": 2, "s": -2, "C": -1}),
    "cal": (_f("4184"), {"g": 1, "m": 2, "s": -2}),
    "kat": (_f("1"), {"mol": 1, "s": -1}),
    "U": (_f("1/60000000"), {"mol": 1, "s": -1}),
    "[iU]": (_f("1"), {"[iU]": 1}),
    "[IU]": (_f("1"), {"[iU]": 1}),
    "m[Hg]": (_f("133322387"), {"g": 1, "m": -1, "s": -2}),
    "m[H2O]": (_f("9806650"), {"g": 1, "m": -1, "s": -2}),
    "Bq": (_f("1"), {"s": -1}),
    "Gy": (_f("1"), {"m": 2, "s": -2}),
    "Sv": (_f("1"), {"m": 2, "s": -2}),
}
_PLAIN: Final[dict[str, tuple[Fraction, dict[str, int]]]] = {
    "1": (_f("1"), {}),
    "%": (_f("1/100"), {}),
    "[ppth]": (_f("1/1000"), {}),
    "[ppm]": (_f("1/1000000"), {}),
    "min": (_f("60"), {"s": 1}),
    "h": (_f("3600"), {"s": 1}),
    "d": (_f("86400"), {"s": 1}),
    "wk": (_f("604800"), {"s": 1}),
    "mo": (_f("2629800"), {"s": 1}),
    "a": (_f("31557600"), {"s": 1}),
    "deg": (_f("0.0174532925199432957692"), {"rad": 1}),
    "[in_i]": (_f("0.0254"), {"m": 1}),
    "[ft_i]": (_f("0.3048"), {"m": 1}),
    "[yd_i]": (_f("0.9144"), {"m": 1}),
    "[mi_i]": (_f("1609.344"), {"m": 1}),
    "[lb_av]": (_f("453.59237"), {"g": 1}),
    "[oz_av]": (_f("28.349523125"), {"g": 1}),
    "[stone_av]": (_f("6350.29318"), {"g": 1}),
    "[drop]": (_f("1/20000000"), {"m": 3}),
    "[cup_us]": (_f("0.0002365882365"), {"m": 3}),
    "[foz_us]": (_f("0.0000295735295625"), {"m": 3}),
    "[gal_us]": (_f("0.003785411784"), {"m": 3}),
    "[tsp_us]": (_f("0.00000492892159375"), {"m": 3}),
    "[tbs_us]": (_f("0.00001478676478125"), {"m": 3}),
    "[psi]": (_f("6894757.293168"), {"g": 1, "m": -1, "s": -2}),
}
_PIECE: Final = re.compile(
    r"(?P<power>10[*^](?P<exponent10>[+-]?[0-9]{1,3}))"
    r"|(?P<number>[1-9][0-9]{0,9})(?![0-9*^])"
    r"|(?P<note>\{[^{}]*\})"
    r"|(?P<sign>[./()])"
    r"|(?P<atom>(?:[A-Za-z%]|\[[^\[\]]*\])+)(?P<exponent>[+-]?[0-9]{1,2})?"
)
_MAX_DEPTH: Final = 20


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> Unit:
    """A UCUM unit as factor and dimensions; an unknown one stands for itself."""
    reader = _Reader(text)
    found = reader.term(0) if len(text) <= 100 else None
    return found if found is not None and reader.ended else _opaque(text)


def _opaque(text: str) -> Unit:
    return Unit(Fraction(1), ((text, 1),))


class _Reader:
    """Reads `term ::= ["/"] component (("." | "/") component)*` (UCUM §§ 7 to 10)."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def ended(self) -> bool:
        return self._at == len(self._text)

    def term(self, depth: int) -> Unit | None:
        """A product of components; None where the text is not UCUM."""
        factor, dimensions = Fraction(1), dict[str, int]()
        power = self._operator(first=True)
        while power:
            found = self._component(depth)
            if found is None:
                return None
            factor *= found.factor**power
            for name, exponent in found.dimensions:
                dimensions[name] = dimensions.get(name, 0) + exponent * power
            power = self._operator(first=False)
        return Unit(factor, tuple(sorted((n, e) for n, e in dimensions.items() if e)))

    def _operator(self, *, first: bool) -> int:
        """1 to multiply by what follows, -1 to divide, 0 when nothing follows."""
        sign = self._text[self._at : self._at + 1]
        if sign == "/" or (sign == "." and not first):
            self._at += 1
            return -1 if sign == "/" else 1
        return 1 if first else 0

    def _component(self, depth: int) -> Unit | None:
        match = _PIECE.match(self._text, self._at)
        if match is None or depth > _MAX_DEPTH:
            return None
        self._at = match.end()
        if match["sign"] == "(":
            inner = self.term(depth + 1)
            closed = self._text.startswith(")", self._at)
            self._at += 1
            return inner if closed else None
        if match["sign"]:
            return None
        if match["note"]:
            return Unit(Fraction(1), ())
        if match["power"]:
            return Unit(Fraction(10) ** int(match["exponent10"]), ())
        if match["number"]:
            return Unit(Fraction(int(match["number"])), ())
        found = _atom(match["atom"], int(match["exponent"] or 1))
        note = re.compile(r"\{[^{}]*\}").match(self._text, self._at)
        self._at = note.end() if note else self._at
        return found


def _atom(name: str, exponent: int) -> Unit | None:
    """A unit with its prefix and exponent; None when it is in no table."""
    factor, dimensions = _PLAIN.get(name) or _METRIC.get(name) or _prefixed(name) or (None, {})
    if factor is None:
        return None
    return Unit(factor**exponent, tuple(sorted((n, e * exponent) for n, e in dimensions.items())))


def _prefixed(name: str) -> tuple[Fraction, dict[str, int]] | None:
    for size in (2, 1):
        power, base = _PREFIXES.get(name[:size]), _METRIC.get(name[size:])
        if power is not None and base is not None:
            return base[0] * Fraction(10) ** power, base[1]
    return None
