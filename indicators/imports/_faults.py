"""What is said of a file that is not taken: one fault a place, in French and in English.

ValueError
  ImportRefused    a whole file, with every `Fault`
Exception
  Wrong            a cell or a row, raised where the line is not known yet
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MESSAGES: dict[str, tuple[str, str]] = {
    "FILE_EMPTY": ("le fichier est vide", "the file is empty"),
    "FILE_LIST": ("liste JSON d'objets attendue", "a JSON list of objects is expected"),
    "FILE_ENCODING": ("le fichier n'est pas en UTF-8", "the file is not UTF-8"),
    "FILE_UNREADABLE": ("fichier illisible : {detail}", "unreadable file: {detail}"),
    "FILE_TOO_LARGE": ("plus de {limit} {unit}", "more than {limit} {unit}"),
    "COLUMN_MISSING": ("la colonne manque", "the column is missing"),
    "COLUMN_UNKNOWN": ("colonne inconnue ; attendues : {known}", "unknown column; expected: {known}"),
    "COLUMN_TWICE": ("la colonne est donnée deux fois", "the column is given twice"),
    "ROW_LENGTH": ("{found} cellules au lieu de {wanted}", "{found} cells instead of {wanted}"),
    "ROW_TWICE": ("même clé qu'à la ligne {first}", "same key as line {first}"),
    "CELL_MISSING": ("valeur obligatoire absente", "a value is required"),
    "CELL_DATE": (
        "« {value} » n'est pas une date AAAA-MM-JJ ou JJ/MM/AAAA",
        "{value!r} is no date YYYY-MM-DD or DD/MM/YYYY",
    ),
    "CELL_COUNT": ("« {value} » n'est pas un nombre entier, zéro compris", "{value!r} is no whole number from 0 on"),
    "CELL_YES_NO": ("« {value} » n'est ni oui ni non", "{value!r} is neither oui nor non (yes, no)"),
    "CELL_CHOICE": ("« {value} » n'est pas l'une de : {known}", "{value!r} is none of: {known}"),
    "CELL_FINESS": ("« {value} » n'a pas la forme d'un FINESS (9 caractères)", "{value!r} is no FINESS (9 characters)"),
    "CELL_NUMBER": (
        "la cellule est un nombre : la mettre en texte, sinon les zéros de tête se perdent",
        "the cell is a number: make it text, or leading zeros are lost",
    ),
    "CELL_LONG": ("plus de {limit} caractères", "more than {limit} characters"),
    "PERIOD_REVERSED": ("la fin précède le début", "the end is before the start"),
    "AFTER_PERIOD": ("date postérieure à la fin de la période", "a date after the end of the period"),
    "PAIR": ("donner aussi {other}", "{other} has to be given too"),
    "ABOVE": ("supérieur à {other}", "above {other}"),
    "CELL_EUROS": (
        "« {value} » n'est pas un montant en euros, avec deux décimales au plus",
        "{value!r} is no amount in euros with at most two decimals",
    ),
    "CELL_NEGATIVE": ("un montant négatif n'a pas de sens ici", "an amount below zero means nothing here"),
    "CELL_PAIR": ("« {value} » n'est pas de la forme nom=valeur", "{value!r} is not of the form name=value"),
    "CELL_MOMENT": (
        "« {value} » n'est pas une date avec heure : AAAA-MM-JJTHH:MM:SS, heure de Paris ou avec son fuseau",
        "{value!r} is no date with a time: YYYY-MM-DDTHH:MM:SS, in Paris or with its zone",
    ),
    "CELL_REGION": ("« {value} » n'est pas un code INSEE de région", "{value!r} is no INSEE code of a region"),
    "CELL_SEMESTER": ("« {value} » n'est pas un semestre AAAA-S1 ou AAAA-S2", "{value!r} is no half-year YYYY-S1, -S2"),
    "CELL_TWICE": ("« {value} » est donné deux fois", "{value!r} is given twice"),
    "WINDOW_UNKNOWN": (
        "« {value} » n'est pas une fenêtre ; connues : {known}",
        "{value!r} is no window; known: {known}",
    ),
    "NOT_NAMED": ("« {value} » n'est pas dans {other}", "{value!r} is not in {other}"),
    "FILE_REFUSED": ("{fr}", "{en}"),
    "FILE_MOVED_ON": (
        "dossier à l'état {state} : {names} ne se saisit plus",
        "the file is in the state {state}: {names} can no longer be entered",
    ),
    "FINESS_UNKNOWN": ("site absent de la table FINESS", "no such site in the FINESS table"),
    "ENTITY_UNKNOWN": (
        "entité juridique absente de la table FINESS et du fichier",
        "no such legal entity in the FINESS table nor in the file",
    ),
    "ENTITY_MISSING": ("un site géographique a une entité juridique", "a geographic site has a legal entity"),
    "INDICATOR_UNKNOWN": ("indicateur inconnu", "unknown indicator"),
    "DOCUMENT_UNKNOWN": ("aucun document classé sous cet identifiant", "no document is filed under this id"),
    "ADDRESS": (
        "adresse hors de l'espace de confiance MSSanté, ou d'un usager",
        "address outside the MSSanté trust space, or a citizen's",
    ),
    "SUPPORT_NO_MEMBER": (
        "l'établissement support n'est pas parmi les membres",
        "the support is not among the members",
    ),
    "MEMBER_TWICE": (
        "« {value} » est membre de deux GHT, dont {other}",
        "{value} is a member of two GHT, {other} being one",
    ),
    "TRANCHE": ("pas de tranche {value} pour ce programme", "no tranche {value} in this programme"),
    "INSTALMENT": (
        "pas de versement « {value} » pour ce programme ; attendus : {known}",
        "no instalment {value!r} in this programme; expected: {known}",
    ),
    "OPERATION_UNKNOWN": (
        "opération et tranche inconnues : importer d'abord les opérations",
        "no such operation and tranche: import the operations first",
    ),
    "PAYMENTS_ABOVE": (
        "versements au-delà du montant accordé ({limit} €)",
        "payments above the amount granted (€{limit})",
    ),
    "CREDITS_BELOW_ZERO": ("crédits repris au-delà des crédits délégués", "more credits taken back than delegated"),
    "LEGAL_UNKNOWN": (
        "« {value} » n'est pas une entité juridique de la table FINESS",
        "{value} is no legal entity of the FINESS table",
    ),
}
"""What each fault says, in French and in English."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One error: `line` as a spreadsheet numbers it (the header is 1, null for the whole file), `column` by name."""

    code: str
    line: int | None = None
    column: str | None = None
    parameters: tuple[tuple[str, Any], ...] = ()

    def text(self, lang: str = "fr") -> str:
        """One line for people: `ligne 3, date_sortie : valeur obligatoire absente`."""
        fr = lang == "fr"
        places = [f"{'ligne' if fr else 'line'} {self.line}"] if self.line is not None else []
        places += [self.column] if self.column else []
        return f"{', '.join(places)}{' : ' if fr else ': '}{self.words(lang)}" if places else self.words(lang)

    def words(self, lang: str = "fr") -> str:
        """What is wrong, without where: `valeur obligatoire absente`."""
        return MESSAGES[self.code][0 if lang == "fr" else 1].format(**dict(self.parameters))


class ImportRefused(ValueError):
    """The file is not imported; `faults` says everything that is wrong with it, in the order of its lines."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.text("en") for fault in faults[:5]))
        self.faults = faults


class Wrong(Exception):  # caught where the line is known
    """A cell or a row is not right: a message code, the column, and the words that go into the message."""

    def __init__(self, code: str, column: str | None = None, **parameters: Any) -> None:
        super().__init__(code)
        self.code, self.column, self.parameters = code, column, parameters

    def at(self, line: int, column: str | None) -> Fault:
        """The fault at its place."""
        return Fault(self.code, line, self.column or column, tuple(self.parameters.items()))
