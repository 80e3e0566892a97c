"""A schematron with its includes pasted, its abstract patterns and rules written out and its lists found.

What cannot be found is left out and named; the rest goes on. Order as in ISO 19757-3: includes, then abstract patterns.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lxml import etree

from validators.cda.official._defects import Defect
from validators.cda.official._files import look_up, read_xml

SCH: Final = "{http://purl.oclc.org/dsdl/schematron}"
_DEEP: Final = 20


class Source:
    """One schematron, made whole.

    Raises:
        etree.XMLSyntaxError: the file itself is empty or is no XML.
        OSError: the file cannot be read.
    """

    def __init__(self, root: Path, path: Path) -> None:
        self.folder = path.parent
        self._root, self._name = root, path.relative_to(root).as_posix()
        self.defects: list[Defect] = []
        self.schema = read_xml(path)
        self.prefixes = dict(self._prefixes(self.schema))
        self._paste(self.schema, path.parent, 0)
        self._instantiate()
        self._extend()

    def defect(self, kind: str, detail: str) -> None:
        """Name a defect of this schematron, once."""
        found = Defect(kind, self._name, detail)
        if found not in self.defects:
            self.defects.append(found)

    @staticmethod
    def _prefixes(element: etree._Element) -> Iterator[tuple[str, str]]:
        return ((prefix, uri) for prefix, uri in element.nsmap.items() if prefix)

    # -- includes ------------------------------------------------------------------------------------------------------

    def _paste(self, element: etree._Element, folder: Path, depth: int) -> None:
        for include in list(element.iter(f"{SCH}include")):
            parent = include.getparent()
            if parent is None:
                continue
            pasted = self._included(include.get("href", ""), folder, depth)
            if pasted is None:
                parent.remove(include)
            else:
                parent.replace(include, pasted)

    def _included(self, href: str, folder: Path, depth: int) -> etree._Element | None:
        reference, _, fragment = href.partition("#")
        path, exact = look_up(self._root, folder, reference)
        if path is None or depth > _DEEP:
            self.defect("include-missing", reference)
            return None
        if not exact:
            self.defect("include-case", reference)
        try:
            found = read_xml(path)
        except (etree.XMLSyntaxError, OSError):
            self.defect("include-unreadable", reference)
            return None
        if fragment:
            named = [item for item in found.iter(f"{SCH}*") if item.get("id") == fragment]
            if not named:
                self.defect("include-missing", href)
                return None
            found = named[0]
        self.prefixes = dict(self._prefixes(found)) | self.prefixes
        self._paste(found, path.parent, depth + 1)
        return found

    # -- abstract patterns and rules -----------------------------------------------------------------------------------

    def _instantiate(self) -> None:
        """A pattern that `is-a` abstract one becomes a copy of it, parameters replaced in every attribute."""
        abstract = {p.get("id"): p for p in self.schema.iter(f"{SCH}pattern") if p.get("abstract") == "true"}
        for pattern in list(self.schema.iter(f"{SCH}pattern")):
            model = pattern.get("is-a")
            if model is None:
                continue
            if model not in abstract:
                self.defect("pattern-missing", f"{pattern.get('id', '-')} is-a {model}")
                _remove(pattern)
                continue
            parameters = {p.get("name", ""): p.get("value", "") for p in pattern.iter(f"{SCH}param")}
            made = copy.deepcopy(abstract[model])
            del made.attrib["abstract"]
            made.set("id", pattern.get("id") or model)
            _replace_parameters(made, parameters)
            parent = pattern.getparent()
            if parent is not None:
                parent.replace(pattern, made)
        for pattern in abstract.values():
            _remove(pattern)

    def _extend(self) -> None:
        """`extends` becomes what the abstract rule holds, which may extend another."""
        abstract = {rule.get("id"): rule for rule in self.schema.iter(f"{SCH}rule") if rule.get("abstract") == "true"}
        for rule in self.schema.iter(f"{SCH}rule"):
            if rule.get("abstract") != "true":
                rule[:] = list(self._written_out(rule, abstract, ()))
        for rule in abstract.values():
            _remove(rule)

    def _written_out(
        self, rule: etree._Element, abstract: dict[str | None, etree._Element], seen: tuple[str | None, ...]
    ) -> Iterator[etree._Element]:
        for child in rule:
            if child.tag != f"{SCH}extends":
                yield child if not seen else copy.deepcopy(child)
                continue
            name = child.get("rule")
            if name in abstract and name not in seen:
                yield from self._written_out(abstract[name], abstract, (*seen, name))
            else:
                self.defect("rule-missing", str(name))


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _replace_parameters(pattern: etree._Element, parameters: dict[str, str]) -> None:
    """`$name` by its text; a longer name that starts with it is another name."""
    if not parameters:
        return
    names = "|".join(map(re.escape, sorted(parameters, key=len, reverse=True)))
    wanted = re.compile(rf"\$({names})(?![\w.\-])")
    for element in pattern.iter("*"):
        for name, value in element.attrib.items():
            element.set(name, wanted.sub(lambda match: parameters[match[1]], str(value)))
