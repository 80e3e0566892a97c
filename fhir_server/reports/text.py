"""Plain text: the verdicts, then one finding a line with its place, and its sentence below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fhir_server.reports.findings import printable
from fhir_server.reports.options import Judged, Options
from fhir_server.reports.words import line_words, words
from validators.messages import render as sentence
from validators.report import Issue

if TYPE_CHECKING:
    from fhir_server.checking import Verdict


def render(verdicts: Sequence[Judged], lang: str, _options: Options) -> str:
    """A report that is read from top to bottom or searched with `grep`."""
    return "\n".join(line for name, verdict in verdicts for line in _file(name, verdict, lang))


def states(verdict: Verdict, lang: str) -> list[str]:
    """The verdicts in words: conformity, effect on programmes, kind of document, identity."""
    said = words(lang)
    found = [said["conformant" if verdict.report.conformant else "not_conformant"]]
    if verdict.countable is not None:
        found.append(said["countable" if verdict.countable else "not_countable"])
    if verdict.document_kind is not None:
        found.append(verdict.document_kind.code)
    if verdict.ins is not None:
        found.append(f"INS {verdict.ins.level.value}")
    return found


def heading(issue: Issue, lang: str) -> str:
    """Severity, rule and place of a finding."""
    line = line_words(issue, lang)
    return f"{words(lang)[issue.severity.value]} {issue.rule} {issue.location}{f' ({line})' if line else ''}"


def _file(name: str, verdict: Verdict, lang: str) -> list[str]:
    lines = [printable(f"{name} : {', '.join(states(verdict, lang))}")]
    for issue in verdict.report:
        why = f" [{words(lang)['suppressed']} : {issue.suppressed}]" if issue.suppressed else ""
        lines.append(printable(f"  {heading(issue, lang)}{why}"))
        lines.append(printable(f"    {sentence(issue, lang)}"))
    if verdict.beside is not None:
        lines += [printable(line) for line in verdict.beside.text(lang).split("\n")]
    return lines
