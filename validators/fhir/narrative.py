"""Narrative XHTML: what a `div` may hold, so that it can be shown anywhere and do nothing.

Source: FHIR R4, https://hl7.org/fhir/R4/narrative.html (the allowed parts of HTML 4.0), constraints txt-1 and txt-2;
where the text leaves room, what HL7's validator accepts. Names and nesting are tables, in `xhtml`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container
from typing import Any, Final, Protocol

from lxml import etree

from validators.fhir.primitives import is_base64
from validators.fhir.xhtml import (
    ATTRIBUTES,
    ATTRIBUTES_OF,
    BLOCKS,
    CHILDREN,
    ELEMENTS,
    EMPTY,
    HOLDS_NO_BLOCK,
    INLINE,
    LINKS,
    NOT_IN_P,
    PARENTS,
    XHTML,
    XML,
)  # fmt: skip
from validators.xmlopen import Refusal, open_xml

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_DEPTH: Final = 100

_SPACE: Final = " \t\r\n"
_SHOWN: Final = 60

_BAD_IN_URL: Final = re.compile(r"[^\w;?:@&=+$.,/%\-~#\[\]!'()*|]").search
_ACTIVE: Final = re.compile(r"(?:javascript|vbscript|livescript):", re.IGNORECASE).match
_ACTIVE_STYLE: Final = re.compile(r"url\s*\(|expression\s*\(|@import|behaviou?r\s*:|-moz-binding", re.IGNORECASE).search
_ANCHOR: Final = re.compile(r"""\s(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TXT: Final = frozenset({"FHIR-XHTML", "FHIR-XHTML-ROOT", "FHIR-XHTML-ELEMENT", "FHIR-XHTML-ATTRIBUTE",
                         "FHIR-XHTML-EMPTY"})  # fmt: skip
"""What txt-1 and txt-2 ask for; the rest is HL7's validator's own."""


class Add(Protocol):
    """Records a finding: the rule, its place, and the words of its sentence."""

    def __call__(self, rule_id: str, location: str, **params: Any) -> None:
        """Record one finding."""


def check_narrative(
    div: str,
    place: str,
    add: Add,
    *,
    language: str | None = None,
    targets: Callable[[], Container[str]] | None = None,
) -> None:
    """Say what is wrong with a narrative `div`.

    `language` is the resource's; `targets` gives the ids that a link may point to besides those of the div itself, and
    is only called when one does (see `narrative_targets`); without it such links are not judged. Rules `FHIR-XHTML…`.
    """
    opened = open_xml(div.encode("utf-8", "replace"), max_bytes=MAX_BYTES, max_depth=MAX_DEPTH, keep_comments=True)
    if isinstance(opened, Refusal):
        add("FHIR-XHTML", place, found=opened.error or opened.cause.value, position=f"{opened.line}:{opened.column}")
        return
    check = _Check(place, add)
    check.root(opened.getroot())
    check.links(targets)
    check.languages(opened.getroot(), language)


def html_check(div: str) -> bool:
    """FHIRPath `htmlChecks()`: well-formed, allowed elements and attributes only, and not empty (txt-1, txt-2)."""
    found: set[str] = set()

    def add(rule_id: str, location: str, **params: Any) -> None:  # noqa: ARG001 - the signature is the protocol's
        found.add(rule_id)

    check_narrative(div, "", add)
    return not found & _TXT


def narrative_targets(resource: object) -> set[str]:
    """Everything in a resource that `#…` can name: ids of elements and contained resources, anchors of narratives."""
    found: set[str] = set()
    todo = [resource]
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo.extend(value)
        elif isinstance(value, dict):
            todo.extend(value.values())
            if isinstance(value.get("id"), str):
                found.add(value["id"])
            if isinstance(value.get("div"), str):
                found.update(one or other for one, other in _ANCHOR.findall(value["div"]))
    return found


class _Check:
    """One narrative in progress."""

    __slots__ = ("_add", "_anchors", "_links", "_namespace", "_place", "_said")

    def __init__(self, place: str, add: Add) -> None:
        self._place = place
        self._add = add
        self._namespace = XHTML
        self._anchors: Counter[str] = Counter()
        self._links: list[str] = []
        self._said: set[tuple[str, object]] = set()

    def root(self, div: etree._Element) -> None:
        uri, _, name = str(div.tag).rpartition("}")
        self._namespace = uri + "}" if uri else ""
        if self._namespace != XHTML:
            self._say("FHIR-XHTML-NAMESPACE", element=name, found=uri[1:] or "—")
        if name != "div":
            self._say("FHIR-XHTML-ROOT", element=name)
        for node in (*div.itersiblings(preceding=True), *div.itersiblings()):
            self._not_element(node)
        self._attributes(div, name)
        for child in div:
            self._element(child, "div", "", "")
        if not _has_content(div, self._namespace):
            self._say("FHIR-XHTML-EMPTY", element="div")
        for anchor, count in self._anchors.items():
            if count > 1:
                self._say("FHIR-XHTML-ID", element=_shown(anchor), found=count)

    def _element(self, element: etree._Element, parent: str, outside: str, inlines: str) -> None:
        """`outside` is the nearest element around that holds no block, `p` above all; `inlines` those open."""
        tag = element.tag
        if not isinstance(tag, str):
            self._not_element(element)
            return
        uri, brace, name = tag.rpartition("}")
        if uri + brace != self._namespace:
            self._say("FHIR-XHTML-NAMESPACE", element=_shown(name), found=_shown(uri[1:] or "—"))
        elif name not in ELEMENTS:
            self._say("FHIR-XHTML-ELEMENT", element=_shown(name))
        else:
            self._nesting(name, parent, outside, inlines)
            self._attributes(element, name)
            self._content(element, name)
        if name in HOLDS_NO_BLOCK and outside != "p":
            outside = name
        if name in INLINE:
            inlines = f"{inlines} {name} "
        for child in element:
            self._element(child, name, outside, inlines)

    def _nesting(self, name: str, parent: str, outside: str, inlines: str) -> None:
        allowed = PARENTS.get(name)
        if allowed is not None and parent not in allowed:
            self._say("FHIR-XHTML-NESTING", element=f"{parent} > {name}", expected=" | ".join(sorted(allowed)))
        elif parent in CHILDREN and name not in CHILDREN[parent]:
            expected = f"{parent} > " + " | ".join(sorted(CHILDREN[parent]))
            self._say("FHIR-XHTML-NESTING", element=f"{parent} > {name}", expected=expected)
        elif outside and name in (NOT_IN_P if outside == "p" else BLOCKS):
            self._say("FHIR-XHTML-NESTING", element=f"{outside} > {name}", expected="div | li | td | th | blockquote")
        elif inlines and f" {name} " in inlines:
            self._say("FHIR-XHTML-NESTING", element=f"{name} > {name}", expected=name)

    def _content(self, element: etree._Element, name: str) -> None:
        if name in EMPTY and (element.text or len(element)):
            self._say("FHIR-XHTML-NESTING", element=f"{name} > …", expected=f"<{name}/>")
        elif name in CHILDREN and any(map(_has_text, (element.text, *(child.tail for child in element)))):
            self._say("FHIR-XHTML-NESTING", element=f"{name} > “…”", expected=" | ".join(sorted(CHILDREN[name])))

    def _not_element(self, node: etree._Element) -> None:
        if isinstance(node, etree._ProcessingInstruction):
            self._say("FHIR-XHTML-ELEMENT", element=_shown(f"<?{node.target!s}?>"))

    # -- attributes ----------------------------------------------------------------------------------------------------

    def _attributes(self, element: etree._Element, name: str) -> None:
        own = ATTRIBUTES_OF.get(name, frozenset[str]())
        anchors = set()
        for key, value in element.items():
            attribute, text = str(key), str(value)
            if attribute not in ATTRIBUTES and attribute not in own:
                self._say("FHIR-XHTML-ATTRIBUTE", element=_shown(f"{name}/@{_plain(attribute)}"))
            elif attribute == "id" or (attribute == "name" and name == "a"):
                anchors.add(text)
            elif attribute == "style" and _ACTIVE_STYLE(text):
                self._say("FHIR-XHTML-STYLE", element=name, found=_shown(text))
            if LINKS.get(name) == attribute:
                self._url(name, text)
        self._anchors.update(anchors)
        lang, xml_lang = element.get("lang"), element.get(f"{XML}lang")
        if lang is not None and xml_lang is not None and lang != xml_lang:
            self._say("FHIR-XHTML-LANG", element=name, found=_shown(lang), expected=_shown(xml_lang))

    def _url(self, name: str, url: str) -> None:
        if url.startswith("#") and len(url) > 1 and name != "area":
            self._links.append(url[1:])
        wrong = _data_fault(url) if url.startswith("data:") else _url_fault(url)
        if wrong:
            self._say("FHIR-XHTML-URL", element=_shown(url) or '""', found=wrong)

    def links(self, targets: Callable[[], Container[str]] | None) -> None:
        """Links inside the resource must lead somewhere."""
        lost = [link for link in self._links if link not in self._anchors]
        if not lost or targets is None:
            return
        known = targets()
        for link in lost:
            if link not in known:
                self._say("FHIR-XHTML-LINK", element=_shown(f"#{link}"))

    # -- languages -----------------------------------------------------------------------------------------------------

    def languages(self, div: etree._Element, language: str | None) -> None:
        """Language sections stand alone, and one is in the language of the resource."""
        own = div.get(f"{XML}lang") or div.get("lang")
        sections = [child for child in div if child.tag == f"{XHTML}div" and child.get(f"{XML}lang")]
        spoken = {str(child.get(f"{XML}lang")) for child in sections} or ({str(own)} if own else set())
        if sections and (_has_text(div.text) or any(_has_text(child.tail) for child in div)):
            self._say("FHIR-XHTML-MIXED", element="div", found=", ".join(sorted(spoken)))
        if language and spoken and not any(_same_language(language, other) for other in spoken):
            self._say("FHIR-XHTML-LANG", element="div", found=", ".join(sorted(spoken)), expected=language)

    def _say(self, rule_id: str, **params: Any) -> None:
        key = (rule_id, params["element"])
        if key not in self._said:
            self._said.add(key)
            self._add(rule_id, self._place, **params)


def _has_content(div: etree._Element, namespace: str) -> bool:
    return any(map(_has_text, div.itertext(etree.Element))) or next(div.iter(f"{namespace}img"), None) is not None


def _has_text(text: object) -> bool:
    return isinstance(text, str) and text.strip(_SPACE) != ""


def _url_fault(url: str) -> str:
    if not url.strip():
        return "∅"
    if match := _ACTIVE("".join(url.split())):
        return match[0]
    bad = _BAD_IN_URL(url)
    return f"« {bad[0]} »" if bad else ""


def _data_fault(url: str) -> str:
    kind, comma, data = url[5:].partition(",")
    if not comma or not data:
        return "data: ∅"
    if "," in data:
        return "« , »"
    return "base64" if kind.endswith(";base64") and not is_base64(data) else ""


def _same_language(one: str, other: str) -> bool:
    return one.partition("-")[0].lower() == other.partition("-")[0].lower()


def _plain(name: str) -> str:
    return name.replace(XML, "xml:").rpartition("}")[2]


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
