"""A pack checked with nothing but itself and the rules: hashes, replay, sums, counted ids, and no identity."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from indicators.programmes import parameter_sets
from indicators.programmes.decisions import DecisionRecord, replay
from indicators.programmes.errors import RuleError
from indicators.programmes.evidence_pack import _model as model
from indicators.programmes.evidence_pack._model import KEY, Failure
from indicators.programmes.evidence_pack._privacy import identities, pseudonyms
from indicators.programmes.evidence_pack._record import read_checked, unexplained
from indicators.programmes.evidence_pack._zip import unpack
from indicators.programmes.model import Programme

_LISTS = (model.RULES, model.FIGURES, model.DECLARED, model.CONTESTATIONS)
_MOST = 20
"""Failures of one kind and member that are said; more of the same help nobody."""
_SET = 1_000_000
"""Characters of a parameter set: it is written by hand."""


def verify(data: bytes, programmes: Mapping[str, Programme], digest: str | None = None) -> list[Failure]:
    """Everything wrong with a pack; nothing when it proves its decision.

    `digest` is the SHA-256 of the decision as the letter prints it. Never raises on what it is given.
    """
    members, failures = unpack(data)
    return failures or failures_of(members, programmes, digest)


def failures_of(
    members: Mapping[str, bytes], programmes: Mapping[str, Programme], digest: str | None = None
) -> list[Failure]:
    """Everything wrong with the members of a pack."""
    failures = list(_hashes(members))
    opened, unread = _open(members)
    failures += unread
    if opened is None:
        return failures
    for check in (_record, _replayed, _rules, _instalments, _figures, _declared, _privacy):
        failures += list(check(opened, programmes))[:_MOST]
    failures += _parameters(opened, programmes)
    if digest is not None and digest.strip().lower() != opened.record.digest:
        failures.append(Failure(model.DECISION, "DIGEST_DIFFERS", opened.record.digest))
    return failures


@dataclass(frozen=True, slots=True)
class _Opened:
    """The members as values."""

    record: DecisionRecord
    raw: bytes
    manifest: dict[str, Any]
    lists: Mapping[str, list[dict[str, Any]]]
    parameters: str | None


def _hashes(members: Mapping[str, bytes]) -> Iterator[Failure]:
    try:
        listed = json.loads(members[model.MANIFEST])["members"]
        wanted = {str(name): str(row["sha256"]) for name, row in listed.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        yield Failure(model.MANIFEST, "MEMBER_UNREADABLE", type(error).__name__)
        return
    for name in sorted({*wanted, *members} - {model.MANIFEST}):
        if name not in wanted or name not in members:
            yield Failure(model.MANIFEST, "MANIFEST_DIFFERS", ascii(name)[:60])
        elif hashlib.sha256(members[name]).hexdigest() != wanted[name]:
            yield Failure(name, "HASH_DIFFERS")


def _open(members: Mapping[str, bytes]) -> tuple[_Opened | None, list[Failure]]:
    failures: list[Failure] = []
    lists = {name: _rows(members[name], name, failures) for name in _LISTS}
    record, parameters = None, None
    try:
        record = read_checked(members[model.DECISION])
    except ValueError as error:
        failures.append(Failure(model.DECISION, "MEMBER_UNREADABLE", str(error)))
    try:
        parameters = members[model.PARAMETERS].decode() if model.PARAMETERS in members else None
        members[model.README].decode()
    except UnicodeDecodeError:
        failures.append(Failure(model.PARAMETERS, "MEMBER_UNREADABLE", "UTF-8"))
    if record is None or failures:
        return None, failures
    try:
        manifest = json.loads(members[model.MANIFEST])
    except (ValueError, RecursionError):
        return None, failures  # said by `_hashes`
    if not isinstance(manifest, dict):
        return None, failures
    return _Opened(record, members[model.DECISION], manifest, lists, parameters), failures


def _rows(data: bytes, name: str, failures: list[Failure]) -> list[dict[str, Any]]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        failures.append(Failure(name, "MEMBER_UNREADABLE", type(error).__name__))
        return []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        failures.append(Failure(name, "MEMBER_UNREADABLE", "list of objects"))
        return []
    return found


def _record(opened: _Opened, _: Mapping[str, Programme]) -> Iterator[Failure]:
    record, said = opened.record, opened.manifest
    if record.to_bytes() != opened.raw:
        yield Failure(model.DECISION, "RECORD_NOT_CANONICAL")
    if said.get("decision") != {"id": record.id, "sha256": hashlib.sha256(opened.raw).hexdigest()}:
        yield Failure(model.MANIFEST, "MANIFEST_DIFFERS", "decision")
    if said.get("format") != model.FORMAT or said.get("programme") != record.programme:
        yield Failure(model.MANIFEST, "MANIFEST_DIFFERS", "format, programme")


def _replayed(opened: _Opened, programmes: Mapping[str, Programme]) -> Iterator[Failure]:
    record = opened.record
    programme = programmes.get(record.programme)
    if programme is None:
        yield Failure(model.DECISION, "PROGRAMME_UNKNOWN", ascii(record.programme)[:60])
        return
    try:
        again = replay(record, programme)
    except RuleError as error:
        yield Failure(model.DECISION, "REPLAY_DIFFERS", str(error))
        return
    except Exception as error:  # inputs nobody vouches for may break any operation: that is a difference too
        yield Failure(model.DECISION, "REPLAY_DIFFERS", type(error).__name__)
        return
    parts = [name for name in ("outcome", "rules") if getattr(again, name) != getattr(record, name)]
    if parts or again.to_bytes() != record.to_bytes():
        yield Failure(model.DECISION, "REPLAY_DIFFERS", ", ".join(parts) or "bytes")


def _rules(opened: _Opened, _: Mapping[str, Programme]) -> Iterator[Failure]:
    rows = opened.lists[model.RULES]
    shown = {str(row.get("id")): row.get("effective_from") for row in rows}
    if shown != opened.record.rules or len(shown) < len(rows):
        odd = sorted(shown.items() ^ opened.record.rules.items()) if _plain(shown) else sorted(shown)
        yield Failure(model.RULES, "RULES_DIFFER", ", ".join(dict.fromkeys(str(one[0])[:40] for one in odd[:5])))
    for row in rows:
        if not all(isinstance(row.get(name), str) and row[name] for name in ("statement_fr", "statement_en", "source")):
            yield Failure(model.RULES, "MEMBER_UNREADABLE", str(row.get("id"))[:40])


def _plain(shown: Mapping[str, Any]) -> bool:
    return all(isinstance(value, str) for value in shown.values())


def _instalments(opened: _Opened, _: Mapping[str, Programme]) -> Iterator[Failure]:
    for name in unexplained(opened.record):
        yield Failure(model.DECISION, "INSTALMENTS_DIFFER", name[:40])


def _figures(opened: _Opened, _: Mapping[str, Programme]) -> Iterator[Failure]:
    """Counted ids number the numerator, are keys of this decision, and are together those of the record."""
    together: set[str] = set()
    for row in opened.lists[model.FIGURES]:
        counted, numerator, name = row.get("counted"), row.get("numerator"), str(row.get("measure"))[:40]
        if counted is None:
            continue
        if not isinstance(counted, list) or not all(isinstance(one, str) and KEY.fullmatch(one) for one in counted):
            yield Failure(model.FIGURES, "NOT_A_KEY", name)
            continue
        if type(numerator) is not int or len(set(counted)) != numerator or len(counted) != numerator:
            yield Failure(model.FIGURES, "COUNTED_DIFFERS", f"{name}: {len(set(counted))}, {str(numerator)[:20]}")
        together.update(counted)
    for key in opened.record.counted:
        if not KEY.fullmatch(key):
            yield Failure(model.DECISION, "NOT_A_KEY", ascii(key)[:20])
    if together != set(opened.record.counted):
        odd = len(together ^ set(opened.record.counted))
        yield Failure(model.FIGURES, "COUNTED_NOT_RECORDED", str(odd))


def _declared(opened: _Opened, _: Mapping[str, Programme]) -> Iterator[Failure]:
    """A computed figure beside a declared one is that of the figures."""
    computed = {_named(row, "measure"): _ratio(row) for row in opened.lists[model.FIGURES]}
    for row in opened.lists[model.DECLARED]:
        beside = row.get("computed")
        if beside is None:
            continue
        if not isinstance(beside, dict) or computed.get(_named(row, "indicator")) != _ratio(beside):
            yield Failure(model.DECLARED, "DECLARED_DIFFERS", str(row.get("indicator"))[:40])


def _named(row: Mapping[str, Any], name: str) -> tuple[str, str]:
    return str(row.get(name)), str(row.get("organization"))


def _ratio(row: Mapping[str, Any]) -> tuple[Any, Any]:
    return row.get("numerator"), row.get("denominator")


def _privacy(opened: _Opened, _: Mapping[str, Programme]) -> Iterator[Failure]:
    """No identity anywhere, nobody named but by a key of the decision."""
    whole: dict[str, Any] = {model.DECISION: json.loads(opened.raw), **opened.lists}
    if opened.parameters is not None:
        whole[model.PARAMETERS] = opened.parameters.splitlines()
    for member, value in whole.items():
        yield from (Failure(member, "IDENTITY_FOUND", place[:80]) for place in identities(value))
        yield from (Failure(member, "PSEUDONYM_FOUND", place[:80]) for place in pseudonyms(value))
    for row in opened.lists[model.CONTESTATIONS]:
        if row.get("document") is not None and not KEY.fullmatch(str(row["document"])):
            yield Failure(model.CONTESTATIONS, "NOT_A_KEY", "document")


def _parameters(opened: _Opened, programmes: Mapping[str, Programme]) -> list[Failure]:
    """The set is the one the decision names, by key and, where the record has it, by fingerprint."""
    named = opened.record.parameter_set.split(" ")[0]
    if opened.parameters is None:
        return [Failure(model.PARAMETERS, "MEMBER_MISSING")] if "@" in named else []
    if _hostile(opened.parameters):
        return [Failure(model.PARAMETERS, "PARAMETERS_INVALID", "alias, > 1 MB")]
    loaded = parameter_sets.load(opened.parameters, programmes)
    if loaded.found is None:
        return [Failure(model.PARAMETERS, "PARAMETERS_INVALID", loaded.faults[0].message("en"))]
    _, told, fingerprint = opened.record.parameter_set.partition(" sha256:")
    if loaded.found.key != named or (told and loaded.found.fingerprint != fingerprint.strip()):
        return [Failure(model.PARAMETERS, "PARAMETERS_DIFFER", loaded.found.key)]
    return []


def _hostile(text: str) -> bool:
    """A text too long for a set, or with YAML aliases, which may stand for more than anyone wrote."""
    import yaml

    try:
        return len(text) > _SET or any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(text, yaml.SafeLoader))
    except RecursionError:
        return True
    except yaml.YAMLError:
        return False  # `load` says what is wrong with it
