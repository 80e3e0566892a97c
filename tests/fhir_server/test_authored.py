"""The resources the server writes itself are right R4, by our own engine and by another's models."""

from datetime import date
from typing import Any

import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

from fhir_server.fhir.capability import capability_statement
from fhir_server.fhir.evaluate import _report
from fhir_server.fhir.outcome import operation_outcome, refusal
from fhir_server.intake.answer import answer
from fhir_server.intake.record import DocumentRecord, EntryRecord, Record
from fhir_server.store.plan import Finding, Outcome
from indicators.measures import MEASURES, Figure, Window, resource
from validators.fhir import default_walker
from validators.report import Report


def transaction_response() -> dict[str, Any]:
    document = DocumentRecord("urn:oid:1.2", "dr-1", "LDL", "qualified", "00", 1, 1, 2)
    entries = tuple(EntryRecord(kind, f"{kind}-1", True) for kind in ("List", "DocumentReference", "Binary"))
    placed = (("l-1", 1), ("dr-1", 1), ("b-1", 1))
    findings = (Finding("STAY_UNKNOWN", "Bundle.entry[1].resource"),)
    outcome = Outcome(
        "filed", "0190a0a0-0000-7000-8000-000000000000", 200, 1_700_000_000_000_000, "accepted", placed, findings
    )
    found: dict[str, Any] = orjson.loads(answer(outcome, Record((), entries, (document,)), "fr").body)
    return found


AUTHORED: dict[str, dict[str, Any]] = {
    "CapabilityStatement": capability_statement("http://127.0.0.1:8000/fhir"),
    "no finding": operation_outcome([]),
    "refusal": refusal("HTTP-METHOD", "fr", "", hint=""),
    "transaction-response": transaction_response(),
    **{
        f"MeasureReport of {numerator} in {denominator}": _report(
            "I-SUN1-LDL",
            Figure("I-SUN1-LDL", "970490363", None, numerator, denominator),
            Window(date(2026, 1, 1), date(2026, 6, 30)),
            "Hôpital fictif",
        )
        for numerator, denominator in ((1, 3), (0, 0), (1, None))
    },
    **{name: resource(name) for name in MEASURES},
}


@pytest.mark.parametrize("name", AUTHORED)
def test_it_is_right_by_our_own_engine(name: str) -> None:
    report = Report()
    default_walker().check(AUTHORED[name], report)
    assert [(issue.rule, issue.location) for issue in report if issue.severity != "warning"] == []


@pytest.mark.parametrize("name", AUTHORED)
def test_it_is_read_by_the_models_of_others(name: str) -> None:
    found = AUTHORED[name]
    model = get_fhir_model_class(found["resourceType"]).model_validate(found)
    assert model.get_resource_type() == found["resourceType"]
