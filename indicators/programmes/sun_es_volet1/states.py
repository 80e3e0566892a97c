"""The life of one (establishment, window) candidature, one sub-state a domain (S2 §5, §6).

The facts the table asks for: `form_complete`, `in_candidature_period`, `admissible` (reasons of `candidature`),
`credits_left`, `instruction_open`, `measure_started`, `measure_ended`, `declared`, `entry_closed`, `targets`,
`never_paid`, `amount`.
"""

from __future__ import annotations

from indicators.programmes.machine import Guard, Machine, Notice, Transition
from indicators.programmes.sun_es_volet1.candidature import REASONS

ARS, ESTABLISHMENT, CLOCK = "ARS", "establishment", "clock"
_TOLD = "establishment"
_LIST = Notice("DNS, DGOS", "ligne de la liste des dossiers de la fenêtre", "row of the list of the window's files")
_AMOUNT = Guard("amount", ("parameter_missing:forfait",))
_TOTAL = Guard("amount", ("parameter_missing:forfait", "PAID_ABOVE_TOTAL"))
_PAID = Guard("amount", ("PAYMENT_NOT_ENTERED:n", "PAYMENT_DIFFERS:n"))
_MISSED = Guard("targets_missed", ("USAGE_NOT_VERIFIED", "TARGETS_REACHED"))
_TARGETS = Guard("targets", ("USAGE_NOT_VERIFIED", "TARGET_NOT_REACHED:n"))

MACHINE = Machine(
    id="sun_es_v1.candidature",
    initial="DRAFT",
    transitions=(
        Transition(
            "DRAFT", "DEPOSITED", ESTABLISHMENT, "SUN1-R15",
            (Guard("form_complete", ("DIRECTOR_VALIDATION_MISSING", "GHT_SUPPORT_DIRECTOR_VALIDATION_MISSING")),
             Guard("in_candidature_period", ("OUTSIDE_CANDIDATURE_PERIOD",))),
            (Notice(_TOLD, "accusé de dépôt horodaté", "time-stamped deposit receipt"),),
            "inside the candidature period of the window",
        ),
        Transition(
            "DRAFT", "REJECTED_LATE", "system", "SUN1-R15",
            (Guard("late", ("INSIDE_CANDIDATURE_PERIOD",)),),
            (Notice(_TOLD, "motif OUTSIDE_CANDIDATURE_PERIOD ; une fenêtre suivante reste ouverte",
                    "reason OUTSIDE_CANDIDATURE_PERIOD; a later window stays open"),),
        ),
        Transition("DEPOSITED", "UNDER_REVIEW", ARS, "SUN1-R18", when="from the deposit on"),
        Transition(
            "UNDER_REVIEW", "REFUSED", ARS, "SUN1-R20",
            (Guard("refusal_founded", ("NO_REASON_TO_REFUSE",)),
             Guard("instruction_open", ("INSTRUCTION_PERIOD_OVER",))),
            (Notice(_TOLD, "refus avec tous ses motifs", "refusal with all its reasons"), _LIST),
            "by the end of the instruction",
        ),
        Transition(
            "UNDER_REVIEW", "ACCEPTED", ARS, "SUN1-R18",
            (Guard("admissible", (*REASONS, "RETRY_NOT_ALLOWED")), Guard("credits_left", ("CREDITS_EXHAUSTED",)),
             Guard("instruction_open", ("INSTRUCTION_PERIOD_OVER",))),
            (Notice(_TOLD, "acceptation", "acceptance"), _LIST),
            "by the end of the instruction",
        ),
        Transition("ACCEPTED", "ADVANCE_NOTIFIED", ARS, "SUN1-R24", (_AMOUNT,),
                   (Notice(_TOLD, "avance de 30 % du forfait", "advance of 30% of the forfait"),)),
        Transition("ADVANCE_NOTIFIED", "ADVANCE_PAID", ARS, "SUN1-R24", (_PAID,)),
        Transition("ADVANCE_PAID", "MEASURING", CLOCK, "SUN1-R17",
                   (Guard("measure_started", ("MEASURE_NOT_STARTED",)),), when="first day of the measure"),
        Transition("MEASURING", "DECLARED", ESTABLISHMENT, "SUN1-R08",
                   (Guard("measure_ended", ("MEASURE_NOT_ENDED",)), Guard("declared", ("USAGE_NOT_DECLARED",)),
                    Guard("entry_open", ("ENTRY_CLOSED",))),
                   when="after the measure, before the last day of entry (CFG-S1-10)"),
        Transition("MEASURING", "NOT_DECLARED", CLOCK, "SUN1-R08",
                   (Guard("entry_over", ("ENTRY_STILL_OPEN", "parameter_missing:entry_deadline")),),
                   (Notice("ARS, establishment", "rien n'a été déclaré dans oSIS", "nothing was declared in oSIS"),)),
        Transition("DECLARED", "REACHED", ARS, "SUN1-R25", (_TARGETS,)),
        Transition("DECLARED", "NOT_REACHED", ARS, "SUN1-R27", (_MISSED,)),
        Transition(
            "REACHED", "USAGE_NOTIFIED", ARS, "SUN1-R25",
            (_TARGETS, Guard("never_paid", ("DOMAIN_ALREADY_FUNDED",)), _TOTAL),
            (Notice(_TOLD, "le reste du forfait", "the rest of the forfait"),),
            "right after the verification",
        ),
        Transition("USAGE_NOTIFIED", "USAGE_PAID", ARS, "SUN1-R25", (_PAID,)),
        Transition("NOT_REACHED", "CLOSED", ARS, "SUN1-R27",
                   notices=(Notice(_TOLD, "motif ; sort de l'avance : CFG-S1-09", "reason; the advance: CFG-S1-09"),)),
    ),
    pays=frozenset({"ADVANCE_NOTIFIED", "ADVANCE_PAID", "REACHED", "NOT_REACHED", "USAGE_NOTIFIED", "USAGE_PAID"}),
)  # fmt: skip
