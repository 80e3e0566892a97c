"""SARIF 2.1.0 (OASIS), as code scanning reads it: https://docs.oasis-open.org/sarif/sarif/v2.1.0/.

No line of a file is copied: the viewer has the file, and whoever else reads the report need not have it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from fhir_server.reports.findings import Looked, in_order, printable, rule_link, writable
from fhir_server.reports.options import Judged, Options
from fhir_server.reports.words import effect
from validators.messages import render as sentence
from validators.messages import rule
from validators.report import Issue, Severity

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.FATAL: "error", Severity.ERROR: "error", Severity.WARNING: "warning",
                  Severity.INFORMATION: "note"}  # fmt: skip
_BLANK: Final = re.compile(r"\{\w+\}")


def render(verdicts: Sequence[Judged], lang: str, options: Options) -> str:
    """One run with every rule that was named and every finding, those suppressed marked as such."""
    named = sorted({issue.rule for _, verdict in verdicts for issue in verdict.report})
    index = {rule_id: number for number, rule_id in enumerate(named)}
    results = [
        _result(issue, looked, index[issue.rule], lang)
        for looked in (Looked(judged, options) for judged in verdicts)
        for issue in in_order(looked.verdict.report)
    ]
    driver = {"name": "segur-fhir", "version": version("segur-fhir"), "language": "en" if lang == "en" else "fr",
              "rules": [_rule(rule_id, lang) for rule_id in named]}  # fmt: skip
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "artifacts": _artifacts(verdicts),
           "results": results}  # fmt: skip
    return writable(json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2))


def uri(name: str) -> str:
    """A file name as a URI reference: relative to where the run was started, or `file:` when absolute."""
    path = PurePosixPath(name).as_posix()
    return ("file://" if path.startswith("/") else "") + quote(path.encode("utf-8", "replace"), safe="/-._~")


def _artifacts(verdicts: Sequence[Judged]) -> list[dict[str, Any]]:
    return [{"location": {"uri": found}} for found in dict.fromkeys(uri(name) for name, _ in verdicts)]


def _rule(rule_id: str, lang: str) -> dict[str, Any]:
    row = rule(rule_id)
    text = _BLANK.sub("…", row.en if lang == "en" else row.fr)
    found: dict[str, Any] = {
        "id": rule_id, "shortDescription": {"text": text}, "help": {"text": f"{text}\n\n{row.source}"},
        "defaultConfiguration": {"level": _LEVELS[row.severity]},
        "properties": {"scope": row.scope.value, "source": row.source, "tags": [row.scope.value]},
    }  # fmt: skip
    link = rule_link(rule_id)
    return found | ({"helpUri": link} if link else {})


def _result(issue: Issue, looked: Looked, index: int, lang: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": issue.rule, "ruleIndex": index, "level": _LEVELS[issue.severity],
        "message": {"text": printable(sentence(issue, lang))}, "locations": [_location(issue, looked)],
        "partialFingerprints": {"rulePlace/v1": _fingerprint(issue)},
        "properties": {"scope": issue.scope.value, "severity": issue.severity.value, "effect": effect(issue, lang)},
    }  # fmt: skip
    if issue.suppressed:
        justification = printable(issue.suppressed)
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return found


def _location(issue: Issue, looked: Looked) -> dict[str, Any]:
    """A finding without a known line is at the first: viewers drop a result that has none."""
    line, column = looked.place(issue) or (1, None)
    region: dict[str, Any] = {"startLine": line} | ({"startColumn": column} if column else {})
    physical = {"artifactLocation": {"uri": uri(looked.name)}, "region": region}
    logical = {"logicalLocations": [{"fullyQualifiedName": printable(issue.location), "kind": "element"}]}
    return {"physicalLocation": physical} | (logical if issue.location else {})


def _fingerprint(issue: Issue) -> str:
    """The same for the same rule at the same place, however the lines move."""
    return hashlib.sha256(f"{issue.rule}\n{issue.location}".encode("utf-8", "replace")).hexdigest()[:32]
