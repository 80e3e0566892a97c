"""The constraints of FHIR R4 in French: one sentence a key, saying what is expected.

R4 gives each constraint an English sentence only (ElementDefinition.constraint.human). The French ones are written from
the expression that is judged, so that they hold where the English sentence says something else. They begin in lower
case and have no full stop: the rule's own sentence puts them after a colon.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_NAMED: Final = (
    "adf-0", "cid-0", "cmd-0", "cpb-0", "cpd-0", "csd-0", "ees-0", "esc-0", "evd-0", "evi-0", "evv-0", "gdf-0", "ig-0",
    "lib-0", "mea-0", "msd-0", "nsd-0", "opd-0", "pdf-0", "que-0", "red-0", "rsd-0", "rvs-0", "sdf-0", "smp-0", "spd-0",
    "tcp-0", "tst-0", "vsd-0",
)  # fmt: skip
"""One constraint that R4 repeats on each canonical resource under another key."""

_NAME: Final = "name devrait pouvoir servir d'identifiant dans un programme : une majuscule, puis 254 lettres sans accent, chiffres ou « _ » au plus"

FRENCH: Final[Mapping[str, str]] = {
    **dict.fromkeys(_NAMED, _NAME),
    # -- every element, every resource, the narrative
    "ele-1": "un élément a une valeur ou au moins un élément fils",
    "ext-1": "une extension porte soit une valeur (value[x]), soit des extensions, jamais les deux ni rien",
    "dom-2": "une ressource contenue (contained) ne contient pas elle-même d'autres ressources",
    "dom-3": "une ressource contenue (contained) est référencée depuis la ressource qui la contient, ou référence celle-ci",
    "dom-4": "une ressource contenue (contained) n'a ni meta.versionId ni meta.lastUpdated",
    "dom-5": "une ressource contenue (contained) n'a pas d'étiquette de sécurité (meta.security)",
    "dom-6": "une ressource devrait avoir un texte lisible par l'utilisateur (text.div), pour rester exploitable sans traitement",
    "txt-1": "le texte lisible (div) n'emploie que la mise en forme HTML de base admise par FHIR : éléments et attributs des chapitres 7 à 11 (sauf la section 4 du chapitre 9) et 15 de HTML 4.0, liens <a> (name ou href), images et attributs style",
    "txt-2": "le texte lisible (div) n'est pas vide : il contient autre chose que des espaces",
    "ref-1": "une référence locale (« #… ») désigne une ressource contenue (contained) dans la même ressource",
    # -- data types
    "age-1": "un âge avec une valeur a aussi un code, qui est une unité de temps ; system, s'il est présent, est UCUM ; value, si elle est présente, est strictement positive",
    "att-1": "une pièce jointe dont le contenu est fourni (data) indique son type MIME (contentType)",
    "cnt-3": "un dénombrement avec une valeur a le code « 1 » ; system, s'il est présent, est UCUM ; value, si elle est présente, est un nombre entier",
    "cpt-2": "un moyen de contact avec une valeur (value) indique sa nature (system)",
    "dis-1": "une distance avec une valeur a aussi un code, qui est une unité de longueur ; system, s'il est présent, est UCUM",
    "drq-1": "un filtre sur un code (codeFilter) indique soit path, soit searchParam, l'un des deux et un seul",
    "drq-2": "un filtre sur une date (dateFilter) indique soit path, soit searchParam, l'un des deux et un seul",
    "drt-1": "une durée dont l'unité est codée (code) a une valeur (value) et le système UCUM (system) ; le code est une unité de temps",
    "exp-1": "une expression est donnée par son texte (expression) ou par une référence (reference)",
    "mqty-1": "un montant avec une valeur a aussi un code, qui est une devise ; system, s'il est présent, est ISO 4217 (urn:iso:std:iso:4217)",
    "per-1": "le début d'une période (start) n'est pas postérieur à sa fin (end)",
    "qty-3": "une quantité dont l'unité est codée (code) indique le système du code (system)",
    "rat-1": "un rapport a un numérateur (numerator) et un dénominateur (denominator), ou ni l'un ni l'autre ; sans eux, il porte au moins une extension",
    "rng-2": "la borne basse d'un intervalle (low) ne dépasse pas sa borne haute (high)",
    "sqty-1": "une quantité simple (SimpleQuantity) n'a pas de comparateur (comparator)",
    "tim-1": "une durée (duration) est accompagnée de son unité (durationUnit)",
    "tim-2": "une période de répétition (period) est accompagnée de son unité (periodUnit)",
    "tim-4": "la durée (duration) n'est pas négative",
    "tim-5": "la période de répétition (period) n'est pas négative",
    "tim-6": "periodMax n'est présent qu'avec period",
    "tim-7": "durationMax n'est présent qu'avec duration",
    "tim-8": "countMax n'est présent qu'avec count",
    "tim-9": "un décalage (offset) se rapporte à un moment (when), qui n'est aucun des repas C, CM, CD et CV",
    "tim-10": "l'heure (timeOfDay) et le moment de la journée (when) ne sont pas donnés ensemble",
    "trd-1": "un déclencheur porte soit un calendrier (timing[x]), soit un besoin de données (data), pas les deux",
    "trd-2": "une condition (condition) n'est présente qu'avec un besoin de données (data)",
    "trd-3": "un déclencheur named-event a un nom (name), un déclencheur periodic un calendrier (timing[x]), un déclencheur data-… un besoin de données (data)",
    # -- ElementDefinition
    "eld-1": "un découpage (slicing) sans discriminant (discriminator) est décrit en toutes lettres (description)",
    "eld-2": "la cardinalité minimale (min) ne dépasse pas la cardinalité maximale (max)",
    "eld-3": "la cardinalité maximale (max) est un nombre entier positif ou nul, ou « * »",
    "eld-4": "aggregation n'est présent que sur le type Reference ou canonical",
    "eld-5": "un élément défini par renvoi (contentReference) n'a ni type, ni defaultValue[x], ni fixed[x], ni pattern[x], ni example, ni minValue[x], ni maxValue[x], ni maxLength, ni binding",
    "eld-6": "une valeur fixée (fixed[x]) n'est donnée que pour un élément d'un seul type",
    "eld-7": "un motif (pattern[x]) n'est donné que pour un élément d'un seul type",
    "eld-8": "un élément n'a pas à la fois un motif (pattern[x]) et une valeur fixée (fixed[x])",
    "eld-11": "un lien vers un jeu de valeurs (binding) n'est présent que sur un élément code, Coding, CodeableConcept, Quantity, string ou uri",
    "eld-12": "l'adresse du jeu de valeurs (valueSet) commence par http:, https: ou urn: (adresse absolue)",
    "eld-13": "chaque type d'un élément n'est cité qu'une fois (type.code)",
    "eld-14": "chaque contrainte d'un élément a une clé (key) qui lui est propre",
    "eld-15": "un élément n'a pas à la fois une valeur par défaut (defaultValue[x]) et le sens de son absence (meaningWhenMissing)",
    "eld-16": "sliceName se compose de lettres sans accent, de chiffres et des signes / - _ [ ] @",
    "eld-17": "targetProfile n'est présent que sur le type Reference ou canonical",
    "eld-18": "un élément modificateur (isModifier à true) indique pourquoi il l'est (isModifierReason)",
    "eld-19": "les noms d'éléments de path ont 64 caractères au plus, sans espace ni signe réservé (. , : ; ' \" / | ? ! @ # $ % & * ( ) [ ] { }), le [x] final mis à part",
    "eld-20": "les noms d'éléments de path devraient s'écrire en lettres sans accent et chiffres, en commençant par une lettre, pour que les générateurs de code les acceptent",
    "eld-21": "une contrainte devrait avoir une expression FHIRPath (expression), sans quoi aucun validateur ne peut la vérifier",
    "eld-22": "sliceIsConstraining n'est présent qu'avec sliceName",
    # -- Bundle
    "bdl-1": "total n'est présent que dans un Bundle searchset ou history",
    "bdl-2": "entry.search n'est présent que dans un Bundle searchset",
    "bdl-3": "entry.request est présent dans chaque entrée d'un Bundle batch, transaction ou history, et absent des autres Bundle",
    "bdl-4": "entry.response est présent dans chaque entrée d'un Bundle batch-response, transaction-response ou history, et absent des autres Bundle",
    "bdl-5": "une entrée contient une ressource (resource), sauf si elle porte request ou response",
    "bdl-7": "fullUrl est unique dans le Bundle, sauf entre versions différentes d'une ressource (meta.versionId) et dans un Bundle history",
    "bdl-8": "fullUrl désigne une ressource, non l'une de ses versions : il ne contient pas « /_history/ »",
    "bdl-9": "un Bundle document a un identifiant complet (identifier.system et identifier.value)",
    "bdl-10": "un Bundle document est daté (timestamp)",
    "bdl-11": "la première ressource d'un Bundle document est une Composition",
    "bdl-12": "la première ressource d'un Bundle message est un MessageHeader",
    # -- care
    "ait-1": "clinicalStatus est présent, sauf si verificationStatus vaut entered-in-error",
    "ait-2": "clinicalStatus est absent quand verificationStatus vaut entered-in-error",
    "app-1": "chaque participant d'un rendez-vous indique type, actor ou les deux",
    "app-2": "le début (start) et la fin (end) d'un rendez-vous sont donnés ensemble, ou absents tous les deux",
    "app-3": "un rendez-vous a un début (start) et une fin (end), sauf si status vaut proposed, cancelled ou waitlist",
    "app-4": "le motif d'annulation (cancelationReason) n'est présent que si status vaut cancelled ou noshow",
    "apr-1": "la réponse à un rendez-vous indique participantType, actor ou les deux",
    "cpl-3": "une activité est soit référencée (reference), soit détaillée (detail), pas les deux",
    "ctm-1": "onBehalfOf n'est présent que si member désigne un Practitioner",
    "con-1": "un stade (stage) indique summary, assessment ou les deux",
    "con-2": "un élément de preuve (evidence) indique code, detail ou les deux",
    "con-4": "quand le problème a pris fin (abatement[x]), clinicalStatus vaut inactive, resolved ou remission",
    "con-5": "clinicalStatus est absent quand verificationStatus vaut entered-in-error",
    "fhs-1": "l'âge (age[x]) et la naissance (born[x]) ne sont pas donnés ensemble",
    "fhs-2": "estimatedAge n'est présent qu'avec age[x]",
    "gol-1": "une cible avec une valeur à atteindre (detail[x]) indique ce qui est mesuré (measure)",
    "imm-1": "un support d'information remis au patient indique documentType, reference ou les deux",
    "imr-1": "une recommandation vaccinale indique vaccineCode, targetDisease ou les deux",
    "mad-1": "une administration indique la dose (dose), le débit (rate[x]) ou les deux",
    "mdd-1": "la remise (whenHandedOver) n'est pas antérieure à la préparation (whenPrepared)",
    "nor-1": "une prescription diététique devrait porter oralDiet, supplement ou enteralFormula",
    "obs-3": "un intervalle de référence (referenceRange) indique au moins low, high ou text",
    "obs-6": "dataAbsentReason n'est présent que si value[x] est absent",
    "obs-7": "quand un component a le même code que l'Observation, le résultat est dans ce component et value[x] est absent",
    "vs-1": "la date de la mesure (effectiveDateTime) est précise au moins au jour",
    "vs-2": "sans component ni hasMember, un signe vital a un résultat (value[x]) ou la raison de son absence (dataAbsentReason)",
    "vs-3": "un component sans résultat (value[x]) indique la raison de son absence (dataAbsentReason)",
    "prr-1": "orderDetail n'est présent qu'avec code",
    "ras-1": "les bornes d'une probabilité (low et high), si elles sont présentes, sont des pourcentages (code « % », système UCUM)",
    "ras-2": "une probabilité décimale (probabilityDecimal) ne dépasse pas 100",
    "rqg-1": "une action porte soit une ressource (resource), soit des actions (action), l'un des deux et un seul",
    # -- documents and lists
    "cmp-1": "une section contient au moins un texte (text), une entrée (entry) ou une sous-section (section)",
    "cmp-2": "emptyReason n'est présent que dans une section sans entrée (entry)",
    "lst-1": "emptyReason n'est présent que dans une liste sans entrée (entry)",
    "lst-2": "entry.deleted n'est présent que dans une liste dont mode vaut changes",
    "lst-3": "entry.date n'est présent que dans une liste dont mode vaut working",
    "lnk-1": "un Linkage relie au moins deux ressources (item)",
    # -- people, organisations, administration
    "grp-1": "seul un groupe réel (actual à true) énumère ses membres (member)",
    "ipn-1": "un produit d'assurance a au moins un identifiant (identifier) ou un nom (name)",
    "org-1": "une organisation a au moins un identifiant (identifier) ou un nom (name)",
    "org-2": "l'adresse d'une organisation n'est pas une adresse personnelle (use différent de home)",
    "org-3": "le moyen de contact d'une organisation n'est pas personnel (use différent de home)",
    "pat-1": "un contact du patient indique au moins name, telecom, address ou organization",
    "ces-1": "une ligne indique soit category, soit productOrService, l'un des deux et un seul",
    "ppc-1": "un consentement indique la politique appliquée : policy, policyRule ou les deux",
    "ppc-2": "un consentement de portée patient-privacy (scope) désigne le patient (patient)",
    "ppc-3": "un consentement de portée research (scope) désigne le patient (patient)",
    "ppc-4": "un consentement de portée adr (scope) désigne le patient (patient)",
    "ppc-5": "un consentement de portée treatment (scope) désigne le patient (patient)",
    "sev-1": "un objet tracé (entity) indique soit name, soit query, pas les deux",
    # -- Questionnaire
    "que-1": "un item group contient d'autres items, un item display n'en contient pas",
    "que-2": "chaque linkId est unique dans le questionnaire",
    "que-3": "un item display n'a pas de code",
    "que-4": "une question n'a pas à la fois answerOption et answerValueSet",
    "que-5": "answerOption et answerValueSet ne sont présents que sur un item choice, open-choice, decimal, integer, date, dateTime, time, string ou quantity",
    "que-6": "un item display n'a ni required ni repeats",
    "que-7": "quand operator vaut exists, la réponse attendue est un booléen (answerBoolean)",
    "que-8": "un item group ou display n'a pas de valeur initiale (initial)",
    "que-9": "un item display n'a pas readOnly",
    "que-10": "maxLength n'est présent que sur un item boolean, decimal, integer, string, text, url ou open-choice",
    "que-11": "un item avec answerOption n'a pas de valeur initiale (initial) : il emploie answerOption.initialSelected",
    "que-12": "un item avec plusieurs conditions (enableWhen) indique comment les combiner (enableBehavior)",
    "que-13": "seul un item répétable (repeats à true) a plusieurs valeurs initiales (initial)",
    "qrs-1": "les items imbriqués sont placés soit sous item, soit sous answer, pas sous les deux",
    # -- measures
    "mea-1": "un critère de stratification (stratifier) est unique (code, description, criteria) ou composé (component), l'un des deux et un seul",
    "mrp-1": "un MeasureReport data-collection ne porte aucun résultat (group)",
    "mrp-2": "une strate (stratum) a soit une valeur (value), soit des composantes (component), l'une des deux et une seule",
    # -- genomics
    "msq-3": "coordinateSystem vaut 0 ou 1",
    "msq-5": "chromosome et genomeBuild sont donnés ensemble, ou absents tous les deux",
    "msq-6": "la séquence de référence est donnée par un seul élément parmi genomeBuild, referenceSeqId, referenceSeqPointer et referenceSeqString",
    # -- terminology
    "cmd-1": "une correspondance narrower ou inexact (equivalence) est commentée (comment)",
    "cmd-2": "quand mode vaut fixed, un code est donné (code)",
    "cmd-3": "quand mode vaut other-map, l'adresse de l'autre table est donnée (url)",
    "csd-1": "chaque code est unique dans le système de codes",
    "nsd-1": "un système root n'est pas identifié par un UUID (uniqueId.type)",
    "nsd-2": "un seul identifiant préféré (preferred) est donné par type (uniqueId.type)",
    "vsd-1": "une inclusion ou une exclusion cite un jeu de valeurs (valueSet), un système (system) ou les deux",
    "vsd-2": "une inclusion ou une exclusion avec des codes (concept) ou des filtres (filter) indique leur système (system)",
    "vsd-3": "une inclusion ou une exclusion énumère des codes (concept) ou les filtre (filter), pas les deux",
    "vsd-6": "un concept de l'expansion a un code (code), un libellé (display) ou les deux",
    "vsd-9": "un concept de l'expansion a un code (code), sauf s'il est abstrait (abstract à true)",
    "vsd-10": "un concept de l'expansion avec un code (code) indique son système (system)",
    # -- capabilities and services
    "cpb-1": "un CapabilityStatement décrit au moins rest, messaging ou document",
    "cpb-2": "un CapabilityStatement porte au moins description, software ou implementation",
    "cpb-3": "messaging.endpoint n'est présent que si kind vaut instance",
    "cpb-7": "chaque document décrit est unique par son profil et son mode (profile et mode)",
    "cpb-9": "chaque type de ressource n'est décrit qu'une fois par mode REST",
    "cpb-12": "chaque paramètre de recherche (searchParam.name) n'est cité qu'une fois par ressource",
    "cpb-14": "quand kind vaut instance, implementation est présent",
    "cpb-15": "quand kind vaut capability, software est présent et implementation absent",
    "cpb-16": "quand kind vaut requirements, implementation et software sont absents",
    "md-1": "max est un nombre entier strictement positif, ou « * »",
    "opd-1": "un paramètre a un type (type) ou des parties (part)",
    "opd-2": "searchType n'est présent que sur un paramètre de type string",
    "opd-3": "targetProfile n'est présent que sur un paramètre de type Reference ou canonical",
    "spd-1": "un paramètre de recherche avec xpath indique xpathUsage",
    "spd-2": "chain n'est présent que sur un paramètre de recherche de type reference",
    "tcp-1": "un système de codes décrit en plusieurs versions donne le code de chacune (version.code)",
    "tcp-2": "un TerminologyCapabilities porte au moins description, software ou implementation",
    "tcp-3": "quand kind vaut instance, implementation est présent",
    "tcp-4": "quand kind vaut capability, software est présent et implementation absent",
    "tcp-5": "quand kind vaut requirements, implementation et software sont absents",
    # -- profiles and guides
    "ig-1": "le groupe d'une ressource (groupingId) est défini dans le guide (definition.grouping)",
    "ig-2": "la version de FHIR d'une ressource (fhirVersion) est l'une de celles du guide",
    "sdf-1": "chaque path est unique dans snapshot, sauf si derivation vaut constraint",
    "sdf-2": "une correspondance (mapping) indique name, uri ou les deux",
    "sdf-3": "chaque élément de snapshot a une définition (definition) et ses cardinalités (min et max)",
    "sdf-4": "une structure qui n'est pas abstraite (abstract) indique celle dont elle dérive (baseDefinition)",
    "sdf-5": "la définition d'une extension indique où elle s'emploie (context)",
    "sdf-6": "une structure porte snapshot, differential ou les deux",
    "sdf-8": "le premier élément de snapshot est le type défini (type), sauf pour un modèle logique, et le path de tous les autres commence par le sien",
    "sdf-8a": "le path de tous les éléments de differential commence par le type défini (type) ou, pour un modèle logique, par le même nom",
    "sdf-8b": "chaque élément de snapshot indique l'élément dont il dérive (base)",
    "sdf-9": "l'élément racine, dont path n'a pas de point, n'a ni label, ni code, ni requirements",
    "sdf-10": "un lien vers un jeu de valeurs (binding) indique valueSet, description ou les deux",
    "sdf-11": "le path du premier élément de snapshot est le type défini (type), sauf pour un modèle logique",
    "sdf-14": "chaque élément de snapshot et de differential a un id",
    "sdf-15": "le premier élément de snapshot n'a pas de type, sauf pour un modèle logique",
    "sdf-15a": "le premier élément de differential, s'il est la racine, n'a pas de type, sauf pour un modèle logique",
    "sdf-16": "chaque élément de snapshot a un id qui lui est propre",
    "sdf-17": "chaque élément de differential a un id qui lui est propre",
    "sdf-18": "contextInvariant n'est présent que dans la définition d'une extension",
    "sdf-19": "les structures de la norme FHIR n'emploient que des types définis par FHIR",
    "sdf-20": "l'élément racine n'est pas découpé (slicing)",
    "sdf-21": "une valeur par défaut (defaultValue[x]) n'est donnée que si derivation vaut specialization",
    "sdf-22": "les structures de la norme FHIR n'ont pas de valeur par défaut (defaultValue[x])",
    "sdf-23": "l'élément racine n'a pas de sliceName",
    "smp-1": "element n'est présent qu'avec context",
    "smp-2": "context est accompagné de contextType",
    # -- TestScript, TestReport
    "inv-1": "les éléments se combinent comme l'expression de la contrainte le demande",
    "inv-2": "chaque action de test porte soit operation, soit assert, l'un des deux et un seul",
    "tst-1": "chaque action de setup porte soit operation, soit assert, l'un des deux et un seul",
    "tst-2": "chaque action de test porte soit operation, soit assert, l'un des deux et un seul",
    "tst-3": "une variable est lue par un seul élément parmi expression, headerField et path",
    "tst-4": "metadata.capability indique required, validated ou les deux",
    "tst-5": "un assert de setup ne porte qu'une seule assertion",
    "tst-6": "un assert de test ne porte qu'une seule assertion",
    "tst-7": "une opération de setup indique sourceId, ou bien un seul élément parmi targetId, params et url, sauf pour les types capabilities, search, transaction et history",
    "tst-8": "une opération de test indique sourceId, ou bien un seul élément parmi targetId, params et url, sauf pour les types capabilities, search, transaction et history",
    "tst-9": "une opération de teardown indique sourceId, ou bien un seul élément parmi targetId, params et url, sauf pour les types capabilities, search, transaction et history",
    "tst-10": "dans un assert de setup, compareToSourceId va avec compareToSourceExpression ou compareToSourcePath, et aucun n'est présent sans l'autre",
    "tst-11": "dans un assert de test, compareToSourceId va avec compareToSourceExpression ou compareToSourcePath, et aucun n'est présent sans l'autre",
    "tst-12": "dans un assert de setup dont direction vaut request, response et responseCode sont absents",
    "tst-13": "dans un assert de test dont direction vaut request, response et responseCode sont absents",
}  # fmt: skip
"""The French sentence of each key."""

SHARED: Final[Mapping[str, str]] = {
    "A parameter must have one and only one of (value, resource, part)": "un paramètre porte un seul élément parmi value[x], resource et part",
    "If the substanceExposureRisk extension element is present, the AllergyIntolerance.code element must be omitted.": "AllergyIntolerance.code est absent quand l'extension substanceExposureRisk est présente",
    "Last modified date must be greater than or equal to authored-on date.": "la date de modification (lastModified) n'est pas antérieure à la date de création (authoredOn)",
    "Setup action SHALL contain either an operation or assert but not both.": "chaque action de setup porte soit operation, soit assert, l'un des deux et un seul",
}  # fmt: skip
"""The French of the English sentences that R4 gives to one key (inv-1) in different resources."""

_OURS: Final = ("FHIR R4", "http://hl7.org/fhir/StructureDefinition/")
"""How the name of a definition of R4 begins; a key of another guide may be one of R4 with another meaning."""


def french(key: str, human: str, profile: str = "FHIR R4") -> str:
    """What a constraint asks, in French; `human`, its own sentence, when it is not one of R4.

    Args:
        key: the constraint's key (`dom-3`).
        human: the sentence its definition gives.
        profile: the definition it belongs to: `FHIR R4` or a canonical.
    """
    if not profile.startswith(_OURS):
        return human
    return SHARED.get(human) or FRENCH.get(key, human)
