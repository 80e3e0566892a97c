"""Rules of the area `mhd`."""

from __future__ import annotations

from validators.report import Rule

RULES: tuple[Rule, ...] = ()
