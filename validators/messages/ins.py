"""Rules of the area `ins`: the national health identity (policy, Identity).

No sentence carries a matricule, a name or a birth date: the place says where to look.
"""

from __future__ import annotations

from validators.messages._row import error, information, uncounted, warning
from validators.report import Rule

_REF = "Référentiel INS 2.1"
_RNIV = "RNIV 1, traits d'identité"
_HEADER = "CI-SIS, structuration minimale des documents de santé, recordTarget"
_FRC = "FR Core, fr-core-patient-ins"

RULES: tuple[Rule, ...] = (
    uncounted(
        "INS-ABSENT", "required",
        "Aucune INS : l'identité ne porte qu'un identifiant local ou un nullFlavor. Le document est accepté mais ne "
        "compte pas ; transmettre le matricule INS (OID 1.2.250.1.213.1.4.8 ou .9) et ses traits.",
        "No INS: the identity has only a local identifier or a nullFlavor. The document is accepted but not counted; "
        "send the INS matricule (OID 1.2.250.1.213.1.4.8 or .9) with its traits.",
        f"{_REF}, identifiant de santé",
    ),
    uncounted(
        "INS-OID", "value",
        "L'autorité « {oid} » n'est pas celle d'une INS (OID inconnu, INS-C ou numéro de sécurité sociale). Le "
        "document ne compte pas ; attendu : 1.2.250.1.213.1.4.8 (NIR) ou .9 (NIA).",
        "The authority “{oid}” does not give an INS (unknown OID, INS-C or social-security number). The document is "
        "not counted; expected: 1.2.250.1.213.1.4.8 (NIR) or .9 (NIA).",
        f"{_REF}, OID de l'autorité",
    ),
    uncounted(
        "INS-AMBIGUOUS", "multiple-matches",
        "Plusieurs INS différentes pour un seul patient (par exemple NIR et NIA ensemble). Le document ne compte pas ; "
        "ne laisser que l'INS en vigueur.",
        "Several different INS for one patient (for instance a NIR and a NIA together). The document is not counted; "
        "leave only the INS in force.",
        f"{_REF}, une INS par personne",
    ),
    error(
        "INS-FORMAT", "value",
        "Matricule INS mal formé ({length} caractères) : attendu 15 caractères, 13 puis la clé sur 2 chiffres, sans "
        "espace ni lettre hormis 2A et 2B.",
        "Malformed INS matricule ({length} characters): expected 15 characters, 13 then the two-digit key, without "
        "blanks or letters other than 2A and 2B.",
        f"{_REF}, matricule",
    ),
    error(
        "INS-KEY", "value",
        "Clé de contrôle du matricule INS fausse : attendu 97 moins le reste de la division des 13 premiers caractères "
        "par 97 (2A lu 19, 2B lu 18). Une INS à clé fausse n'est jamais qualifiée ; reprendre celle d'INSi.",
        "Wrong control key of the INS matricule: expected 97 minus the remainder of its 13 first characters divided by "
        "97 (2A read as 19, 2B as 18). Such an INS is never qualified; take it again from the INSi service.",
        f"{_REF}, clé du matricule",
    ),
    error(
        "INS-SEX", "value",
        "Le sexe administratif est indéterminé ou contredit le premier chiffre du matricule INS : reprendre le trait "
        "renvoyé par le téléservice INSi.",
        "The administrative sex is undetermined or contradicts the first digit of the INS matricule: take the trait "
        "that the INSi service returned.",
        _RNIV,
    ),
    warning(
        "INS-BIRTH", "value",
        "L'année ou le mois de naissance diffère de celui du matricule INS : vérifier l'identité auprès du téléservice "
        "INSi.",
        "The year or month of birth differs from that of the INS matricule: check the identity with the INSi service.",
        _RNIV,
    ),
    information(
        "INS-TEST", "informational",
        "INS de test ou de démonstration (OID {oid}) : admise en bac à sable, refusée en production.",
        "Test or demonstration INS (OID {oid}): welcome in the sandbox, refused in production.",
        f"{_REF}, OID de l'autorité",
    ),
    warning(
        "INS-TYPE", "code-invalid",
        "Identifiant sous un OID d'INS mais de type « {found} » : attendu INS-NIR, INS-NIA, INS-NIR-TEST ou "
        "INS-NIR-DEMO.",
        "Identifier under an INS OID but of type “{found}”: expected INS-NIR, INS-NIA, INS-NIR-TEST or INS-NIR-DEMO.",
        f"{_FRC}, identifier",
    ),
    error(
        "INS-TRAIT-MISSING", "required",
        "Une INS est donnée mais le trait « {trait} » est absent ou vide : le matricule circule avec ses traits (nom "
        "de naissance, premier prénom, liste des prénoms, date, sexe, code du lieu de naissance).",
        "An INS is given but the trait “{trait}” is missing or empty: the matricule travels with its traits (birth "
        "name, first given name, list of given names, date, sex, code of the birth place).",
        _HEADER,
    ),
    error(
        "INS-BIRTH-DATE", "value",
        "Date de naissance impossible, future, ou réduite à l'année alors qu'une INS est donnée : attendu une date du "
        "calendrier, passée et complète.",
        "Birth date impossible, in the future, or only a year where an INS is given: expected a past and complete date "
        "of the calendar.",
        _RNIV,
    ),
    error(
        "INS-BIRTH-PLACE", "code-invalid",
        "Le lieu de naissance n'est pas un code du COG : attendu 5 caractères (commune, 2A ou 2B en Corse, 99 puis le "
        "pays à l'étranger), pas un nom.",
        "The birth place is not a COG code: expected 5 characters (commune, 2A or 2B in Corsica, 99 then the country "
        "abroad), not a name.",
        _RNIV,
    ),
    error(
        "XCHECK-INS", "conflict",
        "Les métadonnées ne portent pas la même INS (OID et matricule) que l'en-tête du document : reprendre celle du "
        "document.",
        "The metadata does not carry the same INS (OID and matricule) as the document's header: take the document's.",
        "Policy, Identity: metadata carries the document's OID and matricule",
    ),
    error(
        "XCHECK-TRAIT", "conflict",
        "Le trait « {trait} » des métadonnées contredit celui de l'en-tête du document : reprendre celui du document "
        "ou ne pas le donner.",
        "The trait “{trait}” of the metadata contradicts the document's header: take the document's or leave it out.",
        f"{_RNIV} ; policy, Identity",
    ),
)  # fmt: skip
