"""Rules of the area `fhir_bundle`: Bundles as a whole, and where references lead.

In every sentence `{found}` is what was received, `{expected}` what the guide asks for.
"""

from __future__ import annotations

from validators.messages._row import error, warning
from validators.report import Rule

_R4 = "HL7 FHIR R4 (4.0.1)"
_BUNDLE = f"{_R4}, Bundle, https://hl7.org/fhir/R4/bundle.html"
_RESOLUTION = f"{_BUNDLE}#references"
_UNIQUE = f"{_BUNDLE}#bundle-unique"
_DOCUMENTS = f"{_R4}, documents, https://hl7.org/fhir/R4/documents.html#content"
_MESSAGING = f"{_R4}, messaging, https://hl7.org/fhir/R4/messaging.html"
_SEARCH = f"{_R4}, search, https://hl7.org/fhir/R4/search.html"
_REFERENCES = f"{_R4}, references, https://hl7.org/fhir/R4/references.html"
_TRANSACTION = f"{_R4}, RESTful API, https://hl7.org/fhir/R4/http.html#transaction"

RULES: tuple[Rule, ...] = (
    error(
        "FHIR-BUNDLE-FULLURL-MISSING",
        "required",
        "Cette entrée n'a pas de fullUrl. Attendu : l'identité absolue de la ressource (seules les transactions et les lots peuvent l'omettre, et seulement pour une entrée sans référence). L'ajouter, par exemple urn:uuid:….",
        "This entry has no fullUrl. Expected: the absolute identity of the resource (only transactions and batches may leave it out, and only for an entry without references). Add it, for instance urn:uuid:….",
        f"{_BUNDLE}#Bundle.entry.fullUrl",
    ),
    error(
        "FHIR-BUNDLE-FULLURL",
        "value",
        "Le fullUrl « {found} » n'est pas une adresse absolue. Attendu : http(s)://…, urn:uuid:… ou urn:oid:…. Le compléter.",
        "The fullUrl “{found}” is not an absolute address. Expected: http(s)://…, urn:uuid:… or urn:oid:…. Complete it.",
        f"{_BUNDLE}#Bundle.entry.fullUrl",
    ),
    error(
        "FHIR-BUNDLE-FULLURL-ID",
        "value",
        "Le fullUrl « {found} » contredit le type ou l'id de la ressource. Attendu : une adresse qui finit par {expected}, et cet id dans la ressource. Corriger l'un ou l'autre.",
        "The fullUrl “{found}” disagrees with the resource's type or id. Expected: an address that ends with {expected}, and that id in the resource. Correct one or the other.",
        f"{_UNIQUE}; Bundle.entry.fullUrl",
    ),
    error(
        "FHIR-BUNDLE-FULLURL-CANONICAL",
        "value",
        "Le fullUrl « {found} » est l'url canonique de la ressource. Attendu : une adresse qui finit par {expected} quand les deux sont identiques. Changer le fullUrl.",
        "The fullUrl “{found}” is the resource's canonical url. Expected: an address that ends with {expected} where both are the same. Change the fullUrl.",
        f"{_UNIQUE}; Bundle.entry.fullUrl",
    ),
    error(
        "FHIR-BUNDLE-FIRST",
        "structure",
        "La première ressource du Bundle est : {found}. Attendu : {expected}. La placer en tête.",
        "The first resource of the Bundle is: {found}. Expected: {expected}. Put it first.",
        f"{_DOCUMENTS}; {_MESSAGING}",
    ),
    error(
        "FHIR-BUNDLE-ORPHAN",
        "not-found",
        "Aucune suite de références ne mène de la Composition à l'entrée « {found} ». Attendu : un document dont tout se tient. La citer dans le document ou la retirer.",
        "No chain of references leads from the Composition to the entry “{found}”. Expected: a document that hangs together. Refer to it in the document or remove it.",
        _DOCUMENTS,
    ),
    warning(
        "FHIR-BUNDLE-ORPHAN-MESSAGE",
        "not-found",
        "Aucune suite de références ne mène de l'en-tête du message à l'entrée « {found} ». La citer dans le message ou la retirer.",
        "No chain of references leads from the message's header to the entry “{found}”. Refer to it in the message or remove it.",
        _MESSAGING,
    ),
    warning(
        "FHIR-BUNDLE-REVERSE",
        "business-rule",
        "L'entrée « {found} » cite le document sans que rien dans le document n'y mène. Vérifier qu'elle n'a pas été oubliée dans une section.",
        "The entry “{found}” points to the document, but nothing in the document leads to it. Check that no section forgot it.",
        _DOCUMENTS,
    ),
    error(
        "FHIR-BUNDLE-REFERENCE",
        "not-found",
        "La ressource « {found} » n'est pas dans le Bundle. Attendu : un document ou un message apporte ce que sa première ressource cite. Ajouter cette ressource, ou corriger la référence ou le fullUrl.",
        "The resource “{found}” is not in the Bundle. Expected: a document or message brings along what its first resource refers to. Add that resource, or correct the reference or the fullUrl.",
        f"{_DOCUMENTS}; {_RESOLUTION}",
    ),
    error(
        "FHIR-REFERENCE-APPARENT",
        "not-found",
        "La référence « {found} » ne mène à aucune entrée : une ressource a ce type et cet id, mais pour fullUrl {expected}, et l'entrée qui la cite a pour fullUrl {base}. Mettre dans la référence le fullUrl de la cible.",
        "The reference “{found}” leads to no entry: a resource has that type and id, but its fullUrl is {expected}, and the entry that refers to it has the fullUrl {base}. Put the target's fullUrl in the reference.",
        _RESOLUTION,
    ),
    warning(
        "FHIR-REFERENCE-APPARENT-ELSEWHERE",
        "not-found",
        "La référence « {found} » ne mène pas à l'entrée qui a ce type et cet id : celle-ci a pour fullUrl {expected}, et l'entrée qui la cite a pour fullUrl {base}. Si c'est elle qui est visée, mettre son fullUrl dans la référence.",
        "The reference “{found}” does not lead to the entry that has that type and id: its fullUrl is {expected}, and the entry that refers to it has the fullUrl {base}. If it is the one meant, put its fullUrl in the reference.",
        _RESOLUTION,
    ),
    error(
        "FHIR-REFERENCE-AMBIGUOUS",
        "multiple-matches",
        "La référence « {found} » mène à plusieurs entrées : {expected}. Attendu : une seule. Préciser la version (/_history/…) ou donner à chacune son fullUrl.",
        "The reference “{found}” leads to several entries: {expected}. Expected: one only. Name the version (/_history/…) or give each its own fullUrl.",
        _RESOLUTION,
    ),
    warning(
        "FHIR-REFERENCE-LOCAL",
        "not-found",
        "La référence « {found} » ne mène à aucune entrée du Bundle, et une urn ne désigne rien en dehors. Ajouter cette ressource ou corriger la référence.",
        "The reference “{found}” leads to no entry of the Bundle, and a urn names nothing outside it. Add that resource or correct the reference.",
        _RESOLUTION,
    ),
    error(
        "FHIR-REFERENCE-RELATIVE",
        "value",
        "La référence « {found} » n'a pas la forme d'une référence relative. Attendu : Type/id, Type/id/_history/version, ou une recherche (Type?paramètre=valeur) dans une transaction seulement. La corriger.",
        "The reference “{found}” does not have the form of a relative reference. Expected: Type/id, Type/id/_history/version, or a search (Type?parameter=value) in a transaction only. Correct it.",
        f"{_REFERENCES}#literal; {_TRANSACTION}",
    ),
    error(
        "FHIR-REFERENCE-FORMAT",
        "value",
        "La référence « {found} » contient un espace ou un saut de ligne. Attendu : une adresse sans blanc. Le retirer.",
        "The reference “{found}” contains a space or a line break. Expected: an address without blanks. Remove it.",
        f"{_REFERENCES}#literal",
    ),
    error(
        "FHIR-REFERENCE-QUERY",
        "value",
        "La recherche de la référence conditionnelle à {found} est mal formée. Attendu : {found}?paramètre=valeur, puis &paramètre=valeur. La corriger.",
        "The search of the conditional reference to {found} is not well formed. Expected: {found}?parameter=value, then &parameter=value. Correct it.",
        f"{_TRANSACTION}; {_SEARCH}",
    ),
    error(
        "FHIR-REFERENCE-DECLARED",
        "value",
        "La référence se dit de type {found} mais mène à une ressource {expected}. Corriger Reference.type ou Reference.reference.",
        "The reference declares the type {found} but leads to a {expected} resource. Correct Reference.type or Reference.reference.",
        f"{_REFERENCES}#Reference",
    ),
    error(
        "FHIR-REFERENCE-FRAGMENT",
        "not-found",
        "Le lien du texte vers « {found} » nomme un fragment absent de l'entrée désignée. Attendu : l'id d'un élément ou d'une partie du texte de cette ressource. Le corriger.",
        "The narrative link to “{found}” names a fragment that the entry it leads to does not have. Expected: the id of an element or of a part of that resource's narrative. Correct it.",
        f"{_R4}, narrativeLink, https://hl7.org/fhir/R4/extension-narrativelink.html",
    ),
    error(
        "FHIR-BUNDLE-LINK-DUPLICATE",
        "duplicate",
        "La relation « {found} » est donnée par plusieurs liens du Bundle. Attendu : un seul lien. Retirer celui-ci.",
        "The relation “{found}” is given by several links of the Bundle. Expected: one link only. Remove this one.",
        f"{_SEARCH}#conformance; {_BUNDLE}#Bundle.link",
    ),
    error(
        "FHIR-BUNDLE-LINK-PAGING",
        "business-rule",
        "La relation « {found} » n'a pas de sens dans un Bundle de type {expected}. Attendu : des pages dans les recherches et les historiques seulement. Retirer ce lien.",
        "The relation “{found}” makes no sense in a Bundle of type {expected}. Expected: pages in searches and histories only. Remove this link.",
        f"{_BUNDLE}#Bundle.link",
    ),
    error(
        "FHIR-BUNDLE-STYLESHEET",
        "not-found",
        "La feuille de style « {found} » n'est pas dans le document. Attendu : le Type/id d'une entrée. L'ajouter ou retirer ce lien.",
        "The stylesheet “{found}” is not in the document. Expected: the Type/id of an entry. Add it or remove this link.",
        f"{_R4}, documents, https://hl7.org/fhir/R4/documents.html#css",
    ),
    warning(
        "FHIR-BUNDLE-STYLESHEET-OUTSIDE",
        "business-rule",
        "La feuille de style « {found} » est hors du document : il s'affichera autrement si elle change ou disparaît. La joindre au document.",
        "The stylesheet “{found}” is outside the document, which will look different when it changes or goes away. Put it in the document.",
        f"{_R4}, documents, https://hl7.org/fhir/R4/documents.html#css",
    ),
    error(
        "FHIR-BUNDLE-SEARCH-RESOURCE",
        "required",
        "Cette entrée d'un résultat de recherche n'a pas de ressource. L'ajouter ou retirer l'entrée.",
        "This entry of a search result has no resource. Add it or remove the entry.",
        f"{_SEARCH}#entries",
    ),
    error(
        "FHIR-BUNDLE-SEARCH-ID",
        "required",
        "La ressource trouvée n'a pas d'id. Attendu : celui sous lequel le serveur la conserve. L'ajouter.",
        "The resource found has no id. Expected: the one the server keeps it under. Add it.",
        f"{_SEARCH}#entries",
    ),
    error(
        "FHIR-BUNDLE-SEARCH-TYPE",
        "value",
        "La recherche a trouvé une ressource {found}. Attendu : {expected}, d'après le lien self. Corriger search.mode ou le lien.",
        "The search found a {found} resource. Expected: {expected}, according to the self link. Correct search.mode or the link.",
        f"{_SEARCH}#entries",
    ),
    error(
        "FHIR-BUNDLE-SEARCH-OUTCOME",
        "value",
        "Une entrée dont search.mode est « outcome » porte une ressource {found}. Attendu : OperationOutcome. Corriger le mode ou la ressource.",
        "An entry whose search.mode is “outcome” holds a {found} resource. Expected: OperationOutcome. Correct the mode or the resource.",
        f"{_SEARCH}#entries",
    ),
    warning(
        "FHIR-BUNDLE-SEARCH-SELF",
        "business-rule",
        "Le résultat de recherche n'a pas de lien self. Attendu : l'adresse de la recherche telle que le serveur l'a comprise. L'ajouter.",
        "The search result has no self link. Expected: the address of the search as the server understood it. Add it.",
        f"{_SEARCH}#conformance",
    ),
    warning(
        "FHIR-BUNDLE-SEARCH-MODE",
        "business-rule",
        "{found} entrée(s) du résultat de recherche n'ont pas de search.mode. Attendu : match, include ou outcome. L'ajouter.",
        "{found} entries of the search result have no search.mode. Expected: match, include or outcome. Add it.",
        f"{_SEARCH}#entries",
    ),
    error(
        "FHIR-BUNDLE-REQUEST-RESOURCE",
        "required",
        "La requête {found} n'a pas de ressource. Attendu : celle à créer ou à remplacer. L'ajouter.",
        "The request {found} has no resource. Expected: the one to create or replace. Add it.",
        _TRANSACTION,
    ),
    warning(
        "FHIR-BUNDLE-REQUEST-NO-RESOURCE",
        "business-rule",
        "La requête {found} porte une ressource, que le serveur ignorera. La retirer ou changer de méthode.",
        "The request {found} holds a resource, which the server will ignore. Remove it or change the method.",
        _TRANSACTION,
    ),
    error(
        "FHIR-BUNDLE-REQUEST-URL",
        "value",
        "La requête {method} vise « {found} » mais porte une ressource {expected}. Attendu : l'adresse de cette ressource. Corriger request.url ou la ressource.",
        "The request {method} aims at “{found}” but holds a {expected} resource. Expected: the address of that resource. Correct request.url or the resource.",
        f"{_TRANSACTION}; #create; #update",
    ),
    warning(
        "FHIR-BUNDLE-REQUEST-CONDITION",
        "business-rule",
        "request.{element} ne s'applique pas à {found}. Attendu : {expected}. Le retirer ou changer de méthode.",
        "request.{element} does not apply to {found}. Expected: {expected}. Remove it or change the method.",
        f"{_TRANSACTION}; #ccreate; #concurrency; #cread",
    ),
)
