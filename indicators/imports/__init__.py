"""Declared data out of files: bytes in, typed records out, or every error with its line. Nothing is stored here.

A file is read whole or not at all. It is CSV (UTF-8, comma or semicolon) or XLSX (its first sheet), with the columns of
its shape by name, in any order. `template` writes an empty one; `declared_…` make declared facts out of the records.
"""

from __future__ import annotations

from indicators.imports._figures import declared_figures, declared_patients, declared_reports, declared_usage
from indicators.imports._reading import read
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
from indicators.imports._shape import Column, Fault, ImportRefused, Shape
from indicators.imports._template import template

__all__ = [
    "SHAPES",
    "Acknowledgement",
    "Activity",
    "Column",
    "EligiblePatient",
    "Fault",
    "Figures",
    "ImportRefused",
    "PersonUsage",
    "ReportsProduced",
    "Shape",
    "StayRow",
    "declared_figures",
    "declared_patients",
    "declared_reports",
    "declared_usage",
    "read",
    "template",
]
