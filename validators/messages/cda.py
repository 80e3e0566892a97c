"""Rules of the area `cda`."""

from __future__ import annotations

from validators.report import Rule

RULES: tuple[Rule, ...] = ()
