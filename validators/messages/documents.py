"""Rules of the area `documents`."""

from __future__ import annotations

from validators.report import Rule

RULES: tuple[Rule, ...] = ()
