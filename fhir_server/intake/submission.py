"""The value every envelope becomes: what was received, who sent it, and what the checks say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fhir_server.ids import new_id
from fhir_server.security.caller import Caller
from validators.mhd import ProvidedBundle
from validators.report import Report


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes at a door, before anything was looked at."""

    door: str
    body: bytes
    caller: Caller
    at: datetime
    id: str
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """An opened envelope: the received bytes, the checked bundle (None when it could not be opened), the findings.

    `lenient_replacement`: the envelope cannot know whether the replaced document was filed here (a bare CDA), so an
    unknown target is said and not refused. `folders` are the ids of the folders that are put, by entry.
    """

    received: Received
    bundle: ProvidedBundle | None
    report: Report
    malformed: bool = False
    lenient_replacement: bool = False
    folders: Mapping[int, str] = field(default_factory=dict)


def received(door: str, body: bytes, caller: Caller, at: datetime, content_type: str = "") -> Received:
    """Give what arrived its submission id."""
    return Received(door, body, caller, at, new_id(), content_type)


Json = Mapping[str, Any]
