"""The life of a designated establishment in the experiment of citizen messaging (S2 §3.3, §6.2)."""

from __future__ import annotations

from indicators.programmes.machine import Guard, Machine, Notice, Transition
from indicators.programmes.sun_es_volet2.rules import REASONS

_AMOUNT = Guard("amount", ("parameter_missing:computed_amount", "PAID_ABOVE_TOTAL"))
_FIRST = Guard("first_objective", ("parameter_missing:first_objective", "FIRST_OBJECTIVE_NOT_REACHED"))
_OBJECTIVES = Guard("objectives", ("parameter_missing:objectives_reached", "OBJECTIVES_MISSED"))

MACHINE = Machine(
    id="sun_es_v2.designation",
    initial="PROPOSED",
    transitions=(
        Transition("PROPOSED", "DESIGNATED", "ARS", "SUN2-R03",
                   (Guard("eligible", REASONS), Guard("envelope_left", ("CREDITS_EXHAUSTED",))),
                   (Notice("establishment", "montant après plafond", "amount after the cap"),),
                   "with the health insurance, DNS and DGOS"),
        Transition("DESIGNATED", "AMORCAGE_PAID", "ARS", "SUN2-R05",
                   (_AMOUNT, _FIRST),
                   (Notice("establishment", "30 % du montant", "30% of the amount"),)),
        Transition("AMORCAGE_PAID", "EXPERIMENTING", "clock", "SUN2-R01",
                   (Guard("experiment_open", ("OUTSIDE_EXPERIMENT_PERIOD",)),)),
        Transition("EXPERIMENTING", "OBJECTIVES_VERIFIED", "ARS", "SUN2-R05",
                   (Guard("objectives_known", ("parameter_missing:objectives_reached",)),)),
        Transition("OBJECTIVES_VERIFIED", "USAGE_PAID", "ARS", "SUN2-R05", (_OBJECTIVES, _AMOUNT),
                   (Notice("establishment", "le reste du montant", "the rest of the amount"),)),
        Transition("OBJECTIVES_VERIFIED", "NOT_REACHED", "ARS", "SUN2-R05",
                   (Guard("objectives_missed", ("OBJECTIVES_REACHED",)),),
                   (Notice("establishment", "motif", "reason"),)),
    ),
    pays=frozenset({"AMORCAGE_PAID", "USAGE_PAID", "NOT_REACHED"}),
)  # fmt: skip
