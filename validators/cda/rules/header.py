"""The header beyond its cardinality table: choices, optional parts, data types, value sets. Rows `HDR-*`.

They run on every document that carries the templateId of the CI-SIS header, level 1 included. What the table of
`validators.cda._table` already says is not said again. Source: CI-SIS, structuration minimale.
"""

from __future__ import annotations

from typing import Final

from validators.cda.rules._kinds import at_most, attribute, each, one, says, some
from validators.cda.rules._row import Group, Member, Spec, group
from validators.cda.rules.shared_entries import NULLS

CI_SIS: Final = "1.2.250.1.213.1.1.1.1"
_GUIDE: Final = "CI-SIS, structuration minimale"
_STRUCTURES: Final = "1.2.250.1.71.4.2.2"
_PROFESSIONALS: Final = "1.2.250.1.71.4.2.1"
_J140: Final = ("ADM", "ATND", "CON", "DIS", "REF", "RESP")


def _header(key: str, name: tuple[str, str], *specs: Spec | Member, path: str = "") -> Group:
    return group(f"HDR-{key}", CI_SIS, name, f"{_GUIDE}, {path or 'ClinicalDocument'}", *specs, path=path)


def _coded(path: str, key: str, *, display: bool = True) -> Spec:
    """A code with its system and its words, or a nullFlavor that has the right to be there."""
    words = " and @displayName" if display else ""
    return each(path, f"@nullFlavor or (@code and @codeSystem{words})", key,
                "code incomplet : attendu code, codeSystem" + (" et displayName." if display else "."),
                "incomplete code: expected code, codeSystem" + (" and displayName." if display else "."))  # fmt: skip


def _identified(path: str, key: str) -> Spec:
    return each(path, "(@root and @extension) or @nullFlavor", key,
                "identifiant incomplet : attendu root et extension.",
                "incomplete identifier: expected root and extension.")  # fmt: skip


def _specialty(path: str) -> Member:
    return Member("SPECIALTY", path, "J01", NULLS, code_only=True)


def _named(key: str, path: str, name: tuple[str, str]) -> Group:
    """The name of a person: one family name, at most one of the rest."""
    return _header(f"{key}-NAME", name, some("name[family]").named("FAMILY"), one("name").named("ONE"),
                   each("name", "count(family)=1", "FAMILY-ONE", "attendu un seul nom de famille.",
                        "expected one family name."),
                   each("name", "count(given)<=1 and count(prefix)<=1 and count(suffix)<=1", "PARTS",
                        "attendu au plus un prénom, une civilité et un titre.",
                        "expected at most one given name, prefix and suffix."), path=path)  # fmt: skip


def _organisation(key: str, path: str, name: tuple[str, str]) -> Group:
    return _header(f"{key}-ORGANISATION", name, at_most("name"),
                   at_most("standardIndustryClassCode").named("SETTING-ONE"),
                   _coded("standardIndustryClassCode", "SETTING-CODE"),
                   each(f"id[@root='{_STRUCTURES}']", "@extension", "ID", "numéro de structure absent.",
                        "organisation number missing."),
                   Member("SETTING", "standardIndustryClassCode", "J04", NULLS, code_only=True), path=path)  # fmt: skip


_ONLY_NULL: Final = (
    "not(@code or @displayName or @value or *[not(self::translation or self::originalText or "
    "self::qualifier)]) and (not(text()[normalize-space()]))"
)
_RESPONSIBLE: Final = "componentOf/encompassingEncounter/responsibleParty/assignedEntity"
_ENCOUNTER_PERSON: Final = "componentOf/encompassingEncounter/encounterParticipant"
_PERFORMER: Final = "documentationOf/serviceEvent/performer"
_PATIENT: Final = "recordTarget/patientRole/patient"
_PERSONS: Final = " or ".join(
    f"parent::{who}" for who in ("patient", "assignedPerson", "relatedPerson", "associatedPerson", "guardianPerson")
)
_ONE_EACH: Final = says(
    "PARTS", "not(*) or count(houseNumber)<=1 and count(streetName)<=1 and count(additionalLocator)<=1 and "
    "count(unitID)<=1 and count(postBox)<=1 and count(precinct)<=1 and count(postalCode)<=1 and count(city)<=1 and "
    "count(county)<=1 and count(state)<=1 and count(country)<=1 and count(streetAddressLine)<=7",
    "partie répétée : chaque partie une fois au plus, sept lignes d'adresse au plus.",
    "repeated part: each part at most once, at most seven address lines.", code="structure",
)  # fmt: skip

_BOUND: Final = (
    says("VALUE", "not(../@value)", "value à côté de low ou high : choisir.", "value beside low or high: choose.",
         code="structure"),
    says("CENTER", "not(../center)", "center à côté de low ou high : choisir.", "center beside low or high: choose.",
         code="structure"),
)  # fmt: skip

GROUPS: Final = (
    _header("PATIENT", ("Patient", "Patient"),
            *(at_most(f"sdtc:{part}") for part in ("deceasedInd", "deceasedTime", "multipleBirthInd",
              "multipleBirthOrderNumber")),
            each("guardian", "count(guardianPerson|guardianOrganization)=1", "GUARDIAN",
                 "tuteur : attendu soit une personne, soit une organisation.",
                 "guardian: expected either a person or an organisation."),
            each("name", "count(prefix)<=1 and count(suffix)<=1", "NAME-PARTS",
                 "attendu au plus une civilité et un titre.", "expected at most one prefix and one suffix."),
            at_most("birthplace/place/name").named("BIRTHPLACE-NAME"),
            at_most("birthplace/place/addr").named("BIRTHPLACE-ADDRESS"), path=_PATIENT),
    _header("AUTHOR", ("Auteur", "Author"), at_most("functionCode"), _coded("functionCode", "FUNCTION", display=False),
            at_most("assignedAuthor/code"), _coded("assignedAuthor/code", "CODE"),
            says("WHO", "count(assignedAuthor/assignedPerson|assignedAuthor/assignedAuthoringDevice)<=1",
                 "personne et dispositif à la fois : n'en garder qu'un.", "person and device together: keep only one.",
                 "assignedAuthor"),
            at_most("assignedAuthor/representedOrganization").named("ORGANISATION-ONE"),
            _specialty("assignedAuthor/code"), path="author"),
    _organisation("AUTHOR", "author/assignedAuthor/representedOrganization", ("Structure de l'auteur",
                  "Author's organisation")),
    _named("AUTHOR", "author/assignedAuthor/assignedPerson", ("Nom de l'auteur", "Author's name")),
    _header("ENTERER", ("Opérateur de saisie", "Data enterer"), at_most("time"), path="dataEnterer"),
    _header("INFORMANT", ("Informateur", "Informant"),
            one("assignedEntity|relatedEntity").named("WHO"),
            each("assignedEntity", "count(id)=1", "ID", "attendu un identifiant.", "expected one identifier."),
            _identified("assignedEntity/id", "ID-FORM"), each("relatedEntity", "@classCode", "CLASS",
            "lien sans classCode.", "relation without classCode."), _coded("relatedEntity/code", "RELATION"),
            Member("RELATION-SET", "relatedEntity/code", "J11", NULLS, code_only=True), path="informant"),
    _named("INFORMANT", "informant/assignedEntity/assignedPerson", ("Nom de l'informateur", "Informant's name")),
    _header("CUSTODIAN", ("Structure conservatrice", "Custodian"), at_most("name"), at_most("telecom"), at_most("addr"),
            path="custodian/assignedCustodian/representedCustodianOrganization"),
    _header("RECIPIENT", ("Destinataire", "Recipient"), at_most("informationRecipient"),
            at_most("receivedOrganization"),
            each(f"id[@root='{_PROFESSIONALS}']", "@extension", "ID", "numéro du professionnel absent.",
                 "professional's number missing."), path="informationRecipient/intendedRecipient"),
    _named("RECIPIENT", "informationRecipient/intendedRecipient/informationRecipient[name]", ("Nom du destinataire",
           "Recipient's name")),
    _header("SIGNATORY", ("Responsable du document", "Legal authenticator"), at_most("code"),
            at_most("representedOrganization"), _specialty("code"), path="legalAuthenticator/assignedEntity"),
    _named("SIGNATORY", "legalAuthenticator/assignedEntity/assignedPerson", ("Nom du responsable",
           "Legal authenticator's name")),
    _organisation("SIGNATORY", "legalAuthenticator/assignedEntity/representedOrganization", ("Structure du responsable",
                  "Legal authenticator's organisation")),
    _header("AUTHENTICATOR", ("Valideur", "Authenticator"),
            one(f"id[@root='{_PROFESSIONALS}']").named("ID"), _identified("id", "ID-FORM"), at_most("code"),
            at_most("assignedPerson"), at_most("representedOrganization"), path="authenticator/assignedEntity"),
    _named("AUTHENTICATOR", "authenticator/assignedEntity/assignedPerson", ("Nom du valideur", "Authenticator's name")),
    _organisation("AUTHENTICATOR", "authenticator/assignedEntity/representedOrganization", ("Structure du valideur",
                  "Authenticator's organisation")),
    _header("PARTICIPANT", ("Participant", "Participant"), attribute("typeCode").named("TYPE"), at_most("templateId"),
            at_most("functionCode"),
            each("time/low|time/high", "@value or @nullFlavor", "TIME", "borne sans valeur.", "bound without a value."),
            at_most("associatedEntity/id").named("ID"), _identified("associatedEntity/id", "ID-FORM"),
            at_most("associatedEntity/code").named("CODE-ONE"), _coded("associatedEntity/code", "CODE"),
            at_most("associatedEntity/scopingOrganization").named("ORGANISATION"),
            _specialty("associatedEntity/code"), path="participant"),
    _named("PARTICIPANT", "participant/associatedEntity/associatedPerson", ("Nom du participant",
                                                                            "Participant's name")),
    _header("ORDER", ("Prescription", "Order"), at_most("code"), at_most("ps3-20:accessionNumber").named("ACCESSION"),
            path="inFulfillmentOf/order"),
    _header("EVENT", ("Acte documenté", "Service event"), at_most("code"), at_most("lab:statusCode"),
            at_most("effectiveTime"),
            each("code", "(@code and @codeSystem and not(@nullFlavor)) or (@nullFlavor and not(@code or @codeSystem))",
                 "CODE-FORM", "code incomplet : attendu code et codeSystem, ou nullFlavor seul.",
                 "incomplete code: expected code and codeSystem, or nullFlavor alone."),
            at_most("effectiveTime/high").named("END"), path="documentationOf/serviceEvent"),
    _header("PERFORMER", ("Exécutant", "Performer"), attribute("typeCode", "PRF"), at_most("functionCode"),
            at_most("time"), _specialty("assignedEntity/code"),
            Member("SETTING-WORDS", "assignedEntity/representedOrganization/standardIndustryClassCode", "J04", NULLS,
                   words_only=True), path=_PERFORMER),
    _header("PERFORMER-NAME", ("Nom de l'exécutant", "Performer's name"),
            each("name[family]", "count(family)=1 and count(given)<=1 and count(prefix)<=1 and count(suffix)<=1",
                 "PARTS", "attendu un nom de famille, au plus un prénom, une civilité et un titre.",
                 "expected one family name, at most one given name, prefix and suffix."),
            path=f"{_PERFORMER}/assignedEntity/assignedPerson"),
    _header("REPLACED", ("Document remplacé", "Replaced document"), at_most("versionNumber"),
            each("versionNumber", "@nullFlavor or number(@value)=floor(number(@value))", "VERSION",
                 "numéro de version : attendu un entier.", "version number: expected an integer."),
            path="relatedDocument/parentDocument"),
    _header("CONSENT", ("Consentement", "Consent"), one("statusCode"),
            each("statusCode", "@code='completed' or @nullFlavor", "STATUS", "statusCode attendu completed.",
                 "expected statusCode completed."), one("code"), path="authorization/consent"),
    _header("ENCOUNTER", ("Prise en charge", "Encounter"), at_most("code"), _coded("code", "CODE-FORM"),
            at_most("dischargeDispositionCode"),
            each("dischargeDispositionCode", "@nullFlavor or (@code and @displayName)", "DISCHARGE-FORM",
                 "modalité de sortie incomplète : attendu code et displayName.",
                 "incomplete discharge disposition: expected code and displayName."),
            each("dischargeDispositionCode[@codeSystem]", "@codeSystem='1.2.250.1.213.2.14'", "DISCHARGE-SYSTEM",
                 "modalité de sortie hors de 1.2.250.1.213.2.14.", "discharge disposition outside 1.2.250.1.213.2.14."),
            at_most("responsibleParty"), at_most("effectiveTime/low").named("START"),
            at_most("effectiveTime/high").named("END"),
            _coded("location/healthCareFacility/code/translation", "FACILITY-TRANSLATION"),
            Member("FACILITY-WORDS", "location/healthCareFacility/code", "J02", NULLS, words_only=True),
            Member("CODE-WORDS", "code", "J142", NULLS, words_only=True),
            path="componentOf/encompassingEncounter"),
    _header("RESPONSIBLE", ("Responsable de la prise en charge", "Responsible party"),
            one(f"id[@root='{_PROFESSIONALS}']").named("ID"), _identified("id", "ID-FORM"), at_most("code"),
            at_most("assignedPerson"), at_most("representedOrganization"), path=_RESPONSIBLE),
    _named("RESPONSIBLE", f"{_RESPONSIBLE}/assignedPerson", ("Nom du responsable de la prise en charge",
           "Responsible party's name")),
    _organisation("RESPONSIBLE", f"{_RESPONSIBLE}/representedOrganization", ("Structure du responsable",
                  "Responsible party's organisation")),
    _header("ENCOUNTER-PERSON", ("Intervenant de la prise en charge", "Encounter participant"),
            attribute("typeCode", *_J140), at_most("time"),
            one(f"assignedEntity/id[@root='{_PROFESSIONALS}']").named("ID"), path=_ENCOUNTER_PERSON),
    _named("ENCOUNTER-PERSON", f"{_ENCOUNTER_PERSON}/assignedEntity/assignedPerson", ("Nom de l'intervenant",
           "Encounter participant's name")),
    # One walk over the header for the three of them.
    group("HDR", CI_SIS, ("Élément", "Element"), f"{_GUIDE}, types de données",
            says("NULL-ALONE", f"not(@nullFlavor) or self::id or self::setId or self::telecom or ({_ONLY_NULL})",
                 "nullFlavor et valeur à la fois : un élément sans information ne porte rien d'autre.",
                 "nullFlavor together with a value: an element without information carries nothing else.",
                 code="structure"),
            says("CODE-SYSTEM",
                 "not(@code) or @codeSystem or self::realmCode or self::languageCode or self::signatureCode or "
                 "self::statusCode or self::lab:statusCode", "code sans codeSystem.", "code without codeSystem.",
                 code="required"),
            says("WORDS-CODE", "not(@displayName) or @code", "displayName sans code.", "displayName without a code.",
                 code="required"),
            path="*[not(self::component)]/descendant-or-self::*[@nullFlavor or @code or @displayName]"),
    _header("ADDRESS", ("Adresse", "Address"), _ONE_EACH, path="*[not(self::component)]/descendant::addr"),
    _header("INTERVAL", ("Intervalle", "Interval"), *_BOUND,
            says("OPEN", "not(@nullFlavor='PINF')", "borne infinie du mauvais côté.",
                 "infinite bound on the wrong side."), path="*[not(self::component)]/descendant::low"),
    _header("INTERVAL-END", ("Intervalle", "Interval"), *_BOUND,
            says("OPEN", "not(@nullFlavor='NINF')", "borne infinie du mauvais côté.",
                 "infinite bound on the wrong side."), path="*[not(self::component)]/descendant::high"),
    _header("NAME", ("Nom", "Name"),
            says("MIXED", "not(* and text()[normalize-space()])", "texte mêlé aux éléments du nom.",
                 "text mixed with the parts of the name.", code="structure"),
            says("EMPTY", "@nullFlavor or * or normalize-space()", "nom vide.", "empty name.",
                 code="required"),
            path=f"*[not(self::component)]/descendant::name[{_PERSONS}]"),
)  # fmt: skip
