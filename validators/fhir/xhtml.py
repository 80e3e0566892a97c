"""What HTML a narrative may use, as tables: elements, attributes, what may stand in what.

Source: FHIR R4, https://hl7.org/fhir/R4/narrative.html; HTML 4.0, chapters 7 to 11 and 15; the content models are those
that HL7's validator applies.
"""

from __future__ import annotations

from typing import Final

XHTML: Final = "{http://www.w3.org/1999/xhtml}"
XML: Final = "{http://www.w3.org/XML/1998/namespace}"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARA: Final = _words("p h1 h2 h3 h4 h5 h6 pre address")
INLINE: Final = _words("a b em i strong small big sub sup code tt dfn q var abbr acronym cite bdo kbd samp")
"""Inline elements; none may stand inside its like."""
HOLDS_NO_BLOCK: Final = PARA | INLINE | _words("span caption dd dt")
BLOCKS: Final = _words("div pre table ul ol")
NOT_IN_P: Final = BLOCKS | _words("blockquote p")
EMPTY: Final = _words("br img hr area")

CHILDREN: Final = {
    "table": _words("tbody tr caption thead tfoot col colgroup"),
    "tbody": _words("tr"),
    "thead": _words("tr"),
    "tfoot": _words("tr"),
    "tr": _words("td th"),
    "ul": _words("li"),
    "ol": _words("li"),
    "dl": _words("dd dt"),
    "map": _words("area"),
}
"""Elements that hold these and no text."""

PARENTS: Final = {
    "tr": _words("table thead tfoot tbody"),
    "tbody": _words("table"),
    "thead": _words("table"),
    "tfoot": _words("table"),
    "caption": _words("table"),
    "colgroup": _words("table"),
    "col": _words("table colgroup"),
    "td": _words("tr"),
    "th": _words("tr"),
    "li": _words("ul ol"),
    "dd": _words("dl"),
    "dt": _words("dl"),
}

ELEMENTS: Final = PARA | INLINE | EMPTY | CHILDREN.keys() | PARENTS.keys() | _words("div span blockquote")

ATTRIBUTES: Final = _words(
    "title style class id lang dir accesskey tabindex span width align valign char charoff abbr axis headers scope "
    f"rowspan colspan {XML}lang {XML}space"
)
"""Attributes of any element; there is no event among them."""

ATTRIBUTES_OF: Final = {
    "a": _words("href name charset type hreflang rel rev shape coords"),
    "img": _words("src border alt longdesc height width usemap ismap"),
    "blockquote": _words("cite"),
    "q": _words("cite"),
    "map": _words("name"),
    "area": _words("shape coords href nohref alt"),
    "table": _words("summary width border frame rules cellspacing cellpadding"),
    "pre": _words("space"),
    "td": _words("nowrap"),
}

LINKS: Final = {"a": "href", "area": "href", "img": "src"}
