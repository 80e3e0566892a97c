"""JSON and ndjson: one object a file, in the shape of the contract."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fhir_server.reports.findings import rule_link, writable
from fhir_server.reports.options import Judged, Options
from validators.messages import render as sentence
from validators.messages.pages import rule_page
from validators.report import Issue, Severity

if TYPE_CHECKING:
    from fhir_server.checking import Verdict

_BREAKS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def render_json(verdicts: Sequence[Judged], lang: str, _options: Options) -> str:
    """An array, readable by people too."""
    rows = (json.dumps(verdict_row(name, found, lang), ensure_ascii=False, indent=2) for name, found in verdicts)
    return writable("[\n" + ",\n".join(rows) + "\n]")


def render_ndjson(verdicts: Sequence[Judged], lang: str, _options: Options) -> str:
    """One object a line."""
    return "\n".join(one_line(verdict_row(name, found, lang)) for name, found in verdicts)


def one_line(value: Any) -> str:
    """JSON on one line, whatever the reader takes for the end of a line."""
    text = writable(json.dumps(value, ensure_ascii=False))
    for sign, escaped in _BREAKS.items():
        text = text.replace(sign, escaped)
    return text


def verdict_row(name: str, verdict: Verdict, lang: str) -> dict[str, Any]:
    """The object of one file or part."""
    report = verdict.report
    row: dict[str, Any] = {
        "file": name, "kind": verdict.kind, "conformant": report.conformant, "countable": verdict.countable,
        "valid": verdict.valid, "errors": report.count(Severity.ERROR, Severity.FATAL),
        "warnings": report.count(Severity.WARNING), "suppressed": sum(bool(i.suppressed) for i in report),
        "document_kind": verdict.document_kind.code if verdict.document_kind else None,
        "ins": verdict.ins.level.value if verdict.ins else None,
        "issues": [_located_row(issue, lang) for issue in report],
    }  # fmt: skip
    if verdict.beside is not None:
        row["official"] = verdict.beside.as_dict(lang)
    if verdict.parts:
        row["parts"] = [verdict_row(part_name, part, lang) for part_name, part in verdict.parts]
    return row


def issue_row(issue: Issue, lang: str) -> dict[str, Any]:
    """One finding: the fields every answer has."""
    return {"severity": issue.severity.value, "scope": issue.scope.value, "rule": issue.rule,
            "location": issue.location, "line": issue.line, "message": sentence(issue, lang)}  # fmt: skip


def _located_row(issue: Issue, lang: str) -> dict[str, Any]:
    """The finding with what a file adds: column, JSON pointer, pages of its rule (ours, its source), and any reason."""
    row = issue_row(issue, lang) | {
        "column": issue.column,
        "pointer": issue.pointer,
        "page": rule_page(issue.rule),
        "help": rule_link(issue.rule) or None,
    }
    return row | ({"suppressed": issue.suppressed} if issue.suppressed else {})
