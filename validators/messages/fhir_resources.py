"""Rules of the area `fhir_resources`: single resources and data types, beyond what their definitions express.

In every sentence `{found}` is what was received, `{expected}` what the guide asks for.
"""

from __future__ import annotations

from validators.messages._row import error, information, warning
from validators.report import Rule

_R4 = "HL7 FHIR R4 (4.0.1)"

RULES: tuple[Rule, ...] = (
    error(
        "FHIR-ATTACHMENT-SIZE",
        "value",
        "La taille annoncée est {found} octets. Attendu : {expected}, celle des données. Corriger size.",
        "The size stated is {found} bytes. Expected: {expected}, that of the data. Correct size.",
        f"{_R4}, https://hl7.org/fhir/R4/datatypes.html#attachment",
    ),
    warning(
        "FHIR-ATTACHMENT-HASH",
        "value",
        "L'empreinte annoncée est {found}. Attendu : {expected} (SHA-1 des données, en base64).",
        "The hash stated is {found}. Expected: {expected} (SHA-1 of the data, in base64).",
        f"{_R4}, https://hl7.org/fhir/R4/datatypes.html#attachment",
    ),
    error(
        "FHIR-IDENTIFIER-SYSTEM",
        "value",
        "Le système d'identification « {found} » n'est pas un URI absolu. Écrire par exemple urn:oid:1.2.3 ou "
        "https://….",
        "The identifier system “{found}” is not an absolute URI. Write urn:oid:1.2.3 or https://… for example.",
        f"{_R4}, https://hl7.org/fhir/R4/datatypes.html#identifier",
    ),
    error(
        "FHIR-IDENTIFIER-VALUE",
        "value",
        "Dans le système {expected}, la valeur est un URI absolu ; trouvé : « {found} ». Écrire par exemple "
        "urn:oid:1.2.3.",
        "In the system {expected} the value is an absolute URI; found: “{found}”. Write urn:oid:1.2.3 for example.",
        f"{_R4}, https://hl7.org/fhir/R4/datatypes.html#identifier",
    ),
    error(
        "FHIR-CODING-SYSTEM",
        "code-invalid",
        "Le système de codes « {found} » n'est pas un URI absolu. Donner l'URI de la nomenclature.",
        "The code system “{found}” is not an absolute URI. Give the URI of the terminology.",
        f"{_R4}, https://hl7.org/fhir/R4/datatypes.html#coding",
    ),
    error(
        "FHIR-CODING-VALUESET",
        "code-invalid",
        "« {found} » est un jeu de valeurs. Attendu dans system : le système de codes où le code est défini.",
        "“{found}” is a value set. Expected in system: the code system that defines the code.",
        f"{_R4}, https://hl7.org/fhir/R4/datatypes.html#coding",
    ),
    error(
        "FHIR-CODING-SUPPLEMENT",
        "code-invalid",
        "« {found} » complète un système de codes. Attendu dans system : le système complété.",
        "“{found}” is a supplement to a code system. Expected in system: the system supplemented.",
        f"{_R4}, https://hl7.org/fhir/R4/datatypes.html#coding",
    ),
    error(
        "FHIR-CODING-CODE",
        "code-invalid",
        "Le code « {found} » n'existe pas dans {expected}. Choisir un code de ce système.",
        "The code “{found}” does not exist in {expected}. Choose a code of that system.",
        f"{_R4}, https://hl7.org/fhir/R4/datatypes.html#coding",
    ),
    warning(
        "FHIR-CODING-DISPLAY",
        "code-invalid",
        "Le libellé « {found} » n'est pas celui du code « {code} ». Attendu : {expected}. "
        "Reprendre le libellé de la nomenclature, ou dire la langue de la ressource (language).",
        "The display “{found}” is not that of the code “{code}”. Expected: {expected}. Use the terminology's own, or say "
        "the language of the resource (language).",
        f"{_R4}, https://hl7.org/fhir/R4/datatypes.html#coding",
    ),
    information(
        "FHIR-CODING-DISPLAY-LANGUAGE",
        "not-supported",
        "Impossible de dire si le libellé « {found} » est celui du code « {code} » : la nomenclature chargée ne le donne "
        "pas dans la langue de la ressource. Libellés connus : {expected}.",
        "It cannot be told whether “{found}” is the display of the code “{code}”: the loaded terminology does not give "
        "it in the language of the resource. Known displays: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/datatypes.html#coding",
    ),
    information(
        "FHIR-TX-UNANSWERED",
        "timeout",
        "Le serveur de terminologie ne répond pas ({found}). Les codes que rien d'autre ne décide restent indécis.",
        "The terminology server does not answer ({found}). The codes that nothing else decides remain undecided.",
        f"{_R4}, terminology service, https://hl7.org/fhir/R4/terminology-service.html",
    ),
    error(
        "FHIR-META-SECURITY",
        "duplicate",
        "L'étiquette de sécurité {found} figure deux fois. La donner une seule fois.",
        "The security label {found} is given twice. Give it once.",
        f"{_R4}, https://hl7.org/fhir/R4/resource.html#Meta",
    ),
    error(
        "FHIR-CANONICAL-URL",
        "value",
        "L'URL canonique « {found} » n'est pas absolue. Écrire https://… ou urn:….",
        "The canonical URL “{found}” is not absolute. Write https://… or urn:….",
        f"{_R4}, https://hl7.org/fhir/R4/references.html#canonical",
    ),
    error(
        "FHIR-CAPABILITYSTATEMENT-SEARCH",
        "value",
        "Le paramètre de recherche est déclaré de type {found}. Attendu : {expected}, d'après {profile}.",
        "The search parameter is declared with type {found}. Expected: {expected}, as {profile} says.",
        f"{_R4}, https://hl7.org/fhir/R4/capabilitystatement.html",
    ),
    error(
        "FHIR-CODESYSTEM-SUPPLEMENT",
        "business-rule",
        "Supplément de système de codes : trouvé {found}. Attendu : {expected}.",
        "Code system supplement: found {found}. Expected: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/codesystem.html#supplements",
    ),
    error(
        "FHIR-CODESYSTEM-CODE",
        "code-invalid",
        "Le code complété « {found} » n'existe pas dans {expected}. Le corriger ou le retirer.",
        "The code supplemented “{found}” does not exist in {expected}. Correct or remove it.",
        f"{_R4}, https://hl7.org/fhir/R4/codesystem.html#supplements",
    ),
    error(
        "FHIR-CODESYSTEM-VALUESET",
        "business-rule",
        "Le jeu de valeurs {found} n'inclut pas exactement tout le système. Attendu : une seule inclusion, "
        "{expected} entier.",
        "The value set {found} does not include exactly the whole system. Expected: a single include, all of "
        "{expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.valueSet",
    ),
    error(
        "FHIR-CODESYSTEM-COUNT",
        "value",
        "Le nombre de concepts annoncé est {found}. Attendu : {expected}, ceux qui figurent. Corriger count.",
        "The number of concepts stated is {found}. Expected: {expected}, those present. Correct count.",
        f"{_R4}, https://hl7.org/fhir/R4/codesystem.html",
    ),
    error(
        "FHIR-CODESYSTEM-NOT-PRESENT",
        "business-rule",
        "{found} concepts figurent alors que content vaut not-present. Changer content ou retirer les concepts.",
        "{found} concepts are given though content is not-present. Change content or remove the concepts.",
        f"{_R4}, https://hl7.org/fhir/R4/codesystem.html",
    ),
    error(
        "FHIR-CODESYSTEM-PROPERTY-URI",
        "value",
        "L'URI de propriété « {found} » ne désigne pas une propriété. Attendu : {expected}.",
        "The property URI “{found}” names no property. Expected: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/codesystem.html#properties",
    ),
    error(
        "FHIR-CODESYSTEM-PROPERTY-TWICE",
        "duplicate",
        "Deux propriétés ont le même {element} « {found} ». Attendu : un {element} par propriété.",
        "Two properties have the same {element} “{found}”. Expected: one {element} for each property.",
        f"{_R4}, https://hl7.org/fhir/R4/codesystem.html#properties",
    ),
    error(
        "FHIR-CODESYSTEM-PROPERTY-KNOWN",
        "value",
        "La propriété {uri} est déclarée avec {element} = {found}. Attendu : {expected}.",
        "The property {uri} is declared with {element} = {found}. Expected: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/codesystem-concept-properties.html",
    ),
    error(
        "FHIR-CODESYSTEM-PROPERTY-TYPE",
        "value",
        "La propriété « {element} » a une valeur de type {found}. Attendu : {expected}, son type déclaré.",
        "The property “{element}” has a value of type {found}. Expected: {expected}, the type declared.",
        f"{_R4}, https://hl7.org/fhir/R4/codesystem.html#properties",
    ),
    error(
        "FHIR-CODESYSTEM-PROPERTY-CODE",
        "code-invalid",
        "La propriété « {element} » désigne le code « {found} », absent de ce système. Attendu : l'un de ses codes.",
        "The property “{element}” points to the code “{found}”, absent from this system. Expected: one of its codes.",
        f"{_R4}, https://hl7.org/fhir/R4/codesystem.html#properties",
    ),
    error(
        "FHIR-CONCEPTMAP-CODE",
        "code-invalid",
        "Le code « {found} » n'existe pas dans {expected}. Choisir un code de ce système.",
        "The code “{found}” does not exist in {expected}. Choose a code of that system.",
        f"{_R4}, https://hl7.org/fhir/R4/conceptmap.html",
    ),
    error(
        "FHIR-VALUESET-VERSION",
        "value",
        "La version est écrite dans system : « {found} ». Attendu : {expected}.",
        "The version is written in system: “{found}”. Expected: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/valueset.html#compositions",
    ),
    error(
        "FHIR-VALUESET-SYSTEM",
        "value",
        "Le système « {found} » n'est pas un URI absolu. Donner l'URI du système de codes, même contenu dans la "
        "ressource.",
        "The system “{found}” is not an absolute URI. Give the URI of the code system, even if contained in the "
        "resource.",
        f"{_R4}, https://hl7.org/fhir/R4/valueset.html#compositions",
    ),
    error(
        "FHIR-VALUESET-NOT-SYSTEM",
        "value",
        "« {found} » est un jeu de valeurs. L'inclure par valueSet, ou donner dans system le système de codes.",
        "“{found}” is a value set. Include it with valueSet, or give the code system in system.",
        f"{_R4}, https://hl7.org/fhir/R4/valueset.html#compositions",
    ),
    error(
        "FHIR-VALUESET-CODE",
        "code-invalid",
        "Le code « {found} » n'existe pas dans {expected}. Le corriger ou le retirer.",
        "The code “{found}” does not exist in {expected}. Correct or remove it.",
        f"{_R4}, https://hl7.org/fhir/R4/valueset.html#compositions",
    ),
    error(
        "FHIR-VALUESET-FILTER-OP",
        "value",
        "La propriété « {element} » est filtrée par l'opérateur {found}. Attendu : {expected}.",
        "The property “{element}” is filtered with the operator {found}. Expected: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/codesystem.html#filters",
    ),
    error(
        "FHIR-VALUESET-FILTER-VALUE",
        "value",
        "La propriété « {element} » est filtrée par la valeur « {found} ». Attendu : {expected}.",
        "The property “{element}” is filtered with the value “{found}”. Expected: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/codesystem.html#filters",
    ),
    error(
        "FHIR-VALUESET-FILTER-EXPRESSION",
        "value",
        "L'expression du filtre utilise {found}. Attendu : {expected}. Déclarer le paramètre ou corriger l'expression.",
        "The expression of the filter uses {found}. Expected: {expected}. Declare the parameter or correct the "
        "expression.",
        "https://hl7.org/fhir/tools/StructureDefinition/valueset-parameter",
    ),
    error(
        "FHIR-VALUESET-ECL",
        "value",
        "« {found} » n'est pas une contrainte ECL lisible à partir de : {rest}. Corriger l'expression.",
        "“{found}” is not an ECL constraint that can be read from: {rest}. Correct the expression.",
        "SNOMED International, Expression Constraint Language",
    ),
    error(
        "FHIR-SEARCHPARAMETER-COMPONENT",
        "required",
        "Un paramètre composite a {found} composant. Attendu : au moins deux.",
        "A composite parameter has {found} component. Expected: at least two.",
        f"{_R4}, https://hl7.org/fhir/R4/searchparameter.html",
    ),
    error(
        "FHIR-SEARCHPARAMETER-BASE",
        "value",
        "Le paramètre porte sur {found}. Attendu : {expected}, comme {profile} dont il dérive.",
        "The parameter is about {found}. Expected: {expected}, as {profile} it derives from.",
        f"{_R4}, https://hl7.org/fhir/R4/searchparameter.html",
    ),
    error(
        "FHIR-SEARCHPARAMETER-TYPE",
        "value",
        "Le paramètre est de type {found}. Attendu : {expected}, comme {profile} dont il dérive.",
        "The parameter has type {found}. Expected: {expected}, as {profile} it derives from.",
        f"{_R4}, https://hl7.org/fhir/R4/searchparameter.html",
    ),
    error(
        "FHIR-SEARCHPARAMETER-EXPRESSION",
        "value",
        "L'expression « {found} » n'est pas du FHIRPath lisible (caractère {position}). Corriger l'expression.",
        "The expression “{found}” is not FHIRPath that can be read (character {position}). Correct the expression.",
        f"{_R4}, https://hl7.org/fhir/R4/searchparameter.html",
    ),
    error(
        "FHIR-MEASURE-LIBRARY",
        "not-found",
        "Le critère est en CQL ; trouvé : {found}. Attendu : {expected}. Nommer une bibliothèque connue qui le "
        "définit.",
        "The criterion is in CQL; found: {found}. Expected: {expected}. Name a known library that defines it.",
        f"{_R4}, https://hl7.org/fhir/R4/measure.html",
    ),
    error(
        "FHIR-QUESTIONNAIRE-ENABLEWHEN",
        "not-found",
        "La condition de « {element} » porte sur la question « {found} », qui n'existe pas. Corriger question.",
        "The condition of “{element}” is about the question “{found}”, which does not exist. Correct question.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaire.html",
    ),
    error(
        "FHIR-QUESTIONNAIRE-ENABLEWHEN-INSIDE",
        "business-rule",
        "La condition de « {element} » porte sur « {found} », lui-même ou l'un de ses éléments. Désigner une "
        "question hors de lui.",
        "The condition of “{element}” is about “{found}”, itself or one of its items. Point to a question outside it.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaire.html",
    ),
    warning(
        "FHIR-QUESTIONNAIRE-ENABLEWHEN-ORDER",
        "business-rule",
        "La condition de « {element} » porte sur « {found} », posée après. Poser la question avant ce qui en dépend.",
        "The condition of “{element}” is about “{found}”, asked later. Ask the question before what depends on it.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaire.html",
    ),
    error(
        "FHIR-QUESTIONNAIRE-DERIVED",
        "business-rule",
        "« {element} » vaut {found}. Attendu : {expected}, d'après le questionnaire d'origine {profile}.",
        "“{element}” is {found}. Expected: {expected}, as in the original questionnaire {profile}.",
        f"{_R4}, https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.derivedFrom",
    ),
)
