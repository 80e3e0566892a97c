"""The life of a service of the core in a region, reported each half-year (S1 §III.1, §III.4). No money moves."""

from __future__ import annotations

from itertools import pairwise

from indicators.programmes.cadre_commun.rules import STATES
from indicators.programmes.machine import Guard, Machine, Notice, Transition

_GUARDS = {
    "PLANNED": (Guard("path", ("PATH_TO_TARGET_MISSING",)),),
    "AVAILABLE": (Guard("available", ("SERVICE_NOT_AVAILABLE",)),),
    "DEPLOYED": (Guard("deployed", ("NO_ESTABLISHMENT_EQUIPPED",)),),
    "USED": (Guard("used", ("NO_TRANSACTION_IN_SEMESTER",)),),
    "TARGET_REACHED": (Guard("target", ("parameter_missing:target:n", "TARGET_NOT_REACHED")),),
}

MACHINE = Machine(
    id="cadre_commun.service",
    initial=STATES[0],
    transitions=tuple(
        Transition(
            before,
            after,
            "ARS",
            "CC-R06",
            _GUARDS[after],
            (Notice("DSSIS", "état du service dans la remontée semestrielle", "state of the service in the report"),),
        )
        for before, after in pairwise(STATES)
    ),
    # Without a target nobody may say that it is reached (CFG-CC-05), whatever convention stands in.
    pays=frozenset({"TARGET_REACHED"}),
)
