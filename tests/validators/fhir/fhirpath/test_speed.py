"""The frequent invariants stay cheap: a bound far above the measured time, that a lost short way would pass."""

from __future__ import annotations

import timeit
from typing import Any

import pytest

from validators.fhir import Definitions
from validators.fhir.fhirpath import Environment, compile_expression

BOUND_US = 25.0
"""Measured: 0.7 to 3 µs on a free core; the cores of a test run are not free."""


@pytest.mark.parametrize(
    ("text", "type_name", "value"),
    [
        ("extension.exists() != value.exists()", "Extension", {"url": "x", "valueString": "y"}),
        ("hasValue() or (children().count() > id.count())", "Extension", {"url": "x", "valueString": "y"}),
        ("code.empty() or system.exists()", "Quantity", {"value": 1, "code": "mg", "system": "x"}),
        ("contained.contained.empty()", "Patient", {"resourceType": "Patient"}),
        (
            "type = 'document' implies (identifier.system.exists() and identifier.value.exists())",
            "Bundle",
            {"type": "x"},
        ),
        ("where(use = 'home').empty()", "Address", {"use": "work"}),
        ("fullUrl.contains('/_history/').not()", "Bundle.entry", {"fullUrl": "urn:uuid:x"}),
    ],
)
def test_frequent_invariants(definitions: Definitions, text: str, type_name: str, value: dict[str, Any]) -> None:
    expression = compile_expression(text, definitions, type_name)
    environment = Environment(value)
    assert expression.holds(value, type_name, environment)
    best = min(timeit.repeat(lambda: expression.holds(value, type_name, environment), number=2000, repeat=5)) / 2000
    assert best * 1e6 < BOUND_US
