"""What the walk and the profiles share during one check: where findings go, and what `#id` stands for."""

from __future__ import annotations

import re
from typing import Any, Final

from validators.fhir.definitions import Definitions
from validators.fhir.shapes import CodeSet
from validators.messages import rule
from validators.report import Report

Json = dict[str, Any]

_REFERENCE: Final = re.compile(
    r"(?:^|/)(?P<type>[A-Z][A-Za-z]+)(?:/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#.*)?$|\?.)"
)
_SHOWN: Final = 160
_LISTED: Final = 12


class Context:
    """One check: its report, the definitions, and the resource whose `contained` answers references.

    The same cause is said once: base rules and several profiles may all find the same element missing.
    """

    __slots__ = ("_ids", "_seen", "container", "definitions", "report")

    def __init__(self, definitions: Definitions, report: Report) -> None:
        self.definitions = definitions
        self.report = report
        self.container: Json = {}
        self._ids: dict[object, object] | None = None
        self._seen: set[tuple[str, str, object, object]] = set()

    def add(self, rule_id: str, location: str, **params: Any) -> None:
        """Record a finding, unless the same rule already spoke about the same element at this place."""
        key = (rule_id, location, params.get("element"), params.get("slice"))
        if key not in self._seen:
            self._seen.add(key)
            self.report.add(rule(rule_id), location, **params)

    def enter(self, resource: Json) -> Json:
        """Make `resource` the one that answers `#id`; returns the one that did, to be given back to `enter`."""
        previous = self.container
        self.container = resource
        self._ids = None
        return previous

    def contained_type(self, reference: str) -> str | None:
        """The type of what `#id` points to in the container (`#` is the container itself); None when nothing does."""
        if reference == "#":
            return str(self.container.get("resourceType"))
        if self._ids is None:
            contained = self.container.get("contained")
            resources = contained if isinstance(contained, list) else []
            self._ids = {str(r.get("id")): r.get("resourceType") for r in resources if isinstance(r, dict)}
        found = self._ids.get(reference[1:])
        return None if found is None else str(found)

    def reference_type(self, reference: Json) -> str | None:
        """The resource type a Reference names, from its text or its `type`; None when it cannot be told offline."""
        text = reference.get("reference")
        if type(text) is not str:
            named = reference.get("type")
        elif text.startswith("#"):
            named = self.contained_type(text)
        else:
            match = _REFERENCE.search(text)
            named = match["type"] if match else None
        return named if type(named) is str and named in self.definitions.resource_types else None


def shown(value: object) -> str:
    """A received value as it may appear in a sentence: short, on one line."""
    text = str(value) if not isinstance(value, dict) else _coding_text(value)
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def described(codes: CodeSet) -> str:
    """A value set as it may appear in a sentence: its canonical, and its codes when they are few."""
    members = sorted(codes.codes)
    return f"{codes.url} {{{', '.join(members)}}}" if len(members) <= _LISTED else codes.url


def _coding_text(value: Json) -> str:
    codings = value.get("coding", [value])
    listed = codings if isinstance(codings, list) else []
    pairs = [f"{c.get('system', '')}|{c.get('code', '')}" for c in listed if isinstance(c, dict)]
    return ", ".join(pairs) or "—"
