"""Reports as FHIR: OperationOutcome, the same issues a person sees, with the rule id and the place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from validators.messages import render, rule
from validators.report import Issue

RULE_SYSTEM = "https://segur-fhir.example/fhir/CodeSystem/rules"
SCOPE_URL = "https://segur-fhir.example/fhir/StructureDefinition/issue-scope"
SUPPRESSED_URL = "https://segur-fhir.example/fhir/StructureDefinition/issue-suppressed"
LINE_URL = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line"
_IHE_CODES = {"MHD-FHIR-DOCUMENT": "FHIRDocumentNotSupported"}
COLUMN_URL = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col"


def operation_outcome(issues: Iterable[Issue], lang: str = "fr") -> dict[str, Any]:
    """An OperationOutcome; without issues it says that all is well, because `issue` is 1..*."""
    rows = [_issue(issue, lang) for issue in issues]
    if not rows:
        text = "No issue." if lang == "en" else "Aucune anomalie."
        rows = [{"severity": "information", "code": "informational", "details": {"text": text}}]
    return {"resourceType": "OperationOutcome", "issue": rows}


def refusal(rule_id: str, lang: str = "fr", location: str = "", **params: object) -> dict[str, Any]:
    """An OperationOutcome with one issue of the catalogue."""
    row = rule(rule_id)
    words = {name: str(value) for name, value in params.items()}
    return operation_outcome([Issue(row.id, row.severity, row.scope, row.code, location, words)], lang)


def _issue(issue: Issue, lang: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "extension": list(_extensions(issue)),
        # Severities are all the verdict an outcome has: what is suppressed must not look like a failure.
        "severity": "information" if issue.suppressed else issue.severity.value,
        "code": issue.code,
        "details": {
            "coding": [{"system": RULE_SYSTEM, "code": issue.rule}, *_ihe(issue)],
            "text": render(issue, lang),
        },
    }
    if issue.line is not None:
        row["diagnostics"] = f"line {issue.line}" if lang == "en" else f"ligne {issue.line}"
    if issue.location.startswith("/"):
        row["location"] = [issue.location]
    if issue.location:
        row["expression"] = [issue.location]
    return row


def _ihe(issue: Issue) -> Iterator[dict[str, Any]]:
    """The code that IHE has for the same, where it has one (MHD, error codes beside those of ITI TF-3, 4.2.4.1)."""
    code = issue.params.get("ihe", "-") if issue.rule == "MHD-RELATES-TO" else _IHE_CODES.get(issue.rule, "-")
    if code != "-":
        yield {"code": code}


def _extensions(issue: Issue) -> Iterator[dict[str, Any]]:
    """The scope first, then what the reader of a file wants: line and column as HL7's own validator gives them."""
    yield {"url": SCOPE_URL, "valueCode": issue.scope.value}
    if issue.suppressed:
        yield {"url": SUPPRESSED_URL, "valueString": issue.suppressed}
    for url, number in ((LINE_URL, issue.line), (COLUMN_URL, issue.column)):
        if number is not None:
            yield {"url": url, "valueInteger": number}
