"""A numerator over a denominator, exact from end to end (conventions C-01, C-03, C-04)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


def half_up(value: Fraction) -> int:
    """The nearest integer; a half goes away from zero, as on a bank statement: 5/2 gives 3, -5/2 gives -3."""
    magnitude = (abs(value.numerator) * 2 + value.denominator) // (2 * value.denominator)
    return magnitude if value >= 0 else -magnitude


def decimals(value: Fraction, places: int = 2) -> str:
    """An exact number with a fixed count of decimals, half up: 200/3 gives `66.67`."""
    scaled = half_up(value * 10**places)
    whole, rest = divmod(abs(scaled), 10**places)
    return f"{'-' if scaled < 0 else ''}{whole}.{rest:0{places}d}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Two counts. A denominator of 0 or null has no value: never 0 %, never 100 % (C-03)."""

    numerator: int
    denominator: int | None

    @property
    def value(self) -> Fraction | None:
        """The ratio between 0 and 1 (above 1 when the numerator exceeds the denominator), or None."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    @property
    def percent(self) -> Fraction | None:
        """The exact percentage, or None."""
        value = self.value
        return None if value is None else value * 100

    @property
    def percent_text(self) -> str | None:
        """The percentage with two decimals, half up (C-04), for machines: 2/3 gives `66.67`."""
        return None if self.percent is None else decimals(self.percent)

    def display(self, lang: str = "fr") -> str:
        """The percentage for people: `66,67 %` in French (no-break space), `66.67%` in English, a dash for none."""
        text = self.percent_text
        if text is None:
            return "–"
        return f"{text.replace('.', ',')}\u00a0%" if lang == "fr" else f"{text}%"
