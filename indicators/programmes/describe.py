"""A programme in plain values: what a page, a command or an API shows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from indicators.programmes.machine import Machine
from indicators.programmes.model import Programme, Rule


def function_name(function: Callable[..., Any]) -> str:
    """Where a function is: `esms_numerique.money.schedule` within this package, its full path elsewhere."""
    module = function.__module__.removeprefix("indicators.programmes.")
    return f"{module}.{function.__name__}"


def described(programme: Programme) -> dict[str, Any]:
    """Everything the registry knows of a programme, as JSON values."""
    return {
        "id": programme.id,
        "title_fr": programme.title_fr,
        "title_en": programme.title_en,
        "version": programme.version,
        "versions": {version.id: version.effective_from.isoformat() for version in programme.versions},
        "measures": list(programme.measures),
        "ops": [op.name for op in programme.ops],
        "rules": [_rule(rule) for rule in programme.rules],
        "machines": [_machine(machine) for machine in programme.machines],
        "parameters": [
            {"name": entry.name, "mark": entry.mark, "source": entry.source} for entry in programme.parameters.entries
        ],
        "wanted": [
            {"id": one.id, "name": one.name, "kind": one.kind, "holder": one.holder, "absent": one.absent}
            for one in programme.wanted
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "statement_fr": rule.statement_fr,
        "statement_en": rule.statement_en,
        "source": rule.source,
        "mark": rule.mark,
        "effective_from": rule.effective_from.isoformat(),
        "effective_to": rule.effective_to.isoformat() if rule.effective_to else None,
        "functions": [function_name(function) for function in rule.functions],
        "declared": rule.declared or None,
    }


def _machine(machine: Machine) -> dict[str, Any]:
    return {
        "id": machine.id,
        "states": list(machine.states),
        "pays": sorted(machine.pays),
        "transitions": [
            {
                "from": row.source,
                "to": row.target,
                "actor": row.actor,
                "rule": row.rule,
                "guards": {guard.fact: list(guard.reasons) for guard in row.guards},
                "notices": [{"to": one.to, "fr": one.content_fr, "en": one.content_en} for one in row.notices],
                "when": row.when or None,
            }
            for row in machine.transitions
        ],
    }
