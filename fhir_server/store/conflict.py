"""Why a plan is not applied: the exception that takes everything of it back."""

from __future__ import annotations

from fhir_server.store.plan import Finding


class Conflict(Exception):
    """A precondition of the plan does not hold; nothing of it may stay."""

    def __init__(self, status: int, *findings: Finding) -> None:
        super().__init__(", ".join(finding.rule for finding in findings))
        self.status = status
        self.findings = findings
