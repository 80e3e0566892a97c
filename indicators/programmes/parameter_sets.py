"""Parameter sets as files somebody signs: loaded with located faults, compared, exported, never edited in place.

A set has an id, a version, a programme, who signed it off in which role on which day, and its parameters. A new value
is a new version. What a source states cannot be redefined; what a convention stands in for can be, and becomes firm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.programmes.model import Programme
from indicators.programmes.parameters import Parameter, ParameterSet

ROLES = ("ars", "cnsa", "dgos", "dns", "steering_committee")
"""Who may sign a set off."""
FIELDS = ("id", "version", "programme", "signed_off", "parameters")

MESSAGES = {
    "NOT_YAML": ("fichier illisible : {detail}", "unreadable file: {detail}"),
    "FIELD_MISSING": ("champ {detail} absent", "field {detail} missing"),
    "UNKNOWN_FIELD": ("champ {detail} inconnu", "unknown field {detail}"),
    "DUPLICATE_KEY": ("clé {detail} écrite deux fois", "key {detail} written twice"),
    "UNKNOWN_PROGRAMME": ("programme {detail} inconnu", "unknown programme {detail}"),
    "ROLE_NOT_ALLOWED": ("le rôle {detail} ne peut pas signer", "the role {detail} may not sign"),
    "WRONG_TYPE": ("valeur {detail} d'un autre type", "value {detail} of another type"),
    "OUT_OF_RANGE": ("valeur {detail} hors bornes", "value {detail} out of range"),
    "UNKNOWN_PARAMETER": ("paramètre {detail} inconnu du programme", "parameter {detail} unknown to the programme"),
    "REDEFINES_SOURCE": ("{detail} est fixé par un texte", "{detail} is set by a text"),
    "MARK_NOT_CONFIG": ("marque {detail} : un jeu déposé ne porte que CONFIG", "mark {detail}: CONFIG only"),
    "DATES_REVERSED": ("{detail} : fin avant début", "{detail}: ends before it starts"),
    "OVERLAP": ("{detail} : deux valeurs pour un même jour", "{detail}: two values on one day"),
    "SET_EXISTS": ("la version {detail} existe déjà, autre contenu", "version {detail} exists, with other content"),
    "VERSION_GAP": ("version attendue : {detail}", "expected version: {detail}"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a set: where (`parameters[2].value`), on which line, a code, and what it is about."""

    where: str
    code: str
    detail: str = ""
    line: int | None = None

    def message(self, lang: str = "fr") -> str:
        """One line in French or English; a code of a programme's own check speaks for itself."""
        fr, en = MESSAGES.get(self.code, (self.code, self.code))
        place = self.where if self.line is None else f"{self.where} ({'ligne' if lang == 'fr' else 'line'} {self.line})"
        return f"{place} {self.code} : {(fr if lang == 'fr' else en).format(detail=self.detail)}"


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who put their name under a set."""

    by: str
    role: str
    signed_on: date


@dataclass(frozen=True, slots=True)
class SignedSet:
    """A parameter set somebody signed off."""

    id: str
    version: int
    programme: str
    signed_off: SignOff
    parameters: ParameterSet

    @property
    def key(self) -> str:
        """What a result names: `ars-bretagne@2`."""
        return f"{self.id}@{self.version}"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the export: two sets with one key have one fingerprint."""
        return hashlib.sha256(export(self).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A set, or the faults that keep it from being one."""

    found: SignedSet | None
    faults: tuple[Fault, ...]


def load(text: str, programmes: Mapping[str, Programme]) -> Loaded:
    """Read and validate a set. Every fault is reported, with its place; with one there is no set."""
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        return Loaded(None, (Fault("", "NOT_YAML", " ".join(str(error).split())),))
    lines: dict[str, int] = {}
    twice = list(_walk(node, "", lines)) if node is not None else []
    faults = [*twice, *_shape(content)]
    if not any(fault.where.startswith(("parameters", "programme", "version")) or not fault.where for fault in faults):
        faults += _entries(content, programmes)
    if not faults:
        made = _made(content)
        faults += check(made, programmes[made.programme])
        if not faults:
            return Loaded(made, ())
    return Loaded(None, tuple(_located(fault, lines) for fault in faults))


def _located(fault: Fault, lines: Mapping[str, int]) -> Fault:
    where = fault.where
    while where and where not in lines:
        where = where.rpartition(".")[0] if "." in where else where.rpartition("[")[0]
    return Fault(fault.where, fault.code, fault.detail, lines.get(where))


def _walk(node: Any, path: str, lines: dict[str, int]) -> Iterator[Fault]:
    """Fill in the line of every path; keys written twice are faults, since YAML would keep the last in silence."""
    import yaml

    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            inner = f"{path}.{name}" if path else name
            if name in seen:
                yield Fault(inner, "DUPLICATE_KEY", name, key.start_mark.line + 1)
            seen.add(name)
            yield from _walk(value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _walk(value, f"{path}[{index}]", lines)


def _shape(content: Any) -> Iterator[Fault]:
    """Fields of the file, of the sign-off, of each parameter."""
    if not isinstance(content, dict):
        yield Fault("", "WRONG_TYPE", "file")
        return
    yield from _fields(content, "", FIELDS)
    kinds: dict[str, type | tuple[type, ...]] = {
        "id": str, "version": int, "programme": str, "signed_off": dict, "parameters": list,
    }  # fmt: skip
    for name, kind in kinds.items():
        if name in content and (not isinstance(content[name], kind) or isinstance(content[name], bool)):
            yield Fault(name, "WRONG_TYPE", str(content[name]))
    if isinstance(content.get("signed_off"), dict):
        yield from _sign_off(content["signed_off"])
    if isinstance(content.get("parameters"), list):
        for index, row in enumerate(content["parameters"]):
            yield from _row(row, f"parameters[{index}]")


def _fields(row: Mapping[str, Any], where: str, wanted: Iterable[str], also: Iterable[str] = ()) -> Iterator[Fault]:
    prefix = f"{where}." if where else ""
    for name in wanted:
        if row.get(name) in (None, ""):
            yield Fault(f"{prefix}{name}", "FIELD_MISSING", name)
    for name in row:
        if name not in {*wanted, *also}:
            yield Fault(f"{prefix}{name}", "UNKNOWN_FIELD", str(name))


def _sign_off(row: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _fields(row, "signed_off", ("by", "role", "signed_on"))
    if row.get("role") not in (None, "", *ROLES):
        yield Fault("signed_off.role", "ROLE_NOT_ALLOWED", str(row["role"]))
    if row.get("signed_on") is not None and not isinstance(row["signed_on"], date):
        yield Fault("signed_off.signed_on", "WRONG_TYPE", str(row["signed_on"]))


def _row(row: Any, where: str) -> Iterator[Fault]:
    if not isinstance(row, dict):
        yield Fault(where, "WRONG_TYPE", str(row))
        return
    yield from _fields(row, where, ("name", "value", "mark", "source"), ("effective_from", "effective_to"))
    for name in ("effective_from", "effective_to"):
        if row.get(name) is not None and not isinstance(row[name], date):
            yield Fault(f"{where}.{name}", "WRONG_TYPE", str(row[name]))


def _entries(content: Mapping[str, Any], programmes: Mapping[str, Programme]) -> Iterator[Fault]:
    """Each parameter by itself: known to the programme, of its kind, in range, not a value of a text."""
    programme = programmes.get(content["programme"])
    if programme is None:
        yield Fault("programme", "UNKNOWN_PROGRAMME", content["programme"])
        return
    if content["version"] < 1:
        yield Fault("version", "OUT_OF_RANGE", str(content["version"]))
    for index, row in enumerate(content["parameters"]):
        where, name = f"parameters[{index}]", str(row["name"])
        if row["mark"] != "CONFIG":
            yield Fault(f"{where}.mark", "MARK_NOT_CONFIG", str(row["mark"]))
        yield from _value(programme, where, name, row["value"])
        start, end = row.get("effective_from"), row.get("effective_to")
        if start is not None and end is not None and end < start:
            yield Fault(f"{where}.effective_to", "DATES_REVERSED", name)


def _value(programme: Programme, where: str, name: str, value: Any) -> Iterator[Fault]:
    stated = programme.parameters.find(name)
    if stated is not None and stated.mark != "CONV":
        yield Fault(f"{where}.name", "REDEFINES_SOURCE", name)
        return
    wanted = next((one for one in programme.wanted if one.matches(name)), None)
    if wanted is None:
        yield Fault(f"{where}.name", "UNKNOWN_PARAMETER", name)
        return
    wrong = wanted.fault(value)
    if wrong is not None:
        yield Fault(f"{where}.value", wrong, str(value))


def _made(content: Mapping[str, Any]) -> SignedSet:
    key = f"{content['id']}@{content['version']}"
    entries = tuple(Parameter(**row) for row in content["parameters"])
    return SignedSet(
        content["id"],
        content["version"],
        content["programme"],
        SignOff(**content["signed_off"]),
        ParameterSet(key, entries),
    )


def check(found: SignedSet, programme: Programme) -> list[Fault]:
    """What is wrong between parameters: two values on one day, then the programme's own check (monotony, sums)."""
    entries = found.parameters.entries
    faults = []
    for index, entry in enumerate(entries):
        if any(entry.name == other.name and _overlap(entry, other) for other in entries[:index]):
            faults.append(Fault(f"parameters[{index}].name", "OVERLAP", entry.name))
    if programme.check is not None:
        faults += [Fault("parameters", code) for code in programme.check(found.parameters)]
    return faults


def _overlap(one: Parameter, other: Parameter) -> bool:
    starts = max(one.effective_from or date.min, other.effective_from or date.min)
    return starts <= min(one.effective_to or date.max, other.effective_to or date.max)


def may_follow(found: SignedSet, known: Iterable[SignedSet]) -> list[Fault]:
    """Whether a set may be added to those known: same key, same content; else the next version of its id."""
    mine = [one for one in known if one.id == found.id]
    same = next((one for one in mine if one.version == found.version), None)
    if same is not None:
        return [] if same.fingerprint == found.fingerprint else [Fault("version", "SET_EXISTS", found.key)]
    expected = max((one.version for one in mine), default=0) + 1
    return [] if found.version == expected else [Fault("version", "VERSION_GAP", str(expected))]


@dataclass(frozen=True, slots=True)
class Change:
    """What one parameter became between two sets; `before` or `after` is None when it is only in the other."""

    name: str
    effective_from: date | None
    before: Any
    after: Any


def diff(before: ParameterSet, after: ParameterSet) -> tuple[Change, ...]:
    """Parameters added, removed or changed, by name and effect date."""
    old = {(entry.name, entry.effective_from): entry.value for entry in before.entries}
    new = {(entry.name, entry.effective_from): entry.value for entry in after.entries}
    keys = sorted({*old, *new}, key=lambda key: (key[0], key[1] or date.min))
    return tuple(Change(*key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key))


def export(found: SignedSet) -> str:
    """The set as YAML, always the same bytes for the same set: parameters by name and effect date."""
    import yaml

    def row(entry: Parameter) -> dict[str, Any]:
        made = {"name": entry.name, "value": entry.value, "mark": entry.mark, "source": entry.source}
        dates = {"effective_from": entry.effective_from, "effective_to": entry.effective_to}
        return made | {name: day for name, day in dates.items() if day is not None}

    ordered = sorted(found.parameters.entries, key=lambda entry: (entry.name, entry.effective_from or date.min))
    signed = found.signed_off
    content = {
        "id": found.id,
        "version": found.version,
        "programme": found.programme,
        "signed_off": {"by": signed.by, "role": signed.role, "signed_on": signed.signed_on},
        "parameters": [row(entry) for entry in ordered],
    }
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120))
