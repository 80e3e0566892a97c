"""Imaging reports: templates of DICOM part 20 and the model IMG-CR-IMG. Rows `DICOM-*` (shared) and `IMG-*`.

Sources: DICOM PS3.20, CI-SIS volet IMG-CR-IMG 2024.01. Several DICOM series and objects are allowed (announced 1..*).
"""

from __future__ import annotations

from typing import Final

from validators.cda.rules._kinds import (
    act,
    at_most,
    beside,
    coded,
    count,
    each,
    one,
    says,
    some,
    status,
)  # fmt: skip
from validators.cda.rules._row import DICOM, ENTRY, LOINC, MODEL, SECTION, SNOMED, Group, Member, Spec, group
from validators.cda.rules._sections import BODY, mandatory
from validators.cda.rules.shared_entries import NULLS

ROOT: Final = f"{MODEL}.45"
_PART20: Final = "1.2.840.10008.9"
_CCDA: Final = "2.16.840.1.113883.10.20"
_SHARED: Final = "DICOM PS3.20 et CI-SIS, modèles de contenus CDA"
_GUIDE: Final = "CI-SIS, volet IMG-CR-IMG 2024.01"
_ALL: Final = ((ROOT, ()),)
_MODALITY: Final = "121139"


def _section(
    key: str, template: str, own: str, name: tuple[str, str], code: str, *more: Spec, system: str = LOINC
) -> Group:
    words = (f"Section « {name[0]} »", f"Section “{name[1]}”")
    return group(f"DICOM-SEC-{key}", template, words, _SHARED,
                 *((beside(f"{SECTION}.{own}"),) if own else ()), coded(code, system), *more)  # fmt: skip


def _entry(key: str, template: str, name: tuple[str, str], *specs: Spec | Member, path: str = "") -> Group:
    words = (f"Entrée « {name[0]} »", f"Entry “{name[1]}”")
    return group(f"DICOM-{key}", template, words, _SHARED, *specs, path=path)


_ID: Final = some("id")
_TITLE: Final = some("title")
_TEXT: Final = some("text")
_WORDS: Final = says(
    "WORDS", "not(originalText) or originalText/reference", "localisation sans référence au texte.",
    "site without a reference to the text.", "originalText",
)  # fmt: skip
_TOPOGRAPHY: Final = says(
    "QUALIFIER", "not(qualifier) or qualifier[name[@code='106233006'] and value]",
    "précision topographique incomplète : attendu name 106233006 et value.",
    "incomplete topographic modifier: expected name 106233006 and value.", "qualifier",
)  # fmt: skip
_MATERIAL: Final = (
    at_most("routeCode"), at_most("doseQuantity"), at_most("rateQuantity"),
    some("consumable/manufacturedProduct/manufacturedMaterial").named("PRODUCT"),
)  # fmt: skip

SHARED: Final = (
    _section("ACT", f"{_PART20}.3", "", ("acte d'imagerie", "imaging act"), "55111-9", _ID, _TITLE, _TEXT,
             some(f".//procedure/T({_PART20}.14)").named("PROCEDURE"),
             some(f".//section/T({_CCDA}.6.1.1)").named("CATALOGUE")),
    _section("ADDENDUM", f"{_PART20}.6", "", ("addendum", "addendum"), "55107-7", _ID, one("text"), one("title"),
             some("author/assignedAuthor/assignedPerson/name").named("AUTHOR")),
    _section("COMPLICATIONS", f"{_CCDA}.22.2.37", "", ("complications", "complications"), "55109-3", _ID, one("title"),
             one("text")),
    _section("CONCLUSION", f"{_PART20}.5", "209", ("conclusion", "conclusion"), "19005-8", _ID, _TITLE, _TEXT),
    _section("REQUEST", f"{_PART20}.7", "211", ("demande d'examen", "request"), "55115-0", _ID, _TEXT),
    _section("COMPARISON", f"{_PART20}.4", "207", ("examen comparatif", "comparison"), "18834-2", _ID, _TITLE, _TEXT),
    _section("RADIATION", f"{_PART20}.8", "215", ("exposition aux rayonnements", "radiation exposure"), "73569-6", _ID,
             _TITLE, _TEXT, one(f".//procedure[T({ENTRY}.165)]").named("PROCEDURE"),
             one(f".//observation[T({ENTRY}.150)]").named("PREGNANCY")),
    _section("HISTORY", f"{_CCDA}.22.2.39", "213", ("historique médical", "medical history"), "11329-0", _ID, _TEXT,
             some(f".//observation[T({ENTRY}.150)]").named("CONTENT")),
    _section("CLINICAL", f"{_PART20}.2", "205", ("informations cliniques", "clinical information"), "55752-0", _TEXT,
             one(f"component/section[T({_PART20}.7)]").named("REQUEST"),
             one(f"component/section[T({_CCDA}.22.2.39)]").named("HISTORY")),
    _section("CATALOGUE", f"{_CCDA}.6.1.1", "217", ("catalogue d'objets", "object catalogue"), "121181", _ID, _TITLE,
             _TEXT, system=DICOM),
    _section("RESULTS", f"{_CCDA}.6.1.2", "208", ("résultats", "results"), "59776-5", _ID, _TITLE, _TEXT),
    _entry("PRODUCT", f"{_PART20}.13", ("produit administré", "administered product"),
           act("substanceAdministration", "SBADM", "EVN", "INT"), beside(f"{ENTRY}.151"), one("id"),
           status("completed"), one("consumable"), *_MATERIAL),
    _entry("RADIOPHARMACEUTICAL", f"{ENTRY}.173", ("radiopharmaceutique", "radiopharmaceutical"),
           act("substanceAdministration", "SBADM", "EVN", "INT"), coded("440252007", SNOMED),
           one("consumable[@typeCode='CSM']"),
           some("consumable/manufacturedProduct/manufacturedMaterial/code").named("MATERIAL-CODE"),
           *_MATERIAL),
    _entry("EXPOSURE", f"{ENTRY}.165", ("exposition du patient", "patient exposure"), act("procedure", "PROC", "EVN"),
           coded("121290", DICOM), one("participant")),
    _entry("STUDY", f"{_PART20}.16", ("examen", "study"),
           says("ACT", "self::act[@classCode and @moodCode]", "attendu act avec classCode et moodCode.",
                "expected act with classCode and moodCode."),
           beside(f"{ENTRY}.155"), _ID, coded("113014", DICOM),
           some(f"entryRelationship[@typeCode='COMP']/act[T({_PART20}.17) and T({ENTRY}.156)]").named("SERIES")),
    _entry("OBSERVATION", f"{_CCDA}.6.2.13", ("observation d'imagerie", "imaging observation"),
           says("ACT", "self::observation[@classCode='OBS' and @moodCode]", "attendu observation OBS.",
                "expected observation OBS."),
           beside(f"{ENTRY}.150"), one("id"), one("code"), one("statusCode"), one("value"), one("targetSiteCode"),
           each("entryRelationship[@typeCode='SPRT']", f"observation[(T({ENTRY}.157) or T({ENTRY}.154)) and code]",
                "SUPPORT", "objet ou mesure relié d'un autre type, ou sans code.",
                "related object or quantity of another type, or without a code.")),
    _entry("QUANTITY", f"{_CCDA}.6.2.14", ("quantité", "quantity"), act("observation", "OBS", "EVN"),
           beside(f"{ENTRY}.154"), one("id"), one("code"), one("statusCode"), one("value[TYPE(PQ)]"),
           one("targetSiteCode")),
    _entry("QUANTITY-SITE", f"{_CCDA}.6.2.14", ("localisation", "site"), _WORDS, _TOPOGRAPHY, path="targetSiteCode"),
    _entry("OBJECT", f"{_PART20}.18", ("objet DICOM", "DICOM object"), act("observation", "DGIMG", "EVN"),
           beside(f"{ENTRY}.157"), _ID, one("code"),
           each("entryRelationship[@typeCode='RSON']", f"observation[T({ENTRY}.163) and code]", "PURPOSE",
                "objectif de référence d'un autre type, ou sans code.", "purpose of another type, or without a code."),
           each("entryRelationship[@typeCode='COMP']", f"observation[T({ENTRY}.164) and code]", "FRAMES",
                "images référencées d'un autre type, ou sans code.", "frames of another type, or without a code.")),
    _entry("SERIES", f"{_PART20}.17", ("série", "series"),
           says("ACT", "self::act[@classCode and @moodCode]", "attendu act avec classCode et moodCode.",
                "expected act with classCode and moodCode."),
           beside(f"{ENTRY}.156"), _ID, one("code").named("CODE-ONE"), coded("113015", DICOM),
           says("MODALITY", "count(code/qualifier)=1 and code/qualifier[count(name)=1 and count(value)=1 and "
                f"name[@code='{_MODALITY}' and @codeSystem='{DICOM}']]",
                f"modalité attendue une fois : code/qualifier avec name {_MODALITY} et value.",
                f"modality expected once: code/qualifier with name {_MODALITY} and value.", "code", code="required"),
           some(f"entryRelationship[@typeCode='COMP']/observation[T({_PART20}.18) and code]").named("OBJECTS")),
    _entry("TECHNIQUE", f"{_PART20}.14", ("technique d'imagerie", "imaging technique"),
           says("ACT", "self::procedure[@classCode='PROC' and @moodCode]", "attendu procedure PROC.",
                "expected procedure PROC."),
           beside(f"{ENTRY}.153"), _ID, one("code"), some("methodCode"), one("targetSiteCode"), at_most("participant")),
    _entry("TECHNIQUE-SITE", f"{_PART20}.14", ("localisation", "site"), _WORDS,
           says("QUALIFIER", "not(qualifier) or qualifier[name and value]",
                "précision incomplète : attendu name et value.",
                "incomplete modifier: expected name and value.", "qualifier"), path="targetSiteCode"),
)  # fmt: skip


def _once(key: str, template: str) -> Spec:
    return at_most(f"{BODY}[T({template})]").named(f"SECTION-{key}")


def _history(key: str, code: str, low: int) -> Spec:
    return count(f".//observation[T({ENTRY}.150) and code/@code='{code}']", low).named(key)


_DOCUMENT: Final = ("Compte rendu d'imagerie", "Imaging report")

MODEL_ROWS: Final = (
    group("IMG", ROOT, _DOCUMENT, _GUIDE,
          beside("1.2.840.10008.9.1", "1.2.840.10008.9.20", "1.2.840.10008.9.21"),
          each(f"documentationOf/serviceEvent/code[@codeSystem='{LOINC}']",
               f"translation/qualifier/name/@code='{_MODALITY}'", "MODALITY",
               f"acte sans modalité d'acquisition : attendu une translation avec qualifier {_MODALITY}.",
               f"act without an acquisition modality: expected a translation with qualifier {_MODALITY}."),
          Member("MODALITY-SET", f"documentationOf/serviceEvent/code[@codeSystem='{LOINC}']"
                 f"/translation[qualifier/name/@code='{_MODALITY}']", "ModaliteAcquisition"),
          each("inFulfillmentOf", "order[id and ps3-20:accessionNumber]", "ORDER",
               "demande incomplète : attendu order/id et ps3-20:accessionNumber.",
               "incomplete order: expected order/id and ps3-20:accessionNumber."),
          _once("ADDENDUM", f"{_PART20}.6"), _once("CLINICAL", f"{_PART20}.2"), _once("DEVICES", f"{SECTION}.1"),
          _once("RESULTS", f"{_CCDA}.6.1.2"), _once("PRIOR", f"{SECTION}.150"), _once("COMPARISON", f"{_PART20}.4"),
          _once("COMMENT", f"{SECTION}.73"), _once("DOCUMENTS", f"{SECTION}.37"),
          some(f"{BODY}[T({_PART20}.3)]").named("SECTION-ACT"),
          at_most(f"{BODY}[T({_PART20}.5)]").named("SECTION-CONCLUSION-ONCE"),
          models=_ALL),
    *mandatory("IMG", "CONCLUSION", ROOT, _ALL, f"{_PART20}.5", ("conclusion", "conclusion"), _GUIDE),
    group("IMG-ACT", f"{_PART20}.3", ("Acte d'imagerie", "Imaging act"), _GUIDE,
          at_most(f"component/section[T({_CCDA}.22.2.37)]").named("COMPLICATIONS"),
          at_most(f"component/section[T({_PART20}.8)]").named("RADIATION"),
          one(f"component/section[T({_CCDA}.6.1.1)]").named("CATALOGUE"), models=_ALL),
    group("IMG-HISTORY", f"{_CCDA}.22.2.39", ("Historique médical", "Medical history"), _GUIDE,
          _history("PAST", "11348-0", 1), _history("SURGERY", "47519-4", 1), models=_ALL),
    group("IMG-CONTRAINDICATION", f"{ENTRY}.150", ("Contre-indication", "Contraindication"), _GUIDE,
          Member("SET", "value", "Contre_indications", NULLS), path="self::*[code/@code='64100-1']", models=_ALL),
    group("IMG-PREGNANCY", f"{ENTRY}.150", ("Statut de grossesse", "Pregnancy status"), _GUIDE,
          Member("SET", "value", "StatutGrossesse", NULLS), path="self::*[code/@code='364320009']", models=_ALL),
    group("IMG-SITE", f"{_PART20}.14", ("Localisation", "Site"), _GUIDE,
          Member("SET", "targetSiteCode", "LocalisationAnatomique", NULLS), models=_ALL),
    group("IMG-RADIATION", f"{_PART20}.8", ("Exposition aux rayonnements", "Radiation exposure"), _GUIDE,
          one(f".//observation[T({ENTRY}.150) and code/@code='364320009']").named("PREGNANCY"), models=_ALL),
    group("IMG-EXPOSURE", f"{ENTRY}.165", ("Exposition du patient", "Patient exposure"), _GUIDE,
          some("participant/participantRole[code/@code='113850' and playingEntity/name]").named("PERSON"), models=_ALL),
    group("IMG-QUANTITY", f"{ENTRY}.154", ("Quantité", "Quantity"), _GUIDE,
          Member("SET", "code", "QuantiteExpositionRayonnements"), path=f"self::*[ancestor::section[T({_PART20}.8)]]",
          models=_ALL),
    group("IMG-STUDY", f"{_PART20}.16", ("Examen", "Study"), _GUIDE, some("effectiveTime"), models=_ALL),
    group("IMG-EDUCATION", f"{SECTION}.107", ("Éducation du patient", "Patient education"), _GUIDE,
          some(".//observation[code/@code='99622-3' and text]").named("CONTENT"), models=_ALL),
)  # fmt: skip

GROUPS: Final = (*SHARED, *MODEL_ROWS)
