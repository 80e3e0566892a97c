"""The narrative block: what a section's text may hold (HL7 CDA R2 2005, StrucDoc.Text)."""

from __future__ import annotations

from typing import Final

from validators.cda.structure._notation import Complex

_COMMON: Final = "ID:xs.ID language:xs.NMTOKEN styleCode:xs.NMTOKENS"
_ALIGNED: Final = f"{_COMMON} align:Align char:xs.string charoff:xs.string valign:VerticalAlign"
_CELL: Final = (
    f"{_ALIGNED} abbr:xs.string axis:xs.string headers:xs.IDREFS scope:CellScope rowspan:xs.string colspan:xs.string"
)


def _choice(names: str) -> str:
    """Elements in any order and number, each of the type that bears its name."""
    return "(" + " | ".join(f"{name}:StrucDoc.{name[0].upper()}{name[1:]}" for name in names.split()) + ")*"


_NOTES: Final = "footnote footnoteRef"
_INLINE: Final = f"content linkHtml sub sup br {_NOTES} renderMultiMedia"
_BLOCKS: Final = "paragraph list table"
_CAPTION: Final = "caption:StrucDoc.Caption?"
_TITLE: Final = "(content:StrucDoc.TitleContent | sub:StrucDoc.Sub | sup:StrucDoc.Sup | br:StrucDoc.Br"
_ROWS: Final = "tr:StrucDoc.Tr+"

NARRATIVE: Final[tuple[Complex, ...]] = (
    Complex(
        "StrucDoc.Text", _choice(f"{_INLINE} {_BLOCKS}"),
        f"{_COMMON} mediaType:xs.string=text/x-hl7-text+xml", mixed=True,
    ),
    Complex(
        "StrucDoc.TitleContent",
        f"{_TITLE} | footnote:StrucDoc.TitleFootnote | footnoteRef:StrucDoc.FootnoteRef)*", _COMMON, mixed=True,
    ),
    Complex("StrucDoc.TitleFootnote", f"{_TITLE})*", _COMMON, mixed=True),
    Complex("StrucDoc.Br"),
    Complex("StrucDoc.Sub", mixed=True),
    Complex("StrucDoc.Sup", mixed=True),
    Complex("StrucDoc.Caption", _choice(f"linkHtml sub sup {_NOTES}"), _COMMON, mixed=True),
    Complex("StrucDoc.Content", _choice(_INLINE), f"{_COMMON} revised:Revised", mixed=True),
    Complex(
        "StrucDoc.Footnote", _choice(f"content linkHtml sub sup br renderMultiMedia {_BLOCKS}"), _COMMON, mixed=True
    ),
    Complex("StrucDoc.FootnoteRef", "", f"{_COMMON} IDREF:xs.IDREF!"),
    Complex(
        "StrucDoc.LinkHtml", _choice(_NOTES),
        f"name:xs.string href:xs.string rel:xs.string rev:xs.string title:xs.string {_COMMON}", mixed=True,
    ),
    Complex("StrucDoc.RenderMultiMedia", _CAPTION, f"referencedObject:xs.IDREFS! {_COMMON}"),
    Complex("StrucDoc.Paragraph", f"{_CAPTION} {_choice(_INLINE)}", _COMMON, mixed=True),
    Complex("StrucDoc.List", f"{_CAPTION} item:StrucDoc.Item+", f"{_COMMON} listType:ListType"),
    Complex("StrucDoc.Item", f"{_CAPTION} {_choice(f'{_INLINE} {_BLOCKS}')}", _COMMON, mixed=True),
    Complex(
        "StrucDoc.Table",
        f"{_CAPTION} (col:StrucDoc.Col* | colgroup:StrucDoc.Colgroup*) thead:StrucDoc.Thead? tfoot:StrucDoc.Tfoot? "
        "tbody:StrucDoc.Tbody+",
        f"{_COMMON} summary:xs.string width:xs.string border:xs.string frame:TableFrame rules:TableRules "
        "cellspacing:xs.string cellpadding:xs.string",
    ),
    Complex("StrucDoc.Col", "", f"{_ALIGNED} span:xs.string width:xs.string"),
    Complex("StrucDoc.Colgroup", "col:StrucDoc.Col*", f"{_ALIGNED} span:xs.string width:xs.string"),
    Complex("StrucDoc.Thead", _ROWS, _ALIGNED),
    Complex("StrucDoc.Tfoot", _ROWS, _ALIGNED),
    Complex("StrucDoc.Tbody", _ROWS, _ALIGNED),
    Complex("StrucDoc.Tr", "(th:StrucDoc.Th | td:StrucDoc.Td)+", _ALIGNED),
    Complex("StrucDoc.Th", _choice(_INLINE), _CELL, mixed=True),
    Complex("StrucDoc.Td", _choice(f"{_INLINE} paragraph list"), _CELL, mixed=True),
)  # fmt: skip
