"""Payment orders as data: one row an instalment that a firm decision made due. No payment leaves here (SUN1-R21)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from indicators.export_table import Field, Table
from indicators.programmes.dates import local_date
from indicators.programmes.decisions import DecisionRecord

_FIELDS = (
    Field("dossier", "text", "dossier", "file"),
    Field("etablissement", "text", "FINESS de l'établissement", "FINESS of the establishment"),
    Field("finess_juridique", "text", "FINESS juridique", "legal FINESS"),
    Field("programme", "text", "programme", "programme"),
    Field("versement", "text", "versement", "instalment"),
    Field("montant", "euros", "montant en euros, négatif s'il est à restituer",
          "amount in euros, below zero when it is to be returned"),
    Field("decision", "text", "identifiant de la décision", "id of the decision"),
    Field("date_decision", "date", "jour de la décision", "day of the decision"),
    Field("regle", "text", "règle appliquée", "rule applied"),
    Field("jeu_parametres", "text", "jeu de paramètres", "parameter set"),
    Field("etat", "text", "état du dossier", "state of the file"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with the file it was made in; `rule` is that of the move, `state` the file's today."""

    file: str
    organization: str
    legal_entity: str
    state: str
    rule: str
    record: DecisionRecord


def firm(record: DecisionRecord) -> bool:
    """Whether a decision may order a payment: its outcome is neither an error nor indicative (policy of the texts)."""
    outcome = record.outcome
    return not isinstance(outcome, dict) or ("error" not in outcome and not outcome.get("indicative"))


def payment_orders(decisions: Iterable[Decided]) -> Table:
    """Every instalment of the firm decisions, by file, then day of decision. Amounts in cents are those on record."""
    firm_ones = [one for one in decisions if firm(one.record)]
    firm_ones.sort(key=lambda one: (one.file, one.record.decided_at, one.record.id))
    rows = [row for one in firm_ones for row in _rows(one)]
    return Table("payment-orders", "Ordres de paiement (données)", "Payment orders (data)", _FIELDS, rows)


def _rows(one: Decided) -> Iterator[dict[str, Any]]:
    for instalment in one.record.instalments:
        yield {
            "dossier": one.file, "etablissement": one.organization, "finess_juridique": one.legal_entity,
            "programme": one.record.programme, "versement": instalment.name, "montant": instalment.cents,
            "decision": one.record.id, "date_decision": local_date(datetime.fromisoformat(one.record.decided_at)),
            "regle": one.rule, "jeu_parametres": one.record.parameter_set, "etat": one.state,
        }  # fmt: skip
