"""Programme parameters: named values with a mark, a source and effect dates, and no default anywhere.

Conventions C-07 (an unknown parameter is an error that names it) and C-11 (the value in force on the date decides).
Numbers that carry money or percentages are written as text: a binary float never enters a set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from indicators.money import parse_euros

MARKS = frozenset({"SOURCE", "PUBLIC", "CONFIG", "CONV"})


class ParameterMissing(LookupError):  # its text is a fixed answer, not an accident
    """A computation needs a parameter nobody gave; reads `parameter_missing:<name>`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"parameter_missing:{name}")
        self.name = name

    def __str__(self) -> str:
        return f"parameter_missing:{self.name}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value, in force from `effective_from` to `effective_to`, both included; null is no bound.

    Raises `ValueError` on a mark that is not known or a value that holds a float.
    """

    name: str
    value: Any
    mark: str
    source: str
    effective_from: date | None = None
    effective_to: date | None = None

    def __post_init__(self) -> None:
        if self.mark not in MARKS:
            raise ValueError(f"parameter {self.name}: mark {self.mark!r} is none of {', '.join(sorted(MARKS))}")
        if _holds_float(self.value):
            raise ValueError(f"parameter {self.name}: write decimals as text, a float is not exact")

    def in_force(self, day: date | None) -> bool:
        """Whether the value holds on a day; without a day, whether it ever does."""
        if day is None:
            return True
        return (self.effective_from or date.min) <= day <= (self.effective_to or date.max)


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """Parameters by name; the first entry in force answers, so what is merged in front wins."""

    id: str
    entries: tuple[Parameter, ...] = ()

    @classmethod
    def of(cls, set_id: str, values: Mapping[str, Any], *, source: str, mark: str = "CONFIG") -> ParameterSet:
        """A set from plain values that share one source."""
        return cls(set_id, tuple(Parameter(name, value, mark, source) for name, value in values.items()))

    @classmethod
    def read(cls, path: Path) -> ParameterSet:
        """A set from a YAML file: `id`, then `parameters` as a list of the fields of `Parameter`.

        Raises `ValueError` naming the file when its shape is wrong.
        """
        import yaml

        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            return cls(content["id"], tuple(Parameter(**entry) for entry in content["parameters"]))
        except (yaml.YAMLError, TypeError, KeyError, ValueError) as error:
            raise ValueError(f"{path}: not a parameter file: {error}") from error

    def over(self, other: ParameterSet) -> ParameterSet:
        """This set in front of another one; the id says both, so that a result tells where it comes from."""
        return ParameterSet(f"{self.id}+{other.id}", self.entries + other.entries)

    def find(self, name: str, day: date | None = None) -> Parameter | None:
        """The parameter in force on a day, or None."""
        return next((entry for entry in self.entries if entry.name == name and entry.in_force(day)), None)

    def get(self, name: str, day: date | None = None) -> Any:
        """The value in force on a day. Raises `ParameterMissing`."""
        found = self.find(name, day)
        if found is None:
            raise ParameterMissing(name)
        return found.value

    def texts(self, name: str, day: date | None = None) -> tuple[str, ...]:
        """A list of ids or codes. Raises `ParameterMissing`, `ValueError` on a single text (a list of letters)."""
        value = self.get(name, day)
        if isinstance(value, str) or not all(isinstance(item, str) for item in value):
            raise ValueError(f"parameter {name}: a list of texts is needed, not {value!r}")
        return tuple(value)

    def fraction(self, name: str, day: date | None = None) -> Fraction:
        """An exact number, written `75`, `66.67`, `66,67` or `30/100`. Raises `ParameterMissing`, `ValueError`."""
        return Fraction(str(self.get(name, day)).replace(",", "."))

    def cents(self, name: str, day: date | None = None) -> int:
        """An amount in cents, written in euros. Raises `ParameterMissing`, `ValueError`."""
        return parse_euros(str(self.get(name, day)))


def _holds_float(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_float(item) for item in value.values())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return any(_holds_float(item) for item in value)
    return isinstance(value, float)
