"""Short constructors for catalogue rows, so that an area reads as a table."""

from __future__ import annotations

from validators.report import Rule, Scope, Severity


def error(rule_id: str, code: str, fr: str, en: str, source: str) -> Rule:
    """A conformity error: the server refuses the document."""
    return Rule(rule_id, Severity.ERROR, Scope.CONFORMITY, code, fr, en, source)


def warning(rule_id: str, code: str, fr: str, en: str, source: str) -> Rule:
    """A conformity warning: said, never refused."""
    return Rule(rule_id, Severity.WARNING, Scope.CONFORMITY, code, fr, en, source)


def information(rule_id: str, code: str, fr: str, en: str, source: str) -> Rule:
    """Something worth knowing that costs nothing."""
    return Rule(rule_id, Severity.INFORMATION, Scope.CONFORMITY, code, fr, en, source)


def uncounted(rule_id: str, code: str, fr: str, en: str, source: str) -> Rule:
    """A programme error: the document is accepted and filed, but not counted."""
    return Rule(rule_id, Severity.ERROR, Scope.PROGRAMME, code, fr, en, source)
