"""Rules of the area `fhir_structures`: StructureDefinition, beyond what its definition expresses.

In every sentence `{found}` is what was received, `{expected}` what the guide asks for.
"""

from __future__ import annotations

from validators.messages._row import error
from validators.report import Rule

_R4 = "HL7 FHIR R4 (4.0.1)"

RULES: tuple[Rule, ...] = (
    error(
        "FHIR-STRUCTUREDEFINITION-TYPE",
        "value",
        "Le type défini est « {found} ». Attendu : {expected}.",
        "The type defined is “{found}”. Expected: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/structuredefinition.html",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-BASE",
        "business-rule",
        "« {element} » vaut {found}. Attendu : {expected}, d'après la définition de base {base}.",
        "“{element}” is {found}. Expected: {expected}, as the base definition {base} says.",
        f"{_R4}, https://hl7.org/fhir/R4/structuredefinition.html",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-CONTEXT",
        "invalid",
        "Le contexte « {found} » ne convient pas. Attendu : {expected}. Seules les extensions ont des contextes, sur "
        "des éléments existants.",
        "The context “{found}” does not fit. Expected: {expected}. Only extensions have contexts, on existing "
        "elements.",
        f"{_R4}, https://hl7.org/fhir/R4/structuredefinition.html#StructureDefinition.context",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-CONSTRAINT-EXPRESSION",
        "value",
        "L'expression de la contrainte {key} n'est pas du FHIRPath lisible (caractère {position}) : {found}. La "
        "corriger.",
        "The expression of the constraint {key} is not FHIRPath that can be read (character {position}): {found}. "
        "Correct it.",
        f"{_R4}, https://hl7.org/fhir/R4/elementdefinition.html#ElementDefinition.constraint",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-OBLIGATION",
        "business-rule",
        "Profil d'obligations : trouvé {found}. Attendu : {expected}.",
        "Obligation profile: found {found}. Expected: {expected}.",
        "https://hl7.org/fhir/extensions/StructureDefinition-obligation-profile.html",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-URL",
        "value",
        "Extension.url est fixé à {found}. Attendu : {expected}, l'URL de la définition.",
        "Extension.url is fixed to {found}. Expected: {expected}, the URL of the definition.",
        f"{_R4}, https://hl7.org/fhir/R4/defining-extensions.html",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-ELEMENT",
        "not-found",
        "L'élément « {found} » n'existe pas dans {expected}. Vérifier le chemin.",
        "There is no element “{found}” in {expected}. Check the path.",
        f"{_R4}, https://hl7.org/fhir/R4/elementdefinition.html#path",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-ORDER",
        "business-rule",
        "L'élément « {found} » est mal placé. Suivre l'ordre des éléments du type de base.",
        "The element “{found}” is out of place. Follow the order of the elements of the base type.",
        f"{_R4}, https://hl7.org/fhir/R4/elementdefinition.html#path",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-PATH",
        "value",
        "Le chemin est « {found} ». Attendu : {expected}, le type défini.",
        "The path is “{found}”. Expected: {expected}, the type defined.",
        f"{_R4}, https://hl7.org/fhir/R4/elementdefinition.html#path",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-SLICING",
        "business-rule",
        "L'élément « {found} » ne se découpe pas en tranches. Attendu : {expected}.",
        "The element “{found}” cannot be sliced. Expected: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/profiling.html#slicing",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-FACET",
        "business-rule",
        "« {element} » ne s'applique pas au type {found}. Le retirer ou changer de type.",
        "“{element}” does not apply to the type {found}. Remove it or change the type.",
        f"{_R4}, https://hl7.org/fhir/R4/elementdefinition.html#interpretation",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-VALUE",
        "value",
        "« {element} » est de type {found}. Attendu : {expected}.",
        "“{element}” has type {found}. Expected: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/elementdefinition.html",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-ROOT",
        "business-rule",
        "« {found} » n'est pas permis sur {path}. Le retirer.",
        "“{found}” is not allowed on {path}. Remove it.",
        f"{_R4}, https://hl7.org/fhir/R4/elementdefinition.html#interpretation",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-CONSTRAINT",
        "conflict",
        "La contrainte {key} porte une autre expression qu'ailleurs : {found}. Choisir une autre clé.",
        "The constraint {key} has another expression than elsewhere: {found}. Choose another key.",
        f"{_R4}, https://hl7.org/fhir/R4/elementdefinition.html#ElementDefinition.constraint",
    ),
    error(
        "FHIR-STRUCTUREDEFINITION-CONSTRAINT-SOURCE",
        "value",
        "La contrainte {key} dit venir de {found}. Attendu dans un différentiel : {expected}.",
        "The constraint {key} says it comes from {found}. Expected in a differential: {expected}.",
        f"{_R4}, https://hl7.org/fhir/R4/elementdefinition.html#ElementDefinition.constraint",
    ),
)
