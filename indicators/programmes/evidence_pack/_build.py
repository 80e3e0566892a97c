"""A pack from the evidence of one decision: the same evidence, the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from indicators.programmes.errors import RuleError
from indicators.programmes.evidence_pack import _model as model
from indicators.programmes.evidence_pack._model import Evidence
from indicators.programmes.evidence_pack._readme import readme
from indicators.programmes.evidence_pack._verify import failures_of
from indicators.programmes.evidence_pack._zip import pack
from indicators.programmes.model import Programme, Rule
from indicators.programmes.sources import source_text


def build(evidence: Evidence, programme: Programme) -> bytes:
    """The bytes of the pack.

    A pack that its own check would refuse is not built: raises `RuleError` `pack:<code>:<member>:<detail>` with the
    first failure, an identity or a pseudonym among them.
    """
    made = members(evidence, programme)
    failures = failures_of(made, {programme.id: programme})
    if failures:
        first = failures[0]
        raise RuleError(f"pack:{first.code}:{first.member}:{first.detail}")
    return pack(made)


def members(evidence: Evidence, programme: Programme) -> dict[str, bytes]:
    """Every member by name, the manifest last."""
    record = evidence.record
    made = {
        model.README: readme(record).encode(),
        model.DECISION: record.to_bytes(),
        model.RULES: as_json([_rule(rule) for rule in _applied(evidence, programme)]),
        model.FIGURES: as_json([asdict(one) for one in evidence.figures]),
        model.DECLARED: as_json(list(evidence.declared)),
        model.CONTESTATIONS: as_json(list(evidence.contestations)),
    }
    if evidence.parameters is not None:
        made[model.PARAMETERS] = evidence.parameters.encode()
    return made | {model.MANIFEST: as_json(_manifest(evidence, made))}


def as_json(value: Any) -> bytes:
    """JSON for people and machines alike: keys in order, two spaces, a line end."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode()


def _manifest(evidence: Evidence, made: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "format": model.FORMAT,
        "programme": evidence.record.programme,
        "decision": {"id": evidence.record.id, "sha256": evidence.record.digest},
        "members": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in made.items()
        },
    }


def _applied(evidence: Evidence, programme: Programme) -> list[Rule]:
    known = {rule.id: rule for rule in programme.rules}
    return [known[name] for name in sorted(evidence.record.rules) if name in known]


def _rule(rule: Rule) -> dict[str, Any]:
    title_fr, title_en = _titles(rule.source)
    return {
        "id": rule.id, "statement_fr": rule.statement_fr, "statement_en": rule.statement_en, "source": rule.source,
        "text_fr": title_fr, "text_en": title_en, "mark": rule.mark,
        "effective_from": rule.effective_from.isoformat(),
        "effective_to": rule.effective_to.isoformat() if rule.effective_to else None,
    }  # fmt: skip


def _titles(source: str) -> tuple[str, str]:
    try:
        text = source_text(source.partition(" ")[0])
    except LookupError:
        return source, source
    return text.title_fr, text.title_en
