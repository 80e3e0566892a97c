"""Entries shared by the models: medications, products, prescriptions, immunizations, devices. Rows `ENT-*`.

Sources: IHE PCC and Pharmacy (entries), CI-SIS volet « modèles de contenus CDA » (entries).
"""

from __future__ import annotations

from typing import Final

from validators.cda.rules._kinds import (
    act,
    at_most,
    attribute,
    beside,
    count,
    each,
    none,
    one,
    says,
    some,
    status,
    templates,
)  # fmt: skip
from validators.cda.rules._row import ACT_CODE, CCD, ENTRY, IHE_ACT, PCC, PHARM, Group, Member, Spec
from validators.cda.rules.shared_entries import NULLS, entry, only_templates

_MEDICATION: Final = f"{PCC}.4.7"
_PRODUCT: Final = f"{PCC}.4.7.2"
_PRESCRIBED: Final = f"{PHARM}.3.2"
_NAME: Final = ("traitement", "medication")
_DOSING: Final = tuple(f"{PCC}.4.{arc}" for arc in ("8", "9", "10", "11"))

_BOUNDED: Final = {
    key: f"not({name}) or {name}/@nullFlavor or (count({name}/low)=1 and count({name}/high)=1)"
    for key, name in (("DOSE", "doseQuantity"), ("RATE", "rateQuantity"))
}


def _bounds(key: str, holds: str, element: str) -> Spec:
    return says(
        key, holds, f"{element} incomplet : attendu low et high.", f"incomplete {element}: expected low and high.",
        element, code="required",
    )  # fmt: skip


def _linked(key: str, element: str, template: str, link: str, name: tuple[str, str]) -> Group:
    """A part of a prescribed treatment, tied to it by a given relationship."""
    written = link.replace("@", "").replace("'", "")
    return entry(
        f"PRESCRIBED-{key}", _PRESCRIBED, name,
        says("LINK", f"not(self::{element}) or parent::entryRelationship[{link}]",
             f"lien attendu : entryRelationship {written}.", f"expected link: entryRelationship {written}."),
        path=f".//*[T({template})]",
    )  # fmt: skip


def _parts(key: str, link: str, element: str, *roots: str) -> Group:
    """The templateIds allowed on a part of a treatment."""
    return entry(f"MEDICATION-{key}", _MEDICATION, _NAME, only_templates(*roots),
                 path=f"entryRelationship[{link}]/{element}")  # fmt: skip


_STRUCTURED: Final = f"entryRelationship[sequenceNumber] and entryRelationship/substanceAdministration/T({ENTRY}.83.1)"
_PLAIN: Final = (
    f"not(entryRelationship[sequenceNumber]) and not(entryRelationship/substanceAdministration/T({ENTRY}.83.1))"
)
_DOSED: Final = " or ".join(f"T({root})" for root in _DOSING)

GROUPS: Final = (
    entry("MEDICATION", _MEDICATION, _NAME,
          says("ACT", "@classCode='SBADM' and (@moodCode='INT' or @moodCode='EVN')",
               "« {found} » ; attendu classCode=SBADM moodCode=INT ou EVN.",
               "“{found}”; expected classCode=SBADM moodCode=INT or EVN.", "", "concat(@classCode, ' ', @moodCode)"),
          beside(f"{CCD}.24"), templates(3),
          says("DOSING", " or ".join(f"T({root})" for root in (f"{PCC}.4.7.1", *_DOSING)),
               f"mode d'administration absent : attendu un templateId {PCC}.4.7.1, .8, .9, .10 ou .11.",
               f"dosing mode missing: expected a templateId {PCC}.4.7.1, .8, .9, .10 or .11.", "templateId"),
          says("NORMAL", f"not(T({PCC}.4.7.1)) or not(.//substanceAdministration)",
               "traitement simple avec des sous-traitements : changer de mode d'administration.",
               "normal dosing with subordinate treatments: change the dosing mode."),
          one("id"), one("text/reference").named("REFERENCE"), status("completed"),
          some(f"consumable/manufacturedProduct/T({_PRODUCT})").named("PRODUCT"),
          count("consumable/manufacturedProduct/templateId", 2).named("PRODUCT-TEMPLATES"),
          says("PRODUCT-TEXT",
               "count(consumable/manufacturedProduct/manufacturedMaterial/code/originalText/reference)=1 "
               "or consumable/manufacturedProduct/manufacturedMaterial/code/@nullFlavor",
               "produit sans référence au texte : attendu code/originalText/reference, ou un nullFlavor.",
               "product without a reference to the text: expected code/originalText/reference, or a nullFlavor.",
               "consumable"),
          says("PERIOD",
               "not(effectiveTime[1]) or (effectiveTime[1][contains(@xsi:type,'IVL_TS') and low and high]) or "
               "effectiveTime[1]/width", "durée incomplète : attendu IVL_TS avec low et high, ou width.",
               "incomplete duration: expected IVL_TS with low and high, or width.", "effectiveTime"),
          says("FREQUENCY", "not(effectiveTime[2]) or effectiveTime[2][@operator='A' or @nullFlavor]",
               "fréquence sans operator=\"A\".", "frequency without operator=\"A\".", "effectiveTime[2]"),
          _bounds("DOSE", _BOUNDED["DOSE"], "doseQuantity"), _bounds("RATE", _BOUNDED["RATE"], "rateQuantity"),
          at_most("maxDoseQuantity")),
    entry("MEDICATION-ROUTE", _MEDICATION, _NAME,
          says("SYSTEM",
               "@codeSystem='2.16.840.1.113883.5.112' or @codeSystem='0.4.0.127.0.16.1.1.2.1' or (@nullFlavor "
               "and not(@codeSystem))", "voie d'administration hors des systèmes 2.16.840.1.113883.5.112 et EDQM.",
               "route outside the systems 2.16.840.1.113883.5.112 and EDQM.", "", "string(@codeSystem)",
               "code-invalid"),
          path=f"self::*[not(T({ENTRY}.83))]/routeCode"),
    _parts("REASON", "@typeCode='RSON'", "act", f"{PCC}.4.4.1", f"{ENTRY}.36", "2.16.840.1.113883.10.22.4.31"),
    _parts("SUPPLY", "@typeCode='REFR'", "supply", f"{CCD}.34", f"{PCC}.4.7.3", f"{ENTRY}.44"),
    _parts("INSTRUCTION", f"@typeCode='SUBJ' and templateId/@root!='{PCC}.4.2'", "act", f"{CCD}.49", f"{PCC}.4.3",
           f"{ENTRY}.33", f"{CCD}.43", f"{PCC}.4.3.1", f"{ENTRY}.34"),
    entry("MEDICATION-OBSERVATION", _MEDICATION, _NAME,
          says("TYPE", f"not(templateId[@root!='{PCC}.4.13' and @root!='{ENTRY}.48' and "
               f"not(starts-with(@root,'{ENTRY}.48.'))])", "templateId inattendu sur l'observation.",
               "unexpected templateId on the observation.", "templateId"),
          path="entryRelationship[@typeCode='COMP']/observation"),
    _parts("REFERENCE-TREATMENT", "@typeCode='REFR'", "substanceAdministration", f"{PHARM}.3.10", f"{ENTRY}.85"),
    _parts("QUANTITY", "@typeCode='COMP'", "supply", f"{PHARM}.3.8", f"{ENTRY}.86", f"{PHARM}.3.15", f"{ENTRY}.88"),
    _parts("SUBSTITUTION", "@typeCode='COMP'", "act", f"{PHARM}.3.9.1", f"{ENTRY}.87"),
    entry("PRODUCT", _PRODUCT, ("produit", "product"), beside(f"{CCD}.53"),
          says("CODE", "manufacturedMaterial/code[@nullFlavor or originalText/reference]",
               "produit sans référence au texte : attendu code/originalText/reference, ou un nullFlavor.",
               "product without a reference to the text: expected code/originalText/reference, or a nullFlavor.",
               "manufacturedMaterial", code="required")),
    entry("IMMUNIZATION", f"{PCC}.4.12", ("vaccination", "immunization"),
          says("ACT", "(@negationInd='true' or @negationInd='false') and @classCode='SBADM' and (@moodCode='EVN' or "
               "@moodCode='INT')", "attendu negationInd, classCode=SBADM et moodCode=EVN ou INT.",
               "expected negationInd, classCode=SBADM and moodCode=EVN or INT."),
          beside(f"{CCD}.24"), one("id"), some("code[@code and @codeSystem]"), one("statusCode"), status("completed"),
          one("effectiveTime"), some("effectiveTime[@value or @nullFlavor]").named("TIME"),
          one("text/reference[@value]").named("REFERENCE"),
          some(f"consumable//manufacturedProduct//T({_PRODUCT})").named("PRODUCT"),
          attribute("typeCode", "CSM", path="consumable"),
          says("PRODUCT-TEXT",
               "count(consumable/manufacturedProduct/manufacturedMaterial/code/originalText/reference)=1 "
               "or consumable/manufacturedProduct/manufacturedMaterial/code/@nullFlavor",
               "produit sans référence au texte.", "product without a reference to the text.", "consumable"),
          says("PERFORMER", "not(performer) or performer/@typeCode='PRF'", "performer attendu : typeCode=PRF.",
               "expected performer: typeCode=PRF.", "performer"),
          says("AUTHOR", "not(author) or (author/@typeCode='AUT' and author/@contextControlCode='OP')",
               "author attendu : typeCode=AUT contextControlCode=OP.",
               "expected author: typeCode=AUT contextControlCode=OP.", "author"),
          says("LINKS", f"not(entryRelationship) or entryRelationship[@typeCode='SUBJ']/act/T({PCC}.4.2) or "
               f"entryRelationship[@typeCode='SUBJ']/observation/T({CCD}.46) or "
               f"entryRelationship[@typeCode='CAUS']/act/T({CCD}.28) or "
               f"entryRelationship[@typeCode='COMP']/act/T({PCC}.4.12.1) or "
               f"entryRelationship[@typeCode='REFR']/supply/T({PCC}.4.7.3)",
               "aucun lien attendu (commentaire, rang, réaction, prescription).",
               "none of the expected links (comment, rank, reaction, prescription).", "entryRelationship"),
          at_most(f"entryRelationship[@typeCode='REFR']/supply/T({PCC}.4.7.3)").named("SUPPLY"),
          at_most(f"entryRelationship[@typeCode='SUBJ']/observation/T({CCD}.46)").named("RANK"),
          at_most(f"entryRelationship[@typeCode='SUBJ']/act/T({PCC}.4.2)").named("COMMENT"),
          each(f"entryRelationship[@typeCode='SUBJ']/observation[T({CCD}.46)]", "code/@code='30973-2'", "RANK-CODE",
               "rang de vaccination : code attendu 30973-2.", "vaccination rank: expected code 30973-2."),
          Member("CODE-SET", "code", "HL7_ActSubstanceAdministrationImmunizationCode|AbsentOrUnknownImmunization"),
          Member("ROUTE-SET", "routeCode", "ImmunizationRouteCodes", NULLS)),
    entry("DEVICE", f"{ENTRY}.20", ("dispositif médical", "medical device"),
          says("ACT", "self::supply[@classCode='SPLY' and @moodCode]", "attendu supply classCode=SPLY avec moodCode.",
               "expected supply classCode=SPLY with a moodCode."),
          one(f"T({ENTRY}.20)").named("ONCE"), one(f"T({CCD}.34)").named("TEMPLATE"), one("effectiveTime"),
          some("participant[@typeCode='DEV']"),
          one("participant/participantRole[@classCode='MANU']").named("MANUFACTURED"),
          one("participant/participantRole/playingDevice[@classCode='DEV' and @determinerCode='INSTANCE']")
          .named("INSTANCE"),
          says("ALD", f"not(entryRelationship[@typeCode='COMP']/observation[T({ENTRY}.48.13)]) or "
               f"entryRelationship[@typeCode='COMP']/observation[T({PCC}.4.13)]/code[@code='MED-574']",
               "ALD : code attendu MED-574.", "long-term illness: expected code MED-574.", "entryRelationship"),
          each(f"entryRelationship[@typeCode='COMP']/observation[T({ENTRY}.48.14)]", "code[@code='GEN-180']",
               "WORK-ACCIDENT", "accident du travail : code attendu GEN-180.", "work accident: expected code GEN-180."),
          each(f"entryRelationship[@typeCode='COMP']/observation[T({ENTRY}.48.34)]", "code[@code='GEN-295']",
               "PREVENTION", "prévention : code attendu GEN-295.", "prevention: expected code GEN-295."),
          each(f"entryRelationship[@typeCode='COMP']/observation[T({ENTRY}.48.215)]", "code[@code='GEN-181']",
               "NOT-REFUNDED", "non remboursable : code attendu GEN-181.", "not refunded: expected code GEN-181.")),
    entry("SUBSTITUTION", f"{PHARM}.3.9.1", ("autorisation de substitution", "substitution"),
          act("act", "ACT", "DEF"), beside(f"{ENTRY}.87"),
          one("code[(@code='N' or @code='G') and @codeSystem='2.16.840.1.113883.5.1070']"), status("completed")),
    entry("PHARMACIST-NOTE", f"{PCC}.4.3.1", ("instructions au dispensateur", "instructions to the pharmacist"),
          beside(f"{CCD}.43"),
          says("CODE", f"not(parent::entryRelationship) or code[@code='FINSTRUCT' and @codeSystem='{IHE_ACT}']",
               "code attendu FINSTRUCT.", "expected code FINSTRUCT.", "code"),
          says("REFERENCE", "not(parent::entryRelationship) or text/reference", "référence au texte absente.",
               "reference to the text missing.", "text"),
          says("STATUS", "not(parent::entryRelationship) or statusCode[@code='completed']",
               "statusCode attendu completed.", "expected statusCode completed.", "statusCode")),
    entry("PHARMACIST-NOTE-FR", f"{ENTRY}.34", ("instructions au dispensateur", "instructions to the pharmacist"),
          beside(f"{PCC}.4.3.1", f"{CCD}.43")),
    entry("PATIENT-NOTE", f"{PCC}.4.3", ("instructions au patient", "instructions to the patient"),
          beside(f"{CCD}.49"),
          says("CODE", f"not(parent::entryRelationship) or code[@code='PINSTRUCT' and @codeSystem='{IHE_ACT}']",
               "code attendu PINSTRUCT.", "expected code PINSTRUCT.", "code"),
          says("REFERENCE", "not(parent::entryRelationship) or text/reference", "référence au texte absente.",
               "reference to the text missing.", "text"),
          says("STATUS", "not(parent::entryRelationship) or statusCode[@code='completed']",
               "statusCode attendu completed.", "expected statusCode completed.", "statusCode")),
    entry("PATIENT-NOTE-FR", f"{ENTRY}.33", ("instructions au patient", "instructions to the patient"),
          beside(f"{CCD}.49", f"{PCC}.4.3"),
          each(f"entryRelationship[@typeCode='COMP']/observation[T({ENTRY}.48.35)]",
               f"code[@code='PINSTRUCT' and @codeSystem='{IHE_ACT}']", "OBSERVATION", "code attendu PINSTRUCT.",
               "expected code PINSTRUCT.")),
    entry("PRODUCT-PRESCRIBED", _PRESCRIBED, ("produit prescrit", "prescribed product"),
          some(f"manufacturedProduct[T({_PRODUCT}) and T({CCD}.53)]").named("TEMPLATE"),
          some("manufacturedProduct/manufacturedMaterial[@classCode='MMAT' and @determinerCode='KIND']")
          .named("MATERIAL"), path="self::*[parent::entry]/consumable"),
    entry("MATERIAL-PRESCRIBED", _PRESCRIBED, ("produit prescrit", "prescribed product"),
          some(f"T({PHARM}.3.1)").named("TEMPLATE"), some("code[@codeSystem or @nullFlavor]"), some("name"),
          at_most("pharm:formCode"), at_most("lotNumberText"), at_most("pharm:expirationTime").named("EXPIRATION"),
          at_most("pharm:asContent[@classCode='CONT']"),
          path="self::*[parent::entry]/consumable/manufacturedProduct/manufacturedMaterial"),
    entry("QUANTITY", f"{PHARM}.3.8", ("quantité de produit", "quantity of product"),
          act("supply", "SPLY", "RQO"), beside(f"{ENTRY}.86"), one("independentInd[@value='false']"),
          one("quantity[@value]")),
    entry("PRESCRIBED", _PRESCRIBED, ("traitement prescrit", "prescribed treatment"),
          some("id"),
          says("CODE", f"not(code) or (count(code)=1 and code[@code='DRUG' and @codeSystem='{ACT_CODE}'])",
               "code attendu DRUG.", "expected code DRUG.", "code", "string(code/@code)"),
          one("text"), one("text/reference").named("REFERENCE"), one("statusCode").named("STATUS-ONE"),
          status("completed"),
          says("DURATION", f"not(effectiveTime[not(@operator='A')]) or not(T({PCC}.4.21)) or "
               f"(count(effectiveTime[not(@operator='A')])=1 and count(T({PCC}.4.21))=1 and "
               "effectiveTime[not(@operator='A')][(low[not(@nullFlavor='UNK')] and high[not(@nullFlavor='UNK')]) or "
               "(low[@nullFlavor='UNK'] and width)])",
               "durée du traitement incomplète : attendu low et high, ou low UNK et width.",
               "incomplete duration: expected low and high, or low UNK and width.", "effectiveTime"),
          says("FREQUENCY",
               "not(effectiveTime[@operator='A']) or effectiveTime[(TYPE(PIVL_TS) and (../effectiveTime/period "
               "or ../effectiveTime/phase or ../effectiveTime/standardDeviation)) or (TYPE(EIVL_TS) and "
               "(../effectiveTime/event or ../effectiveTime/offset)) or (TYPE(SXPR_TS) and ../effectiveTime/comp)]",
               "fréquence mal écrite : attendu PIVL_TS, EIVL_TS ou SXPR_TS avec son contenu.",
               "badly written frequency: expected PIVL_TS, EIVL_TS or SXPR_TS with its content.",
               "effectiveTime[@operator='A']"),
          says("REPEAT", "repeatNumber[@value>=0 or @nullFlavor='NI']", "nombre de renouvellements absent : attendu "
               "repeatNumber, ou nullFlavor NI.", "number of repeats missing: expected repeatNumber, or nullFlavor NI.",
               "repeatNumber", code="required"),
          at_most("routeCode"),
          says("SITE", "not(approachSiteCode) or approachSiteCode[@codeSystem='2.16.840.1.113883.1.11.19724' or "
               "@nullFlavor]", "voie d'abord hors du système attendu.", "approach site outside the expected system.",
               "approachSiteCode"),
          _bounds("DOSE", "not(doseQuantity) or (count(doseQuantity)=1 and doseQuantity/low and doseQuantity/high)",
                  "doseQuantity"),
          _bounds("RATE", "not(rateQuantity) or (count(rateQuantity)=1 and count(rateQuantity/low)=1 and "
                  "count(rateQuantity/high)=1)", "rateQuantity"),
          each("maxDoseQuantity", "count(numerator)=1 and count(denominator)=1", "MAX-DOSE",
               "dose maximale incomplète : attendu numerator et denominator.",
               "incomplete maximum dose: expected numerator and denominator."),
          one(f"consumable/manufacturedProduct[@classCode='MANU']/T({_PRODUCT})").named("PRODUCT"), none("author"),
          one(f"entryRelationship[act/T({PHARM}.3.9.1) and @typeCode='COMP']").named("SUBSTITUTION"),
          at_most(f"entryRelationship[supply/T({PHARM}.3.15)]").named("SUPPLY"),
          none("reference").named("NO-DOCUMENT")),
    _linked("REASON", "act", f"{PCC}.4.4.1", "@typeCode='RSON'", ("motif du traitement", "reason of the treatment")),
    _linked("TREATMENT", "substanceAdministration", f"{PHARM}.3.10", "@typeCode='REFR' and @inversionInd='false'",
            ("traitement référencé", "referenced treatment")),
    _linked("PATIENT-NOTE", "act", f"{PCC}.4.3", "@typeCode='SUBJ' and @inversionInd='true'",
            ("instructions au patient", "instructions to the patient")),
    _linked("PHARMACIST-NOTE", "act", f"{PCC}.4.3.1", "@typeCode='SUBJ' and @inversionInd='true'",
            ("instructions au dispensateur", "instructions to the pharmacist")),
    _linked("QUANTITY", "supply", f"{PHARM}.3.8", "@typeCode='COMP'", ("quantité de produit", "quantity of product")),
    entry("PRESCRIBED-FR", _PRESCRIBED, ("traitement prescrit", "prescribed treatment"),
          beside(f"{ENTRY}.83"),
          says("DOSING", f"((T({PCC}.4.7.1) or T({PCC}.4.21)) and {_PLAIN}) or (({_DOSED}) and {_STRUCTURED})",
               "mode d'administration et sous-traitements se contredisent : un mode simple n'en a pas, les autres les "
               "numérotent.", "the dosing mode contradicts the subordinate treatments: a normal mode has none, others "
               "number them.", "templateId"),
          one(f"entryRelationship[@typeCode='COMP']/observation[T({ENTRY}.48.12)]").named("OFF-LABEL"),
          one(f"entryRelationship[@typeCode='COMP']/observation[T({ENTRY}.48.13)]").named("LONG-TERM-ILLNESS"),
          one(f"entryRelationship[@typeCode='COMP']/observation[T({ENTRY}.48.14)]").named("WORK-ACCIDENT"),
          one(f"entryRelationship[@typeCode='COMP']/observation[T({ENTRY}.48.15)]").named("NOT-REFUNDED"),
          path="self::substanceAdministration[parent::entry/parent::section[T(1.2.250.1.213.1.1.2.171)]]"),
    entry("SUBORDINATE", f"{ENTRY}.83.1", ("traitement subordonné", "subordinate treatment"),
          act("substanceAdministration", "SBADM", "INT"),
          says("LINK", "not(self::substanceAdministration) or parent::entryRelationship[@typeCode='COMP']",
               "lien attendu : entryRelationship typeCode=COMP.", "expected link: entryRelationship typeCode=COMP."),
          some("id"), some("text"), some("statusCode"), one("statusCode").named("STATUS-ONE"), status("completed"),
          _bounds("DOSE", "not(doseQuantity) or (count(doseQuantity)=1 and doseQuantity/low and doseQuantity/high)",
                  "doseQuantity"),
          _bounds("RATE", "not(rateQuantity) or (count(rateQuantity)=1 and count(rateQuantity/low)=1 and "
                  "count(rateQuantity/high)=1)", "rateQuantity"),
          some(f"consumable[@typeCode='CSM']/manufacturedProduct/T({_PRODUCT})").named("PRODUCT")),
)  # fmt: skip
