"""The dashboard of a region's aided operations: credits committed and paid, risks (ESMS-R20, R25; S3 §II.C, §III)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from indicators.export_table import Field, Table
from indicators.programmes.esms_numerique.money import commitment_limit
from indicators.programmes.imports import INSTALMENTS, Operation, OperationPayment
from indicators.programmes.standing import Unknown

NOT_COMMITTED, LATE, NO_AGREEMENT = "NOT_COMMITTED", "COMMITMENT_LATE", "AGREEMENT_NOT_SIGNED"
ENTERED_NOT_PAID = "ENTERED_NOT_PAID"
ALL = "ensemble"
_NAMES = tuple(dict.fromkeys(name for names in INSTALMENTS.values() for name in names))

_FIELDS = (
    Field("region", "text", "code INSEE de la région", "INSEE code of the region"),
    Field("departement", "text", "département", "department"),
    Field("programme", "text", "programme", "programme"),
    Field("operation", "text", "numéro dans PAI numérique, ou l'ensemble", "number in PAI numérique, or all of them"),
    Field("tranche", "count", "tranche", "tranche"),
    Field("intitule", "text", "intitulé", "title"),
    Field("porteur", "text", "FINESS juridique du porteur", "legal FINESS of the holder"),
    Field("nature", "text", "nature du projet", "kind of the project"),
    Field("esms", "count", "ESMS du projet", "ESMS of the project"),
    Field("esms_petits", "count", "dont petits ESMS équipés", "small ESMS equipped among them"),
    Field("montant_demande", "euros", "montant demandé", "amount asked for"),
    Field("ae_engagees", "euros", "autorisations engagées : montant accordé et notifié", "committed: granted and told"),
    Field("date_engagement", "date", "courrier d'engagement", "letter of commitment"),
    Field("date_limite", "date", "dernier jour pour engager", "last day to commit"),
    Field("date_convention", "date", "convention", "agreement"),
    *(Field(f"verse_{name}", "euros", f"payé : {name}", f"paid: {name}") for name in _NAMES),
    Field("cp_saisis", "euros", "crédits de paiement saisis", "payment credits entered"),
    Field("cp_payes", "euros", "crédits de paiement payés", "payment credits paid"),
    Field("reste", "euros", "engagé et non payé", "committed and not paid"),
    Field("etat", "text", "état du dossier", "state of the file"),
    Field("alertes", "text", "alertes calculées", "computed warnings"),
    Field("risques", "text", "risques déclarés", "declared risks"),
)  # fmt: skip
_SUMMED = ("esms", "esms_petits", "montant_demande", "ae_engagees", *(f"verse_{name}" for name in _NAMES), "cp_saisis",
           "cp_payes", "reste")  # fmt: skip


def dashboard(
    operations: Iterable[Operation],
    payments: Iterable[OperationPayment],
    on: date,
    states: Mapping[str, str] | None = None,
) -> Table:
    """ESMS-R25, AAP-R19: one row an operation and tranche by region and department, then one row a region.

    `on` is the day the warnings look from; `states` are those of the files, by number of operation.
    """
    paid: dict[tuple[str, int], list[OperationPayment]] = {}
    for one in payments:
        paid.setdefault((one.number, one.tranche), []).append(one)
    ordered = sorted(operations, key=lambda o: (o.region, o.department or "", o.number, o.tranche))
    rows = [_row(one, paid.get((one.number, one.tranche), []), on, states or {}) for one in ordered]
    totals = [_total(region, rows) for region in dict.fromkeys(row["region"] for row in rows)]
    return Table(
        "esms-dashboard", "Tableau de bord des opérations aidées", "Dashboard of aided operations", _FIELDS,
        [*rows, *totals],
    )  # fmt: skip


def _row(one: Operation, payments: Sequence[OperationPayment], on: date, states: Mapping[str, str]) -> dict[str, Any]:
    committed = one.granted or 0 if one.committed else 0
    done = {p.instalment: p.cents for p in payments if p.paid is not None and p.paid <= on}
    return {
        "region": one.region, "departement": one.department, "programme": one.programme, "operation": one.number,
        "tranche": one.tranche, "intitule": one.title, "porteur": one.holder, "nature": one.nature, "esms": one.esms,
        "esms_petits": one.small_esms, "montant_demande": one.requested, "ae_engagees": committed,
        "date_engagement": one.committed, "date_limite": _limit(one), "date_convention": one.agreed,
        **{f"verse_{name}": done.get(name, 0) for name in _NAMES},
        "cp_saisis": sum(p.cents for p in payments), "cp_payes": sum(done.values()),
        "reste": committed - sum(done.values()), "etat": states.get(one.number),
        "alertes": " ".join(warnings(one, payments, on)), "risques": one.risks,
    }  # fmt: skip


def _limit(one: Operation) -> date | None:
    """ESMS-R18, R19: the last day to commit a kick-off project; the national call has none."""
    if one.programme != "esms_amorcage":
        return None
    found = commitment_limit(redeployed=one.redeployed)
    return None if isinstance(found, Unknown) else found.value


def warnings(one: Operation, payments: Sequence[OperationPayment], on: date) -> tuple[str, ...]:
    """ESMS-R18, R20, R25: what the steering body has to look at, in a fixed order."""
    limit = _limit(one)
    checks = (
        (one.committed is None and limit is not None and on > limit, NOT_COMMITTED),
        (one.committed is not None and limit is not None and one.committed > limit, LATE),
        (one.agreed is None and any(p.paid for p in payments), NO_AGREEMENT),
        (any(p.paid is None and p.entered <= on for p in payments), ENTERED_NOT_PAID),
    )
    return tuple(code for holds, code in checks if holds)


def _total(region: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    mine = [row for row in rows if row["region"] == region]
    return {"region": region, "operation": ALL, **{name: sum(row[name] for row in mine) for name in _SUMMED}}
