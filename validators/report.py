"""What a check says: issues with a stable rule id, a place and a cost, gathered in a report.

A rule's words (French and English), severity and source live in `validators.messages`; rendering a report to
OperationOutcome, text, HTML and so on is somebody else's job.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Severity(StrEnum):
    """How bad an issue is; the values are those of FHIR `OperationOutcome.issue.severity`."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class Scope(StrEnum):
    """What an issue costs: the document's conformity, or its effect on a funding programme."""

    CONFORMITY = "conformity"
    PROGRAMME = "programme"


class Mode(StrEnum):
    """Where the check runs; test identities are welcome in the sandbox only."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


REFUSING = frozenset({Severity.FATAL, Severity.ERROR})

_WORST_FIRST = tuple(Severity)


def reaches(severity: Severity, threshold: Severity) -> bool:
    """Whether a severity is the threshold or worse."""
    return _WORST_FIRST.index(severity) <= _WORST_FIRST.index(threshold)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue.

    `code` is the FHIR issue type, `fr` and `en` are `str.format` templates over the issue's parameters, `source` names
    the guide and section the rule comes from.
    """

    id: str
    severity: Severity
    scope: Scope
    code: str
    fr: str
    en: str
    source: str


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding. `location` is FHIRPath in FHIR, XPath with positions in CDA, `part!/location` inside a container.

    `line` and `column` (in characters, both from 1) are those of the file, or of the document inside where the location
    has `!/`; `pointer` is the JSON pointer of what is there. `suppressed` is why somebody chose to live with the
    finding: it is still said, and costs nothing.
    """

    rule: str
    severity: Severity
    scope: Scope
    code: str
    location: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    line: int | None = None
    column: int | None = None
    pointer: str | None = None
    suppressed: str = ""

    def moved(self, prefix: str) -> Issue:
        """The same issue seen from the container: `prefix!/location`."""
        return replace(self, location=f"{prefix}!/{self.location.lstrip('/')}") if prefix else self


class Report:
    """The findings of one check, in the order they were made.

    `looked_at` says whether a funding programme looks at the document: without it `countable` has no meaning (None).
    """

    __slots__ = ("issues", "looked_at")

    def __init__(self, issues: Iterable[Issue] = (), *, looked_at: bool = False) -> None:
        self.issues: list[Issue] = list(issues)
        self.looked_at = looked_at

    def __iter__(self) -> Iterator[Issue]:
        return iter(self.issues)

    def __len__(self) -> int:
        return len(self.issues)

    def add(
        self,
        rule: Rule,
        location: str = "",
        *,
        line: int | None = None,
        severity: Severity | None = None,
        **params: object,
    ) -> Issue:
        """Record one finding of `rule`; `severity` overrides the catalogue's where the policy depends on the mode.

        A parameter `column` is a word of the sentence and the issue's column.
        """
        column = params.get("column")
        issue = Issue(
            rule.id, severity or rule.severity, rule.scope, rule.code, location,
            {name: str(value) for name, value in params.items()}, line, column if isinstance(column, int) else None,
        )  # fmt: skip
        self.issues.append(issue)
        return issue

    def extend(self, other: Report, prefix: str = "") -> None:
        """Take over another report's findings, seen from `prefix` (see `Issue.moved`)."""
        self.issues.extend(issue.moved(prefix) for issue in other.issues)
        self.looked_at = self.looked_at or other.looked_at

    def rules(self) -> set[str]:
        """The ids of the rules that were broken or mentioned."""
        return {issue.rule for issue in self.issues}

    @property
    def counted(self) -> Iterator[Issue]:
        """The issues that cost something: all but those suppressed."""
        return (issue for issue in self.issues if not issue.suppressed)

    def count(self, *severities: Severity) -> int:
        """How many issues have one of the severities, those suppressed apart."""
        return sum(issue.severity in severities for issue in self.counted)

    @property
    def conformant(self) -> bool:
        """No error or fatal issue of scope conformity (policy, Verdicts)."""
        return not any(i.severity in REFUSING and i.scope is Scope.CONFORMITY for i in self.counted)

    @property
    def countable(self) -> bool | None:
        """No error of scope programme; None where no programme looks at the document (policy, Verdicts)."""
        if not self.looked_at:
            return None
        return not any(i.severity in REFUSING and i.scope is Scope.PROGRAMME for i in self.counted)

    @property
    def valid(self) -> bool:
        """Conformant, and not known to be uncountable."""
        return self.conformant and self.countable is not False
