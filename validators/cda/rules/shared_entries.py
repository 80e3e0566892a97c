"""Entries shared by the models: problems, allergies, encounters, family history, acts, vital signs. Rows `ENT-*`.

Sources: IHE PCC (entries), CI-SIS volet « modèles de contenus CDA » (entries).
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
    none,
    one,
    reference,
    says,
    some,
    status,
    templates,
)  # fmt: skip
from validators.cda.rules._row import (
    CCD,
    ENTRY,
    LOINC,
    PCC,
    ROLE_CODE,
    SNOMED,
    Group,
    Member,
    Spec,
    group,
)  # fmt: skip

NULLS: Final = ("UNK", "NA", "NASK", "ASKU", "NI", "NAV", "MSK", "OTH", "NINF", "PINF", "TRC")
_SOURCE: Final = "IHE PCC et CI-SIS, modèles de contenus CDA, entrée"
_OBSERVATION: Final = f"{PCC}.4.13"
_ALLERGY: Final = f"{PCC}.4.6"
_PROBLEM: Final = f"{PCC}.4.5"


def entry(key: str, template: str, name: tuple[str, str], *specs: Spec | Member, path: str = "") -> Group:
    """The rows of an entry template."""
    words = (f"Entrée « {name[0]} »", f"Entry “{name[1]}”")
    return group(f"ENT-{key}", template, words, _SOURCE, *specs, path=path)


def only_templates(*roots: str) -> Spec:
    """No other templateId than these."""
    others = " and ".join(f"@root!='{root}'" for root in roots)
    return says(
        "TYPE", f"not(templateId[{others}])", f"templateId inattendu ; attendu {', '.join(roots)}.",
        f"unexpected templateId; expected {', '.join(roots)}.", f"templateId[{others}]", code="value",
    )  # fmt: skip


ACT_STATUS: Final = status("active", "suspended", "aborted", "completed")
HIGH: Final = says(
    "HIGH",
    "effectiveTime[@nullFlavor] or (statusCode[@code='completed' or @code='aborted'] and effectiveTime/high) or "
    "(not(statusCode[@code='completed' or @code='aborted']) and not(effectiveTime/high))",
    "date de fin (high) et statut se contredisent : elle est attendue si le statut est completed ou aborted, et "
    "seulement alors.",
    "the end date (high) contradicts the status: it is expected when the status is completed or aborted, only then.",
    "effectiveTime",
)  # fmt: skip
LOW: Final = says(
    "LOW", "effectiveTime[@nullFlavor] or effectiveTime/low", "date de début (effectiveTime/low) absente.",
    "start date (effectiveTime/low) missing.", "effectiveTime", code="required",
)  # fmt: skip
INTERVAL: Final = none("effectiveTime/width|effectiveTime/center").named("INTERVAL")
FULL_AUTHOR: Final = says(
    "AUTHOR",
    "not(author) or (author/time and author/assignedAuthor[id and addr and telecom and assignedPerson/name and "
    "representedOrganization/name])",
    "auteur incomplet : attendu time, id, addr, telecom, nom de la personne et de l'organisation.",
    "incomplete author: expected time, id, addr, telecom, the names of the person and of the organisation.",
    "author", code="required",
)  # fmt: skip
TIMED: Final = says(
    "TIME", "effectiveTime[@value or @nullFlavor] or effectiveTime/low[@value or @nullFlavor]",
    "date de l'observation absente : attendu effectiveTime avec value (ou low).",
    "date of the observation missing: expected effectiveTime with a value (or low).", "effectiveTime", code="required",
)  # fmt: skip
_INVERTED: Final = says(
    "LINK", "parent::entryRelationship[@typeCode='SUBJ' and @inversionInd='true']",
    "lien attendu : entryRelationship typeCode=SUBJ inversionInd=true.",
    "expected link: entryRelationship typeCode=SUBJ inversionInd=true.",
)  # fmt: skip
_CHECKED_VALUE: Final = says(
    "VALUE-CODE", "value[@code and @codeSystem] or value[not(@code) and not(@codeSystem)]",
    "valeur à moitié codée : attendu code et codeSystem, ou aucun des deux.",
    "half-coded value: expected code and codeSystem, or neither.", "value", code="code-invalid",
)  # fmt: skip


def typed(*types: str) -> Spec:
    """The data type of the value, whatever the prefix of the namespace."""
    test = " or ".join(f"TYPE({name})" for name in types)
    return says(
        "VALUE-TYPE", f"value[{test}]", f"type de valeur inattendu ; attendu xsi:type {' ou '.join(types)}.",
        f"unexpected type of value; expected xsi:type {' or '.join(types)}.", "value", code="value",
    )  # fmt: skip


_UNITS: Final = {
    "9279-1": ("/min",), "8867-4": ("/min",), "2708-6": ("%",), "8480-6": ("mm[Hg]",), "8462-4": ("mm[Hg]",),
    "8310-5": ("Cel", "[degF]"), "8302-2": ("m", "cm", "[in_us]", "[in_uk]"),
    "8287-5": ("m", "cm", "[in_us]", "[in_uk]"), "29463-7": ("kg", "g", "[lb_av]", "[oz_av]"),
    "39156-5": ("kg/m2",),
}  # fmt: skip


def _unit(code: str, units: tuple[str, ...]) -> Spec:
    allowed = " or ".join(f"@unit='{unit}'" for unit in units)
    written = ", ".join(units)
    return says(
        f"UNIT-{code}", f"not(code[@code='{code}']) or value[@nullFlavor or {allowed}]",
        f"unité « {{found}} » inattendue pour la mesure {code} ; attendu {written}.",
        f"unexpected unit “{{found}}” for the measure {code}; expected {written}.", "value", "string(value/@unit)",
        "value",
    )  # fmt: skip


GROUPS: Final = (
    entry("CONCERN", f"{_PROBLEM}.1", ("préoccupation", "concern"),
          act("act", "ACT", "EVN"), beside(f"{CCD}.27"), some("id"),
          says("CODE", "code[@nullFlavor='NA']", "code attendu : nullFlavor NA.", "expected code: nullFlavor NA.",
               "code"),
          ACT_STATUS, LOW, HIGH,
          says("SUBJECT",
               f"(entryRelationship[@typeCode='SUBJ'] and entryRelationship/*/templateId[@root='{_PROBLEM}' or "
               f"@root='{_ALLERGY}']) or (sourceOf[@typeCode='SUBJ' and @inversionInd='false'] and "
               f"sourceOf/*/templateId[@root='{_PROBLEM}' or @root='{_ALLERGY}'])",
               "aucun problème ni allergie relié : attendu entryRelationship typeCode=SUBJ.",
               "no related problem nor allergy: expected entryRelationship typeCode=SUBJ.", "entryRelationship",
               code="required"),
          path=f"self::*[not(T({ENTRY}.39.1))]"),
    entry("CONCERN-ANY", f"{_PROBLEM}.1", ("préoccupation", "concern"),
          says("AUTHOR", "not(author) or author/assignedAuthor[id and addr and telecom and assignedPerson/name and "
               "representedOrganization/name]", "auteur incomplet : attendu id, addr, telecom et les noms.",
               "incomplete author: expected id, addr, telecom and the names.", "author", code="required")),
    entry("PROBLEM-CONCERN", f"{_PROBLEM}.2", ("liste de problèmes", "problem concern"),
          beside(f"{_PROBLEM}.1", f"{CCD}.27"), act("act", "ACT", "EVN"), some("id"),
          says("CODE", "code[@nullFlavor='NA']", "code attendu : nullFlavor NA.", "expected code: nullFlavor NA.",
               "code"),
          ACT_STATUS, LOW,
          says("SUBJECT", f"entryRelationship[@typeCode='SUBJ']/*/T({_PROBLEM})",
               "aucun problème relié : attendu entryRelationship typeCode=SUBJ avec une observation de problème.",
               "no related problem: expected entryRelationship typeCode=SUBJ with a problem observation.",
               "entryRelationship", code="required")),
    entry("ALLERGY-CONCERN", f"{_PROBLEM}.3", ("liste d'allergies", "allergy concern"),
          beside(f"{CCD}.27", f"{_PROBLEM}.1"), act("act", "ACT", "EVN"), one("id"), one("code").named("CODE-ONE"),
          says("CODE", "code[@nullFlavor='NA']", "code attendu : nullFlavor NA.", "expected code: nullFlavor NA.",
               "code"),
          ACT_STATUS, INTERVAL, some("effectiveTime/low[@value or @nullFlavor]").named("LOW"), HIGH,
          says("SUBJECT", f"entryRelationship[@typeCode='SUBJ' and @inversionInd='false']//T({_ALLERGY})",
               "aucune allergie reliée : attendu entryRelationship typeCode=SUBJ inversionInd=false.",
               "no related allergy: expected entryRelationship typeCode=SUBJ inversionInd=false.", "entryRelationship",
               code="required")),
    entry("ALLERGY", _ALLERGY, ("allergie ou intolérance", "allergy or intolerance"),
          says("ACT", "self::observation[@classCode='OBS']", "attendu observation classCode=OBS.",
               "expected observation classCode=OBS."),
          beside(_PROBLEM, f"{CCD}.18"), templates(3), one("id"),
          says("CODE", f"code[@code and @codeSystem='{SNOMED}']", "code attendu en SNOMED CT.",
               "code expected in SNOMED CT.", "code"),
          INTERVAL, some("effectiveTime/low[@value or @nullFlavor]").named("LOW"), status("completed"),
          says("VALUE-TYPE", "value[contains(@xsi:type,'CD')]", "type de valeur inattendu ; attendu CD.",
               "unexpected type of value; expected CD.", "value"),
          _CHECKED_VALUE, some("value/originalText"),
          says("AGENT", "not(participant) or participant/participantRole/playingEntity/code/originalText/reference",
               "agent sans référence au texte : attendu playingEntity/code/originalText/reference.",
               "agent without a reference to the text: expected playingEntity/code/originalText/reference.",
               "participant"),
          at_most(f"entryRelationship/*/T({PCC}.4.1)").named("SEVERITY"),
          at_most(f"entryRelationship/*/T({PCC}.4.1.1)").named("CLINICAL-STATUS"),
          at_most(f"entryRelationship/*/T({ENTRY}.171)").named("CERTAINTY"),
          Member("CODE-SET", "code[parent::observation]", "TypeEvenementIndesirablePrevisible", NULLS)),
    entry("PROBLEM", _PROBLEM, ("problème", "problem"),
          act("observation", "OBS", "EVN"),
          says("NEGATION", "not(@negationInd) or @negationInd='false' or @negationInd='true'",
               "negationInd inattendu ; attendu true ou false.", "unexpected negationInd; expected true or false."),
          beside(f"{CCD}.28"), one("id"), reference(), one("code").named("CODE-ONE"),
          says("CODE", "code[@code and @codeSystem]", "code attendu avec son codeSystem.",
               "code expected with its codeSystem.", "code"),
          says("VALUE-TEXT", "(value[contains(@xsi:type,'CD')] and count(value/originalText)=1) or value/@nullFlavor",
               "valeur sans texte d'origine : attendu un value de type CD avec un originalText, ou un nullFlavor.",
               "value without original text: expected a value of type CD with one originalText, or a nullFlavor.",
               "value"),
          says("VALUE-TYPE", "value[contains(@xsi:type,'CD') or @nullFlavor='UNK']",
               "type de valeur inattendu ; attendu CD, ou nullFlavor UNK.",
               "unexpected type of value; expected CD, or nullFlavor UNK.", "value"),
          one("value"), _CHECKED_VALUE, status("completed"), INTERVAL,
          some("effectiveTime/low[@value or @nullFlavor='UNK' or @nullFlavor='NAV']").named("LOW"),
          at_most(f"entryRelationship/observation/T({PCC}.4.1)").named("SEVERITY"),
          at_most(f"entryRelationship/observation/T({PCC}.4.1.1)").named("CLINICAL-STATUS"),
          at_most(f"entryRelationship/observation/T({PCC}.4.1.2)").named("HEALTH-STATUS"),
          says("CLINICAL-STATUS-LINK", f"not(entryRelationship/T({PCC}.4.1.1)) or entryRelationship[@typeCode='REFR']",
               "statut clinique relié autrement que par REFR.", "clinical status linked otherwise than by REFR.",
               "entryRelationship"),
          none("uncertaintyCode"), none("confidentialityCode"),
          Member("CODE-SET", f"code[parent::observation[not(T({ENTRY}.210)) and not(T({_ALLERGY}))]]", "ProblemCodes",
                 NULLS),
          Member("STATUS-SET", f"self::observation[not(T({_ALLERGY}) or T({CCD}.54))]/entryRelationship"
                 f"/observation[T({PCC}.4.1.1)]/value", "HL7_ConditionClinical", NULLS),
          Member("ALLERGY-STATUS-SET", f"self::observation[T({_ALLERGY}) or T({CCD}.54)]/entryRelationship"
                 f"/observation[T({PCC}.4.1.1)]/value", "HL7_allergyintolerance_clinical", NULLS)),
    entry("PROBLEM-COMMENT", _PROBLEM, ("commentaire du problème", "comment of a problem"), _INVERTED,
          path=f".//*[T({PCC}.4.2)]"),
    entry("PROBLEM-CERTAINTY", _PROBLEM, ("certitude du problème", "certainty of a problem"), _INVERTED,
          path=f".//*[T({ENTRY}.171)]"),
    entry("PROBLEM-STATUS", f"{PCC}.4.1.1", ("statut clinique", "clinical status"),
          says("LINK", "../../entryRelationship[@typeCode='REFR' and @inversionInd='false']",
               "lien attendu : entryRelationship typeCode=REFR inversionInd=false.",
               "expected link: entryRelationship typeCode=REFR inversionInd=false."),
          act("observation", "OBS", "EVN"), beside(f"{CCD}.57", f"{CCD}.50"), coded("33999-4", LOINC), reference(),
          status("completed"), typed("CE")),
    entry("HEALTH-STATUS", f"{PCC}.4.1.2", ("état de santé", "health status"),
          says("LINK", "../../entryRelationship[@typeCode='REFR']", "lien attendu : entryRelationship typeCode=REFR.",
               "expected link: entryRelationship typeCode=REFR."),
          act("observation", "OBS", "EVN"), beside(f"{CCD}.51"), coded("11323-3", LOINC), reference(),
          status("completed"), typed("CE"),
          Member("VALUE-SET", "value[parent::observation]", "HealthStatusCodes", NULLS)),
    entry("SEVERITY", f"{PCC}.4.1", ("sévérité", "severity"),
          says("LINK", "../../entryRelationship[@typeCode='SUBJ' and @inversionInd='true']",
               "lien attendu : entryRelationship typeCode=SUBJ inversionInd=true.",
               "expected link: entryRelationship typeCode=SUBJ inversionInd=true."),
          act("observation", "OBS", "EVN"), beside(f"{CCD}.55"),
          says("CODE", "code[@code and @codeSystem]", "code attendu avec son codeSystem.",
               "code expected with its codeSystem.", "code"),
          reference(), status("completed"), typed("CD"),
          says("VALUE-CODE", "value[(@code and @codeSystem) or not(@code or @codeSystem or @displayName or "
               "@codeSystemName)]", "valeur à moitié codée.", "half-coded value.", "value")),
    entry("SEVERITY-FR", f"{ENTRY}.29", ("sévérité", "severity"), beside(f"{PCC}.4.1", f"{CCD}.55"),
          act("observation", "OBS", "EVN"), coded("SEV"), some("text"), some("statusCode"), some("value")),
    entry("CERTAINTY", f"{ENTRY}.171", ("certitude", "certainty"), act("observation", "OBS", "EVN"), one("id"),
          one("code").named("CODE-ONE"), coded("66455-7", LOINC), status("completed"), at_most("effectiveTime"),
          one("value"), at_most("repeatNumber")),
    entry("COMMENT", f"{PCC}.4.2", ("commentaire", "comment"), beside(f"{CCD}.40", f"{ENTRY}.32"),
          coded("48767-8", LOINC), status("completed"), FULL_AUTHOR, reference()),
    entry("COMMENT-FR", f"{ENTRY}.32", ("commentaire", "comment"), beside(f"{PCC}.4.2")),
    entry("ENCOUNTER", f"{PCC}.4.14", ("rencontre", "encounter"),
          attribute("classCode", "ENC"),
          says("TEMPLATE-EVN", f"not(@moodCode='EVN') or T({CCD}.21)", f"templateId attendu : {CCD}.21.",
               f"expected templateId: {CCD}.21.", "templateId"),
          says("TEMPLATE-PLANNED", f"not(@moodCode='PMRS' or @moodCode='ARQ') or T({CCD}.25)",
               f"templateId attendu : {CCD}.25.", f"expected templateId: {CCD}.25.", "templateId"),
          templates(2), some("id"), some("code"),
          says("NONE", "not(code[@code='02276797']) or (effectiveTime[@nullFlavor='NA'] and id[@nullFlavor='NA'])",
               "absence de rencontre : attendu nullFlavor NA sur effectiveTime et id.",
               "no encounter: expected nullFlavor NA on effectiveTime and id.", "code"),
          says("REFERENCE", "not(text) or text/reference[@value]", "texte sans référence à la section.",
               "text without a reference to the section.", "text"),
          says("TIME", "((@moodCode='EVN' or @moodCode='PMRS') and effectiveTime) or (@moodCode='ARQ' and "
               "((effectiveTime and count(priorityCode)<=1) or priorityCode)) or "
               "not(@moodCode='EVN' or @moodCode='PMRS' or @moodCode='ARQ')",
               "date (ou priorité) de la rencontre absente.", "date (or priority) of the encounter missing.",
               "effectiveTime", code="required"),
          says("PERFORMER", "not(performer) or performer[@typeCode='PRF']", "performer attendu : typeCode=PRF.",
               "expected performer: typeCode=PRF.", "performer"),
          says("LOCATION", "not(participant[@typeCode='LOC']) or "
               "participant[@typeCode='LOC']/participantRole[@classCode='SDLOC']",
               "lieu attendu : participantRole classCode=SDLOC.", "expected place: participantRole classCode=SDLOC.",
               "participant")),
    entry("FAMILY-OBSERVATION", f"{PCC}.4.13.3", ("antécédent familial", "family history observation"),
          beside(_OBSERVATION, f"{CCD}.22"), act("observation", "OBS", "EVN"), one("id"), one("code"),
          one("text[reference/@value]").named("REFERENCE"), status("completed"), at_most("effectiveTime"),
          at_most("interpretationCode"), at_most("methodCode"), at_most("targetSiteCode"), at_most("author")),
    entry("FAMILY-ORGANIZER", f"{PCC}.4.15", ("antécédents familiaux", "family history"),
          act("organizer", "CLUSTER", "EVN"), beside(f"{CCD}.23"), some("subject[@typeCode='SBJ']"),
          some("subject/relatedSubject[@classCode='PRS']").named("RELATIVE"),
          says("RELATION", f"subject/relatedSubject[@classCode='PRS']/code[(@code and @codeSystem='{ROLE_CODE}') or "
               "@nullFlavor]", f"lien de parenté attendu dans {ROLE_CODE}.", f"relation expected in {ROLE_CODE}.",
               "subject"),
          says("PARTICIPANT", "not(participant) or participant/participantRole[@classCode='PRS' and "
               f"code[@code and @codeSystem='{ROLE_CODE}'] and playingEntity[@classCode='PSN']]",
               "parent mal décrit : attendu participantRole PRS, son code et playingEntity PSN.",
               "relative badly described: expected participantRole PRS, its code and playingEntity PSN.",
               "participant"),
          says("CONTENT", f".//component[@typeCode='COMP']/observation/T({PCC}.4.13.3)",
               "aucun antécédent : attendu component typeCode=COMP avec une observation.",
               "no history: expected component typeCode=COMP with an observation.", "component", code="required")),
    entry("SUBJECT", f"{PCC}.4.15.2", ("personne concernée", "subject"),
          says("ROLE", "../subject[@typeCode='SBJ']", "attendu subject typeCode=SBJ.",
               "expected subject typeCode=SBJ."),
          some("relatedSubject[@classCode='PRS']").named("RELATIVE"), some("relatedSubject/code"),
          Member("RELATION-SET", "relatedSubject/code", "HL7_PersonalRelationshipRoleType", NULLS)),
    entry("SIMPLE-OBSERVATION", _OBSERVATION, ("observation", "simple observation"),
          says("ACT", "@classCode='OBS' and @moodCode='EVN'", "« {found} » ; attendu classCode=OBS moodCode=EVN.",
               "“{found}”; expected classCode=OBS moodCode=EVN.", "", "concat(@classCode, ' ', @moodCode)", "value"),
          some("id"), some("code"), reference(), status("completed"), TIMED, at_most("interpretationCode"),
          at_most("methodCode"), at_most("targetSiteCode"), at_most("author")),
    entry("OBSERVATION-REQUEST", f"{PCC}.1.20.3.1", ("demande d'examen", "observation request"),
          attribute("classCode", "OBS"), attribute("moodCode", "INT", "PRP", "GOL"), beside(f"{CCD}.25"), some("id"),
          some("code"), reference(), some("statusCode"), some("effectiveTime")),
    entry("PREGNANCY-ORGANIZER", f"{PCC}.4.13.5.1", ("grossesse", "pregnancy"),
          act("organizer", "CLUSTER", "EVN"), some("id"), one(f"code[@code='118185001' and @codeSystem='{SNOMED}']"),
          status("completed"), one("statusCode").named("STATUS-ONE"), some("effectiveTime"), some("component"),
          each("component", f"observation[T({PCC}.4.13.5)] or organizer[T({PCC}.4.13.5.2)]", "COMPONENTS",
               "composant d'un autre type : attendu une observation ou une naissance.",
               "component of another type: expected an observation or a birth."),
          says("SEQUENCE", f"not(component//T({PCC}.4.13.5.2)) or component/sequenceNumber",
               "naissances sans numéro d'ordre : attendu component/sequenceNumber.",
               "births without order: expected component/sequenceNumber.", "component")),
    entry("BIRTH-ORGANIZER", f"{PCC}.4.13.5.2", ("naissance", "birth"),
          act("organizer", "CLUSTER", "EVN"), one("id"), coded("118215003", SNOMED), status("completed"),
          one("subject"), some("subject[@typeCode='SBJ']").named("SUBJECT-TYPE"),
          one(f"subject/T({PCC}.4.15.2)").named("SUBJECT-TEMPLATE"),
          one("subject/relatedSubject/code").named("SUBJECT-CODE"),
          some(f"subject[T({PCC}.4.15.2)]/relatedSubject/code[@code='CHILD' and @codeSystem='{ROLE_CODE}']")
          .named("CHILD"),
          one("subject/relatedSubject/subject").named("CHILD-SUBJECT"),
          one("subject/relatedSubject/subject/administrativeGenderCode").named("CHILD-SEX"),
          at_most("subject/relatedSubject/subject/birthTime").named("CHILD-BIRTH"),
          some(f"component/observation/T({PCC}.4.13.5)").named("CONTENT"),
          says("COMPONENTS", f"not(component/observation/templateId[@root!='{PCC}.4.13.5' and @root!='{_OBSERVATION}' "
               f"and @root!='{ENTRY}.53'])", "observation d'un autre type dans la naissance.",
               "observation of another type in the birth.", "component")),
    entry("PREGNANCY-OBSERVATION", f"{PCC}.4.13.5", ("observation de grossesse", "pregnancy observation"),
          beside(_OBSERVATION), one("id"), one("code"), one("text/reference"), status("completed"),
          some("effectiveTime"), one("value"), none("repeatNumber"),
          none("interpretationCode|methodCode|targetSiteCode").named("EXCLUDED")),
    entry("PROCEDURE", f"{PCC}.4.19", ("acte", "procedure"),
          says("ACT", "self::procedure[@classCode='PROC']", "attendu procedure classCode=PROC.",
               "expected procedure classCode=PROC."),
          says("MOOD", f"(@moodCode='EVN' and T({CCD}.29)) or (@moodCode='INT' and T({CCD}.25))",
               f"attendu moodCode=EVN avec {CCD}.29, ou INT avec {CCD}.25.",
               f"expected moodCode=EVN with {CCD}.29, or INT with {CCD}.25.", "templateId"),
          says("TEMPLATE", f"(T({CCD}.29) or T({CCD}.25)) and T({ENTRY}.62)", f"templateId attendu : {ENTRY}.62.",
               f"expected templateId: {ENTRY}.62.", "templateId"),
          some("id"), one("code"), one("text"), reference(), one("statusCode"),
          status("completed", "active", "aborted", "cancelled"),
          says("PLANNED", "not(@moodCode='INT') or effectiveTime or priorityCode",
               "acte prévu sans date ni priorité.", "planned act without date nor priority.", "effectiveTime"),
          each(f"entryRelationship[@typeCode='COMP' or @typeCode='RSON' or @typeCode='REFR']/act[T({PCC}.4.4.1) or "
               f"T({ENTRY}.36)]", "code", "REASON", "acte ou motif relié sans code.",
               "related act or reason without code."),
          each(f"entryRelationship[@typeCode='COMP' and @inversionInd='false']/observation[T({ENTRY}.48)]", "code",
               "OBSERVATION", "observation reliée sans code.", "related observation without code.")),
    entry("SURVEY-OBSERVATION", f"{PCC}.1.12.3.6", ("réponse à un questionnaire", "survey observation"),
          attribute("classCode", "OBS"), attribute("moodCode", "EVN"), beside(_OBSERVATION, f"{CCD}.31"), one("id"),
          some("code"), some("value"), reference(), status("completed"), some("effectiveTime"), none("methodCode"),
          none("targetSiteCode")),
    entry("SURVEY-PANEL", f"{PCC}.1.12.3.7", ("questionnaire", "survey panel"),
          attribute("classCode", "CLUSTER"), attribute("moodCode", "EVN"), beside(f"{CCD}.32"), templates(3),
          some("id"), some("code"), status("completed"), some("effectiveTime"),
          some(f"component/observation[T({PCC}.1.12.3.6)]").named("CONTENT")),
    entry("SURVEY-PANEL-FR", f"{ENTRY}.95", ("questionnaire", "survey panel"), beside(f"{PCC}.1.12.3.7")),
    entry("VITAL-SIGN", f"{PCC}.4.13.2", ("signe vital", "vital sign"),
          beside(f"{CCD}.31", _OBSERVATION), at_most("id"), reference(), status("completed"), some("effectiveTime"),
          at_most("interpretationCode"), at_most("methodCode"), at_most("targetSiteCode"),
          *(_unit(code, units) for code, units in _UNITS.items()),
          Member("CODE-SET", "code[parent::observation]", "SignesVitaux", NULLS)),
    entry("VITAL-SIGNS", f"{PCC}.4.13.1", ("signes vitaux", "vital signs"),
          act("organizer", "CLUSTER", "EVN"), beside(f"{CCD}.32", f"{CCD}.35"), one("id"), coded("85353-1", LOINC),
          some("effectiveTime[@value or @nullFlavor]"),
          some(f"component[@typeCode='COMP']/observation[@classCode='OBS' and @moodCode='EVN']/T({PCC}.4.13.2)")
          .named("CONTENT")),
)  # fmt: skip
