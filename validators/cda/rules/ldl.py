"""Letters between hospital and town: LDL-SES (at discharge) and LDL-EES (at admission). Rows `LDL-SES-*`, `LDL-EES-*`.

Sources: CI-SIS, volets LDL-SES 2022.01 and LDL-EES 2022.01; policy (what no test of the official kit enforces).
"""

from __future__ import annotations

from typing import Final

from validators.cda.rules._kinds import coded, none, says, some
from validators.cda.rules._row import ENTRY, MODEL, PCC, SECTION, TA_ASIP, Group, Member, Spec, group
from validators.cda.rules._sections import mandatory

SES: Final = f"{MODEL}.29"
EES: Final = f"{MODEL}.21"
_SES_GUIDE: Final = "CI-SIS, volet LDL-SES 2022.01"
_EES_GUIDE: Final = "CI-SIS, volet LDL-EES 2022.01"
_SUMMARY: Final = "1.3.6.1.4.1.19376.1.7.3.1.1.13.7"
_FAMILY: Final = f"{ENTRY}.48"
_DOCUMENT: Final = ("Lettre de liaison", "Discharge letter")
_OPTIONAL: Final = (1, 3, 4, 5)
_LISTED: Final = ("ORG-070", "ORG-074", "MED-142", "MED-309", "MED-145", "MED-147")
_IN_SES: Final = ((SES, ()),)
_IN_EES: Final = ((EES, ()),)

BIRTH: Final = some("recordTarget/patientRole/patient/birthTime").named("BIRTH")
EVENT_TIME: Final = some("documentationOf/serviceEvent/effectiveTime").named("EVENT-TIME")


def _announced(key: str, path: str, words_fr: str, words_en: str) -> Spec:
    """A participant that the guide announces and that nothing enforces (warning)."""
    return says(
        key, path, f"{words_fr} absent des participants : l'ajouter.",
        f"{words_en} missing from the participants: add.",
        code="required",
    ).warns()  # fmt: skip


_ATTENDING: Final = _announced(
    "ATTENDING", "participant[@typeCode='INF'][functionCode/@code='PCP']", "médecin traitant (INF, PCP)",
    "attending physician (INF, PCP)",
)  # fmt: skip
_SENDER: Final = _announced("SENDER", "participant[@typeCode='REFB']", "adressé par (REFB)", "sent by (REFB)")


def _presence(key: str, code: str, name: tuple[str, str]) -> Spec:
    """One of the six observations that the stay summary must hold; its template has its own rows (`OBS-*`)."""
    path = f"entry/observation[code/@code='{code}']"
    return says(
        key, f"count({path})=1",
        f"« {name[0]} » ({code}) présent {{found}} fois ; attendu une fois exactement.",
        f"“{name[1]}” ({code}) present {{found}} times; expected exactly once.",
        f"{path}[2]", f"count({path})", "required",
    )  # fmt: skip


_NOT_OPTIONAL: Final = " or ".join(f"T({_FAMILY}.{arc})" for arc in _OPTIONAL)
_KNOWN: Final = " or ".join(f"code/@code='{code}'" for code in _LISTED)


def _ses(key: str, template: str, name: tuple[str, str]) -> tuple[Group, ...]:
    return mandatory("LDL-SES", key, SES, _IN_SES, template, name, _SES_GUIDE)


def _ees(key: str, template: str, name: tuple[str, str]) -> tuple[Group, ...]:
    return mandatory("LDL-EES", key, EES, _IN_EES, template, name, _EES_GUIDE)


GROUPS: Final = (
    group("LDL-SES", SES, _DOCUMENT, _SES_GUIDE, BIRTH, EVENT_TIME, _ATTENDING,
          models=_IN_SES),
    *_ses("STATUS", f"{SECTION}.35.1", ("statut du document", "document status")),
    *_ses("REASON", f"{PCC}.3.1", ("motif d'hospitalisation", "reason for the stay")),
    *_ses("SUMMARY", f"{SECTION}.163.1", ("synthèse médicale du séjour", "medical summary of the stay")),
    *_ses("TREATMENTS", f"{PCC}.3.22", ("traitements à la sortie", "treatments at discharge")),
    group("LDL-SES-SUMMARY", _SUMMARY, ("Synthèse du séjour", "Stay summary"), _SES_GUIDE,
          _presence("ADMISSION", "ORG-070", ("modalité d'entrée", "admission mode")),
          _presence("DISCHARGE", "ORG-074", ("modalité de sortie", "discharge mode")),
          _presence("SYNTHESIS", "MED-142", ("synthèse médicale", "medical summary")),
          _presence("ORGANISMS", "MED-309", ("recherche de micro-organismes", "search for organisms")),
          _presence("TRANSFUSION", "MED-145", ("transfusion", "transfusion")),
          _presence("BLOOD-PRODUCTS", "MED-147", ("administration de dérivés du sang", "blood products")),
          none(f"entry/observation[not({_KNOWN}) and not({_NOT_OPTIONAL})]").named("CLOSED"),
          models=_IN_SES),
    group("LDL-SES-ADMISSION", f"{_FAMILY}.6", ("Modalité d'entrée", "Admission mode"), _SES_GUIDE,
          Member("SET", "value", "ModaliteEntree"), models=_IN_SES),
    group("LDL-SES-DISCHARGE", f"{_FAMILY}.7", ("Modalité de sortie", "Discharge mode"), _SES_GUIDE,
          coded("ORG-074", TA_ASIP), Member("SET", "value", "ModaliteSortie"), models=_IN_SES),
    group("LDL-SES-STATUS", f"{_FAMILY}.16.1", ("Statut du document", "Document status"), _SES_GUIDE,
          Member("SET", "value", "StatutDoc"), models=_IN_SES),
    group("LDL-EES", EES, ("Lettre d'entrée", "Admission letter"), _EES_GUIDE, BIRTH, EVENT_TIME, _ATTENDING, _SENDER,
          some("documentationOf/serviceEvent/code[@code='IMP']").named("EVENT-CODE"),
          models=_IN_EES),
    *_ees("REASON", f"{PCC}.3.1", ("motif d'hospitalisation", "reason for the stay")),
    *_ees("TREATMENTS", f"{PCC}.3.20", ("traitements à l'admission", "treatments at admission")),
    *_ees("ALLERGIES", f"{PCC}.3.13", ("allergies", "allergies")),
    *_ees("COMMENT", "1.3.6.1.4.1.19376.1.4.1.2.16", ("commentaire", "comment")),
)  # fmt: skip
