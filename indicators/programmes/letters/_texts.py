"""The sentences a letter may hold, by kind and by programme, and the labels of file keys and instalments.

What only says the decision is here; formulas of address, politeness and appeal are in the templates, for an agency to
edit. Braces are filled in by `_build`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from indicators.programmes.letters._model import Words

W = Words

SUBJECTS: Final[Mapping[str, Words]] = {
    "receipt": W("accusé de réception de votre dossier", "receipt of your file"),
    "acceptance": W("acceptation de votre dossier", "acceptance of your file"),
    "refusal": W("refus de votre dossier", "refusal of your file"),
    "notification": W("notification de montants", "notification of amounts"),
    "rejection": W("rejet de votre dossier", "rejection of your file"),
    "refusal:missed": W("cibles non atteintes", "targets missed"),
    "refusal:tranche": W("critères de la tranche non atteints", "criteria of the tranche missed"),
    "restitution": W("restitution des crédits perçus", "restitution of the funding received"),
    "contestation": W("réponse à votre contestation", "answer to your contestation"),
}
BODIES: Final[Mapping[str, tuple[Words, ...]]] = {
    "receipt": (
        W("Votre dossier a été reçu le {deposited}.", "Your file was received on {deposited}."),
        W("Cet accusé de réception ne préjuge pas de la suite qui lui sera donnée.",
          "This receipt says nothing of what will be decided about it."),
    ),
    "acceptance": (
        W("J'ai l'honneur de vous informer que votre dossier est accepté par décision du {decided}.",
          "I am pleased to inform you that your file is accepted by decision of {decided}."),
    ),
    "refusal": (
        W("J'ai le regret de vous informer que votre dossier est refusé par décision du {decided}{motifs}",
          "I regret to inform you that your file is refused by decision of {decided}{motifs}"),
    ),
    "notification": (
        W("J'ai l'honneur de vous notifier, par décision du {decided}, un montant de {total}.",
          "By decision of {decided}, an amount of {total} is hereby notified to you."),
    ),
    "rejection": (
        W("J'ai le regret de vous informer que votre dossier n'est pas retenu, par décision du {decided}{motifs}",
          "I regret to inform you that your file is not selected, by decision of {decided}{motifs}"),
    ),
    "restitution": (
        W("Par décision du {decided}, le montant à restituer est fixé à {total}{motifs}",
          "By decision of {decided}, the amount to be returned is set at {total}{motifs}"),
    ),
    "contestation": (
        W("Le {received}, vous avez contesté la décision du {decided} au sujet du document {document}.",
          "On {received} you contested the decision of {decided} about the document {document}."),
        W("Votre motif : {ground}", "Your ground: {ground}"),
        W("{answer}", "{answer}"),
        W("{explanation}", "{explanation}"),
    ),
}  # fmt: skip
OWN_BODIES: Final[Mapping[tuple[str, str], tuple[Words, ...]]] = {
    ("acceptance", "sun_es_v2"): (
        W("J'ai l'honneur de vous informer que votre établissement est désigné pour l'expérimentation, par décision "
          "du {decided}.",
          "I am pleased to inform you that your establishment is designated for the experiment, by decision of "
          "{decided}."),
    ),
    ("acceptance", "maladies_rares"): (
        W("J'ai l'honneur de vous informer que votre établissement est sélectionné, par décision du {decided}.",
          "I am pleased to inform you that your establishment is selected, by decision of {decided}."),
    ),
    ("acceptance", "esms_amorcage"): (
        W("J'ai l'honneur de vous informer que votre projet est retenu, par décision du {decided}.",
          "I am pleased to inform you that your project is selected, by decision of {decided}."),
    ),
    ("acceptance", "aap_dui"): (
        W("J'ai l'honneur de vous informer que votre projet reçoit un avis favorable, par décision du {decided}.",
          "I am pleased to inform you that your project receives a favourable opinion, by decision of {decided}."),
    ),
    ("restitution", "maladies_rares"): (
        W("Par décision du {decided}, et en application de la note du 6 septembre 2019, tout ce que votre "
          "établissement a perçu au titre de l'appel à projets est à restituer, soit {total}{motifs}",
          "By decision of {decided}, and under the note of 6 September 2019, everything your establishment received "
          "under the call is to be returned, that is {total}{motifs}"),
    ),
    ("refusal:missed", ""): (
        W("J'ai le regret de vous informer que le versement d'usage n'est pas dû, par décision du {decided}{motifs}",
          "I regret to inform you that the usage payment is not due, by decision of {decided}{motifs}"),
    ),
    ("refusal:tranche", ""): (
        W("J'ai le regret de vous informer que la tranche suivante ne peut pas être demandée, par décision du "
          "{decided}{motifs}",
          "I regret to inform you that the next tranche may not be asked for, by decision of {decided}{motifs}"),
    ),
    ("rejection:eligibility", ""): (
        W("J'ai le regret de vous informer que votre projet n'est pas éligible, par décision du {decided}{motifs}",
          "I regret to inform you that your project is not eligible, by decision of {decided}{motifs}"),
    ),
}  # fmt: skip
MISSED: Final = frozenset({
    "TARGET_NOT_REACHED", "TARGETS_NOT_REACHED", "OBJECTIVES_MISSED", "USAGE_NOT_REACHED", "USAGE_NOT_DECLARED",
    "not_reached", "ADVANCE_KEPT", "ADVANCE_RETURNED", "ADVANCE_UNDECIDED",
})  # fmt: skip
"""Reasons that refuse the usage payment, not the file."""
TRANCHES: Final = frozenset({"aap_next_tranche"})
"""Operations that decide on a tranche, not on the file."""
GRANTED: Final = W("Le montant accordé est de {granted}.", "The amount granted is {granted}.")
RESERVED: Final = W("Cette acceptation est assortie de réserves :", "This acceptance comes with reservations:")
MOTIFS: Final = (
    W(".", "."),
    W(", pour le motif suivant :", ", for the following reason:"),
    W(", pour les {n} motifs suivants :", ", for the following {n} reasons:"),
)
"""After no reason, one, several."""
ANSWERED: Final[Mapping[str, Words]] = {
    "upheld": W("Après examen, le document est compté.", "After examination, the document is counted."),
    "rejected": W("Après examen, le document n'est pas compté.", "After examination, the document is not counted."),
}
FOLLOWING: Final[Mapping[tuple[str, str], tuple[Words, ...]]] = {
    ("receipt", ""): (
        W("Conservez cet accusé de réception et rappelez sa référence dans vos échanges.",
          "Keep this receipt and quote its reference when you write."),
    ),
    ("acceptance", "sun_es_v1"): (
        W("Une avance de 30 % du forfait vous est notifiée sans facture à produire.",
          "An advance of 30% of the forfait is notified to you; no invoice is needed."),
        W("À la fin de la période de mesure, saisissez vos chiffres d'usage dans oSIS.",
          "At the end of the measure, enter your usage figures in oSIS."),
    ),
    ("acceptance", "esms_amorcage"): (
        W("Une convention vous est adressée ; 40 % du montant sont versés à sa signature.",
          "An agreement is sent to you; 40% of the amount is paid at its signature."),
    ),
    ("acceptance", "aap_dui"): (
        W("Une convention est à signer avec l'agence régionale de santé pivot.",
          "An agreement is to be signed with the pivot regional health agency."),
    ),
    ("refusal", ""): (
        W("Pour toute question sur ces motifs, écrivez à l'expéditeur de ce courrier.",
          "For any question about these reasons, write to the sender of this letter."),
    ),
    ("rejection", ""): (
        W("Pour toute question sur ces motifs, écrivez à l'expéditeur de ce courrier.",
          "For any question about these reasons, write to the sender of this letter."),
    ),
    ("restitution", ""): (
        W("La procédure et le délai de restitution sont ceux que l'administration vous indique.",
          "The procedure and the delay of the restitution are those the administration tells you."),
    ),
    ("contestation", ""): (
        W("Un document corrigé peut être transmis à nouveau : il remplace le premier.",
          "A corrected document may be sent again: it replaces the first one."),
    ),
}  # fmt: skip
FOLLOWING_REASON: Final[Mapping[str, Words]] = {
    "OUTSIDE_CANDIDATURE_PERIOD": W("Vous pouvez déposer une candidature pour une fenêtre suivante.",
                                    "You may apply for a later window."),
}  # fmt: skip
FOLLOWING_INSTALMENT: Final[Mapping[str, Words]] = {
    "advance": W("Aucune facture n'est à produire pour l'avance.", "No invoice is needed for the advance."),
    "signature": W("Le versement suivant a lieu sur réception de la facture de fin de paramétrage.",
                   "The next payment follows the invoice of the end of configuration."),
    "configuration": W("Le solde dépend des critères d'usage et de la facture de fin de déploiement.",
                       "The rest depends on the usage criteria and the invoice of the end of the roll-out."),
}  # fmt: skip
CITED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("receipt", "sun_es_v1"): ("SUN1-R15", "SUN1-R20"),
    ("acceptance", "sun_es_v1"): ("SUN1-R18", "SUN1-R20", "SUN1-R24"),
    ("refusal", "sun_es_v1"): ("SUN1-R20",),
    ("refusal:missed", "sun_es_v1"): ("SUN1-R25", "SUN1-R27"),
    ("notification", "sun_es_v1"): ("SUN1-R24", "SUN1-R25", "SUN1-R26"),
    ("contestation", "sun_es_v1"): ("SUN1-R28", "SUN1-R29"),
    ("acceptance", "sun_es_v2"): ("SUN2-R03", "SUN2-R04"),
    ("notification", "sun_es_v2"): ("SUN2-R04", "SUN2-R05"),
    ("receipt", "maladies_rares"): ("MR-R02",),
    ("acceptance", "maladies_rares"): ("MR-R02", "MR-R03"),
    ("notification", "maladies_rares"): ("MR-R03", "MR-R04", "MR-R05", "MR-R06"),
    ("restitution", "maladies_rares"): ("MR-R07",),
    ("receipt", "esms_amorcage"): ("ESMS-R03", "ESMS-R14"),
    ("acceptance", "esms_amorcage"): ("ESMS-R18", "ESMS-R20"),
    ("rejection", "esms_amorcage"): ("ESMS-R18",),
    ("notification", "esms_amorcage"): ("ESMS-R20", "ESMS-R22"),
    ("receipt", "aap_dui"): ("AAP-R14", "AAP-R15"),
    ("acceptance", "aap_dui"): ("AAP-R13", "AAP-R15"),
    ("refusal", "aap_dui"): ("AAP-R15",),
    ("rejection", "aap_dui"): ("AAP-R15",),
    ("notification", "aap_dui"): ("AAP-R04", "AAP-R05", "AAP-R12"),
    ("acceptance", "cadre_commun"): ("CC-R06",),
    ("receipt", "cadre_commun"): ("CC-R08",),
}
"""Rules a letter cites beside those of its reasons; only those in force on the day of the decision are."""
GROUNDS: Final[Mapping[tuple[str, str], str]] = {("restitution", "maladies_rares"): "MR-R07"}
"""The rule without which a letter would have no ground (S0 §1.2: before 6 September 2019 nothing was returned)."""
KEYS: Final[Mapping[str, Words]] = {
    "finess": W("FINESS", "FINESS"), "finess_geographique": W("FINESS géographique", "geographic FINESS"),
    "finess_juridique": W("FINESS juridique", "legal FINESS"), "window": W("fenêtre", "window"),
    "domain": W("domaine", "domain"), "region": W("région", "region"), "project": W("projet", "project"),
    "tranche": W("tranche", "tranche"), "service": W("service", "service"), "semester": W("semestre", "half-year"),
    "organization": W("établissement", "establishment"), "file": W("dossier", "file"),
}  # fmt: skip
VALUES: Final[Mapping[str, Words]] = {
    "documents_sortie": W("documents de sortie", "discharge documents"),
    "biologie": W("biologie médicale", "medical biology"), "imagerie": W("imagerie", "imaging"),
}  # fmt: skip
INSTALMENTS: Final[Mapping[str, Words]] = {
    "advance": W("Avance (30 % du forfait)", "Advance (30% of the forfait)"),
    "usage": W("Versement d'usage", "Usage payment"),
    "bonus": W("Bonification du forfait avancé (10 %)", "Bonus of the advanced forfait (10%)"),
    "amorcage": W("Versement d'amorçage", "Start-up payment"),
    "restitution": W("Montant à restituer", "Amount to be returned"),
    "signature": W("Versement à la signature de la convention (40 %)", "Payment at the agreement's signature (40%)"),
    "p1_signature": W("Versement à la signature de la convention (40 %)", "Payment at the agreement's signature (40%)"),
    "p2_fin_parametrage": W("Versement de fin de paramétrage (40 %)", "Payment at the end of configuration (40%)"),
    "configuration": W("Versement de fin de paramétrage (40 %)", "Payment at the end of configuration (40%)"),
    "dui": W("Dossier usager informatisé", "User record"), "equipment": W("Équipement", "Equipment"),
    "tranche": W("Tranche de financement", "Funding tranche"),
}  # fmt: skip


def label(table: Mapping[str, Words], name: str) -> Words:
    """The words of a name, or the name itself when a third party's programme brought it."""
    return table.get(name) or Words(name, name)
