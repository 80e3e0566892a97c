"""Rules of the area `intake`."""

from __future__ import annotations

from validators.report import Rule

RULES: tuple[Rule, ...] = ()
