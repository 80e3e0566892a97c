"""Suppressions: findings that somebody decided to live with, by rule and place, always with a reason.

A suppressed finding stays in every report, marked with its reason, and no longer decides a verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from validators.messages import catalogue
from validators.report import Issue, Report

_WRITTEN = re.compile(r"(?P<rule>[^@=]*)(?:@(?P<path>(?:\[[^\]]*\]|\([^)]*\)|[^=\[(])*))?=(?P<reason>.*)", re.DOTALL)
_FORM = "RULE[@PATH]=REASON"
_KEYS = frozenset({"rule", "path", "reason"})


class SuppressionError(ValueError):
    """A suppression that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """One rule, everywhere or under one place, and why it is left alone.

    `path` is the beginning of a FHIRPath or XPath, cut at a step: `Bundle.entry` covers `Bundle.entry[2].resource`, not
    `Bundle.entryX`. `[*]` stands for any position, `*` for any one step. Inside a container a path may begin at the
    container or at the document inside.

    Raises:
        SuppressionError: the rule is not in the catalogue, or there is no reason.
    """

    rule: str
    reason: str
    path: str = ""
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.rule not in catalogue():
            raise SuppressionError(f"unknown rule {self.rule or '(none)'}")
        if not self.reason.strip():
            raise SuppressionError(f"{self}: a reason is needed ({_FORM})")
        object.__setattr__(self, "_pattern", _pattern(self.path))

    def __str__(self) -> str:
        return f"{self.rule}@{self.path}" if self.path else self.rule

    def covers(self, issue: Issue, container: str = "") -> bool:
        """Whether it is about this finding; `container` is the place of the report the issue comes from."""
        if issue.rule != self.rule:
            return False
        return not self.path or any(self._pattern.match(place) for place in _places(issue.location, container))


def parse_suppression(text: str) -> Suppression:
    """Read `RULE[@PATH]=REASON`.

    Raises:
        SuppressionError: it has another form, an unknown rule or no reason.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise SuppressionError(f"{text.strip()}: a suppression is written {_FORM}")
    return Suppression(found["rule"].strip(), found["reason"].strip(), (found["path"] or "").strip())


def read_suppressions(name: str, text: str) -> list[Suppression]:
    """The suppressions of a file: YAML (`.yaml`, `.yml`) or one a line, `#` beginning a line that says nothing.

    In YAML each item of the list has `rule`, `reason` and, if wanted, `path`, or is written as on the command line.

    Raises:
        SuppressionError: the message names the file and the place.
    """
    made = []
    items = _yaml(name, text) if name.endswith((".yaml", ".yml")) else _lines(text)
    for where, item in items:
        try:
            made.append(parse_suppression(item) if isinstance(item, str) else _from_mapping(item))
        except SuppressionError as problem:
            raise SuppressionError(f"{name}, {where}: {problem}") from None
    return made


def suppress(
    report: Report, suppressions: Sequence[Suppression], container: str = ""
) -> tuple[Report, frozenset[Suppression]]:
    """The same findings, those covered marked with their reason; and the suppressions that covered one.

    `container` is the place of the report inside another, so that a path written from the outside fits too.
    """
    used: set[Suppression] = set()
    issues = []
    for issue in report:
        covering = next((s for s in suppressions if s.covers(issue, container)), None)
        if covering is not None:
            used.add(covering)
            issue = replace(issue, suppressed=covering.reason)
        issues.append(issue)
    return Report(issues, looked_at=report.looked_at), frozenset(used)


def _pattern(path: str) -> re.Pattern[str]:
    """The path as a pattern over the beginning of a place, a leading slash apart."""
    steps = re.split(r"(\[\*\]|\*)", path.lstrip("/"))
    any_of = {"[*]": r"\[\d+\]", "*": r"[^./\[\]!]+"}
    return re.compile("".join(any_of.get(step, re.escape(step)) for step in steps) + r"(?=[.\[/!(]|$)")


def _places(location: str, container: str) -> Iterator[str]:
    """The place as written, as seen from each container around it, and from the documents inside."""
    bare = location.lstrip("/")
    yield bare
    if container:
        yield f"{container}!/{bare}"
        yield f"{container}.data!/{bare}"
    while "!/" in bare:
        bare = bare.partition("!/")[2]
        yield bare


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield f"line {number}", line


def _yaml(name: str, text: str) -> Iterable[tuple[str, Any]]:
    try:
        items = yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise SuppressionError(f"{name}: not readable as YAML ({' '.join(str(problem).split())})") from None
    if items is not None and not isinstance(items, list):
        raise SuppressionError(f"{name}: a list of suppressions is expected")
    return [(f"item {number}", item) for number, item in enumerate(items or (), 1)]


def _from_mapping(item: object) -> Suppression:
    if not isinstance(item, Mapping) or not set(item) <= _KEYS:
        raise SuppressionError("rule, reason and path are expected")
    values = {key: str(item.get(key) or "").strip() for key in _KEYS}
    return Suppression(values["rule"], values["reason"], values["path"])
