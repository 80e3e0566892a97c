"""`segur bench validate --parts`: where the time of a CDA goes, part by part, beside bare parsing in the same run."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from lxml import etree

from validators.cda import Header, check_cda, open_cda, read_header, read_payload
from validators.cda._rules import check_meaning, check_type_id
from validators.cda._structure import check_structure
from validators.cda._tree import V3, HeaderIndex
from validators.cda.rules import check_body
from validators.cda.rules._body import _models
from validators.cda.rules._catalogue import header_rules, rules_of
from validators.cda.rules._engine import Template, Visit, index_templates
from validators.cda.structure import check_content_model
from validators.ins import check_identity
from validators.messages import render
from validators.report import Mode, Report
from validators.terminology import ValueSets

PARTS: Final = ("bare parsing", "parse", "header", "body rules", "value sets", "identity and payload", "structure",
                "the rest", "whole check", "report")  # fmt: skip
"""In the order of the check; `bare parsing` is what lxml alone takes, `whole check` all of it in one go, and `the rest`
what the parts do not add up to. The words of the report come after."""

_PASSES: Final = 7


class _Sample:
    """One document opened, and each part of its check as a call."""

    def __init__(self, data: bytes, root: etree._Element, lists: ValueSets) -> None:
        self._data, self._root, self._lists = data, root, lists
        self._header: Header = read_header(HeaderIndex(root))
        self._now = datetime.now(UTC)
        known = rules_of(_models(self._header)) if self._header.level == 3 else header_rules()
        self._sets = {oid: _only_sets(template) for oid, template in known.items()}
        self._report = check_cda(data, mode=Mode.SANDBOX, now=self._now, value_sets=lists).report

    def parts(self) -> dict[str, Callable[[], object]]:
        """By name; `body rules` holds the value sets too, until they are taken out of it."""
        return {
            "bare parsing": lambda: etree.fromstring(self._data),
            "parse": lambda: open_cda(self._data, Report()),
            "header": self._head,
            "body rules": lambda: check_body(self._root, self._header, Report(), self._lists),
            "value sets": lambda: Visit(self._root, Report(), self._lists).check(
                self._sets, index_templates(self._root)
            ),
            "identity and payload": self._identity,
            "structure": lambda: check_content_model(self._root, Report()),
            "report": lambda: json.dumps([render(issue) for issue in self._report]),
            "whole check": lambda: check_cda(self._data, mode=Mode.SANDBOX, now=self._now, value_sets=self._lists),
        }

    def _head(self) -> None:
        index, report = HeaderIndex(self._root), Report()
        header = read_header(index)
        check_type_id(index, report)
        check_structure(index, report)
        check_meaning(index, header, report, self._now)

    def _identity(self) -> None:
        body = self._root.find(f"{V3}component/{V3}nonXMLBody")
        if body is not None:
            read_payload(body, Report())
        if self._header.patient is not None:
            today: date = self._now.date()
            check_identity(self._header.patient, Report(), mode=Mode.SANDBOX, source="cda", today=today)


def _only_sets(template: Template) -> Template:
    """The template with nothing but its rows of value sets."""
    made = copy.copy(template)
    made.__dict__["wrong"] = None
    return made


def measure(files: Sequence[bytes], lists: ValueSets | None = None) -> dict[str, float]:
    """Milliseconds a document of each part, the best of several passes; files that are no CDA are left out."""
    opened = ((data, open_cda(data, Report())) for data in files)
    samples = [_Sample(data, found.root, lists or ValueSets.ours()) for data, found in opened if found is not None]
    totals = dict.fromkeys(PARTS, 0.0)
    for sample in samples:
        for name, seconds in _best(sample.parts()).items():
            totals[name] += seconds
    totals["body rules"] = max(0.0, totals["body rules"] - totals["value sets"])
    alone = sum(totals[name] for name in PARTS[1:7])
    totals["the rest"] = max(0.0, totals["whole check"] - alone)
    return {name: round(1000 * total / max(1, len(samples)), 3) for name, total in totals.items()}


def run(paths: Sequence[Path], size: int, value_sets: Path | None = None) -> dict[str, float]:
    """The parts over the files named or, without any, over `size` generated letters."""
    from fhir_server.bench.validate import _files, _letters

    lists = ValueSets.load(value_sets) if value_sets is not None else None
    return measure([path.read_bytes() for path in _files(paths)] or _letters(size), lists)


def _best(parts: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The best of the passes: warm, and without the neighbours' noise.

    Every pass goes through all parts: a part repeated on its own would find everything in the processor's cache.
    """
    best = dict.fromkeys(parts, 1e9)
    for _ in range(_PASSES):
        for name, call in parts.items():
            started = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - started)
    return best


def table(parts: dict[str, float]) -> str:
    """A part a line: milliseconds a document, and how many times bare parsing that is."""
    floor = parts["bare parsing"] or 1e-9
    return "\n".join(f"{name:22}{value:10.3f} ms{value / floor:8.2f} ×" for name, value in parts.items())
