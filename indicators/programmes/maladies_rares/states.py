"""The life of one establishment in the rare-disease call, one table a version of the text (S0 §1, §2)."""

from __future__ import annotations

from indicators.programmes.machine import Guard, Machine, Notice, Transition

_DGOS = "DGOS"
_HEAD = (
    Transition("DRAFT", "APPLIED", "establishment", "MR-R02",
               (Guard("received_in_time", ("RECEIVED_AFTER_CLOSING",)),),
               (Notice("establishment", "accusé de réception", "receipt"),), "by 12 January 2018"),
    Transition("APPLIED", "SELECTED", _DGOS, "MR-R02", (),
               (Notice("establishment, ARS", "sélection", "selection"),), "January or February 2018"),
    Transition("SELECTED", "AMORCAGE_PAID", _DGOS, "MR-R04", (Guard("selected", ("NOT_SELECTED",)),),
               (Notice("establishment", "90 000 € d'amorçage", "90,000 € to start"),), "2018"),
)  # fmt: skip
# Between the two payments the text of the day of the decision rules (MR-R09, C-11).
_TEXT = Guard("text_in_force", ("TEXT_NOT_IN_FORCE:n",))
_TARGETS = Guard("targets", ("parameter_missing:targets", "TARGETS_NOT_VERIFIED", "TARGETS_NOT_REACHED"))
_MISSED = Guard("targets_missed", ("TARGETS_NOT_VERIFIED", "TARGETS_REACHED", "TARGET_DAY_NOT_OVER"))
_TOLD_USAGE = Notice("establishment", "60 000 € d'usage", "60,000 € on usage")

INITIAL = Machine(
    id="maladies_rares.initial",
    initial="DRAFT",
    transitions=(
        *_HEAD,
        Transition("AMORCAGE_PAID", "TARGET_REACHED", _DGOS, "MR-R05", (_TEXT, _TARGETS),
                   when="by January 2019"),
        Transition("AMORCAGE_PAID", "TARGET_MISSED", _DGOS, "MR-R05",
                   (_TEXT, _MISSED,)),
        Transition("TARGET_REACHED", "USAGE_PAID", _DGOS, "MR-R05", (_TARGETS,), (_TOLD_USAGE,), "2019"),
    ),
    pays=frozenset({"AMORCAGE_PAID", "TARGET_REACHED", "TARGET_MISSED", "USAGE_PAID"}),
)  # fmt: skip

UPDATED = Machine(
    id="maladies_rares.updated",
    initial="DRAFT",
    transitions=(
        *_HEAD,
        Transition("AMORCAGE_PAID", "USAGE_PAID", _DGOS, "MR-R06", (_TEXT,), (_TOLD_USAGE,),
                   "last circular of 2019"),
        Transition("USAGE_PAID", "TARGET_REACHED", _DGOS, "MR-R06", (_TARGETS,), when="by September 2020"),
        Transition("USAGE_PAID", "TARGET_MISSED", _DGOS, "MR-R07",
                   (_MISSED,), when="from October 2020"),
        Transition("TARGET_MISSED", "RESTITUTION_DUE", "DGOS, ARS", "MR-R07",
                   (_MISSED,),
                   (Notice("establishment", "tout ce qui a été perçu est à rendre",
                           "everything perceived is due back"),)),
        Transition("RESTITUTION_DUE", "RESTITUTED", "establishment", "MR-R07",
                   (Guard("returned", ("RESTITUTION_INCOMPLETE",)),)),
    ),
    pays=frozenset({"AMORCAGE_PAID", "USAGE_PAID", "TARGET_REACHED", "TARGET_MISSED", "RESTITUTION_DUE", "RESTITUTED"}),
)  # fmt: skip

MACHINES = (INITIAL, UPDATED)
