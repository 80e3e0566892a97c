"""HTML: one file that needs nothing else, to be kept, printed or sent to whoever wrote the software."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from fhir_server.reports.findings import Looked, by_severity, in_order, printable, rule_link
from fhir_server.reports.options import Judged, Options
from fhir_server.reports.words import effect, line_words, words
from validators.messages import render as sentence
from validators.messages import rule
from validators.messages.pages import rule_page
from validators.report import Issue, Scope


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=_shown,
    )  # fmt: skip
    return environment.get_template("report.html")


def _shown(value: Any) -> Any:
    """Every value on its way into the page; markup of ours passes as it is."""
    return printable(value) if type(value) is str else value


def render(verdicts: Sequence[Judged], lang: str, options: Options) -> str:
    """The verdicts apart, each with its findings by severity and place, and the rules they name."""
    lang = "en" if lang == "en" else "fr"
    files = [_file(number, Looked(judged, options), lang) for number, judged in enumerate(verdicts, 1)]
    named = sorted({issue.rule for _, verdict in verdicts for issue in verdict.report})
    return _template().render(lang=lang, w=words(lang), files=files, rules=[_rule(rule_id, lang) for rule_id in named])


def _file(number: int, looked: Looked, lang: str) -> dict[str, Any]:
    verdict, said = looked.verdict, words(lang)
    counted = list(verdict.report.counted)
    return {
        "id": f"file-{number}", "name": looked.name, "kind": verdict.kind, "valid": verdict.valid,
        "conformant": verdict.report.conformant, "countable": verdict.countable,
        "document": verdict.document_kind.code if verdict.document_kind else "",
        "ins": verdict.ins.level.value if verdict.ins else "",
        "parts": [{"name": name, "kind": part.kind, "conformant": part.report.conformant, "countable": part.countable,
                   "document": part.document_kind.code if part.document_kind else ""} for name, part in verdict.parts],
        "scopes": [(scope.value, said[scope.value], list(_groups(counted, scope, looked, lang))) for scope in Scope],
        "suppressed": [_finding(i, looked, lang) for i in in_order(i for i in verdict.report if i.suppressed)],
        "beside": verdict.beside.text(lang) if verdict.beside is not None else "",
        "counts": ", ".join(f"{len(issues)} × {said[severity.value]}" for severity, issues in by_severity(counted)),
    }  # fmt: skip


def _groups(issues: Iterable[Issue], scope: Scope, looked: Looked, lang: str) -> Iterator[dict[str, Any]]:
    for severity, found in by_severity(issue for issue in issues if issue.scope is scope):
        yield {"severity": severity.value, "title": words(lang)[f"{severity.value}s"],
               "findings": [_finding(issue, looked, lang) for issue in found]}  # fmt: skip


def _finding(issue: Issue, looked: Looked, lang: str) -> dict[str, Any]:
    return {
        "rule": issue.rule, "severity": words(lang)[issue.severity.value], "location": issue.location,
        "line": line_words(issue, lang), "message": sentence(issue, lang), "effect": effect(issue, lang),
        "found": issue.params.get("found", ""), "expected": issue.params.get("expected", ""),
        "excerpt": looked.excerpt(issue), "reason": issue.suppressed,
    }  # fmt: skip


def _rule(rule_id: str, lang: str) -> dict[str, str]:
    row, said = rule(rule_id), words(lang)
    return {
        "id": rule_id, "severity": said[row.severity.value], "scope": said[row.scope.value], "source": row.source,
        "text": row.en if lang == "en" else row.fr, "link": rule_link(rule_id), "page": rule_page(rule_id),
    }  # fmt: skip
