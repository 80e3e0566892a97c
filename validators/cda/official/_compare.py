"""Where the kit and our rules part: what one side finds at a place where the other has nothing to say.

The kit's assertions have no id, so what is compared is the place: two findings are about the same thing when they lie
on one element, on its parent or on its child.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from validators.cda.official._check import OfficialResult
from validators.cda.official._finding import Finding
from validators.report import REFUSING, Issue, Report, Severity

_HEARD = REFUSING | {Severity.WARNING}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An error that one side alone sees; the other says nothing there, not even a warning."""

    seen_by: Literal["ours", "official"]
    finding: Issue | Finding

    @property
    def location(self) -> str:
        """Where."""
        return self.finding.location

    @property
    def line(self) -> int | None:
        """The line there, where it is known."""
        return self.finding.line

    @property
    def rule(self) -> str:
        """Our rule, or the kit's assertion."""
        return self.finding.rule if isinstance(self.finding, Issue) else self.finding.assertion


def disagreements(report: Report, official: OfficialResult) -> list[Disagreement]:
    """Ours first, each side in its own order. Where the document could not be read there is nothing to compare."""
    if any(defect.kind == "document-unreadable" for defect in official.defects):
        return []
    theirs = (*official.schema_errors, *official.failed)
    heard_theirs = _places(theirs)
    heard_ours = _places(report)
    return [
        *(Disagreement("ours", i) for i in report if i.severity in REFUSING and not _near(i.location, heard_theirs)),
        *(Disagreement("official", f) for f in theirs if f.severity in REFUSING and not _near(f.location, heard_ours)),
    ]


def _places(findings: Iterable[Issue | Finding]) -> set[str]:
    """The places of errors and warnings, and those of their parents under another sign."""
    places: set[str] = set()
    for finding in findings:
        if finding.severity in _HEARD:
            place = _element(finding.location)
            places |= {place, f"above {_parent(place)}"}
    return places


def _near(location: str, places: set[str]) -> bool:
    """Is one of the places the element, its parent or its child?"""
    place = _element(location)
    return not places.isdisjoint({place, _parent(place), f"above {place}"})


def _element(location: str) -> str:
    return location.partition("/@")[0] or "/"


def _parent(place: str) -> str:
    return place.rpartition("/")[0] or "/"
