"""Rules of the area `cda_structure`: the content model of CDA R2 (order, cardinality, attributes, data types).

A sentence names elements, attributes and what was expected; it never quotes what was written.
"""

from __future__ import annotations

from validators.messages._row import error
from validators.report import Rule

_MODEL = "HL7 CDA R2 (2005), POCD_MT000040"
_TYPES = "HL7 CDA R2 (2005), types de données HL7 v3"

RULES: tuple[Rule, ...] = (
    error(
        "CDA-SCHEMA-ORDER", "structure",
        "À cet endroit, le modèle CDA attend {expected}, pas <{found}> : élément absent, en trop, inconnu ou hors de "
        "l'ordre.",
        "Here the CDA model expects {expected}, not <{found}>: element missing, too many, unknown or out of order.",
        _MODEL,
    ),
    error(
        "CDA-SCHEMA-TEXT", "structure",
        "Du contenu est écrit dans <{element}>, qui n'en admet pas : le mettre dans l'élément prévu, ou le retirer.",
        "Content is written in <{element}>, which allows none: move it to the right element, or remove it.",
        _MODEL,
    ),
    error(
        "CDA-SCHEMA-ATTRIBUTE", "structure",
        "Attribut « {attribute} » de <{element}> : le modèle CDA attend {card} (0..0 : inconnu ici, le retirer ; 1..1 : "
        "obligatoire, l'ajouter).",
        "Attribute “{attribute}” of <{element}>: the CDA model expects {card} (0..0: unknown here, remove it; 1..1: "
        "mandatory, add it).",
        _MODEL,
    ),
    error(
        "CDA-SCHEMA-TYPE", "value",
        "La valeur de « {attribute} » dans <{element}> n'a pas la forme attendue : type {type}, par exemple {example}.",
        "The value of “{attribute}” in <{element}> does not have the expected form: type {type}, for instance {example}.",
        _TYPES,
    ),
    error(
        "CDA-SCHEMA-VALUE", "code-invalid",
        "La valeur de « {attribute} » dans <{element}> est hors de la liste : attendu {expected}.",
        "The value of “{attribute}” in <{element}> is outside the list: expected {expected}.",
        _MODEL,
    ),
)  # fmt: skip
