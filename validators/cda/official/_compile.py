"""ISO Schematron to XSLT 3: one mode a pattern, one template a rule, one caught test an assertion.

A node is tested by the first rule of a pattern that matches it (ISO 19757-3, 6.5), so priorities go down. Each test has
its own `xsl:try`: an assertion that cannot be evaluated, mostly for want of a list, says so and the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lxml import etree

from validators.cda.official._source import SCH, Source

FORM: Final = 1
"""Raise it when the style sheets come out otherwise: what is cached is made again."""

_XSL: Final = "{http://www.w3.org/1999/XSL/Transform}"
_OUR: Final = "urn:segur-fhir:official"
_NAMESPACES: Final = {
    "xsl": _XSL[1:-1],
    "segur": _OUR,
    "segur-err": "http://www.w3.org/2005/xqt-errors",
    "xs": "http://www.w3.org/2001/XMLSchema",
}
_PATH: Final = (
    "string-join(for $a in $n/ancestor-or-self::* return concat('/', local-name($a), if ($a/parent::*) then concat('[',"
    " 1 + count($a/preceding-sibling::*[node-name(.) eq node-name($a)]), ']') else ''), '') ||"
    " (if ($n instance of attribute()) then '/@' || local-name($n) else '')"
)
_PREDICATE: Final = re.compile(r"\[[^\[\]]*\]")
_OPENS: Final = re.compile(r"\bdoc(?:ument|-available)?\s*\(")
_OTHERS: Final = (
    ("@", "@*"), ("attribute::", "@*"), ("text()", "text()"), ("comment()", "comment()"), ("node()", "node()"),
)  # fmt: skip
_TOP: Final = ("function", "key", "variable", "param", "decimal-format")


def stylesheet(source: Source) -> str:
    """The style sheet that writes `<findings>` of a document; paths in it are those of the schematron's folder."""
    return _Compiler(source).text()


class _Compiler:
    def __init__(self, source: Source) -> None:
        self._schema = source.schema
        namespaces = source.prefixes | {n.get("prefix", ""): n.get("uri", "") for n in self._schema.iter(f"{SCH}ns")}
        namespaces = {prefix: uri for prefix, uri in namespaces.items() if prefix and uri and prefix != "xml"}
        self._sheet = etree.Element(f"{_XSL}stylesheet", nsmap=namespaces | _NAMESPACES)
        self._sheet.set("version", "3.0")
        self._sheet.set("exclude-result-prefixes", "#all")
        self._sheet.set("{http://www.w3.org/XML/1998/namespace}base", _folder_uri(source.folder))
        self._unsafe: dict[str, str] = {}

    def text(self) -> str:
        patterns = list(self._active())
        self._function()
        self._globals()
        main = _add(self._sheet, "template", match="/")
        findings = etree.SubElement(main, "findings")
        for rank, pattern in enumerate(patterns, 1):
            mode = f"p{rank}"
            _add(findings, "apply-templates", select="/", mode=mode)
            self._pattern(pattern, pattern.get("id") or mode, mode)
        return etree.tostring(self._sheet, encoding="unicode")

    def _active(self) -> Iterator[etree._Element]:
        """The patterns of the default phase, or all of them."""
        phase = self._schema.get("defaultPhase", "#ALL")
        found = next((p for p in self._schema.iter(f"{SCH}phase") if p.get("id") == phase), None)
        wanted = None if found is None else {item.get("pattern") for item in found.iter(f"{SCH}active")}
        for pattern in self._schema.iter(f"{SCH}pattern"):
            if wanted is None or pattern.get("id") in wanted:
                yield pattern

    def _function(self) -> None:
        function = _add(self._sheet, "function", name="segur:path")
        _add(function, "param", name="n")
        _add(function, "sequence", select=_PATH)
        for child in list(self._schema):
            if child.tag in {f"{_XSL}{name}" for name in _TOP}:
                self._sheet.append(child)

    def _globals(self) -> None:
        """Variables of the schema and of its patterns; the first of a name counts.

        An error in a global variable cannot be caught, so those that open a file are given to the rules instead, but
        for those that a context needs.
        """
        seen: set[str] = set()
        contexts = " ".join(rule.get("context", "") for rule in self._schema.iter(f"{SCH}rule"))
        for let in self._schema.iter(f"{SCH}let"):
            parent, name, value = let.getparent(), let.get("name", ""), let.get("value", "()")
            if parent is None or parent.tag == f"{SCH}rule" or name in seen:
                continue
            seen.add(name)
            opens = _OPENS.search(value) or any(_uses(value, other) for other in self._unsafe)
            if opens and not _uses(contexts, name):
                self._unsafe[name] = value
            else:
                _add(self._sheet, "variable", name=name, select=value)

    def _pattern(self, pattern: etree._Element, name: str, mode: str) -> None:
        rules = [rule for rule in pattern.iter(f"{SCH}rule") if rule.get("context")]
        children = _visited(rule.get("context", "") for rule in rules)
        skip = _add(self._sheet, "template", match="/|*", mode=mode, priority="-10")
        _add(skip, "apply-templates", select=children, mode=mode)
        _add(self._sheet, "template", match="@*|text()|comment()|processing-instruction()", mode=mode, priority="-10")
        for rank, rule in enumerate(rules, 1):
            template = _add(
                self._sheet, "template", match=rule.get("context", ""), mode=mode, priority=str(len(rules) - rank + 1)
            )
            self._rule(template, rule, f"{name}/{rank}")
            _add(template, "apply-templates", select=children, mode=mode)

    def _rule(self, template: etree._Element, rule: etree._Element, name: str) -> None:
        """What the rule says; a variable that cannot be computed costs this rule only."""
        body = _add(template, "try")
        for variable, value in self._used(rule):
            _add(body, "variable", name=variable, select=f"root()/({value})")
        rank = 0
        for child in rule:
            if child.tag == f"{SCH}let":
                _add(body, "variable", name=child.get("name", ""), select=child.get("value", "()"))
            elif child.tag in (f"{SCH}assert", f"{SCH}report"):
                rank += 1
                _assertion(body, child, f"{name}.{rank}")
        _caught(body, name)

    def _used(self, rule: etree._Element) -> list[tuple[str, str]]:
        """The variables that open a file and that the rule needs, each after those it is made of."""
        if not self._unsafe:
            return []
        said = " ".join(str(value) for element in rule.iter("*") for value in element.attrib.values())
        found = []
        for name, value in reversed(self._unsafe.items()):
            if _uses(said, name):
                found.append((name, value))
                said += f" {value}"
        return found[::-1]


def _uses(text: str, variable: str) -> bool:
    return re.search(rf"\${re.escape(variable)}(?![\w.\-])", text) is not None


def _assertion(body: etree._Element, written: etree._Element, name: str) -> None:
    test = written.get("test", "true()")
    attempt = _add(body, "try")
    failed = _add(attempt, "if", test=f"not({test})" if written.tag == f"{SCH}assert" else test)
    finding = etree.SubElement(
        failed, "failed", assertion=_plain(name), role=_plain(written.get("role", "")), location="{segur:path(.)}"
    )
    _message(finding, written)
    _caught(attempt, name)


def _caught(attempt: etree._Element, name: str) -> None:
    catch = _add(attempt, "catch")
    broken = etree.SubElement(catch, "broken", assertion=_plain(name), location="{segur:path(.)}")
    _add(broken, "value-of", select="$segur-err:description")


def _message(target: etree._Element, written: etree._Element) -> None:
    """The text with what it quotes of the document."""
    _text(target, written.text)
    for child in written:
        if child.tag == f"{SCH}value-of":
            _add(target, "value-of", select=child.get("select", "."))
        elif child.tag == f"{SCH}name":
            _add(target, "value-of", select=f"name({child.get('path', '.')})")
        elif isinstance(child.tag, str):
            _message(target, child)
        _text(target, child.tail)


def _text(target: etree._Element, text: str | None) -> None:
    if text:
        _add(target, "text").text = text


def _add(parent: etree._Element, name: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{_XSL}{name}", attributes)


def _plain(text: str) -> str:
    """Text of an attribute that XSLT would read as a template."""
    return text.replace("{", "{{").replace("}", "}}")


def _visited(contexts: Iterator[str]) -> str:
    """The nodes to walk: elements, and attributes or others only where a context asks for them."""
    said = " | ".join(contexts)
    while (shorter := _PREDICATE.sub("", said)) != said:
        said = shorter
    return "|".join(dict.fromkeys(["*", *(select for sign, select in _OTHERS if sign in said)]))


def _folder_uri(folder: Path) -> str:
    return folder.as_uri() + "/"
