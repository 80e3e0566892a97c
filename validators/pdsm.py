"""The versions of PDSm a submission can be judged by."""

from __future__ import annotations

from enum import StrEnum


class Pdsm(StrEnum):
    """The release, or the head of the guide's repository (June 2026), which asks more and allows more."""

    RELEASED = "3.1.1"
    HEAD = "head"
