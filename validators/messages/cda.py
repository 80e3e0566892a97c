"""Rules of the area `cda`: opening a document, its header, its level 1 payload.

A sentence may quote a code, an OID or a date of the document, never an identifier, a name or a text of the patient.
"""

from __future__ import annotations

from validators.messages._row import error, warning
from validators.report import Rule

_MIN = "CI-SIS, structuration minimale des documents de santé"
_XML = "CI-SIS, structuration minimale, format XML du document"
_N1 = "CI-SIS, structuration minimale, corps non structuré (IHE XDS-SD)"
_POLICY = "Policy, Other CDA findings"
_ANNEX = "CI-SIS, annexe sources des données personnes et structures"

_OPENING = (
    error(
        "CDA-EMPTY", "structure",
        "Document vide : aucun octet utile n'a été reçu. Renvoyer le document CDA complet.",
        "Empty document: no useful byte was received. Send the whole CDA document again.",
        _XML,
    ),
    error(
        "CDA-NOT-XML", "structure",
        "Ce n'est pas du XML : le premier caractère n'est pas « < ». Attendu un document CDA R2 en XML.",
        "Not XML: the first character is not “<”. Expected a CDA R2 document in XML.",
        _XML,
    ),
    error(
        "CDA-XML", "structure",
        "XML mal formé ou tronqué ({error}, colonne {column}) : corriger la ligne indiquée ou renvoyer le "
        "document entier.",
        "Malformed or truncated XML ({error}, column {column}): fix the line given or send the whole document.",
        _XML,
    ),
    error(
        "CDA-ENCODING", "structure",
        "Les octets ne correspondent pas à l'encodage déclaré (colonne {column}) : déclarer l'encodage réel, UTF-8 de "
        "préférence.",
        "The bytes do not match the declared encoding (column {column}): declare the real one, UTF-8 preferably.",
        _XML,
    ),
    error(
        "CDA-DTD", "security",
        "DTD ou entité interdite : un document de santé n'en porte pas. Retirer la déclaration DOCTYPE et les entités.",
        "DTD or entity not allowed: a health document carries none. Remove the DOCTYPE declaration and the entities.",
        _POLICY,
    ),
    error(
        "CDA-LIMIT", "too-long",
        "Document trop grand, trop profond ou d'en-tête démesuré : il n'est pas lu. Réduire sa taille ou celle de la "
        "pièce encapsulée.",
        "Document too large, too deep or with an outsized header: it is not read. Reduce it or what it encapsulates.",
        _POLICY,
    ),
    error(
        "CDA-ROOT", "structure",
        "La racine est « {found} » : attendu ClinicalDocument dans l'espace de noms urn:hl7-org:v3 (ou un document "
        "autoprésentable qui le contient dans data:Contenu).",
        "The root is “{found}”: expected ClinicalDocument in the namespace urn:hl7-org:v3 (or a self-presenting "
        "document "
        "that holds it in data:Contenu).",
        _XML,
    ),
)  # fmt: skip

_STRUCTURE = (
    error(
        "CDA-TYPEID", "value",
        "typeId absent ou faux : attendu une fois root 2.16.840.1.113883.1.3 et extension POCD_HD000040.",
        "typeId missing or wrong: expected once, root 2.16.840.1.113883.1.3 and extension POCD_HD000040.",
        f"{_MIN}, typeId",
    ),
    error(
        "CDA-HEADER-MISSING", "required",
        "Élément « {element} » absent, ou remplacé par un nullFlavor qui n'est pas admis ici : attendu {card}.",
        "Element “{element}” missing, or replaced by a nullFlavor that is not allowed here: expected {card}.",
        f"{_MIN}, cardinalités",
    ),
    error(
        "CDA-HEADER-MANY", "structure",
        "Élément « {element} » présent {found} fois : attendu {card}. Ne garder que le bon.",
        "Element “{element}” present {found} times: expected {card}. Keep only the right one.",
        f"{_MIN}, cardinalités",
    ),
    error(
        "CDA-HEADER-ATTRIBUTE", "required",
        "Attribut « {attribute} » absent ou vide : il est obligatoire ici.",
        "Attribute “{attribute}” missing or empty: it is mandatory here.",
        f"{_MIN}, attributs obligatoires",
    ),
    error(
        "CDA-HEADER-VALUE", "code-invalid",
        "Valeur « {found} » de {attribute} hors de la liste : attendu {expected}.",
        "Value “{found}” of {attribute} outside the list: expected {expected}.",
        f"{_MIN}, jeux de valeurs de l'en-tête",
    ),
    warning(
        "CDA-SYSTEM", "code-invalid",
        "Système de codage « {found} » inattendu : attendu {expected}.",
        "Unexpected code system “{found}”: expected {expected}.",
        f"{_MIN}, JDV_J02 et JDV_J04",
    ),
    error(
        "CDA-ID-FORM", "value",
        "Identifiant mal formé : attendu une racine OID ou UUID, sans nullFlavor à côté, et une extension non vide si "
        "elle est écrite.",
        "Malformed identifier: expected an OID or UUID root, no nullFlavor beside it, and a non-empty extension when "
        "there is one.",
        f"{_MIN}, type de données II",
    ),
    error(
        "CDA-ID-DUPLICATE", "duplicate",
        "Identifiant du patient répété à l'identique : n'en garder qu'un.",
        "The same patient identifier twice: keep only one.",
        f"{_MIN}, type de données II",
    ),
    error(
        "CDA-CUSTODIAN", "required",
        "La structure conservatrice n'a pas de numéro : attendu l'identifiant national (1 suivi du FINESS) en "
        "extension.",
        "The custodian has no number: expected its national identifier (1 then the FINESS) as the extension.",
        f"{_MIN}, custodian",
    ),
    warning(
        "CDA-NATIONAL-ID", "value",
        "Identifiant national de structure ou de professionnel mal formé : attendu un chiffre de type puis le numéro "
        "(1 + FINESS, 2 + SIREN, 3 + SIRET ; 8 + RPPS).",
        "Malformed national identifier of a structure or professional: expected a type digit then the number (1 + "
        "FINESS, 2 + SIREN, 3 + SIRET; 8 + RPPS).",
        _ANNEX,
    ),
    warning(
        "CDA-NATIONAL-KEY", "value",
        "Clé de Luhn fausse dans un FINESS, SIREN, SIRET ou RPPS : vérifier le numéro.",
        "Wrong Luhn key in a FINESS, SIREN, SIRET or RPPS: check the number.",
        _ANNEX,
    ),
    error(
        "CDA-TELECOM", "value",
        "Télécom mal formée : attendu un schéma (tel:, fax:, mailto:, http:, ftp:, mllp:) et une valeur, ou un "
        "nullFlavor "
        "UNK, NASK, ASKU, NAV ou MSK seul.",
        "Malformed telecom: expected a scheme (tel:, fax:, mailto:, http:, ftp:, mllp:) and a value, or a "
        "nullFlavor UNK, "
        "NASK, ASKU, NAV or MSK alone.",
        f"{_MIN}, type de données TEL",
    ),
    error(
        "CDA-ADDR", "structure",
        "Adresse mêlant du texte et des éléments : n'écrire que des éléments, ou que du texte.",
        "Address mixing text and elements: write only elements, or only text.",
        f"{_MIN}, type de données AD",
    ),
)  # fmt: skip

_MEANING = (
    error(
        "CDA-TEMPLATE", "value",
        "templateId {template} présent {found} fois : attendu exactement une.",
        "templateId {template} present {found} times: expected exactly once.",
        f"{_MIN}, templateId",
    ),
    error(
        "CDA-BODY", "required",
        "Aucun corps : attendu component/structuredBody ou component/nonXMLBody.",
        "No body: expected component/structuredBody or component/nonXMLBody.",
        f"{_MIN}, component",
    ),
    error(
        "CDA-BODY-KIND", "conflict",
        "Le corps contredit les templateId : un corps non structuré prend 1.3.6.1.4.1.19376.1.2.20 et aucun modèle "
        "structuré, un corps structuré ne le prend pas.",
        "The body contradicts the templateIds: a non-structured body takes 1.3.6.1.4.1.19376.1.2.20 and no structured "
        "model, a structured body does not take it.",
        f"{_MIN}, templateId",
    ),
    error(
        "CDA-TITLE", "required",
        "Titre vide : écrire le titre du document.",
        "Empty title: write the title of the document.",
        f"{_MIN}, title",
    ),
    error(
        "CDA-CONFIDENTIALITY", "code-invalid",
        "Niveau de confidentialité « {found} » inconnu : attendu N, R, V ou un code de masquage du JDV_J08.",
        "Unknown confidentiality “{found}”: expected N, R, V or a masking code of JDV_J08.",
        f"{_MIN}, confidentialityCode",
    ),
    warning(
        "CDA-CONFIDENTIALITY-J08", "code-invalid",
        "Niveau de confidentialité « {found} » hors du JDV_J08 : attendu N, R ou V.",
        "Confidentiality “{found}” outside JDV_J08: expected N, R or V.",
        f"{_MIN}, confidentialityCode ; {_POLICY}",
    ),
    error(
        "CDA-LANGUAGE", "value",
        "Langue « {found} » mal écrite : attendu langue et pays, par exemple fr-FR.",
        "Language “{found}” badly written: expected language and country, for instance fr-FR.",
        f"{_MIN}, languageCode",
    ),
    error(
        "CDA-VERSION", "value",
        "Numéro de version mal écrit : attendu un entier à partir de 1.",
        "Badly written version number: expected an integer from 1.",
        f"{_MIN}, versionNumber",
    ),
    warning(
        "CDA-VERSION-ZERO", "value",
        "Numéro de version 0 : la première version d'un document est la 1.",
        "Version number 0: the first version of a document is 1.",
        f"{_MIN}, versionNumber ; {_POLICY}",
    ),
    error(
        "CDA-RELATED", "value",
        "relatedDocument de type « {found} » : seul RPLC (remplacement) est admis.",
        "relatedDocument of type “{found}”: only RPLC (replacement) is allowed.",
        f"{_MIN}, relatedDocument ; {_POLICY}",
    ),
    error(
        "CDA-RELATED-MANY", "structure",
        "Plusieurs documents remplacés : un document n'en remplace qu'un.",
        "Several replaced documents: a document replaces only one.",
        f"{_MIN}, relatedDocument",
    ),
    warning(
        "CDA-EVENT-CODE", "required",
        "L'acte principal documenté n'a pas de code : indiquer serviceEvent/code.",
        "The main documented act has no code: give serviceEvent/code.",
        f"{_MIN}, documentationOf ; {_POLICY}",
    ),
    error(
        "CDA-TIME", "value",
        "Date « {found} » impossible : attendu AAAAMMJJHHMMSS±ZZZZ, ou moins précis, dans le calendrier.",
        "Impossible date “{found}”: expected YYYYMMDDHHMMSS±ZZZZ, or less precise, within the calendar.",
        f"{_MIN}, type de données TS",
    ),
    warning(
        "CDA-TIME-ZONE", "value",
        "Heure « {found} » sans fuseau : elle est lue comme l'heure de Paris. Ajouter le décalage (+0100 ou +0200).",
        "Time “{found}” without a zone: read as Paris time. Add the offset (+0100 or +0200).",
        f"{_MIN}, type de données TS ; {_POLICY}",
    ),
    warning(
        "CDA-TIME-PRECISION", "value",
        "Date du document « {found} » sans l'heure et la minute : l'indiquer au moins à la minute.",
        "Document date “{found}” without hour and minute: give it at least to the minute.",
        f"{_MIN}, effectiveTime ; {_POLICY}",
    ),
    warning(
        "CDA-TIME-FUTURE", "value",
        "Date du document « {found} » dans le futur : vérifier l'horloge et le fuseau.",
        "Document date “{found}” in the future: check the clock and the zone.",
        f"{_MIN}, effectiveTime ; {_POLICY}",
    ),
    error(
        "CDA-INTERVAL", "value",
        "La fin (high) précède le début (low) : corriger l'une des deux dates.",
        "The end (high) comes before the start (low): fix one of the two dates.",
        f"{_MIN}, type de données IVL_TS ; {_POLICY}",
    ),
)  # fmt: skip

_PAYLOAD = (
    error(
        "CDA-N1-EMPTY", "required",
        "Document non structuré sans contenu : attendu la pièce en base64 dans nonXMLBody/text.",
        "Non-structured document without content: expected the payload in base64 in nonXMLBody/text.",
        f"{_N1} ; {_POLICY}",
    ),
    error(
        "CDA-N1-MEDIA", "code-invalid",
        "Type de média « {found} » non admis : attendu {expected}.",
        "Media type “{found}” not allowed: expected {expected}.",
        f"{_N1} ; {_POLICY}",
    ),
    error(
        "CDA-N1-BASE64", "value",
        "Contenu indécodable : attendu du base64 complet et representation=\"B64\" (seul text/plain peut "
        "s'écrire en clair).",
        "Content cannot be decoded: expected whole base64 and representation=\"B64\" (only text/plain may be plain).",
        f"{_N1} ; {_POLICY}",
    ),
    error(
        "CDA-N1-SIGNATURE", "value",
        "Le contenu décodé n'est pas du {media} : corriger le type de média ou la pièce.",
        "The decoded content is not {media}: fix the media type or the payload.",
        f"{_N1} ; {_POLICY}",
    ),
)  # fmt: skip

RULES: tuple[Rule, ...] = (*_OPENING, *_STRUCTURE, *_MEANING, *_PAYLOAD)
