"""What the check of a submission gives: its entries, its documents, what it replaces."""

from __future__ import annotations

from dataclasses import dataclass

from validators.mhd.bundle import Entries
from validators.mhd.content import Provided
from validators.mhd.replacement import Update
from validators.report import Report


@dataclass(frozen=True, slots=True)
class ProvidedBundle:
    """A submission as its envelope describes it; `report` holds every finding, of the envelope and of its documents."""

    entries: Entries
    documents: list[Provided]
    updates: list[Update]
    report: Report
