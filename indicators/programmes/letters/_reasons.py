"""Every reason code of the programmes in words a director reads, with the rules it may come from.

A code may end in `:detail` (`PREREQ_NOT_REACHED:SP2`); the detail is said. The first listed rule that the programme
has is the one cited. A code nobody gave words to is shown as it is, so that a third party's programme has letters too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from indicators.programmes.letters._model import Reason, Words
from indicators.programmes.model import Programme

Row: TypeAlias = tuple[tuple[str, ...], str, str]

_SUN1: Final[Mapping[str, Row]] = {
    "OUT_OF_TERRITORY": (("SUN1-R01",), "l'établissement est situé hors du territoire du programme",
                         "the establishment lies outside the territory of the programme"),
    "NOT_HEALTH_ESTABLISHMENT": (("SUN1-R02",), "la structure n'est pas un établissement de santé",
                                 "the structure is not a health establishment"),
    "OUTSIDE_CANDIDATURE_PERIOD": (("SUN1-R15",),
                                   "le dossier a été déposé hors de la période de candidature de la fenêtre",
                                   "the file was deposited outside the candidature period of its window"),
    "INSIDE_CANDIDATURE_PERIOD": (("SUN1-R15",), "le dépôt est dans la période de candidature",
                                  "the deposit lies inside the candidature period"),
    "DIRECTOR_VALIDATION_MISSING": (("SUN1-R11",), "la validation du directeur de l'établissement manque",
                                    "the validation of the establishment's director is missing"),
    "PREREQ_EVIDENCE_MISSING": (("SUN1-R06",), "aucun justificatif n'a été déposé pour le prérequis {detail}",
                                "no evidence was filed for the prerequisite {detail}"),
    "PREREQ_NOT_REACHED": (("SUN1-R06",), "le prérequis {detail} n'est pas atteint",
                           "the prerequisite {detail} is not reached"),
    "PREREQ_NOT_IN_OSIS": (("SUN1-R07",), "les prérequis n'ont pas été saisis dans oSIS",
                           "the prerequisites were not entered in oSIS"),
    "COMMITMENT_MISSING": (("SUN1-R08",), "l'engagement d'atteindre les cibles et de saisir l'usage dans oSIS manque",
                           "the commitment to reach the targets and to enter usage in oSIS is missing"),
    "EDITOR_NOT_IN_RELIMS": (("SUN1-R09",), "un éditeur du projet n'est pas référencé dans RELIMS",
                             "an editor of the project is not listed in RELIMS"),
    "GHT_SDSI_MISSING": (("SUN1-R10",),
                         "le schéma directeur du système d'information du GHT n'est pas validé et déposé dans oSIS",
                         "the master plan of the GHT is not validated and deposited in oSIS"),
    "GHT_CONVERGENCE_INDICATORS_MISSING": (("SUN1-R10",),
                                           "les indicateurs de convergence du GHT n'ont pas été saisis dans oSIS",
                                           "the GHT's convergence indicators were not entered in oSIS"),
    "GHT_DSI_MISSING": (("SUN1-R10",), "le directeur du système d'information du GHT n'est pas nommé et validé",
                        "the CIO of the GHT is not appointed and validated"),
    "GHT_SUPPORT_DIRECTOR_VALIDATION_MISSING": (("SUN1-R11",),
                                                "la validation du directeur de l'établissement support du GHT manque",
                                                "the support establishment's director did not validate"),
    "SOLUTION_OUTSIDE_CONVERGENCE": (("SUN1-R14",),
                                     "la solution n'est ni en place ni prévue au plan de convergence du GHT",
                                     "the solution is neither in place nor in the GHT's convergence plan"),
    "NO_INTERNAL_LAB": (("SUN1-R05",), "le laboratoire n'a pas le FINESS juridique de l'établissement",
                        "the laboratory does not have the establishment's legal FINESS"),
    "NO_INTERNAL_IMAGING": (("SUN1-R05",), "le plateau d'imagerie n'a pas le FINESS juridique de l'établissement",
                            "the imaging platform does not have the establishment's legal FINESS"),
    "DOMAIN_ALREADY_FUNDED": (("SUN1-R13",), "le domaine a déjà été financé pour cet établissement",
                              "the domain was already funded for this establishment"),
    "RETRY_NOT_ALLOWED": (("SUN1-R13",), "le domaine a déjà été tenté, et une nouvelle tentative n'est pas admise",
                          "the domain was tried before, and may not be tried again"),
    "ADVANCE_KEPT": (("SUN1-R27",), "l'avance versée reste acquise", "the advance paid is kept"),
    "ADVANCE_RETURNED": (("SUN1-R27",), "l'avance versée est à restituer", "the advance paid is to be returned"),
    "ADVANCE_UNDECIDED": (("SUN1-R27",), "le sort de l'avance versée n'est pas encore fixé",
                          "what becomes of the advance paid is not decided yet"),
    "INSTRUCTION_PERIOD_OVER": (("SUN1-R18",), "la période d'instruction est terminée",
                                "the instruction period is over"),
    "MEASURE_NOT_STARTED": (("SUN1-R17",), "la période de mesure n'a pas commencé", "the measure has not started"),
    "MEASURE_NOT_ENDED": (("SUN1-R17",), "la période de mesure n'est pas terminée", "the measure has not ended"),
    "USAGE_NOT_DECLARED": (("SUN1-R08",), "les chiffres d'usage n'ont pas été saisis dans oSIS",
                           "the usage figures were not entered in oSIS"),
    "USAGE_NOT_VERIFIED": (("SUN1-R25",), "l'agence n'a pas vérifié l'usage déclaré",
                           "the agency did not verify the declared usage"),
    "ENTRY_CLOSED": (("SUN1-R08",), "la saisie dans oSIS est close", "entry in oSIS is closed"),
    "ENTRY_STILL_OPEN": (("SUN1-R08",), "la saisie dans oSIS est encore ouverte", "entry in oSIS is still open"),
}  # fmt: skip
_SUN2: Final[Mapping[str, Row]] = {
    "NOT_PILOT_DEPARTMENT": (("SUN2-R02",), "le département n'est pas un département pilote",
                             "the department is not a pilot department"),
    "NOT_DESIGNATED": (("SUN2-R03",), "l'établissement n'a pas été désigné par l'agence régionale de santé",
                       "the establishment was not designated by the regional health agency"),
    "OUTSIDE_EXPERIMENT_PERIOD": (("SUN2-R01",), "la date est hors de la période d'expérimentation",
                                  "the date lies outside the period of the experiment"),
    "FIRST_OBJECTIVE_NOT_REACHED": (("SUN2-R05",), "l'objectif du premier versement n'est pas atteint",
                                    "the objective of the first payment is not reached"),
    "OBJECTIVES_MISSED": (("SUN2-R05",), "les objectifs de l'expérimentation ne sont pas atteints",
                          "the objectives of the experiment are missed"),
    "OBJECTIVES_REACHED": (("SUN2-R05",), "les objectifs de l'expérimentation sont atteints",
                           "the objectives of the experiment are reached"),
}  # fmt: skip
_RARE: Final[Mapping[str, Row]] = {
    "RECEIVED_AFTER_CLOSING": (("MR-R02",), "la candidature a été reçue après la date de clôture",
                               "the application was received after the closing date"),
    "NOT_SELECTED": (("MR-R02",), "l'établissement n'a pas été sélectionné", "the establishment was not selected"),
    "TARGETS_NOT_REACHED": (("MR-R07", "MR-R05"), "les cibles d'usage n'ont pas été atteintes à la date fixée",
                            "the usage targets were not reached by the set date"),
    "TARGETS_NOT_VERIFIED": (("MR-R06", "MR-R05"), "les cibles d'usage n'ont pas été vérifiées",
                             "the usage targets were not verified"),
    "TARGET_DAY_NOT_OVER": (("MR-R06", "MR-R05"), "la date fixée pour les cibles n'est pas passée",
                            "the set date of the targets has not passed"),
    "TEXT_NOT_IN_FORCE": (("MR-R09",), "la version {detail} du texte n'est pas celle en vigueur",
                          "the version {detail} of the text is not the one in force"),
    "RESTITUTION_INCOMPLETE": (("MR-R07",), "la restitution n'est pas complète", "the restitution is not complete"),
}  # fmt: skip
_ESMS: Final[Mapping[str, Row]] = {
    "REGIONAL_CALL_CLOSED": (("ESMS-R03",), "l'appel à projets régional est clos", "the regional call is closed"),
    "ITEM_MISSING": (("ESMS-R14", "AAP-R16"), "la pièce « {detail} » manque au dossier",
                     "the item “{detail}” is missing from the file"),
    "unknown_kind": (("ESMS-R05",), "le type de projet {detail} n'est pas prévu par l'appel",
                     "the call knows no project of kind {detail}"),
    "CLUSTER_TOO_SMALL": (("ESMS-R10",), "la grappe compte trop peu d'organismes gestionnaires ou d'ESMS",
                          "the cluster has too few managing bodies or ESMS"),
    "INTEROPERABILITY_NOT_MET": (("ESMS-R12",), "le dossier usager n'est pas interopérable avec deux services socles",
                                 "the user record is not interoperable with two core services"),
    "OUTSIDE_NATIONAL_MARKET": (("ESMS-R13",),
                                "la solution n'est pas au marché national et aucune dérogation ne s'applique",
                                "the solution is not in the national market and no derogation applies"),
    "COMMITMENT_LATE": (("ESMS-R18",), "la date limite d'engagement est passée", "the commitment date has passed"),
    "INVOICE_MISSING": (("ESMS-R20",), "la facture attendue ({detail}) n'a pas été reçue",
                        "the expected invoice ({detail}) was not received"),
    "only_socle_criteria_can_be_blocked": (("ESMS-R23",), "seul un critère de service socle peut être neutralisé",
                                           "only a core-service criterion can be set aside"),
    "need_3_metier_and_2_socle": (("ESMS-R21",), "trois critères métier et deux critères de service socle sont requis",
                                  "three business criteria and two core-service criteria are required"),
}  # fmt: skip
_AAP: Final[Mapping[str, Row]] = {
    "OUTSIDE_DEPOSIT_PERIOD": (("AAP-R14",), "le dossier a été déposé hors de la période de dépôt",
                               "the file was deposited outside the deposit period"),
    "INSIDE_DEPOSIT_PERIOD": (("AAP-R14",), "le dépôt est dans la période de dépôt",
                              "the deposit lies inside the deposit period"),
    "FEWER_THAN_50_ESMS": (("AAP-R03",), "le projet porte sur moins de 50 ESMS",
                           "the project covers fewer than 50 ESMS"),
    "AMOUNT_ABOVE_REQUEST": (("AAP-R15",), "le montant dépasse celui qui est demandé",
                             "the amount exceeds the one asked for"),
    "AMOUNT_ABOVE_COMPUTED": (("AAP-R15",), "le montant dépasse celui que les règles donnent",
                              "the amount exceeds the one the rules give"),
    "TRANCHE_BELOW_ZERO": (("AAP-R12",), "le montant de la tranche est négatif",
                           "the amount of the tranche is below zero"),
    "ACQUISITION_ABOVE_40_PERCENT": (("AAP-R08",), "l'acquisition dépasse 40 % du montant du projet hors équipement",
                                     "acquisition exceeds 40% of the project's amount without equipment"),
    "SCHEDULE_BEYOND_2026": (("AAP-R11",), "le calendrier de financement va au-delà de 2026",
                             "the funding schedule goes beyond 2026"),
    "SOLUTION_NOT_UNIFORM": (("AAP-R09",), "la solution ou sa version n'est pas la même dans tous les ESMS",
                             "the solution or its version is not the same in all ESMS"),
    "PREVIOUS_TRANCHE_OPEN": (("AAP-R12",), "la tranche précédente n'est pas close",
                              "the previous tranche is still open"),
    "DEMONSTRATION_MISSING": (("AAP-R12",), "la démonstration de la phase pilote manque",
                              "the demonstration of the pilot phase is missing"),
    "INTEGRATION_PROOF_MISSING": (("AAP-R12",), "la preuve d'intégration des référentiels manque",
                                  "the proof of integration of the reference frames is missing"),
    "VSR_MISSING": (("AAP-R10",), "la vérification de service régulier n'est pas signée",
                    "the regular-service verification is not signed"),
    "USAGE_NOT_REACHED": (("AAP-R12",), "le critère d'usage {detail} n'est pas atteint",
                          "the usage criterion {detail} is not reached"),
    "COMMITTEE_OPINION_MISSING": (("AAP-R13",), "l'avis favorable du comité de pilotage national manque",
                                  "the favourable opinion of the national steering committee is missing"),
    "PLAN_MISSING": (("AAP-R10",), "le plan des tranches manque", "the plan of the tranches is missing"),
    "tranches_do_not_add_up": (("AAP-R12",), "les tranches ne font pas le total du plan",
                               "the tranches do not add up to the plan"),
    "CRITERIA_REACHED": (("AAP-R12",), "les critères d'usage sont atteints", "the usage criteria are reached"),
}  # fmt: skip
_CADRE: Final[Mapping[str, Row]] = {
    "PATH_TO_TARGET_MISSING": (("CC-R06",), "aucune trajectoire vers la cible n'est établie",
                               "there is no path to the target"),
    "SERVICE_NOT_AVAILABLE": (("CC-R06",), "le service n'est pas disponible", "the service is not available"),
    "NO_ESTABLISHMENT_EQUIPPED": (("CC-R06",), "aucun établissement n'est équipé", "no establishment is equipped"),
    "NO_TRANSACTION_IN_SEMESTER": (("CC-R06",), "aucun échange n'a été constaté au cours du semestre",
                                   "no exchange was seen during the half-year"),
}  # fmt: skip
_SHARED: Final[Mapping[str, Row]] = {
    "CREDITS_EXHAUSTED": (("SUN1-R21", "SUN2-R04", "ESMS-R18"), "les crédits délégués sont épuisés",
                          "the delegated credits are exhausted"),
    "TARGET_NOT_REACHED": (("SUN1-R25", "CC-R06"), "la cible {detail} n'est pas atteinte",
                           "the target {detail} is not reached"),
    "TARGETS_REACHED": (("SUN1-R25", "MR-R06"), "les cibles sont atteintes", "the targets are reached"),
    "CRITERIA_NOT_VERIFIED": (("ESMS-R22", "AAP-R12"), "les critères d'usage n'ont pas été vérifiés",
                              "the usage criteria were not verified"),
    "PAID_ABOVE_TOTAL": ((), "ce qui a été versé dépasse le total dû", "what was paid exceeds the total due"),
    "AGREEMENT_NOT_SIGNED": (("ESMS-R20", "AAP-R15"), "la convention n'est pas signée", "the agreement is not signed"),
    "REASONS_MISSING": (("ESMS-R18", "AAP-R15"), "aucun motif n'a été donné", "no reason was given"),
    "NO_REASON_TO_REFUSE": (("SUN1-R20", "ESMS-R14"), "aucun motif de refus n'a été trouvé",
                            "no reason to refuse was found"),
    "parameter_missing": ((), "un paramètre nécessaire à la décision n'a pas été fixé : {detail}",
                          "a parameter the decision needs was not set: {detail}"),
    "not_measurable": ((), "le taux ne peut pas être mesuré, faute de dénominateur {detail}",
                       "the rate cannot be measured, for want of a denominator {detail}"),
    "not_reached": (("SUN1-R27", "SUN2-R05"), "les cibles d'usage ne sont pas atteintes",
                    "the usage targets are not reached"),
}  # fmt: skip
REASON_WORDS: Final[Mapping[str, Row]] = {**_SUN1, **_SUN2, **_RARE, **_ESMS, **_AAP, **_CADRE, **_SHARED}
"""Code without detail → the rules it may come from, then its words in French and English."""


def reason_of(code: str, programme: Programme) -> Reason:
    """A reason code in words: `PREREQ_NOT_REACHED:SP2` says which prerequisite, and cites SUN1-R06."""
    name, _, detail = code.partition(":")
    row = REASON_WORDS.get(name)
    if row is None:
        return Reason(code, Words(code, code))
    rules, fr, en = row
    known = {rule.id for rule in programme.rules}
    words = Words(_filled(fr, detail), _filled(en, detail))
    return Reason(code, words, next((rule for rule in rules if rule in known), ""))


def _filled(text: str, detail: str) -> str:
    return " ".join(text.replace("{detail}", detail).split())
