"""What is wrong with a copy of the kit, or what it cannot say: a kind, the file, a detail."""

from __future__ import annotations

from typing import Final

import msgspec


class Defect(msgspec.Struct, frozen=True):
    """One defect. `repaired`: worked around without loss; otherwise something of the kit did not run."""

    kind: str
    file: str
    detail: str = ""

    @property
    def repaired(self) -> bool:
        """True when the verdict lost nothing by it."""
        return self.kind in REPAIRED


REPAIRED: Final = frozenset({"include-case", "value-set-case", "value-set-rebuilt"})

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "no-schema": ("schéma XSD absent du kit : {detail}", "no XSD in the kit: {detail}"),
    "schema-not-compiled": ("{file} ne se compile pas : {detail}", "{file} does not compile: {detail}"),
    "no-schematron": ("schématron absent du kit : {detail}", "no such schematron in the kit: {detail}"),
    "model-unknown": (
        "modèle inconnu, aucun schématron de volet appliqué : {detail}",
        "unknown model, no schematron of a volet applied: {detail}",
    ),
    "schematron-unreadable": ("{file} est illisible : {detail}", "{file} cannot be read: {detail}"),
    "schematron-not-compiled": ("{file} ne se compile pas : {detail}", "{file} does not compile: {detail}"),
    "schematron-stopped": ("{file} s'est arrêté : {detail}", "{file} stopped: {detail}"),
    "not-evaluated": ("{file} : non évalué, {detail}", "{file}: not evaluated, {detail}"),
    "include-case": (
        "{file} : l'inclusion {detail} n'existe qu'avec une autre casse ; réparé",
        "{file}: the include {detail} only exists in another case; mended",
    ),
    "include-missing": ("{file} : inclusion absente, {detail}", "{file}: missing include, {detail}"),
    "include-unreadable": (
        "{file} : inclusion vide ou illisible, {detail}",
        "{file}: empty or broken include, {detail}",
    ),
    "pattern-missing": ("{file} : patron abstrait absent, {detail}", "{file}: missing abstract pattern, {detail}"),
    "rule-missing": ("{file} : règle abstraite absente, {detail}", "{file}: missing abstract rule, {detail}"),
    "value-set-case": (
        "{file} : le jeu de valeurs {detail} n'existe qu'avec une autre casse ; réparé",
        "{file}: the value set {detail} only exists in another case; mended",
    ),
    "value-set-rebuilt": (
        "{file} : jeu de valeurs absent, reconstitué depuis jeuxDeValeurs : {detail}",
        "{file}: missing value set, rebuilt from jeuxDeValeurs: {detail}",
    ),
    "value-set-missing": ("{file} : jeu de valeurs absent, {detail}", "{file}: missing value set, {detail}"),
    "value-set-empty": ("{file} : jeu de valeurs vide, {detail}", "{file}: empty value set, {detail}"),
    "terminology-missing": (
        "{file} : terminologies absentes ({detail}), tout code de ces nomenclatures est accepté",
        "{file}: terminologies missing ({detail}), any code of these systems is accepted",
    ),
    "document-unreadable": ("le document ne peut être lu : {detail}", "the document cannot be read: {detail}"),
}


def defect_text(defect: Defect, lang: str = "fr") -> str:
    """The defect's sentence in French (`fr`) or English (`en`)."""
    french, english = _WORDS[defect.kind]
    return (english if lang == "en" else french).format(file=defect.file, detail=defect.detail)
