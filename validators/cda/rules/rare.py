"""Rare diseases: the model SDM-MR, 2022.01 and 2024.01. Rows `SDM-*`.

Source: CI-SIS volet SDM-MR. What the guide announces and no test of the official kit enforces is a warning.
"""

from __future__ import annotations

from typing import Final

from validators.cda.rules._kinds import at_most, attribute, coded, each, one, says, some
from validators.cda.rules._row import ENTRY, MODEL, PCC, SECTION, SNOMED, Group, Member, Spec, group
from validators.cda.rules._sections import BODY, mandatory
from validators.cda.rules.shared_entries import NULLS
from validators.report import Severity

ROOT: Final = f"{MODEL}.30"
_GUIDE: Final = "CI-SIS, volet SDM-MR"
_ALL: Final = ((ROOT, ()),)
_2022: Final = ((ROOT, ("2022.01",)),)
_2024: Final = ((ROOT, ("2024.01",)),)
_ORPHA: Final = "1.2.250.1.213.2.49.1"
_ICF: Final = "2.16.840.1.113883.6.254"
_OBSERVATION: Final = f"{PCC}.4.13"
_ENCOUNTER: Final = f"{PCC}.4.14"
_DOCUMENT: Final = ("Set de données maladies rares", "Rare-disease data set")


def _announced(key: str, test: str, name: tuple[str, str], severity: Severity) -> Spec:
    """A section that the guide announces and that nothing enforces."""
    spec = says(
        f"SECTION-{key}", test, f"section « {name[0]} » absente : l'ajouter si la donnée existe.",
        f"section “{name[1]}” missing: add it when the data exists.", "component", code="required",
    )  # fmt: skip
    return Spec(spec.key, spec.holds, spec.fr, spec.en, spec.at, spec.found, spec.code, severity)


def _first_level(key: str, arc: str, name: tuple[str, str], severity: Severity = Severity.INFORMATION) -> Spec:
    return _announced(key, f"{BODY}[T({SECTION}.{arc})]", name, severity)


def _section(key: str, arc: str, name: tuple[str, str], *specs: Spec, path: str = "") -> Group:
    words = (f"Section « {name[0]} »", f"Section “{name[1]}”")
    return group(f"SDM-{key}", f"{SECTION}.{arc}", words, _GUIDE, *specs, path=path, models=_2024)


def _observed(key: str, code: str, name: tuple[str, str], set_name: str, severity: Severity = Severity.ERROR) -> Group:
    """The value of an observation, found by its code, in its set."""
    return group(f"SDM-{key}", _OBSERVATION, (f"Observation « {name[0]} »", f"Observation “{name[1]}”"), _GUIDE,
                 Member("SET", "value", set_name, NULLS, severity), path=f"self::*[code/@code='{code}']",
                 models=_ALL)  # fmt: skip


def _within(key: str, code: str, words_fr: str, words_en: str) -> Spec:
    """A sub-observation that a diagnosis must hold."""
    return says(
        key, f"entryRelationship/observation[code/@code='{code}']",
        f"observation « {words_fr} » ({code}) absente du diagnostic : l'ajouter.",
        f"observation “{words_en}” ({code}) missing from the diagnosis: add it.", code="required",
    )  # fmt: skip


def _holding(code: str, key: str, words_fr: str, words_en: str) -> Spec:
    return says(
        key, f".//observation[code/@code='{code}']/value", f"{words_fr} ({code}) absent(e) : l'ajouter avec sa valeur.",
        f"{words_en} ({code}) missing: add it with its value.", code="required",
    )  # fmt: skip


_OPEN: Final = "effectiveTime[low and not(high/@value)]"
_ENDED: Final = "effectiveTime[low and high/@value]"
_BIRTH: Final = f".//organizer[T({PCC}.4.13.5.2)]"
_HEADER: Final = (
    some("recordTarget/patientRole/patient/birthTime").named("BIRTH"),
    some("recordTarget/patientRole/patient/name/family[@qualifier='BR']").named("BIRTH-NAME"),
    some("documentationOf/serviceEvent/code[@code='11429006']").named("EVENT-CODE"),
)
_DIAGNOSIS: Final = f"entry/act[T({PCC}.4.5.2)]/entryRelationship/observation[T({PCC}.4.5)]"

GROUPS: Final = (
    group("SDM", ROOT, _DOCUMENT, _GUIDE, *_HEADER,
          _first_level("PROBLEMS-ANNOUNCED", "132", ("problèmes actifs", "active problems"), Severity.WARNING),
          _first_level("DIAGNOSES", "129", ("diagnostics", "diagnoses")),
          _first_level("ACTIVITIES", "76", ("activités", "activities")),
          _first_level("CARE", "158", ("prises en charge", "care")),
          models=_ALL),
    group("SDM-2022", ROOT, _DOCUMENT, _GUIDE, one(f"{BODY}[T({PCC}.3.6)]").named("SECTION-PROBLEMS"), models=_2022),
    group("SDM-2024", ROOT, _DOCUMENT, _GUIDE, one(f"{BODY}[T({SECTION}.66)]").named("SECTION-RECORD-ONCE"),
          attribute("classCode", "PAT", path="recordTarget/patientRole").named("PATIENT-CLASS"),
          _first_level("RESEARCH", "250", ("recherche", "research")), models=_2024),
    *mandatory("SDM", "RECORD", ROOT, _2024, f"{SECTION}.66", ("dossier", "record"), _GUIDE),
    _section("RECORD", "66", ("Dossier", "Record"),
             some("entry/observation[code/@code='GEN-164']/id").named("CREATION-ID"),
             some("entry/observation[code/@code='GEN-164']/value[@value]").named("CREATION"),
             some("entry/observation[code/@code='GEN-165']/value[@value]").named("UPDATE"),
             at_most("entry/observation[code/@code='PAT-061']").named("LOST")),
    _section("FIRST-CASE", "139", ("Premier cas de la famille", "First case of the family"),
             some(f"entry/organizer[T({PCC}.4.15) and T({ENTRY}.59)]").named("ORGANIZER"),
             each(f".//observation[T({PCC}.4.13.3)]", f"code[@code='404684003' and @codeSystem='{SNOMED}'] and value",
                  "OBSERVATION", "observation attendue : code 404684003 (SNOMED CT) et sa valeur.",
                  "expected observation: code 404684003 (SNOMED CT) and its value.")),
    _section("FUNCTION", "246", ("Statut fonctionnel", "Functional status"),
             some(f"entry/organizer[T({PCC}.1.12.3.7)]").named("ORGANIZER"),
             each(f".//observation[T({PCC}.1.12.3.6)]", "code/@code='54522-8'", "CODE", "code attendu 54522-8.",
                  "expected code 54522-8."),
             each(f".//observation[T({PCC}.1.12.3.6)]/value[@code]", f"@codeSystem='{_ICF}'", "SYSTEM",
                  f"valeur hors de la CIF ({_ICF}).", f"value not in the ICF ({_ICF}).").warns()),
    _section("CARE", "158", ("Prises en charge", "Care"),
             some(f"entry/encounter[T({_ENCOUNTER})]").named("ENCOUNTER")),
    _section("CARE-ENCOUNTER", "158", ("Prise en charge", "Care"), some("id"), some("effectiveTime"),
             some("performer[@typeCode='PRF']"), some("informant"), some("participant[@typeCode='LOC']"),
             some("entryRelationship/observation[code/@code='GEN-368']/value").named("OFF-LABEL"),
             path=f"entry/encounter[T({_ENCOUNTER})]"),
    _section("ACTIVITIES", "76", ("Activités", "Activities"),
             some(f"entry/encounter[T({_ENCOUNTER})]").named("ENCOUNTER")),
    _section("ACTIVITY", "76", ("Activité", "Activity"), some("id"), some("effectiveTime"),
             some("performer[@typeCode='PRF']"), at_most("participant[@typeCode='LOC']"),
             some("entryRelationship/observation[code/@code='ORG-034']/value").named("PURPOSE"),
             path=f"entry/encounter[T({_ENCOUNTER})]"),
    _section("DIAGNOSES", "129", ("Diagnostics", "Diagnoses"), some(f"entry/act[T({PCC}.4.5.2)]").named("ACT")),
    _section("DIAGNOSIS-ACT", "129", ("Diagnostic", "Diagnosis"), one("effectiveTime"),
             some(f"entryRelationship/observation[T({PCC}.4.5)]").named("PROBLEM"), path=f"entry/act[T({PCC}.4.5.2)]"),
    _section("DIAGNOSIS", "129", ("Diagnostic", "Diagnosis"), coded("282291009"), one("effectiveTime"),
             one("value[TYPE(CD) or @nullFlavor]"),
             each("value[@code]", f"@codeSystem='{_ORPHA}'", "SYSTEM", f"diagnostic codé hors ORPHA ({_ORPHA}).",
                  f"diagnosis not coded in ORPHA ({_ORPHA}).").warns(),
             each("subject", "relatedSubject/subject[sdtc:id and name/family[@qualifier='BR'] and "
                  "name/given[@qualifier='BR'] and administrativeGenderCode and sdtc:multipleBirthInd]", "FETUS",
                  "fœtus mal décrit : attendu identifiant, nom et prénom de naissance de la mère, sexe et gémellité.",
                  "fetus badly described: expected identifier, mother's birth names, sex and multiple birth."),
             each("participant", "participantRole[id and playingEntity[code and name]]", "SITE",
                  "site du diagnostic incomplet : attendu id, code et nom.",
                  "incomplete diagnosis site: expected id, code and name."),
             _within("STATUS", "MED-072", "statut actuel du diagnostic", "current status of the diagnosis"),
             _within("ASSESSMENT", "MED-071", "appréciation à l'entrée", "assessment at entry"),
             _within("FIRST-SIGNS", "PAT-013", "âge aux premiers signes", "age at first signs"),
             _within("CLINICAL-AGE", "PAT-062", "âge au diagnostic clinique", "age at clinical diagnosis"),
             _within("GENETIC-AGE", "PAT-064", "âge au diagnostic génétique", "age at genetic diagnosis"),
             path=_DIAGNOSIS),
    _section("NEWBORN", "124", ("Période anténatale et néonatale", "Ante and neonatal"),
             one(f"component/section[T({PCC}.1.9.15.1)]").named("EXAM"),
             each(f"component/section[T({PCC}.1.13.2.11)]", ".//code[@code='09.02']", "ASSISTED",
                  "assistance médicale à la procréation : code attendu 09.02.",
                  "assisted reproduction: expected code 09.02."),
             each("component/section[T(1.3.6.1.4.1.19376.1.7.3.1.1.13.7)]",
                  ".//observation[code/@code='11884-4']/value", "TERM",
                  "âge gestationnel (11884-4) absent : l'ajouter.", "gestational age (11884-4) missing: add it.")),
    _section("PREGNANCIES", "77", ("Grossesses", "Pregnancies"),
             some(f"entry/organizer[T({PCC}.4.13.5.1)]").named("ORGANIZER")),
    _section("PREGNANCY", "77", ("Grossesse", "Pregnancy"),
             _holding("55281-0", "FETUSES", "nombre de fœtus", "number of fetuses"),
             _holding("09.02", "ASSISTED", "assistance médicale à la procréation", "assisted reproduction"),
             says("OPEN-BIRTH", f"not({_OPEN}) or not({_BIRTH}) or "
                  f"{_BIRTH}/component/observation[code and value/@nullFlavor='NA']",
                  "grossesse en cours : la naissance attend une valeur nullFlavor NA.",
                  "on-going pregnancy: the birth expects a value nullFlavor NA.", _BIRTH),
             says("OUTCOME", f"not({_ENDED}) or not({_BIRTH}) or {_BIRTH}//observation[code/@code='63893-2']",
                  "grossesse terminée : issue (63893-2) absente.", "ended pregnancy: outcome (63893-2) missing.",
                  _BIRTH,
                  code="required"),
             path=f"entry/organizer[T({PCC}.4.13.5.1) and effectiveTime/low]"),
    group("SDM-OUTCOME", f"{PCC}.4.13.5", ("Issue de la grossesse", "Outcome of the pregnancy"), _GUIDE,
          Member("SET", "value", "IssueGrossesse", NULLS), path="self::*[code/@code='63893-2']", models=_ALL),
    group("SDM-ACTIVITY-CONTEXT", f"{SECTION}.76", ("Activité", "Activity"), _GUIDE,
          Member("SET", "code", "ContexteActivite", NULLS), Member("PERFORMER-SET", "performer/assignedEntity/code",
          "ProfessionPersonnelActivite", NULLS), path=f"entry/encounter[T({_ENCOUNTER})]", models=_ALL),
    group("SDM-SENT-BY", f"{SECTION}.158", ("Prise en charge", "Care"), _GUIDE,
          Member("SET", "informant/assignedEntity/code", "PatientAdressePar", NULLS),
          path=f"entry/encounter[T({_ENCOUNTER})]", models=_2024),
    _observed("STATUS", "MED-072", ("statut actuel du diagnostic", "status of the diagnosis"),
              "StatutActuelDiagnostic"),
    _observed("ASSESSMENT", "MED-071", ("appréciation à l'entrée", "assessment"), "AppreciationDiagnosticCentre"),
    _observed("FIRST-SIGNS", "PAT-013", ("âge aux premiers signes", "age at first signs"), "Age"),
    _observed("CLINICAL-AGE", "PAT-062", ("âge au diagnostic clinique", "age at clinical diagnosis"), "Age",
              Severity.WARNING),
    _observed("GENETIC-AGE", "PAT-064", ("âge au diagnostic génétique", "age at genetic diagnosis"), "Age",
              Severity.WARNING),
    _observed("FAMILIAL", "MED-073", ("cas sporadique ou familial", "sporadic or familial"), "CasSporadiqueFamilial"),
    _observed("TECHNIQUE", "MED-1286", ("technique du diagnostic", "technique of the diagnosis"),
              "TechniquesDiagnostic", Severity.WARNING),
    _observed("PURPOSE", "ORG-034", ("objectif de l'activité", "purpose of the activity"), "ObjectifActivite"),
)  # fmt: skip
