"""Sections shared by the models: code, companions, what must be inside. Rows `SEC-*`.

Sources: IHE PCC, PaLM and Pharmacy (sections), CI-SIS volet « modèles de contenus CDA » (sections).
"""

from __future__ import annotations

from typing import Final

from validators.cda.rules._kinds import at_most, beside, coded, each, one, says, some, templates
from validators.cda.rules._row import CCD, ENTRY, LAB, LOINC, PCC, PHARM, SECTION, Group, Spec, group

_IHE: Final = "IHE PCC, section"
_ANS: Final = "CI-SIS, modèles de contenus CDA, section"
_CONCERN: Final = f"{PCC}.4.5.2"
_MEDICATION: Final = f"{PCC}.4.7"
_OBSERVATION: Final = f"{PCC}.4.13"
_PROCEDURE: Final = f"{PCC}.4.19"


def _holding(template: str, what: tuple[str, str], path: str = ".//") -> Spec:
    """The section holds at least one entry of a template."""
    return says(
        "CONTENT", f"{path}T({template})",
        f"aucune entrée de type « {what[0]} » ({template}) ; en ajouter une.",
        f"no entry of the type “{what[1]}” ({template}); add one.",
        code="required",
    )  # fmt: skip


def _section(
    key: str, template: str, name: tuple[str, str], code: str, *more: Spec, with_: tuple[str, ...] = (), least: int = 1
) -> Group:
    specs = [coded(code, LOINC)] if code else []
    if with_:
        specs.append(beside(*with_))
    if least > len(with_) + 1:
        specs.append(templates(least))
    words = (f"Section « {name[0]} »", f"Section “{name[1]}”")
    return group(f"SEC-{key}", template, words, _IHE, *specs, *more)


_MEDICATIONS: Final = _holding(_MEDICATION, ("traitement", "medication"))
_PROBLEMS: Final = _holding(_CONCERN, ("problème", "problem concern"))

SECTIONS: Final = (
    _section("PROBLEMS", f"{PCC}.3.6", ("Problèmes actifs", "Active problems"), "",
             says("CODE", f"code[@codeSystem='{LOINC}']",
                  "code attendu en LOINC (11450-4).", "code expected in LOINC (11450-4).", "code"),
             _PROBLEMS, with_=(f"{CCD}.11",)),
    _section("ADMISSION-MEDICATIONS", f"{PCC}.3.20", ("Traitements à l'admission", "Admission medications"), "42346-7",
             _MEDICATIONS),
    _section("ALLERGIES", f"{PCC}.3.13", ("Allergies et intolérances", "Allergies"), "48765-2",
             _holding(f"{PCC}.4.5.3", ("allergie ou intolérance", "allergy concern")), with_=(f"{CCD}.2",)),
    _section("CARE-PLAN", f"{PCC}.3.36", ("Plan de soins", "Care plan"), "18776-5", with_=(f"{CCD}.10",)),
    _section("CODED-DETAILED-EXAM", f"{PCC}.1.9.15.1", ("Examen physique codé", "Coded physical examination"),
             "29545-1", with_=(f"{PCC}.1.9.15",), least=3),
    _section("EVENT-OUTCOME", "1.3.6.1.4.1.19376.1.7.3.1.1.13.7", ("Résultats d'événements", "Event outcomes"),
             "42545-4", _holding(_OBSERVATION, ("observation", "simple observation")), with_=(f"{PCC}.1.21.2.9",)),
    _section("CODED-FAMILY-HISTORY", f"{PCC}.3.15", ("Antécédents familiaux codés", "Coded family history"), "10157-6",
             _holding(f"{PCC}.4.15", ("antécédents familiaux", "family history organizer")), with_=(f"{PCC}.3.14",)),
    _section("CODED-SURGERIES", f"{PCC}.3.12", ("Antécédents chirurgicaux codés", "Coded list of surgeries"), "47519-4",
             some("id"), _holding(_PROCEDURE, ("acte", "procedure")), with_=(f"{PCC}.3.11", f"{CCD}.12")),
    _section("CODED-REASON", f"{PCC}.3.2", ("Raison codée", "Coded reason for referral"), "42349-1",
             says("PROBLEM", f".//T({PCC}.4.5)", "aucun problème : en ajouter un.", "no problem entry: add one."),
             says("OBSERVATION", f".//T({_OBSERVATION})", "aucune observation : en ajouter une.",
                  "no simple observation: add one."), least=2),
    _section("CODED-RESULTS", f"{PCC}.3.28", ("Résultats codés", "Coded results"), "30954-2",
             _holding(_PROCEDURE, ("acte", "procedure")), with_=(f"{PCC}.3.27",)),
    _section("CODED-VITAL-SIGNS", f"{PCC}.1.5.3.2", ("Signes vitaux codés", "Coded vital signs"), "8716-3",
             _holding(f"{PCC}.4.13.1", ("signes vitaux", "vital signs organizer")), with_=(f"{PCC}.3.25",), least=3),
    _section("DETAILED-EXAM", f"{PCC}.1.9.15", ("Examen physique détaillé", "Detailed physical examination"), "29545-1",
             with_=(f"{PCC}.3.24",)),
    _section("COMMENT", "1.3.6.1.4.1.19376.1.4.1.2.16", ("Commentaire", "Comment"), "55112-7", at_most("id"),
             with_=("2.16.840.1.113883.10.12.201",)),
    _section("ENCOUNTERS", f"{PCC}.1.5.3.3", ("Historique des rencontres", "Encounter histories"), "46240-8",
             _holding(f"{PCC}.4.14", ("rencontre", "encounter")), with_=(f"{CCD}.3",)),
    _section("FAMILY-HISTORY", f"{PCC}.3.14", ("Antécédents familiaux", "Family history"), "10157-6"),
    _section("PAST-ILLNESS", f"{PCC}.3.8", ("Antécédents médicaux", "History of past illness"), "11348-0", _PROBLEMS),
    _section("ADMISSION-DIAGNOSIS", f"{PCC}.3.3", ("Diagnostics", "Diagnoses"), "46241-6",
             says("CONTENT", f"entry/act/T({_CONCERN})", "aucun diagnostic dans les entrées : ajouter un acte "
                  f"{_CONCERN}.", f"no diagnosis among the entries: add an act {_CONCERN}.", "entry")),
    _section("DISCHARGE-MEDICATIONS", f"{PCC}.3.22", ("Traitements à la sortie", "Discharge medications"), "10183-2",
             _MEDICATIONS),
    _section("IMMUNIZATIONS", f"{PCC}.3.23", ("Vaccinations", "Immunizations"), "11369-6",
             _holding(f"{PCC}.4.12", ("vaccination", "immunization")), with_=(f"{CCD}.6",)),
    _section("LAB-ITEM", f"{LAB}.3.2.2", ("Examen de biologie", "Laboratory report item"), "",
             says("CODE", f"code[@codeSystem='{LOINC}'] or not(code/@code)", "code hors LOINC ; attendu LOINC ou aucun "
                  "code.", "code not in LOINC; expected LOINC or no code.", "code", "string(code/@codeSystem)"),
             says("CONTENT", "text and count(entry)=1", "attendu un text et exactement une entry (trouvé {found}).",
                  "expected a text and exactly one entry (found {found}).", "", "count(entry)")),
    _section("LAB-CHAPTER", f"{LAB}.3.2.1", ("Chapitre de biologie", "Laboratory specialty"), "",
             says("CONTENT", "(text and count(entry)=1 and not(component)) or (not(text|entry) and component)",
                  "attendu soit un text et une entry, soit seulement des sous-sections.",
                  "expected either one text and one entry, or only sub-sections.", "", "count(entry)")),
    _section("SURGERIES", f"{PCC}.3.11", ("Antécédents chirurgicaux", "List of surgeries"), "47519-4",
             with_=(f"{CCD}.12",)),
    _section("MEDICAL-DEVICES", f"{PCC}.1.5.3.5", ("Dispositifs médicaux", "Medical devices"), "46264-8",
             one("id"), some("text")),
    _section("ADMINISTERED", f"{PCC}.3.21", ("Traitements administrés", "Medications administered"), "18610-6",
             _MEDICATIONS),
    _section("NEWBORN", f"{PCC}.1.21.2.4", ("Naissance", "Newborn delivery"), "57075-4",
             says("CONTENT", f"component/section/T({PCC}.1.9.15.1)", "sous-section d'examen physique absente.",
                  "sub-section of physical examination missing.", "component")),
    _section("EDUCATION", f"{PCC}.1.9.39", ("Éducation du patient", "Patient education"), "34895-3",
             with_=(f"{PCC}.1.9.38",)),
    _section("EXAM", f"{PCC}.3.24", ("Examen physique", "Physical examination"), "29545-1"),
    _section("PREGNANCIES", f"{PCC}.1.5.3.4", ("Historique des grossesses", "Pregnancy history"), "10162-6",
             each("entry", f"observation[T({PCC}.4.13.5)] or organizer[T({PCC}.4.13.5.1)]", "ENTRIES",
                  "entrée d'un autre type : attendu une observation ou un organizer de grossesse.",
                  "entry of another type: expected a pregnancy observation or organizer."),
             some("entry").named("CONTENT")),
    _section("PRESCRIPTION", f"{PHARM}.2.1", ("Prescription de médicaments", "Medicinal prescription"), "57828-6",
             some("id"), one("code").named("CODE-ONE"),
             each("entry", f"substanceAdministration/T({PHARM}.3.2)", "ENTRIES",
                  "entrée d'un autre type : attendu un traitement prescrit.",
                  "entry of another type: expected a prescription item."),
             says("CONTENT", f"entry/substanceAdministration/T({ENTRY}.83)", "aucun traitement prescrit français "
                  f"({ENTRY}.83) : en ajouter un.", f"no French prescription item ({ENTRY}.83): add one.", "entry"),
             with_=(f"{SECTION}.171",)),
    _section("PROCEDURES", f"{PCC}.1.13.2.11", ("Actes et interventions", "Procedures and interventions"), "29554-3",
             _holding(_PROCEDURE, ("acte", "procedure"))),
    _section("REASON", f"{PCC}.3.1", ("Raison de la recommandation", "Reason for referral"), "42349-1"),
    _section("RESULTS", f"{PCC}.3.27", ("Résultats d'examens", "Results"), "30954-2",
             says("CODED", f"not(entry) or T({PCC}.3.28)", f"des entrées sans le templateId {PCC}.3.28 des résultats "
                  "codés : l'ajouter.", f"entries without the templateId {PCC}.3.28 of coded results: add it.",
                  "entry")),
    _section("VITAL-SIGNS", f"{PCC}.3.25", ("Signes vitaux", "Vital signs"), "8716-3", with_=(f"{CCD}.16",)),
    _section("FUNCTIONAL-STATUS", "2.16.840.1.113883.10.22.3.8", ("Statut fonctionnel", "Functional status"), "47420-5",
             one("T(2.16.840.1.113883.10.22.3.8)").named("ONCE"), least=2),
)  # fmt: skip


def _national(key: str, arc: str, name: tuple[str, str], *specs: Spec, path: str = "") -> Group:
    words = (f"Section « {name[0]} »", f"Section “{name[1]}”")
    return group(f"SEC-{key}", f"{SECTION}.{arc}", words, _ANS, *specs, path=path)


_ATTACHED: Final = says(
    "CONTENT", f".//T({ENTRY}.18)", f"aucun document attaché ({ENTRY}.18) : l'ajouter.",
    f"no attached document ({ENTRY}.18): add it.", code="required",
)  # fmt: skip
_DEVICES: Final = ("Dispositifs médicaux", "Medical devices")

NATIONAL: Final = (
    _national("DEVICES-FR", "1", _DEVICES, one("id"), some("text"), coded("46264-8", LOINC),
              says("CONTENT", f"not(entry) or entry/organizer/T({ENTRY}.2) or entry/supply/T({ENTRY}.20)",
                   "entrées d'un autre type : attendu un dispositif médical.",
                   "entries of another type: expected a medical device.", "entry")),
    _national("DEVICES-FR-ORGANIZER", "1", _DEVICES,
              says("TYPE", f"not(templateId[@root!='{ENTRY}.2'])", f"templateId inattendu ; attendu {ENTRY}.2.",
                   f"unexpected templateId; expected {ENTRY}.2.", "templateId"),
              says("ALONE", "not(templateId and ../../entry/supply)",
                   "organizer et supply mêlés : n'utiliser qu'un des deux.",
                   "organizer and supply mixed: use only one of them."), path="entry/organizer"),
    _national("DEVICES-FR-SUPPLY", "1", _DEVICES,
              says("TYPE", f"not(templateId[@root!='{ENTRY}.20' and @root!='{CCD}.34' and "
                   "@root!='2.16.840.1.113883.10.22.4.26'])", "templateId inattendu sur le dispositif.",
                   "unexpected templateId on the device.", "templateId"),
              says("OWN", f"not(templateId) or T({ENTRY}.20)", f"templateId {ENTRY}.20 absent : l'ajouter.",
                   f"templateId {ENTRY}.20 missing: add it.", "templateId"), path="entry/supply"),
    _national("ADDED-DOCUMENTS", "37", ("Documents ajoutés", "Added documents"), at_most("id"), some("text"),
              coded("55107-7", LOINC), _ATTACHED),
    _national("RECORD", "66", ("Dossier", "Record"), at_most("id"), coded("GEN-168")),
    _national("SECOND-RESULTS", "60", ("Résultats de seconde intention", "Second-intention results"), some("text")),
    _national("DOCUMENT-STATUS", "35", ("Statut du document", "Document status"), coded("33557-0", LOINC),
              some("title"), one("id"),
              says("CONTENT", f"entry/observation/T({_OBSERVATION})", "observation du statut absente : l'ajouter.",
                   "observation of the status missing: add it.", "entry")),
    _national("RARE-TREATMENTS", "54", ("Traitements", "Treatments"), coded("10160-0", LOINC),
              says("CONTENT", f".//T({ENTRY}.13)", f"aucun traitement ({ENTRY}.13) : en ajouter un.",
                   f"no treatment ({ENTRY}.13): add one.")),
    _national("PDF-COPY", "243", ("Copie du document", "Copy of the document"), some("text"), coded("55108-5", LOINC),
              says("TITLE", "title='Copie du document'", "titre inattendu ; attendu « Copie du document ».",
                   "unexpected title; expected “Copie du document”.", "title", code="value"), _ATTACHED),
)  # fmt: skip

GROUPS: Final = (*SECTIONS, *NATIONAL)
