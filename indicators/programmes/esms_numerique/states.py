"""The life of a project in the kick-off phase of ESMS numérique (S3 §I, §III.B, §III.C, annexe 2)."""

from __future__ import annotations

from indicators.programmes.machine import Guard, Machine, Notice, Transition

_HOLDER = "holder"
_ELIGIBILITY = (
    "ITEM_MISSING:n",
    "unknown_kind:n",
    "CLUSTER_TOO_SMALL",
    "parameter_missing:cluster_over_both_territories",
    "INTEROPERABILITY_NOT_MET",
    "OUTSIDE_NATIONAL_MARKET",
)

_AMOUNT = Guard("amount", ("parameter_missing:n", "PAID_ABOVE_TOTAL", "PAYMENT_DIFFERS:n"))

MACHINE = Machine(
    id="esms_amorcage.project",
    initial="DRAFT",
    transitions=(
        Transition("DRAFT", "APPLIED", _HOLDER, "ESMS-R03", (Guard("call_open", ("REGIONAL_CALL_CLOSED",)),),
                   (Notice("ARS", "dossier déposé", "file deposited"),)),
        Transition("APPLIED", "ELIGIBLE", "ARS", "ESMS-R14", (Guard("eligible", _ELIGIBILITY),)),
        Transition("APPLIED", "INELIGIBLE", "ARS", "ESMS-R14",
                   (Guard("ineligibility_founded", ("NO_REASON_TO_REFUSE",)),),
                   (Notice(_HOLDER, "inéligibilité avec ses motifs", "ineligibility with its reasons"),)),
        Transition("ELIGIBLE", "SELECTED", "ARS", "ESMS-R15"),
        Transition("ELIGIBLE", "REJECTED", "ARS", "ESMS-R18", (Guard("reasons_given", ("REASONS_MISSING",)),),
                   (Notice(_HOLDER, "rejet avec ses motifs", "rejection with its reasons"),)),
        Transition("SELECTED", "COMMITTED", "ARS", "ESMS-R18",
                   (_AMOUNT, Guard("in_commitment_time", ("COMMITMENT_LATE",)),
                    Guard("credits_left", ("CREDITS_EXHAUSTED",))),
                   (Notice(_HOLDER, "courrier avec le montant de l'aide", "letter with the amount of the aid"),
                    Notice("PAI numérique", "opération saisie", "operation entered")),
                   "by 30 June 2021, 30 September when redeployed"),
        Transition("COMMITTED", "AGREEMENT_SIGNED", "ARS, holder", "ESMS-R20",
                   (Guard("agreement", ("AGREEMENT_NOT_SIGNED",)), _AMOUNT),
                   (Notice(_HOLDER, "40 % à la signature", "40% at signature"),)),
        Transition("AGREEMENT_SIGNED", "CONFIGURED", _HOLDER, "ESMS-R20",
                   (Guard("configuration_invoice", ("INVOICE_MISSING:configuration",)),
                    _AMOUNT),
                   (Notice(_HOLDER, "40 % à la fin du paramétrage", "40% at the end of configuration"),)),
        Transition("CONFIGURED", "ROLLED_OUT", _HOLDER, "ESMS-R20",
                   (Guard("roll_out_invoice", ("INVOICE_MISSING:roll_out",)),)),
        Transition("ROLLED_OUT", "CRITERIA_VERIFIED", "ARS", "ESMS-R22",
                   (Guard("criteria", ("only_socle_criteria_can_be_blocked", "need_3_metier_and_2_socle",
                                       "parameter_missing:target:n", "not_measurable:n", "CRITERIA_NOT_VERIFIED")),
                    _AMOUNT),
                   (Notice(_HOLDER, "part d'usage, de 0 à 20 %", "usage part, 0 to 20%"),)),
        Transition("CRITERIA_VERIFIED", "CLOSED", "ARS", "ESMS-R20"),
        Transition("CLOSED", "MAINTENANCE", _HOLDER, "ESMS-R24", when="monthly criteria, no payment"),
    ),
    pays=frozenset({"COMMITTED", "AGREEMENT_SIGNED", "CONFIGURED", "CRITERIA_VERIFIED"}),
)  # fmt: skip
