"""The life of a national project and of each of its tranches (S4 §3.2, §4.2 to §4.4)."""

from __future__ import annotations

from indicators.programmes.machine import Guard, Machine, Notice, Transition

_HOLDER, _COMMITTEE, _PIVOT = "holder", "committee", "ARS pivot"
_COMPLIANCE = ("ACQUISITION_ABOVE_40_PERCENT", "SCHEDULE_BEYOND_2026", "SOLUTION_NOT_UNIFORM")
_AMOUNT = Guard("amount", ("parameter_missing:rate_over_500", "AMOUNT_ABOVE_COMPUTED", "AMOUNT_ABOVE_REQUEST"))
_CRITERIA_MISSED = Guard("criteria_missed", ("CRITERIA_NOT_VERIFIED", "CRITERIA_REACHED"))

PROJECT = Machine(
    id="aap_dui.project",
    initial="DRAFT",
    transitions=(
        Transition("DRAFT", "DEPOSITED", _HOLDER, "AAP-R14", (Guard("in_deposit_period", ("OUTSIDE_DEPOSIT_PERIOD",)),),
                   (Notice(_HOLDER, "accusé de dépôt", "receipt"),), "3 August to 20 October 2021"),
        Transition("DRAFT", "REJECTED_LATE", "system", "AAP-R14", (Guard("late", ("INSIDE_DEPOSIT_PERIOD",)),),
                   (Notice(_HOLDER, "motif OUTSIDE_DEPOSIT_PERIOD", "reason OUTSIDE_DEPOSIT_PERIOD"),)),
        Transition("DEPOSITED", "ELIGIBLE", "CNSA, DNS", "AAP-R16",
                   (Guard("large_enough", ("FEWER_THAN_50_ESMS",)), Guard("complete", ("ITEM_MISSING:n",)))),
        Transition("ELIGIBLE", "EXPERTISED", "experts", "AAP-R17"),
        Transition("EXPERTISED", "COMMITTEE", _COMMITTEE, "AAP-R15"),
        Transition("COMMITTEE", "ACCEPTED", _COMMITTEE, "AAP-R15",
                   (_AMOUNT,
                    Guard("compliant", _COMPLIANCE)),
                   (Notice(_HOLDER, "courrier : réserves, montant au plus égal à la demande",
                           "letter: reservations, amount at most the one asked for"),
                    Notice("public", "liste sur le site de la CNSA", "list on the CNSA site")), "by mid-November 2021"),
        Transition("COMMITTEE", "REFUSED", _COMMITTEE, "AAP-R15",
                   (Guard("reasons_given", ("REASONS_MISSING",)),),
                   (Notice(_HOLDER, "courrier avec les motifs", "letter with the reasons"),), "by mid-November 2021"),
        Transition("ACCEPTED", "PIVOT_ASSIGNED", _COMMITTEE, "AAP-R13",
                   (Guard("pivot", ("parameter_missing:pivot",)),)),
        Transition("PIVOT_ASSIGNED", "AGREEMENT", "ARS pivot, holder", "AAP-R15",
                   (Guard("agreement", ("AGREEMENT_NOT_SIGNED",)), _AMOUNT),
                   (Notice(_HOLDER, "convention", "agreement"),)),
    ),
    pays=frozenset({"ACCEPTED", "AGREEMENT"}),
)  # fmt: skip

TRANCHE = Machine(
    id="aap_dui.tranche",
    initial="PLANNED",
    transitions=(
        Transition("PLANNED", "OPEN", _PIVOT, "AAP-R12",
                   (Guard("previous_closed", ("PREVIOUS_TRANCHE_OPEN", "COMMITTEE_OPINION_MISSING")),
                    Guard("demonstrated", ("DEMONSTRATION_MISSING", "INTEGRATION_PROOF_MISSING")),
                    Guard("amount", ("PLAN_MISSING", "tranches_do_not_add_up", "TRANCHE_BELOW_ZERO")))),
        Transition("OPEN", "VSR", _HOLDER, "AAP-R10", (Guard("vsr_signed", ("VSR_MISSING",)),)),
        Transition("VSR", "CRITERIA_REACHED", _PIVOT, "AAP-R12",
                   (Guard("criteria", ("parameter_missing:usage_criteria", "parameter_missing:target:n", "VSR_MISSING",
                                       "USAGE_NOT_REACHED:n", "SOLUTION_NOT_UNIFORM", "CRITERIA_NOT_VERIFIED")),),
                   (Notice(_HOLDER, "nouvelle demande à déposer dans PAI numérique",
                           "a new request to file in PAI numérique"),)),
        Transition("VSR", "CRITERIA_MISSED", _PIVOT, "AAP-R12", (_CRITERIA_MISSED,),
                   (Notice(_HOLDER, "critères manqués ; suite non décrite par le texte",
                           "criteria missed; the text does not say what follows"),)),
    ),
    pays=frozenset({"OPEN", "CRITERIA_REACHED", "CRITERIA_MISSED"}),
)  # fmt: skip

MACHINES = (PROJECT, TRANCHE)
