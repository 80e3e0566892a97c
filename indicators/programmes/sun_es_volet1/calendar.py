"""The four usage windows of SUN-ES volet 1 (SUN1-R17) and the period a deposit falls in (SUN1-R15).

Every period is inclusive and in local time of Europe/Paris (C-06), whatever the clock of the machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

from indicators.measures.model import Window
from indicators.programmes.dates import PARIS, Period, local_date
from indicators.programmes.parameters import ParameterSet

__all__ = [
    "PARIS",
    "WINDOW_IDS",
    "Period",
    "UsageWindow",
    "calendar_faults",
    "deposit_window",
    "local_date",
    "source_parameters",
    "usage_window",
    "window_value",
]

WINDOW_IDS = ("F1", "F2", "F3", "F4")
CANDIDATURE_MONTHS, INSTRUCTION_MONTHS = 2, 4


@cache
def source_parameters() -> ParameterSet:
    """The values the sources state, read once."""
    return ParameterSet.read(Path(__file__).with_name("parameters.yaml"))


@dataclass(frozen=True, slots=True)
class UsageWindow:
    """One window: when to apply, when the ARS examines, when the usage is measured."""

    id: str
    candidature: Period
    instruction: Period
    measure: Period

    def measured(self, cutoff: date | None = None) -> Window:
        """What the indicators look at; the cut-off is the end of the measure unless said (CFG-S1-10)."""
        return Window(self.measure.start, self.measure.end, cutoff or self.measure.end)


def usage_window(window_id: str | int, parameters: ParameterSet | None = None) -> UsageWindow:
    """SUN1-R17 (S2 §6.1): a window by id (`F1` or 1), or an exercise window a set adds as `calendar:<id>`.

    The four windows of the text cannot be redefined: the sources answer first. Raises `LookupError` naming the window
    and the known ones.
    """
    name = f"F{window_id}" if isinstance(window_id, int) else window_id
    known = source_parameters() if parameters is None else source_parameters().over(parameters)
    found = known.find(f"calendar:{name}")
    if found is None:
        raise LookupError(f"unknown window {window_id!r}; known: {', '.join(_windows(known))}")
    return UsageWindow(name, *(Period(*found.value[part]) for part in ("candidature", "instruction", "measure")))


def _windows(parameters: ParameterSet) -> list[str]:
    prefix = "calendar:"
    return sorted({entry.name.removeprefix(prefix) for entry in parameters.entries if entry.name.startswith(prefix)})


def window_value(window: UsageWindow) -> str | dict[str, object]:
    """A window as a record holds it: its id when the text has it, else its days too, since only a set knows them."""
    if window.id in WINDOW_IDS:
        return window.id
    periods = {name: getattr(window, name) for name in ("candidature", "instruction", "measure")}
    return {"id": window.id} | {name: [one.start.isoformat(), one.end.isoformat()] for name, one in periods.items()}


def deposit_window(moment: date | datetime) -> UsageWindow | None:
    """The window whose candidature period holds a deposit, or None (SUN1-R15).

    2022-10-31T22:59:59Z is 23:59:59 in Paris, in time for F3; one second later is late.
    """
    day = local_date(moment)
    return next((window for window in map(usage_window, WINDOW_IDS) if day in window.candidature), None)


def calendar_faults(windows: Iterable[UsageWindow]) -> list[str]:
    """SUN1-R17 (S2 §6.1): candidature longer than two months, instruction longer than four, or a measure that overlaps.

    Months are calendar ones: 1 September to 31 October is two.
    """
    found, measured = [], list(windows)
    for window in measured:
        if _months(window.candidature) > CANDIDATURE_MONTHS:
            found.append(f"CANDIDATURE_TOO_LONG:{window.id}")
        if _months(window.instruction) > INSTRUCTION_MONTHS:
            found.append(f"INSTRUCTION_TOO_LONG:{window.id}")
    ordered = sorted(measured, key=lambda window: window.measure.start)
    overlaps = (b.id for a, b in pairwise(ordered) if b.measure.start <= a.measure.end)
    return found + [f"MEASURES_OVERLAP:{name}" for name in overlaps]


def _months(period: Period) -> int:
    """Calendar months a period touches."""
    start, end = period.start, period.end
    return (end.year - start.year) * 12 + end.month - start.month + 1
