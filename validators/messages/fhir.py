"""Rules of the area `fhir`: what a resource must be before anything French is asked of it.

In every sentence `{found}` is what was received, `{expected}` what the guide asks for.
"""

from __future__ import annotations

from validators.messages._row import error, warning
from validators.report import Rule

_R4 = "HL7 FHIR R4 (4.0.1)"
_JSON = f"{_R4}, JSON format, https://hl7.org/fhir/R4/json.html"
_ELEMENT = f"{_R4}, ElementDefinition, https://hl7.org/fhir/R4/elementdefinition.html"
_TYPES = f"{_R4}, datatypes, https://hl7.org/fhir/R4/datatypes.html"
_REFERENCES = f"{_R4}, references, https://hl7.org/fhir/R4/references.html"
_PROFILING = f"{_R4}, profiling, https://hl7.org/fhir/R4/profiling.html"

RULES: tuple[Rule, ...] = (
    error(
        "FHIR-JSON",
        "structure",
        "Le contenu n'est pas du JSON lisible ({position}, ligne:colonne) : {found}. Attendu : "
        "{expected}. Corriger la syntaxe à cet endroit.",
        "The content is not readable JSON ({position}, line:column): {found}. Expected: {expected}. "
        "Correct the syntax at that place.",
        f"RFC 8259; {_JSON}",
    ),
    error(
        "FHIR-JSON-DUPLICATE",
        "structure",
        "La propriété « {found} » figure deux fois dans le même objet ({position}, ligne:colonne). "
        "Attendu : une seule fois ; supprimer ou fusionner l'une des deux.",
        "The property “{found}” appears twice in the same object ({position}, line:column). Expected: "
        "once; remove or merge one of them.",
        f"{_JSON} (property names are unique)",
    ),
    error(
        "FHIR-ENCODING",
        "structure",
        "Le contenu n'est pas en UTF-8 ({position}, ligne:colonne) : {found}. Attendu : UTF-8 ; réencoder le fichier.",
        "The content is not UTF-8 ({position}, line:column): {found}. Expected: UTF-8; encode the file again.",
        f"{_R4}, https://hl7.org/fhir/R4/http.html#mime-type (UTF-8 is mandatory)",
    ),
    error(
        "FHIR-DEPTH",
        "too-long",
        "Le contenu est imbriqué trop profondément : {found}. Attendu : {expected} niveaux au plus ; "
        "aplatir la structure.",
        "The content is nested too deeply: {found}. Expected: at most {expected} levels; flatten the structure.",
        "Limit of this validator, against hostile input",
    ),
    error(
        "FHIR-RESOURCE-TYPE",
        "structure",
        "Type de ressource trouvé : « {found} ». Attendu : {expected}. Corriger resourceType.",
        "Resource type found: “{found}”. Expected: {expected}. Correct resourceType.",
        f"{_R4}, resource list, https://hl7.org/fhir/R4/resourcelist.html",
    ),
    error(
        "FHIR-UNKNOWN-ELEMENT",
        "structure",
        "L'élément « {found} » n'existe pas en R4. Attendu : un élément de {expected}. Vérifier son "
        "orthographe, le retirer, ou porter l'information dans une extension.",
        "There is no element “{found}” in R4. Expected: an element of {expected}. Check its spelling, remove it, "
        "or carry the information in an extension.",
        _JSON,
    ),
    error(
        "FHIR-MIN",
        "required",
        "L'élément « {element} » figure {found} fois. Attendu : au moins {expected} ({profile}). Le renseigner.",
        "The element “{element}” appears {found} times. Expected: at least {expected} ({profile}). Supply it.",
        f"{_ELEMENT}#ElementDefinition.min; profile named in the message",
    ),
    error(
        "FHIR-MAX",
        "structure",
        "L'élément « {element} » figure {found} fois. Attendu : au plus {expected} ({profile}). Retirer "
        "ce qui est en trop.",
        "The element “{element}” appears {found} times. Expected: at most {expected} ({profile}). Remove "
        "what is in excess.",
        f"{_ELEMENT}#ElementDefinition.max; profile named in the message",
    ),
    error(
        "FHIR-TYPE",
        "structure",
        "« {element} » est écrit avec le type {found}. Attendu : {expected}. Écrire la valeur sous cette forme.",
        "“{element}” is written with the type {found}. Expected: {expected}. Write the value in that form.",
        f"{_JSON}; {_ELEMENT}#ElementDefinition.type",
    ),
    error(
        "FHIR-PRIMITIVE",
        "value",
        "« {found} » n'est pas une valeur du type {type}. Attendu : {expected}. Corriger la valeur.",
        "“{found}” is not a value of the type {type}. Expected: {expected}. Correct the value.",
        f"{_TYPES}#primitive",
    ),
    error(
        "FHIR-CHOICE",
        "structure",
        "Plusieurs variantes de « {element}[x] » sont données : {found}. Attendu : une seule ; garder la bonne.",
        "Several variants of “{element}[x]” are given: {found}. Expected: only one; keep the right one.",
        f"{_R4}, formats, https://hl7.org/fhir/R4/formats.html#choice",
    ),
    error(
        "FHIR-EMPTY",
        "structure",
        "« {element} » est vide ({found}). Attendu : une valeur, ou l'élément absent ; le retirer ou le renseigner.",
        "“{element}” is empty ({found}). Expected: a value, or no element at all; remove it or fill it in.",
        f"{_JSON} (no empty object, array or string; null only in arrays beside _element)",
    ),
    error(
        "FHIR-SIBLING",
        "structure",
        "« _{element} » ne correspond pas à « {element} » : {found}. Attendu : {expected}.",
        "“_{element}” does not match “{element}”: {found}. Expected: {expected}.",
        f"{_JSON}#primitive",
    ),
    error(
        "FHIR-BINDING",
        "code-invalid",
        "Le code {found} est hors du jeu de valeurs obligatoire. Attendu : un code de {expected}. "
        "Choisir un code de ce jeu.",
        "The code {found} is outside the required value set. Expected: a code of {expected}. "
        "Choose a code of that set.",
        f"{_R4}, terminologies, https://hl7.org/fhir/R4/terminologies.html#required",
    ),
    warning(
        "FHIR-BINDING-EXTENSIBLE",
        "code-invalid",
        "Le code {found} n'appartient pas au jeu de valeurs extensible {expected}. Préférer un code de "
        "ce jeu s'il convient.",
        "The code {found} is not in the extensible value set {expected}. Prefer a code of that set where one fits.",
        f"{_R4}, terminologies, https://hl7.org/fhir/R4/terminologies.html#extensible",
    ),
    error(
        "FHIR-FIXED",
        "value",
        "« {element} » vaut {found}. Attendu : {expected} ({profile}). Mettre cette valeur.",
        "“{element}” is {found}. Expected: {expected} ({profile}). Use that value.",
        f"{_ELEMENT}#ElementDefinition.fixed_x_; profile named in the message",
    ),
    error(
        "FHIR-SLICE-MIN",
        "required",
        "Parmi « {element} », la tranche « {slice} » ({discriminator}) figure {found} fois. Attendu : au "
        "moins {expected} ({profile}). L'ajouter.",
        "Among “{element}”, the slice “{slice}” ({discriminator}) appears {found} times. Expected: at "
        "least {expected} ({profile}). Add it.",
        f"{_PROFILING}#slicing; profile named in the message",
    ),
    error(
        "FHIR-SLICE-MAX",
        "structure",
        "Parmi « {element} », la tranche « {slice} » ({discriminator}) figure {found} fois. Attendu : au "
        "plus {expected} ({profile}). Retirer le surplus.",
        "Among “{element}”, the slice “{slice}” ({discriminator}) appears {found} times. Expected: at "
        "most {expected} ({profile}). Remove the excess.",
        f"{_PROFILING}#slicing; profile named in the message",
    ),
    error(
        "FHIR-SLICE-CLOSED",
        "structure",
        "Cette occurrence de « {element} » n'entre dans aucune tranche. Attendu : l'une de {expected} "
        "({profile}). La corriger ou la retirer.",
        "This occurrence of “{element}” fits no slice. Expected: one of {expected} ({profile}). Correct or remove it.",
        f"{_PROFILING}#slicing; profile named in the message",
    ),
    error(
        "FHIR-CONTAINED",
        "structure",
        "La ressource contenue en contient une autre ({found}). Attendu : un seul niveau ; la placer "
        "dans le contained de la ressource principale.",
        "The contained resource contains another one ({found}). Expected: one level only; place it in "
        "the main resource's contained.",
        f"{_R4}, DomainResource dom-2, https://hl7.org/fhir/R4/domainresource.html",
    ),
    error(
        "FHIR-REFERENCE-TYPE",
        "value",
        "La référence désigne une ressource {found}. Attendu : {expected} ({profile}). Désigner une "
        "ressource d'un de ces types.",
        "The reference points to a {found} resource. Expected: {expected} ({profile}). Point to a "
        "resource of one of these types.",
        f"{_REFERENCES}#Reference; {_ELEMENT}#ElementDefinition.type.targetProfile",
    ),
    error(
        "FHIR-REFERENCE-CONTAINED",
        "not-found",
        "La référence « {found} » ne désigne pas une ressource contenue. Attendu : {expected} "
        "({profile}). Ajouter la ressource dans contained et la désigner par #id.",
        "The reference “{found}” does not point to a contained resource. Expected: {expected} "
        "({profile}). Add the resource to contained and point to it with #id.",
        f"{_REFERENCES}#contained; {_ELEMENT}#ElementDefinition.type.aggregation",
    ),
    warning(
        "FHIR-PROFILE-UNKNOWN",
        "not-supported",
        "Le profil {found} n'est pas connu : la ressource a été vérifiée sans lui. Fournir ce profil, ou "
        "déclarer l'un de ceux qui sont connus.",
        "The profile {found} is not known: the resource was checked without it. Supply that profile, or "
        "declare one of those that are known.",
        f"{_R4}, Meta.profile, https://hl7.org/fhir/R4/resource.html#Meta",
    ),
    error(
        "FHIR-PROFILE-TYPE",
        "structure",
        "Le profil {profile} est déclaré sur une ressource {found}. Attendu : {expected}. Retirer cette "
        "déclaration ou changer de profil.",
        "The profile {profile} is declared on a {found} resource. Expected: {expected}. Remove that declaration or "
        "choose another profile.",
        f"{_R4}, Meta.profile, https://hl7.org/fhir/R4/resource.html#Meta",
    ),
)
