"""The visit: templates indexed once, then one compiled expression a context that gives the elements at fault.

A conformant document costs one XPath call a context present in it; the rows are only told apart on the elements at
fault. Lines, places and words are computed for what is reported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Final, cast

from lxml import etree

from validators.cda._tree import V3, say
from validators.cda.rules._row import Group, Row
from validators.cda.rules._xpath import compiled, translate
from validators.report import Report
from validators.terminology import Answer, ValueSets, same_display

Elements = list[etree._Element]
Find = Callable[[etree._Element, Elements], Elements]

_CHUNK: Final = 200  # libxml2 looks for doubles in the lists it is given: long ones would cost their square
_PLACES: Final = 25
_TOTAL: Final = 200
_EXAMINED: Final = 100  # elements at fault told apart in one context: a hostile document may hold a million of them
_QUOTED: Final = 80
_STEPS: Final = re.compile(r"[A-Za-z]+(?:/[A-Za-z]+)*")


def index_templates(root: etree._Element) -> dict[str, Elements]:
    """The elements of a document by the roots of their templateIds, in document order."""
    index: dict[str, Elements] = {}
    for item in root.iter(f"{V3}templateId"):
        oid, parent = item.get("root"), item.getparent()
        if oid is not None and parent is not None:
            index.setdefault(oid, []).append(parent)
    return index


class Test:
    """One row made runnable; compiled at its first use."""

    def __init__(self, row: Row) -> None:
        self.row = row

    @cached_property
    def holds(self) -> etree.XPath:
        return compiled(f"boolean({translate(self.row.holds)})")

    @cached_property
    def at(self) -> etree.XPath:
        return compiled(f"({translate(self.row.at)})[1]")

    @cached_property
    def found(self) -> etree.XPath:
        return compiled(f"string({translate(self.row.found)})")

    def place(self, element: etree._Element) -> etree._Element:
        """Where to point: the part named by the row when it is there, else the context."""
        found = cast("Elements", self.at(element)) if self.row.at else []
        return found[0] if found else element

    def quote(self, element: etree._Element) -> str:
        """What was found: a count or a code."""
        return (str(self.found(element)).strip() or "-")[:_QUOTED] if self.row.found else "-"


class Context:
    """A group made runnable."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self.path = f"/{translate(groups[0].path)}" if groups[0].path else ""
        self.tests = [Test(row) for group in groups for row in group.rows if not row.set_name]
        self.sets = [row for group in groups for row in group.rows if row.set_name]
        kept = " and ".join(f"({translate(test.row.holds)})" for test in self.tests)
        self.fault = f"$n{self.path}[not({kept})]" if self.tests else ""

    @cached_property
    def wrong(self) -> etree.XPath:
        """The elements of the context where at least one row is not kept."""
        return compiled(self.fault)

    @cached_property
    def codes(self) -> list[tuple[Row, Find]]:
        """Each value-set row with the way to the coded elements it looks at."""
        return [(row, _finder(self.path, row.at)) for row in self.sets]


def _finder(start: str, path: str) -> Find:
    """Plain steps are walked in Python, which costs less than an XPath call; anything else is compiled."""
    if not start and _STEPS.fullmatch(path):
        steps = [V3 + step for step in path.split("/")]
        return lambda _, elements: _walk(elements, steps)
    expression = compiled(f"$n{start}/{translate(path)}")
    return lambda root, elements: cast("Elements", expression(root, n=cast("Any", elements)))


def _walk(elements: Elements, steps: list[str]) -> Elements:
    for step in steps:
        elements = [child for element in elements for child in element.iterchildren(step)]
    return elements


class Template:
    """The contexts of one template: asked together first, one by one only where something is wrong."""

    def __init__(self, groups: Iterable[Group]) -> None:
        places: dict[str, list[Group]] = {}
        for group in groups:
            places.setdefault(group.path, []).append(group)
        self.contexts = [Context(same) for same in places.values()]
        self.with_sets = [context for context in self.contexts if context.sets]

    @cached_property
    def wrong(self) -> etree.XPath | None:
        """The elements at fault in any context; None when the template only has value sets."""
        faults = [context.fault for context in self.contexts if context.fault]
        return compiled(" | ".join(faults)) if faults else None


def templates_of(groups: Iterable[Group]) -> dict[str, Template]:
    """The groups by template."""
    together: dict[str, list[Group]] = {}
    for group in groups:
        together.setdefault(group.template, []).append(group)
    return {template: Template(same) for template, same in together.items()}


class Visit:
    """One document looked at; how much it says is bounded, a rule and in all."""

    def __init__(self, root: etree._Element, report: Report, value_sets: ValueSets) -> None:
        self.root, self.report, self.value_sets = root, report, value_sets
        self._said: dict[str, int] = {}
        self._missing: set[str] = set()
        self._examined: dict[Context, int] = {}

    def say(self, row: Row | str, element: etree._Element, **params: object) -> None:
        """One issue, unless the rule or the document has said enough."""
        rule_id = row if isinstance(row, str) else row.id
        times = self._said.get(rule_id, 0)
        self._said[rule_id] = times + 1
        total = self._said[""] = self._said.get("", 0) + 1
        if times < _PLACES and total <= _TOTAL:
            say(self.report, rule_id, element, **params)
        elif total == _TOTAL + 1:
            say(self.report, "CDA-BODY-MORE", self.root)

    def check(self, known: dict[str, Template], index: dict[str, Elements]) -> None:
        """Every context of a template met in the document."""
        for root, elements in index.items():
            template = known.get(root)
            if template is not None:
                for start in range(0, len(elements), _CHUNK):
                    self._template(template, elements[start : start + _CHUNK])

    def _template(self, template: Template, elements: Elements) -> None:
        if template.wrong is not None and template.wrong(self.root, n=cast("Any", elements)):
            for context in template.contexts:
                self._context(context, elements)
        for context in template.with_sets:
            for row, find in context.codes:
                for element in find(self.root, elements):
                    self.member(row, element)

    def _context(self, context: Context, elements: Elements) -> None:
        examined = self._examined.get(context, 0)
        if not context.fault or examined >= _EXAMINED:
            return
        wrong = cast("Elements", context.wrong(self.root, n=cast("Any", elements)))
        self._examined[context] = examined + len(wrong)
        for element in wrong[: _EXAMINED - examined]:
            self._element(context, element)

    def _element(self, context: Context, element: etree._Element) -> None:
        for test in context.tests:
            if not test.holds(element):
                self.say(test.row, test.place(element), found=test.quote(element))

    def member(self, row: Row, element: etree._Element) -> None:
        """A code in its value set: out is the row's issue, a missing set is said once, other words are a warning."""
        code, system, null = (element.get(name) for name in ("code", "codeSystem", "nullFlavor"))
        if (null is not None and null in row.nulls) or _not_coded(element):
            return None
        if row.words_only:
            return self._words(row.id, row.set_name, element, code or "", system)
        if null is not None or code is None or (system is None and not row.code_only):
            return self.say(row, element, found=(code or f"nullFlavor {null or '-'}")[:_QUOTED])
        answers = {name: self.value_sets.contains(name, code, None if row.code_only else system)
                   for name in row.set_name.split("|")}  # fmt: skip
        if Answer.IN in answers.values():
            name = next(name for name in answers if answers[name] is Answer.IN)
            return self._words("CDA-DISPLAY", name, element, code, system)
        if Answer.CANNOT_TELL in answers.values():
            return self._absent(next(name for name in answers if answers[name] is Answer.CANNOT_TELL))
        return self.say(row, element, found=code[:_QUOTED])

    def _words(self, row: str, name: str, element: etree._Element, code: str, system: str | None) -> None:
        """The display name says something else than the value set (warning)."""
        expected = self.value_sets.display_in(name, code, system) if system else None
        if not same_display(element.get("displayName"), expected):
            self.say(row, element, code=code[:_QUOTED], expected=expected)

    def _absent(self, name: str) -> None:
        self._missing.add(name)

    def say_missing(self) -> None:
        """The value sets that were asked and not there, once for the whole document."""
        if self._missing:
            names = ", ".join(f"JDV_{name}" for name in sorted(self._missing))
            say(self.report, "CDA-VALUE-SET-MISSING", self.root, names=names)


def _not_coded(element: etree._Element) -> bool:
    """True for a value of another data type than CD, CE and the like: the lists say nothing about it."""
    written = element.get("{http://www.w3.org/2001/XMLSchema-instance}type")
    return written is not None and written.rpartition(":")[2] not in ("CD", "CE", "CV", "CS", "CO")
