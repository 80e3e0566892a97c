"""Laboratory reports: templates of IHE PaLM and the model BIO-CR-BIO. Rows `LAB-*` (shared) and `BIO-*` (the model).

Sources: IHE PaLM XD-LAB, CI-SIS volet BIO-CR-BIO 2021.01, 2023.01 and 2024.01.
"""

from __future__ import annotations

from typing import Final

from validators.cda.rules._kinds import (
    act,
    at_most,
    attribute,
    beside,
    coded,
    each,
    one,
    says,
    some,
    status,
)  # fmt: skip
from validators.cda.rules._row import ENTRY, LAB, LOINC, MODEL, SECTION, SNOMED, Group, Member, Models, Spec, group
from validators.cda.rules._sections import BODY

ROOT: Final = f"{MODEL}.55"
_GUIDE: Final = "CI-SIS, volet BIO-CR-BIO"
_SHARED: Final = "IHE PaLM XD-LAB et CI-SIS, modèles de contenus CDA, entrée"
_ALL: Final = ((ROOT, ()),)
_2021: Final = ((ROOT, ("2021.01",)),)
_2023: Final = ((ROOT, ("2023.01",)),)
_2024: Final = ((ROOT, ("2024.01",)),)
_BACTERIA: Final = "2.16.840.1.113883.3.9471"
_STATUS: Final = ("completed", "aborted", "active", "obsolete")
_CHAPTER: Final = f"{LAB}.3.2.1"
_FIRST_LEVEL: Final = (
    _CHAPTER, f"{SECTION}.60", "1.3.6.1.4.1.19376.1.4.1.2.16", f"{SECTION}.128", f"{SECTION}.243", f"{SECTION}.147",
)  # fmt: skip


def _shared(key: str, template: str, name: tuple[str, str], *specs: Spec, path: str = "") -> Group:
    words = (f"Entrée « {name[0]} »", f"Entry “{name[1]}”")
    return group(f"LAB-{key}", template, words, _SHARED, *specs, path=path)


SHARED: Final = (
    _shared("ENTRY", f"{LAB}.1", ("compte rendu de biologie", "laboratory report"),
            says("LINK", "self::entry[@typeCode='DRIV']", "attendu entry typeCode=DRIV.",
                 "expected entry typeCode=DRIV."),
            some("act[@classCode='ACT' and @moodCode='EVN']"),
            says("STATUS", "act/statusCode[@code='completed' or @code='active' or @code='aborted']",
                 "statut de l'acte « {found} » ; attendu completed, active ou aborted.",
                 "status of the act “{found}”; expected completed, active or aborted.", "act",
                 "string(act/statusCode/@code)", "code-invalid"),
            says("TIME", "not(act/effectiveTime) or act/effectiveTime[low and high]",
                 "intervalle incomplet : attendu low et high.", "incomplete interval: expected low and high.", "act")),
    _shared("SUBJECT", f"{LAB}.1", ("sujet de l'analyse", "subject of the analysis"), attribute("typeCode", "SBJ"),
            beside(f"{LAB}.3.1.2.1"), some("relatedSubject/code"), one("relatedSubject/addr"), path="act/subject"),
    _shared("BATTERY", f"{LAB}.1.4", ("batterie d'examens", "battery"),
            says("ACT", "@classCode='BATTERY' and @moodCode='EVN'", "« {found} » ; attendu BATTERY EVN.",
                 "“{found}”; expected BATTERY EVN.", "", "concat(@classCode, ' ', @moodCode)", "value"),
            at_most("id"), status("completed", "aborted", "active", "obsolete")),
    _shared("SAMPLING", f"{LAB}.1.2", ("prélèvement", "specimen collection"),
            says("ACT", "@classCode='PROC' and @moodCode='EVN'", "« {found} » ; attendu PROC EVN.",
                 "“{found}”; expected PROC EVN.", "", "concat(@classCode, ' ', @moodCode)", "value"),
            some("effectiveTime"), at_most("targetSiteCode"), at_most("performer"), one("participant"),
            one("participant/participantRole/id"),
            at_most(f"entryRelationship[@typeCode='COMP']/act/T({LAB}.1.3)").named("RECEPTION")),
    _shared("RECEPTION", f"{LAB}.1.3", ("réception", "specimen reception"),
            says("ACT", "@classCode='ACT' and @moodCode='EVN'", "« {found} » ; attendu ACT EVN.",
                 "“{found}”; expected ACT EVN.", "", "concat(@classCode, ' ', @moodCode)", "value"),
            one("code").named("CODE-ONE"), coded("SPRECEIVE"), some("effectiveTime")),
    _shared("RESULT", f"{LAB}.1.6", ("résultat", "result"), act("observation", "OBS", "EVN"), one("code"),
            status(*_STATUS)),
    _shared("RESULT-FR", f"{ENTRY}.80", ("résultat", "result"), act("observation", "OBS", "EVN"), beside(f"{LAB}.1.6"),
            one("code"), one("code/originalText"), one("code/originalText/reference").named("REFERENCE"),
            status(*_STATUS)),
    _shared("ISOLATE", f"{LAB}.1.5", ("isolat", "isolate"), act("organizer", "CLUSTER", "EVN"),
            status("completed", "active", "aborted")),
    _shared("ISOLATE-FR", f"{ENTRY}.79", ("isolat", "isolate"), beside(f"{LAB}.1.5"),
            act("organizer", "CLUSTER", "EVN"), status("completed", "active", "aborted"),
            some("specimen/specimenRole[@classCode='SPEC']")),
    _shared("SPECIMEN", f"{LAB}.1.5", ("micro-organisme", "micro-organism"), attribute("typeCode", "SPC"),
            some("specimenRole[@classCode='SPEC']").named("ROLE"),
            some("specimenRole/specimenPlayingEntity[@classCode='MIC']").named("ORGANISM"),
            says("CODE", f"specimenRole/specimenPlayingEntity/code[(not(@code and @codeSystem) and "
                 f"translation[@codeSystem='{_BACTERIA}']) or (not(@code and @codeSystem and translation) and "
                 f"originalText) or @codeSystem='{SNOMED}']",
                 f"micro-organisme : attendu un code SNOMED CT, une traduction {_BACTERIA} ou un texte.",
                 f"micro-organism: expected a SNOMED CT code, a translation {_BACTERIA} or a text.", "specimenRole",
                 code="code-invalid"),
            says("TRANSLATION", f"specimenRole/specimenPlayingEntity/code[not(translation) or "
                 f"translation/@codeSystem='{_BACTERIA}']", f"traduction attendue dans {_BACTERIA}.",
                 f"translation expected in {_BACTERIA}.", "specimenRole", code="code-invalid"), path="specimen"),
    _shared("PERFORMER", f"{LAB}.3.1.7", ("laboratoire exécutant", "performing laboratory"),
            says("ACT", "self::performer", "attendu performer.", "expected performer."), some("time"),
            some("assignedEntity/id"),
            says("ORGANISATION", "assignedEntity/representedOrganization[id and name and telecom and "
                 "standardIndustryClassCode and addr]",
                 "laboratoire incomplet : attendu id, nom, télécom, adresse et cadre d'exercice.",
                 "incomplete laboratory: expected id, name, telecom, address and practice setting.", "assignedEntity",
                 code="required")),
)  # fmt: skip


def _null(path: str) -> Spec:
    return each(f"recordTarget/patientRole/{path}[@nullFlavor]", "@nullFlavor='UNK'", f"NULL-{path.rpartition('/')[2]}"
                .upper(), f"nullFlavor inattendu sur {path} ; ce volet n'admet que UNK.",
                f"unexpected nullFlavor on {path}; this model only allows UNK.")  # fmt: skip


def _closed(models: Models) -> Group:
    """The sections of the first level. A document without a version may be of any edition: it gets the longest list."""
    known = " or ".join(f"T({root})" for root in _FIRST_LEVEL)
    return group("BIO-SECTIONS", ROOT, ("Compte rendu de biologie", "Laboratory report"), _GUIDE, says(
        "CLOSED", f"not({BODY}[not({known})])",
        "section de premier niveau d'un autre type : la retirer ou la déplacer.",
        "section of the first level of another type: remove or move it.", f"{BODY}[not({known})]", code="structure",
    ), models=models)  # fmt: skip


_DOCUMENT: Final = ("Compte rendu de biologie", "Laboratory report")
_WHOLE: Final = "id and name and telecom and addr"
_MODEL_OBSERVATION: Final = f"{LAB}.1.6"

MODEL_ROWS: Final = (
    group("BIO", ROOT, _DOCUMENT, _GUIDE,
          some("T(1.3.6.1.4.1.19376.1.3.3)").named("TEMPLATE"),
          some("setId"),
          says("VERSION", "versionNumber[not(@nullFlavor) and @value>0]", "version attendue : un entier à partir de 1.",
               "expected version: an integer from 1.", "versionNumber", code="value"),
          _null("addr"), _null("telecom"), _null("patient/administrativeGenderCode"), _null("patient/birthTime"),
          each("authenticator", f"T({LAB}.3.1.5) and time and assignedEntity[addr and telecom]", "AUTHENTICATOR",
               f"valideur incomplet : attendu templateId {LAB}.3.1.5, time, adresse et télécom.",
               f"incomplete authenticator: expected templateId {LAB}.3.1.5, time, address and telecom."),
          each("authenticator[assignedEntity/representedOrganization]",
               f"assignedEntity/representedOrganization[{_WHOLE}]", "AUTHENTICATOR-ORGANISATION",
               "structure du valideur incomplète : attendu id, nom, télécom et adresse.",
               "incomplete organisation of the authenticator: expected id, name, telecom and address."),
          each("documentationOf/serviceEvent", "code", "EVENT-CODE", "acte sans code de chapitre (LOINC).",
               "act without a chapter code (LOINC)."),
          each("documentationOf/serviceEvent/performer", "time and assignedEntity[addr and telecom and "
               "assignedPerson/name]", "PERFORMER", "exécutant incomplet : attendu time, adresse, télécom et nom.",
               "incomplete performer: expected time, address, telecom and name."),
          each("documentationOf/serviceEvent/performer", f"assignedEntity/representedOrganization[{_WHOLE} and "
               "standardIndustryClassCode]", "PERFORMER-ORGANISATION",
               "laboratoire incomplet : attendu id, nom, télécom, adresse et cadre d'exercice.",
               "incomplete laboratory: expected id, name, telecom, address and practice setting."),
          each("componentOf/encompassingEncounter[responsibleParty]", "responsibleParty/assignedEntity[id and code and "
               "assignedPerson/name/family]", "RESPONSIBLE",
               "responsable de la prise en charge incomplet : attendu id, "
               "code et nom.", "incomplete responsible party: expected id, code and name."),
          some(f"{BODY}[T({_CHAPTER})]").named("CHAPTER"),
          each(f"{BODY}[T({SECTION}.60)]", "code", "SECOND-CODE", "résultats de seconde intention sans code.",
               "second-intention results without a code."),
          models=_ALL),
    group("BIO-TITLE", ROOT, _DOCUMENT, _GUIDE,
          says("USUAL", "translate(normalize-space(title),'’',\"'\")=\"Compte rendu d'examens biologiques\"",
               "titre inhabituel ; le volet écrit « Compte rendu d'examens biologiques ».",
               "unusual title; the model writes “Compte rendu d'examens biologiques”.", "title", code="value").warns(),
          models=_ALL),
    _closed(_ALL),
    group("BIO-2024", ROOT, _DOCUMENT, _GUIDE,
          some(f"{BODY}[T({SECTION}.243)]").named("PDF-COPY"), models=_2024),
    group("BIO-PDF-COPY", f"{SECTION}.243", ("Copie du document", "Copy of the document"), _GUIDE,
          one(f"entry/organizer[T({ENTRY}.18)]").named("CONTENT"), models=_2024),
    group("BIO-CHAPTER", _CHAPTER, ("Chapitre", "Chapter"), _GUIDE,
          each("component/section", f"T({LAB}.3.2.2)", "SUB-SECTIONS", "sous-section d'un autre type.",
               "sub-section of another type."),
          each("entry", f"@typeCode and T({LAB}.1)", "ENTRY", f"entrée sans typeCode ou sans templateId {LAB}.1.",
               f"entry without typeCode or without templateId {LAB}.1."), models=_ALL),
    group("BIO-ITEM", f"{LAB}.3.2.2", ("Examen", "Report item"), _GUIDE,
          each("entry", f"@typeCode and T({LAB}.1)", "ENTRY", f"entrée sans typeCode ou sans templateId {LAB}.1.",
               f"entry without typeCode or without templateId {LAB}.1."), models=_ALL),
    group("BIO-ENTRY", f"{LAB}.1", ("Compte rendu", "Report"), _GUIDE,
          says("CODE", f"act[code[@codeSystem='{LOINC}'] or not(code/@code)]", "code de l'acte hors LOINC.",
               "code of the act not in LOINC.", "act", "string(act/code/@codeSystem)", "code-invalid"),
          some("act/entryRelationship[@typeCode='COMP']").named("CONTENT"), models=_ALL),
    group("BIO-BATTERY", f"{LAB}.1.4", ("Batterie", "Battery"), _GUIDE, act("organizer", "BATTERY", "EVN"),
          status("completed", "active", "aborted"), models=_ALL),
    group("BIO-ISOLATE", f"{LAB}.1.5", ("Isolat", "Isolate"), _GUIDE,
          some("specimen[@typeCode='SPC']/specimenRole[@classCode='SPEC']/specimenPlayingEntity[@classCode='MIC']/code")
          .named("SPECIMEN"), models=_ALL),
    group("BIO-RESULT", _MODEL_OBSERVATION, ("Résultat", "Result"), _GUIDE,
          attribute("moodCode", "EVN"), status("completed", "aborted"), at_most("referenceRange"),
          each("entryRelationship[@typeCode='REFR']/observation", "effectiveTime and statusCode[@code='completed']",
               "PRIOR", "antériorité incomplète : attendu effectiveTime et statusCode completed.",
               "incomplete prior result: expected effectiveTime and statusCode completed."),
          each(f"code[@codeSystem='{LOINC}']", "@code and @displayName", "CODE-WORDS",
               "code LOINC incomplet : attendu code, displayName et codeSystem.",
               "incomplete LOINC code: expected code, displayName and codeSystem."),
          says("CODE", f"not(ancestor::organizer) or not(code/@code) or code[@codeSystem='{LOINC}']",
               "code principal hors LOINC (« {found} ») : le mettre en translation, sans code principal.",
               "main code not in LOINC (“{found}”): put it in a translation, without a main code.", "code",
               "string(code/@codeSystem)", "code-invalid"),
          Member("INTERPRETATION", "interpretationCode", "HL7_ObservationInterpretation"), models=_ALL),
    group("BIO-RESULT-2021", _MODEL_OBSERVATION, ("Résultat", "Result"), _GUIDE,
          says("CODE", f"not(code/@code) or code[@codeSystem='{LOINC}']",
               "code hors LOINC ; attendu LOINC ou aucun code.",
               "code not in LOINC; expected LOINC or no code.", "code", "string(code/@codeSystem)", "code-invalid"),
          models=_2021),
    group("BIO-RESULT-2023", _MODEL_OBSERVATION, ("Résultat", "Result"), _GUIDE,
          each("code/translation", "@codeSystemName", "TRANSLATION", "traduction sans codeSystemName.",
               "translation without codeSystemName."), models=_2023),
    group("BIO-SAMPLING", f"{LAB}.1.2", ("Prélèvement", "Specimen collection"), _GUIDE,
          some("participant[@typeCode='PRD']/participantRole[@classCode='SPEC']").named("SPECIMEN"),
          each(f"entryRelationship/act[T({LAB}.1.3)]", "code[@code='SPRECEIVE' and "
               "@codeSystem='1.3.5.1.4.1.19376.1.5.3.2'] and effectiveTime/@value", "RECEPTION",
               "réception mal décrite : attendu le code SPRECEIVE et une date.",
               "reception badly described: expected the code SPRECEIVE and a date."), models=_ALL),
)  # fmt: skip

GROUPS: Final = (*SHARED, *MODEL_ROWS)
