"""What every renderer is given: judged files, and what may change how they are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validators.report import Severity

if TYPE_CHECKING:
    from fhir_server.checking import Verdict

Judged = tuple[str, "Verdict"]
"""A file by the name it was given, and what was found in it."""

Source = Callable[[str], bytes | None]
"""The bytes of a file by its name; None when they are not at hand."""


def not_at_hand(_name: str) -> bytes | None:
    """The source of whoever has findings alone: no offending line is shown."""
    return None


@dataclass(frozen=True, slots=True)
class Options:
    """`fail_on` is the severity from which a finding fails a run; `width` is that of the terminal, in characters."""

    fail_on: Severity = Severity.ERROR
    source: Source = not_at_hand
    width: int = 100
