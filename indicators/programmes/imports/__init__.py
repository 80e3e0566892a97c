"""Files of the programmes: what an ARS gets from oSIS, Démarches simplifiées, RELIMS, PAI numérique, GALIS, circulars.

Read as declared data is (`indicators.imports.read`): whole or not at all, every fault with its line. A file of one
programme is described beside its rules, one of several programmes here.
"""

from __future__ import annotations

from typing import Any

from indicators.imports import Shape
from indicators.programmes.aap_dui.imports import GALIS, Deposit, deposit_entries
from indicators.programmes.cadre_commun.imports import SERVICES, ServiceReport
from indicators.programmes.imports._pai import INSTALMENTS, OPERATIONS, PAYMENTS, Operation, OperationPayment
from indicators.programmes.imports._references import (
    ENVELOPES,
    GHT,
    LINES,
    RELIMS,
    SDSI_PARTS,
    Delegation,
    Editor,
    GhtFacts,
)
from indicators.programmes.sun_es_volet1.imports import (
    CANDIDATURES,
    PREREQUISITES_FILED,
    FiledCandidature,
    FiledPrerequisite,
    candidature_entries,
)

__all__ = [
    "INSTALMENTS",
    "LINES",
    "PROGRAMME_SHAPES",
    "SDSI_PARTS",
    "Delegation",
    "Deposit",
    "Editor",
    "FiledCandidature",
    "FiledPrerequisite",
    "GhtFacts",
    "Operation",
    "OperationPayment",
    "ServiceReport",
    "candidature_entries",
    "deposit_entries",
]

PROGRAMME_SHAPES: dict[str, Shape[Any]] = {
    shape.id: shape
    for shape in (CANDIDATURES, PREREQUISITES_FILED, GHT, RELIMS, ENVELOPES, OPERATIONS, PAYMENTS, GALIS, SERVICES)
}
"""Every shape by id."""
