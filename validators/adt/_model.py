"""What an ADT message says, typed: who sends it, what happened, to whom, in which visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from validators.ins import PatientIdentity


class Effect(StrEnum):
    """What an event does to a stay, or to the identities it names."""

    OPEN = "open"
    CLASS = "class"
    UPDATE = "update"
    DISCHARGE = "discharge"
    REOPEN = "reopen"
    CANCEL = "cancel"
    PERSON = "person"
    LINK = "link"
    MERGE = "merge"
    UNLINK = "unlink"


EVENTS: Final = {
    "A01": Effect.OPEN, "A04": Effect.OPEN, "A05": Effect.OPEN,
    "A06": Effect.CLASS, "A07": Effect.CLASS,
    "A02": Effect.UPDATE, "A08": Effect.UPDATE, "A12": Effect.UPDATE, "Z99": Effect.UPDATE,
    "A03": Effect.DISCHARGE, "A13": Effect.REOPEN, "A11": Effect.CANCEL, "A38": Effect.CANCEL,
    "A28": Effect.PERSON, "A31": Effect.PERSON,
    "A24": Effect.LINK, "A40": Effect.MERGE, "A47": Effect.MERGE, "A37": Effect.UNLINK,
}  # fmt: skip
"""The events that are read. A04 and A05 open a visit as A01 does; its class says whether it is a stay."""

STAYS: Final = frozenset({Effect.OPEN, Effect.CLASS, Effect.UPDATE, Effect.DISCHARGE, Effect.REOPEN, Effect.CANCEL})
"""Effects on a stay."""
PAIRS: Final = frozenset({Effect.LINK, Effect.MERGE, Effect.UNLINK})
"""Effects on two identities."""
IN_HOSPITAL: Final = frozenset({"I", "R"})
"""Classes (PV1-2) whose visits are stays: admitted, and recurring (sessions); the others are in no population."""


@dataclass(frozen=True, slots=True)
class Header:
    """MSH: what an acknowledgement is addressed by."""

    control: str
    event: str
    version: str
    processing: str
    sender: tuple[str, str]
    receiver: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """PV1: the stay's own number, its class, where it may be (FINESS as named, best first) and when.

    A time is a day when the message gives no hour.
    """

    number: str
    authority: str
    patient_class: str
    sites: tuple[str, ...]
    admitted: datetime | date | None
    ended: datetime | date | None

    def __repr__(self) -> str:
        return f"Visit({self.patient_class})"


@dataclass(frozen=True, slots=True)
class Admission:
    """One message that can be acted upon.

    `other` is the second identity of a merge, a link or an unlink (MRG, or the second PID); `recorded` is when the
    sender wrote the event down (EVN-2), which is the order of events.
    """

    header: Header
    effect: Effect
    recorded: datetime
    identity: PatientIdentity
    other: PatientIdentity | None
    visit: Visit | None
