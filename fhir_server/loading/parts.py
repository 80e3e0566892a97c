"""What the checking processes hand to the one that files: plans, and what was refused with its reasons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from fhir_server.store.acts import Act
from fhir_server.store.changes import ResourcePlan
from fhir_server.store.plan import Finding, WritePlan
from validators.messages import rule
from validators.report import REFUSING, Issue


class Reason(msgspec.Struct, array_like=True, frozen=True):
    """A rule that is broken, and where: nothing of the content."""

    rule: str
    severity: str
    location: str


class Reject(msgspec.Struct, array_like=True, frozen=True):
    """An item that is refused: its place, the status the server would answer, why; `keep`: its bytes may be kept."""

    place: int
    status: int
    reasons: tuple[Reason, ...]
    keep: bool = True


class Part(msgspec.Struct, array_like=True, frozen=True):
    """Consecutive items and the one plan that files them; without a plan none of them changes anything.

    `filed` is how many items the plan files when it goes through, `unchanged` how many say what is already there.
    """

    first: int
    last: int
    plan: WritePlan | Act | ResourcePlan | None = None
    filed: int = 0
    unchanged: int = 0
    rejects: tuple[Reject, ...] = ()


class Tally(msgspec.Struct, array_like=True, frozen=True):
    """What became of items."""

    filed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.filed + other.filed, self.unchanged + other.unchanged,
                     self.duplicates + other.duplicates, self.rejected + other.rejected)  # fmt: skip

    @property
    def items(self) -> int:
        """All of them."""
        return self.filed + self.unchanged + self.duplicates + self.rejected


class Checked(msgspec.Struct, array_like=True, frozen=True):
    """A piece, by its number, once it is checked; `before` is set when its source was done by an earlier load."""

    piece: int
    digest: str
    parts: tuple[Part, ...] = ()
    before: Tally | None = None


CHECKED: Final[msgspec.msgpack.Decoder[Checked]] = msgspec.msgpack.Decoder(Checked)


def reasons_of(issues: Iterable[Issue]) -> tuple[Reason, ...]:
    """What refuses among issues."""
    return tuple(Reason(one.rule, one.severity.value, one.location) for one in issues if one.severity in REFUSING)


def reasons_found(findings: Iterable[Finding]) -> tuple[Reason, ...]:
    """The same of what only the write could find."""
    return tuple(Reason(one.rule, rule(one.rule).severity.value, one.location) for one in findings)
