"""The criteria of conditional interactions, as the writer understands them."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.search import criteria
from fhir_server.store.search import Criterion

RESULT: Final = frozenset({"_format", "_pretty", "_summary", "_elements"})
"""Parameters that say how the answer is to be, not what is looked for."""


def criteria_of(kind: str, query: str) -> tuple[Criterion, ...]:
    """The criteria in the query of a conditional interaction.

    Raises:
        Refusal: 400, there is none, or one that is unknown or malformed.
    """
    items = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name not in RESULT]
    if not items:
        raise Refusal(400, "CONDITION-EMPTY")
    return criteria(kind, items)
