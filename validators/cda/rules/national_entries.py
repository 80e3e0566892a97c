"""National observations and attached documents (`1.2.250.1.213.1.1.3.*`). Rows `OBS-*`.

Source: CI-SIS volet « modèles de contenus CDA » (entries of the ANS).
"""

from __future__ import annotations

from typing import Final

from validators.cda.rules._kinds import act, at_most, beside, coded, one, reference, says, some, status
from validators.cda.rules._row import ENTRY, LOINC, PCC, TA_ASIP, Group, Spec, group

_SOURCE: Final = "CI-SIS, modèles de contenus CDA, entrée"
_SIMPLE: Final = f"{PCC}.4.13"
_FAMILY: Final = f"{ENTRY}.48"


def _observation(key: str, arc: str, name: tuple[str, str], *specs: Spec) -> Group:
    words = (f"Observation « {name[0]} »", f"Observation “{name[1]}”")
    return group(f"OBS-{key}", f"{_FAMILY}.{arc}", words, _SOURCE, *specs)


def _stay(key: str, arc: str, name: tuple[str, str], code: str, *more: Spec, system: str = TA_ASIP) -> Group:
    """An observation of the stay summary: its code once, its identifier, its status and its value."""
    return _observation(key, arc, name, act("observation", "OBS", "EVN"), one("id"), one("code").named("CODE-ONE"),
                        coded(code, system), status("completed"), *more)  # fmt: skip


_ONE_DATE: Final = (one("effectiveTime"), one("value"))
_TEXT: Final = (some("text"), some("value"))
_DATED_TEXT: Final = (some("text"), some("effectiveTime"), some("value"))


def _flag(key: str, arc: str, name: tuple[str, str], code: str) -> Group:
    """A yes or no beside a prescription."""
    return _observation(
        key, arc, name, beside(_FAMILY, _SIMPLE), one("id"), one(f"code[@code='{code}' and @codeSystem='{TA_ASIP}']"),
        one("text/reference").named("REFERENCE"), one("statusCode[@code='completed']").named("STATUS"),
        at_most("effectiveTime"),
        says("VALUE", "count(value)=1 and (value/@value='true' or value/@value='false')",
             "réponse attendue : value true ou false, une fois.", "expected answer: value true or false, once.",
             "value", code="value"),
    )  # fmt: skip


GROUPS: Final = (
    _observation("DOCUMENT-STATUS", "16", ("statut du document", "document status"), one("id"), beside(_FAMILY,
                                                                                                       _SIMPLE),
                 coded("GEN-065"), some("text"), reference(), some("effectiveTime"), status("completed"),
                 some("value")),
    _stay("STAY-ADVERSE-EVENT", "3", ("événement indésirable du séjour", "adverse event of the stay"), "MED-143",
          *_ONE_DATE),
    _stay("BLOOD-ADVERSE-EVENT", "4", ("événement indésirable après dérivés du sang", "adverse event after blood "
          "products"), "MED-148", *_ONE_DATE),
    _stay("RESISTANT-ORGANISMS", "5", ("micro-organismes identifiés", "identified organisms"), "MED-144",
          beside(_SIMPLE, _FAMILY), one("text"), *_ONE_DATE, at_most("author")),
    _stay("TRANSFUSION-ACCIDENT", "1", ("accident transfusionnel", "transfusion accident"), "MED-146", *_ONE_DATE,
          at_most("author")),
    _stay("BLOOD-PRODUCTS", "2", ("administration de dérivés du sang", "blood products"), "MED-147", *_ONE_DATE,
          at_most("author")),
    _stay("ORGANISM-SEARCH", "8", ("recherche de micro-organismes", "search for organisms"), "MED-309",
          beside(_SIMPLE, _FAMILY), *_TEXT),
    _stay("DISCHARGE-MODE", "7", ("modalité de sortie", "discharge mode"), "ORG-074", beside(_SIMPLE, _FAMILY),
          *_DATED_TEXT, system=""),
    _stay("ADMISSION-MODE", "6", ("modalité d'entrée", "admission mode"), "ORG-070", beside(_SIMPLE, _FAMILY),
          *_DATED_TEXT, system=""),
    _stay("TRANSFUSION", "10", ("transfusion", "transfusion"), "MED-145", beside(_SIMPLE), *_DATED_TEXT),
    _stay("STAY-SUMMARY", "9", ("synthèse médicale", "medical summary"), "MED-142", beside(_SIMPLE), *_DATED_TEXT),
    _stay("ATTACHED-TYPE", "18", ("type du document attaché", "type of the attached document"), "69764-9",
          beside(_SIMPLE), *_DATED_TEXT, system=LOINC),
    _flag("OFF-LABEL", "12", ("hors AMM", "off-label"), "GEN-179"),
    _flag("LONG-TERM-ILLNESS", "13", ("en rapport avec une ALD", "long-term illness"), "MED-574"),
    _flag("WORK-ACCIDENT", "14", ("en rapport avec un accident du travail", "work accident"), "GEN-180"),
    _flag("NOT-REFUNDED", "15", ("non remboursable", "not refunded"), "GEN-181"),
    group("OBS-ATTACHED-DOCUMENT", f"{ENTRY}.18", ("Document attaché", "Attached document"), _SOURCE,
          act("organizer", "CLUSTER", "EVN"), one("id"), some("code"), status("completed"),
          says("TYPE", f"component/observation/T({_SIMPLE})", "type du document attaché absent : l'ajouter.",
               "type of the attached document missing: add it.", "component", code="required"),
          says("CONTENT", "component/observationMedia[@classCode='OBS' and @moodCode='EVN']/value[@nullFlavor or "
               "(@mediaType and @representation='B64')]",
               "pièce attendue : observationMedia avec value mediaType et representation=\"B64\".",
               "expected content: observationMedia with value mediaType and representation=\"B64\".", "component",
               code="required")),
    group("OBS-RECORD-STATUS", f"{ENTRY}.7", ("Statut du dossier", "Record status"), _SOURCE,
          beside(_SIMPLE), one("id"), some("code"), some("text"), reference(), status("completed"),
          some("effectiveTime"), some("value"), path=f".//*[T({_FAMILY})]"),
)  # fmt: skip
