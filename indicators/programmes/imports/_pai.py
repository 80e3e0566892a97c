"""PAI numérique: aided operations of ESMS numérique and of the national call, and the payments entered for them.

ESMS-R20, R25, R26; AAP-R10 to R12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.imports import Column, Shape, Wrong

PROGRAMMES = ("esms_amorcage", "aap_dui")
NATURES = ("acquisition", "conformite", "mixte")
INSTALMENTS = {"esms_amorcage": ("signature", "configuration", "usage"), "aap_dui": ("tranche",)}
"""What is paid of an operation: 40 %, 40 % and up to 20 % (ESMS-R20), or a tranche at once (AAP-R12)."""
_NAMES = tuple(name for names in INSTALMENTS.values() for name in names)


@dataclass(frozen=True, slots=True)
class Operation:
    """One aided operation, or one tranche of it; amounts are in cents.

    `tranche` is 1 where there is but one. `committed` is the day of the letter with the amount (ESMS-R18), `agreed`
    that of the agreement; `risks` is what the consolidated report says of it (ESMS-R25).
    """

    number: str
    tranche: int
    programme: str
    holder: str
    title: str
    region: str
    department: str | None
    nature: str
    esms: int
    small_esms: int
    requested: int
    granted: int | None
    committed: date | None
    agreed: date | None
    redeployed: bool
    risks: str | None


@dataclass(frozen=True, slots=True)
class OperationPayment:
    """One instalment entered for an operation: cents, the day it was entered, the day it was paid (null: not yet)."""

    number: str
    tranche: int
    instalment: str
    cents: int
    entered: date
    paid: date | None


def _operation(row: Mapping[str, Any]) -> Operation:
    if row["esms_petits"] > row["esms"]:
        raise Wrong("ABOVE", "esms_petits", other="esms")
    if row["montant_accorde"] is not None and row["montant_accorde"] > row["montant_demande"]:
        raise Wrong("ABOVE", "montant_accorde", other="montant_demande")
    if row["date_engagement"] is not None and row["montant_accorde"] is None:
        raise Wrong("PAIR", "date_engagement", other="montant_accorde")
    _one_tranche(row)
    return Operation(
        row["operation"], row["tranche"], row["programme"], row["finess_porteur"], row["intitule"], row["region"],
        row["departement"], row["nature"], row["esms"], row["esms_petits"], row["montant_demande"],
        row["montant_accorde"], row["date_engagement"], row["date_convention"], row["redeploye"] or False,
        row["risques"],
    )  # fmt: skip


def _one_tranche(row: Mapping[str, Any]) -> None:
    """Only the national call has tranches; a kick-off project is of one kind, never of both (ESMS-R09)."""
    kick_off = row["programme"] == "esms_amorcage"
    if row["tranche"] < 1 or (kick_off and row["tranche"] > 1):
        raise Wrong("TRANCHE", "tranche", value=row["tranche"])
    if kick_off and row["nature"] == "mixte":
        raise Wrong("CELL_CHOICE", "nature", value="mixte", known=", ".join(NATURES[:2]))


def _payment(row: Mapping[str, Any]) -> OperationPayment:
    if row["date_paiement"] is not None and row["date_paiement"] < row["date_saisie"]:
        raise Wrong("PERIOD_REVERSED", "date_paiement")
    return OperationPayment(
        row["operation"], row["tranche"], row["versement"], row["montant"], row["date_saisie"], row["date_paiement"]
    )


_NUMBER = Column("operation", "text", "numéro de l'opération dans PAI numérique", "number of the operation in PAI "
                 "numérique", "PAI-2021-0042")  # fmt: skip
_TRANCHE = Column("tranche", "count", "rang de la tranche, 1 s'il n'y en a qu'une", "rank of the tranche, 1 where there"
                  " is but one", "1")  # fmt: skip

OPERATIONS: Shape[Operation] = Shape(
    "pai",
    "Opérations aidées (PAI numérique)",
    "Aided operations (PAI numérique)",
    (
        _NUMBER,
        _TRANCHE,
        Column("programme", "choice", "programme", "programme", "esms_amorcage", choices=PROGRAMMES),
        Column("finess_porteur", "finess", "FINESS juridique du porteur", "legal FINESS of the holder", "970490348"),
        Column("intitule", "text", "intitulé de l'opération", "title of the operation", "DUI de démonstration"),
        Column("region", "region", "région de l'ARS qui paie", "region of the agency that pays", "04"),
        Column("departement", "text", "département", "department", "974", required=False),
        Column("nature", "choice", "nature du projet", "kind of the project", "acquisition", choices=NATURES),
        Column("esms", "count", "ESMS du projet", "ESMS of the project", "20"),
        Column("esms_petits", "count", "dont petits ESMS équipés", "small ESMS equipped among them", "0"),
        Column("montant_demande", "euros", "montant demandé", "amount asked for", "500000.00"),
        Column("montant_accorde", "euros", "montant accordé, vide avant", "amount granted, empty before it",
               "500000.00", required=False),
        Column("date_engagement", "date", "date du courrier d'engagement", "date of the letter of commitment",
               "2021-05-17", required=False),
        Column("date_convention", "date", "date de la convention", "date of the agreement", "2021-09-01",
               required=False),
        Column("redeploye", "yes_no", "engagé sur crédits redéployés", "committed on redeployed credits", "non",
               required=False),
        Column("risques", "text", "risques, pour le rapport consolidé", "risks, for the consolidated report", "",
               required=False),
    ),
    ("operation", "tranche"),
    _operation,
)  # fmt: skip

PAYMENTS: Shape[OperationPayment] = Shape(
    "pai-payments",
    "Versements saisis (PAI numérique)",
    "Payments entered (PAI numérique)",
    (
        _NUMBER,
        _TRANCHE,
        Column("versement", "choice", "versement", "instalment", "signature", choices=_NAMES),
        Column("montant", "euros", "montant", "amount", "200000.00"),
        Column("date_saisie", "date", "jour de la saisie", "day it was entered", "2021-09-02"),
        Column("date_paiement", "date", "jour du paiement, vide avant", "day it was paid, empty before it", "",
               required=False),
    ),
    ("operation", "tranche", "versement"),
    _payment,
)  # fmt: skip
