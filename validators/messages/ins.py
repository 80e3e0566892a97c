"""Rules of the area `ins`."""

from __future__ import annotations

from validators.report import Rule

RULES: tuple[Rule, ...] = ()
