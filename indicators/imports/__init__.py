"""Declared data out of files: bytes in, typed records out, or every error with its line. Nothing is stored here.

A file is read whole or not at all. It is CSV (UTF-8, comma or semicolon), XLSX (its first sheet) or a JSON list of
objects, with the columns of its shape by name, in any order. `template` writes an empty one; `declared_…` make declared
facts out of the records.
"""

from __future__ import annotations

from indicators.imports._cells import SEPARATOR
from indicators.imports._faults import MESSAGES, Fault, ImportRefused, Wrong
from indicators.imports._figures import declared_figures, declared_patients, declared_reports, declared_usage
from indicators.imports._reading import read, read_numbered, read_objects
from indicators.imports._records import (
    SHAPES,
    Acknowledgement,
    Activity,
    EligiblePatient,
    Figures,
    PersonUsage,
    ReportsProduced,
    StayRow,
)
from indicators.imports._shape import Column, Record, Shape, both_or_none, in_order, read_cell
from indicators.imports._template import explained, template

__all__ = [
    "MESSAGES",
    "SEPARATOR",
    "SHAPES",
    "Acknowledgement",
    "Activity",
    "Column",
    "EligiblePatient",
    "Fault",
    "Figures",
    "ImportRefused",
    "PersonUsage",
    "Record",
    "ReportsProduced",
    "Shape",
    "StayRow",
    "Wrong",
    "both_or_none",
    "declared_figures",
    "declared_patients",
    "declared_reports",
    "declared_usage",
    "explained",
    "in_order",
    "read",
    "read_cell",
    "read_numbered",
    "read_objects",
    "template",
]
