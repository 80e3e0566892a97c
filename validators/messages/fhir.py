"""Rules of the area `fhir`: what a resource must be before anything French is asked of it.

In every sentence `{found}` is what was received, `{expected}` what the guide asks for.
"""

from __future__ import annotations

from validators.messages._row import error, information, warning
from validators.report import Rule

_R4 = "HL7 FHIR R4 (4.0.1)"
_NARRATIVE = f"{_R4}, narrative, https://hl7.org/fhir/R4/narrative.html"
_XML = f"{_R4}, XML format, https://hl7.org/fhir/R4/xml.html"
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
        "({profile}). La plus proche est « {near} », où {discriminator} diffère. La corriger ou la retirer.",
        "This occurrence of “{element}” fits no slice. Expected: one of {expected} ({profile}). The nearest is “{near}”, where "
        "{discriminator} differs. Correct or remove it.",
        f"{_PROFILING}#slicing; profile named in the message",
    ),
    error(
        "FHIR-SLICE-ORDER",
        "structure",
        "Cette occurrence de « {element} » (tranche « {slice} ») n'est pas à sa place. Attendu, dans l'ordre : {expected} "
        "({profile}). La déplacer.",
        "This occurrence of “{element}” (slice “{slice}”) is out of place. Expected, in order: {expected} ({profile}). Move it.",
        f"{_PROFILING}#slicing; profile named in the message",
    ),
    error(
        "FHIR-LIMIT",
        "value",
        "« {element} » vaut {found}. Attendu : {expected} ({profile}). Corriger la valeur.",
        "“{element}” is {found}. Expected: {expected} ({profile}). Correct the value.",
        f"{_ELEMENT}#ElementDefinition.maxLength, minValue_x_, maxValue_x_; profile named in the message",
    ),
    error(
        "FHIR-PROFILE-NONE",
        "structure",
        "« {element} » ne respecte aucun des profils de son type. Attendu : l'un de {expected} ({profile}).",
        "“{element}” meets none of the profiles of its type. Expected: one of {expected} ({profile}).",
        f"{_ELEMENT}#ElementDefinition.type.profile; profile named in the message",
    ),
    error(
        "FHIR-REFERENCE-PROFILE",
        "structure",
        "La référence désigne une ressource {found} qui ne respecte pas le profil voulu. Attendu : {expected} ({profile}). "
        "Corriger cette ressource ou en désigner une autre.",
        "The reference points to a {found} resource that does not meet the profile wanted. Expected: {expected} ({profile}). "
        "Correct that resource or point to another.",
        f"{_ELEMENT}#ElementDefinition.type.targetProfile; profile named in the message",
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
    error(
        "FHIR-INVARIANT",
        "invariant",
        "La contrainte {key} n'est pas respectée : {human} ({profile}). Attendu : {expression}. Corriger l'élément désigné.",
        "The constraint {key} is not kept: {human} ({profile}). Expected: {expression}. Correct the element named.",
        f"{_ELEMENT}#ElementDefinition.constraint; profile and key named in the message",
    ),
    information(
        "FHIR-INVARIANT-UNDECIDED",
        "not-supported",
        "La contrainte {key} n'a pas pu être évaluée ({found}) : elle n'est ni tenue ni rompue. Attendu : {expression}.",
        "The constraint {key} could not be evaluated ({found}): it is neither kept nor broken. Expected: {expression}.",
        f"{_ELEMENT}#ElementDefinition.constraint",
    ),
    information(
        "FHIR-MUST-SUPPORT",
        "not-found",
        "L'élément « {element} », que le profil {profile} demande aux logiciels de savoir porter (mustSupport), est absent. "
        "Attendu : la donnée, si elle existe.",
        "The element “{element}”, which the profile {profile} asks software to support (mustSupport), is absent. "
        "Expected: the data, where there are any.",
        f"{_R4}, profiling, https://hl7.org/fhir/R4/profiling.html#mustsupport",
    ),
    information(
        "FHIR-BINDING-UNDECIDED",
        "not-supported",
        "Impossible de dire si {found} convient. Attendu : un code de {expected}, dont la liste n'est pas chargée. "
        "Charger la terminologie pour en juger.",
        "It cannot be told whether {found} fits. Expected: a code of {expected}, whose list is not loaded. "
        "Load the terminology to decide.",
        f"{_R4}, terminologies, https://hl7.org/fhir/R4/terminologies.html#required",
    ),
    error(
        "FHIR-ELEMENT-ID",
        "structure",
        "L'identifiant d'élément {found} sert plusieurs fois dans la ressource. Attendu : {expected} fois. Le renommer.",
        "The element id {found} is used several times in the resource. Expected: {expected} time. Rename it.",
        f"{_R4}, element, https://hl7.org/fhir/R4/element.html#id",
    ),
    warning(
        "FHIR-EXTENSION-UNKNOWN",
        "not-supported",
        "L'extension {found} n'est définie par aucun paquet chargé : son contenu n'a pas été vérifié. Charger le paquet qui "
        "la définit.",
        "The extension {found} is defined by no loaded package: its content was not checked. Load the package that "
        "defines it.",
        f"{_R4}, extensibility, https://hl7.org/fhir/R4/extensibility.html",
    ),
    error(
        "FHIR-EXTENSION-UNDEFINED",
        "structure",
        "L'extension {found} est dans l'espace de noms de HL7, qui ne la définit pas en R4. Attendu : une extension définie. Corriger son url, ou charger le "
        "paquet qui la définit.",
        "The extension {found} is in HL7's name space, which does not define it in R4. Expected: a defined one. Correct its url, or load the "
        "package that defines it.",
        f"{_R4}, extension registry, https://hl7.org/fhir/R4/extensibility-registry.html",
    ),
    error(
        "FHIR-EXTENSION-URL",
        "structure",
        "L'url d'extension {found} n'est pas admise ici. Attendu : {expected} (adresse absolue, sans version).",
        "The extension url {found} is not allowed here. Expected: {expected} (absolute address, without version).",
        f"{_R4}, extensibility, https://hl7.org/fhir/R4/extensibility.html#Extension.url",
    ),
    error(
        "FHIR-EXTENSION-PART",
        "structure",
        "La partie {found} n'est pas définie par cette extension. Attendu : {expected}.",
        "The part {found} is not defined by this extension. Expected: {expected}.",
        f"{_R4}, extensibility, https://hl7.org/fhir/R4/extensibility.html#complex",
    ),
    error(
        "FHIR-EXTENSION-CONTEXT",
        "structure",
        "L'extension {found} ne peut pas figurer sur cet élément. Attendu : sur {expected}. La déplacer ou la retirer.",
        "The extension {found} may not stand on this element. Expected: on {expected}. Move or remove it.",
        f"{_R4}, defining extensions, https://hl7.org/fhir/R4/defining-extensions.html#context",
    ),
    error(
        "FHIR-EXTENSION-MODIFIER",
        "structure",
        "L'extension {found} n'est pas à sa place d'après sa définition. Attendu : dans {expected}. La déplacer.",
        "The extension {found} is not in its place by its definition. Expected: in {expected}. Move it.",
        f"{_R4}, extensibility, https://hl7.org/fhir/R4/extensibility.html#modifierExtension",
    ),
    warning(
        "FHIR-PROFILE-UNKNOWN",
        "not-supported",
        "Le profil {found} n'est pas connu : la ressource a été vérifiée sans lui. Charger le paquet qui le porte "
        "({package}), ou déclarer l'un de ceux qui sont connus.",
        "The profile {found} is not known: the resource was checked without it. Load the package that carries it "
        "({package}), or declare one of those that are known.",
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
    error(
        "FHIR-XML",
        "structure",
        "Le contenu n'est pas du XML lisible ({position}, ligne:colonne) : {found}. Attendu : un document XML entier ; "
        "corriger la syntaxe à cet endroit, ou renvoyer le fichier entier.",
        "The content is not readable XML ({position}, line:column): {found}. Expected: a whole XML document; correct the "
        "syntax at that place, or send the whole file again.",
        _XML,
    ),
    error(
        "FHIR-XML-DTD",
        "security",
        "Le contenu commence par une déclaration DOCTYPE ({position}, ligne:colonne) : refusée, car elle peut faire "
        "lire d'autres fichiers. Attendu : aucune ; la retirer.",
        "The content begins with a DOCTYPE declaration ({position}, line:column): refused, as it may cause other files "
        "to be read. Expected: none; remove it.",
        f"{_R4}, https://hl7.org/fhir/R4/security.html#narrative; {_XML}",
    ),
    error(
        "FHIR-XML-LIMIT",
        "too-long",
        "Le contenu dépasse ce qui est lu ({position}, ligne:colonne) : {found}. Attendu : {expected} octets au plus, "
        "et 10 Mo par valeur. L'envoyer en JSON ou le diviser.",
        "The content exceeds what is read ({position}, line:column): {found}. Expected: at most {expected} bytes, and "
        "10 MB a value. Send it as JSON or divide it.",
        "Limit of this validator, against hostile input",
    ),
    error(
        "FHIR-XML-NAMESPACE",
        "structure",
        "L'élément « {element} » est dans l'espace de noms « {found} ». Attendu : {expected}. Corriger sa déclaration "
        "xmlns.",
        "The element “{element}” is in the namespace “{found}”. Expected: {expected}. Correct its xmlns declaration.",
        _XML,
    ),
    error(
        "FHIR-XML-ATTRIBUTE",
        "structure",
        "L'attribut « {found} » n'existe pas sur « {element} ». Attendu : {expected}. Le retirer, ou l'écrire comme un "
        "élément.",
        "There is no attribute “{found}” on “{element}”. Expected: {expected}. Remove it, or write it as an element.",
        _XML,
    ),
    error(
        "FHIR-XML-FORM",
        "structure",
        '« {found} » est écrit comme un élément de « {element} ». Attendu : un attribut ({found}="…").',
        '“{found}” is written as an element of “{element}”. Expected: an attribute ({found}="…").',
        _XML,
    ),
    error(
        "FHIR-XML-TEXT",
        "structure",
        "Du texte se trouve entre les éléments : « {found} ». Attendu : rien d'autre que des blancs ; les valeurs vont "
        "dans l'attribut value. Le retirer.",
        "There is text between the elements: “{found}”. Expected: nothing but white space; values go into the "
        "attribute value. Remove it.",
        _XML,
    ),
    error(
        "FHIR-XML-ORDER",
        "structure",
        "L'élément « {found} » vient après « {after} ». Attendu : l'ordre de la définition, les répétitions à la "
        "suite ; le déplacer avant.",
        "The element “{found}” comes after “{after}”. Expected: the order of the definition, repetitions together; "
        "move it before.",
        _XML,
    ),
    error(
        "FHIR-XML-RESOURCE",
        "structure",
        "« {element} » contient {found} ressources. Attendu : {expected}. N'en garder qu'une, ou retirer l'élément.",
        "“{element}” holds {found} resources. Expected: {expected}. Keep one only, or remove the element.",
        f"{_XML}; {_R4}, https://hl7.org/fhir/R4/resource.html",
    ),
    error(
        "FHIR-XML-INSTRUCTION",
        "structure",
        "Une instruction de traitement figure dans le contenu : « {found} ». Attendu : aucune ; la retirer.",
        "There is a processing instruction in the content: “{found}”. Expected: none; remove it.",
        f"{_XML}, as HL7's validator applies it",
    ),
    error(
        "FHIR-XHTML",
        "structure",
        "Le texte XHTML n'est pas du XML lisible ({position} du texte, ligne:colonne) : {found}. Attendu : du XML bien "
        "formé ; corriger la syntaxe ; seules les entités &lt; &gt; &amp; &quot; &apos; et numériques existent.",
        "The XHTML text is not readable XML ({position} of the text, line:column): {found}. Expected: well-formed XML; "
        "correct the syntax; the only entities are &lt; &gt; &amp; &quot; &apos; and numeric ones.",
        f"{_NARRATIVE} (txt-1)",
    ),
    error(
        "FHIR-XHTML-ROOT",
        "structure",
        "Le texte XHTML commence par « {element} ». Attendu : div.",
        "The XHTML text begins with “{element}”. Expected: div.",
        _NARRATIVE,
    ),
    error(
        "FHIR-XHTML-NAMESPACE",
        "structure",
        "L'élément « {element} » du texte est dans l'espace de noms « {found} ». Attendu : "
        "http://www.w3.org/1999/xhtml, déclaré sur le div.",
        "The element “{element}” of the text is in the namespace “{found}”. Expected: http://www.w3.org/1999/xhtml, "
        "declared on the div.",
        _NARRATIVE,
    ),
    error(
        "FHIR-XHTML-ELEMENT",
        "structure",
        "« {element} » n'est pas permis dans un texte. Attendu : la mise en forme de HTML 4.0 (chapitres 7 à 11 et 15), "
        "les liens et les images. Le retirer.",
        "“{element}” is not allowed in a narrative. Expected: the formatting of HTML 4.0 (chapters 7 to 11 and 15), links "
        "and images. Remove it.",
        f"{_NARRATIVE} (txt-1)",
    ),
    error(
        "FHIR-XHTML-ATTRIBUTE",
        "structure",
        "L'attribut « {element} » n'est pas permis dans un texte. Attendu : ni événement ni contenu actif ; le retirer.",
        "The attribute “{element}” is not allowed in a narrative. Expected: neither event nor active content; remove it.",
        f"{_NARRATIVE} (txt-1)",
    ),
    error(
        "FHIR-XHTML-NESTING",
        "structure",
        "Dans le texte, « {element} » n'est pas une imbrication permise. Attendu : {expected}.",
        "In the narrative, “{element}” is not an allowed nesting. Expected: {expected}.",
        f"{_NARRATIVE}; HTML 4.0, content models, as HL7's validator applies them",
    ),
    error(
        "FHIR-XHTML-URL",
        "value",
        "L'adresse « {element} » du texte n'est pas permise : {found}. Attendu : une adresse (RFC 3986) ou une image (data:image) ; la "
        "corriger ou retirer le lien.",
        "The address “{element}” in the narrative is not allowed: {found}. Expected: an address (RFC 3986) or an image (data:image); "
        "correct it or remove the link.",
        f"{_NARRATIVE}; RFC 3986; RFC 2397",
    ),
    error(
        "FHIR-XHTML-LINK",
        "not-found",
        "Le lien « {element} » du texte ne mène à rien dans la ressource. Attendu : une ancre ou une ressource contenue ; "
        "l'ajouter, ou retirer le lien.",
        "The link “{element}” in the narrative leads nowhere in the resource. Expected: an anchor or a contained resource; "
        "add it, or remove the link.",
        f"{_NARRATIVE} (images and links), as HL7's validator applies it",
    ),
    error(
        "FHIR-XHTML-EMPTY",
        "required",
        "Le texte est vide (« {element} »). Attendu : du texte ou une image ; sinon retirer text.",
        "The narrative is empty (“{element}”). Expected: text or an image; otherwise remove text.",
        f"{_NARRATIVE} (txt-2)",
    ),
    warning(
        "FHIR-XHTML-ID",
        "duplicate",
        "L'ancre « {element} » figure {found} fois dans le texte. La rendre unique.",
        "The anchor “{element}” appears {found} times in the narrative. Make it unique.",
        f"{_NARRATIVE}; HTML 4.0, 7.5.2",
    ),
    warning(
        "FHIR-XHTML-MIXED",
        "business-rule",
        "Le texte de « {element} » mêle des sections par langue ({found}) et du contenu hors section. Placer chaque "
        "contenu dans une section.",
        "The narrative of “{element}” mixes language sections ({found}) and content outside them. Place all content in a "
        "section.",
        f"{_NARRATIVE}; https://hl7.org/fhir/R4/languages.html",
    ),
    warning(
        "FHIR-XHTML-LANG",
        "business-rule",
        "La langue du texte (« {element} ») est {found}. Attendu : {expected}. Accorder lang, xml:lang et "
        "Resource.language.",
        "The language of the narrative (“{element}”) is {found}. Expected: {expected}. Make lang, xml:lang and "
        "Resource.language agree.",
        f"{_R4}, https://hl7.org/fhir/R4/languages.html",
    ),
    warning(
        "FHIR-XHTML-STYLE",
        "security",
        "Le style de « {element} » fait appel à l'extérieur : {found}. Le retirer ; un texte se suffit.",
        "The style of “{element}” calls for outside content: {found}. Remove it; a narrative stands alone.",
        f"{_NARRATIVE} (styling)",
    ),
)
