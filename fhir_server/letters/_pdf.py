"""The PDF of a letter from the HTML of its template: A4, fonts inside, the same bytes for the same letter.

What carries one of the classes of `_PLACES` stands where a French administrative letter has it (NF Z 11-001: addressee
at the right, for a window envelope); all the rest flows through `FPDF.write_html`. No network, no image, no script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from fpdf import FPDF, ViewerPreferences
from fpdf.fonts import FontFace, TextStyle
from lxml import etree, html

from fhir_server.letters._view import LABELS
from indicators.programmes.letters import Letter

_FAMILY: Final = "Roboto"
_FACES: Final = (("", "Regular"), ("B", "Bold"), ("I", "Italic"), ("BI", "BoldItalic"))
_INK: Final = "#161616"
_LEFT, _RIGHT, _TOP, _BOTTOM = 25.0, 20.0, 18.0, 24.0
_COLUMN: Final = 110.0
"""Where the right-hand blocks begin, in millimetres."""
_BODY, _SMALL, _LEADING = 10.5, 8.0, 1.25
_HEADINGS: Final = ("h1", "h2", "h3")
_HEADED: Final = 28.0
"""Room below the start of a heading, in millimetres: itself and some lines of what it heads."""
_STYLES: Final[dict[str, TextStyle | FontFace]] = {
    "p": TextStyle(t_margin=2.6),
    "li": TextStyle(l_margin=5, t_margin=1.1),
    "ul": TextStyle(t_margin=0.8), "ol": TextStyle(t_margin=0.8),
    "code": FontFace(family=_FAMILY), "a": FontFace(color=_INK, emphasis="UNDERLINE"),
}  # fmt: skip


def to_pdf(page: str, letter: Letter, lang: str) -> bytes:
    """The PDF of a rendered page. Raises `ValueError` on markup that cannot be laid out."""
    body = html.document_fromstring(page).find("body")
    if body is None:
        raise ValueError("no body")
    for element in body.iter("img"):  # fpdf would open any path or address it names
        raise ValueError(f"<img src={element.get('src', '')[:40]!r}>: a letter holds no image")
    sheet = _Sheet(letter, lang, slanted=next(body.iter("em", "i"), None) is not None)
    sheet.add_page()
    for name, element in _blocks(body):
        _PLACES.get(name, _flow)(sheet, element)
    return bytes(sheet.output())


class _Sheet(FPDF):
    """An A4 sheet with our fonts, and the decision at the foot of every page."""

    def __init__(self, letter: Letter, lang: str, *, slanted: bool) -> None:
        super().__init__(format="A4", unit="mm")
        self._letter, self._lang = letter, lang
        folder = files("font_roboto") / "files"
        for style, face in _FACES if slanted else _FACES[:2]:  # each costs some 50 ms
            self.add_font(_FAMILY, style, str(folder / f"Roboto-{face}.ttf"))
        self.set_margins(_LEFT, _TOP, _RIGHT)
        self.set_auto_page_break(auto=True, margin=_BOTTOM)
        self.set_font(_FAMILY, size=_BODY)
        self.set_text_color(_INK)
        self.set_title(f"{letter.subject.say(lang)} – {letter.addressee.name}")
        self.set_lang("en" if lang == "en" else "fr-FR")
        self.set_author(letter.sender.name)
        self.set_subject(letter.subject.say(lang))
        self.set_creator("segur-fhir")
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_creation_date(datetime.fromisoformat(letter.decision.decided_at))

    def footer(self) -> None:
        """Which decision the page belongs to, and which page it is."""
        mark, said = self._letter.decision, LABELS[self._lang]
        self.set_y(-16)
        self.set_font(_FAMILY, size=6.5)
        self.line(_LEFT, self.get_y() - 1, self.w - _RIGHT, self.get_y() - 1)
        text = f"{said['decision']} {mark.id} · SHA-256 {mark.digest}"
        self.cell(self.epw - 18, 4, text)
        self.cell(18, 4, f"{said['page']} {self.page_no()}/{{nb}}", align="R")


def _blocks(element: Any) -> Iterator[tuple[str, Any]]:
    """Each block with its place, in reading order; what only groups is opened."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        names = (child.get("class") or "").split()
        place = next((name for name in names if name in _PLACES), "")
        if not place and child.tag in ("header", "main", "section", "div", "article", "footer"):
            yield from _blocks(child)
        else:
            yield place, child


def _lines(element: Any) -> list[tuple[str, bool]]:
    """The lines of a placed block; `<br>` and block elements end one. True: in bold."""
    lines: list[tuple[str, bool]] = []

    def take(text: str | None, bold: bool) -> None:
        said = " ".join((text or "").split(" ")).strip("\n\t ") if text else ""
        if said:
            lines.append((" ".join(said.replace("\n", " ").split(" ")), bold))

    if all(child.tag == "time" for child in element):
        take(" ".join(element.text_content().split()), False)
        return lines
    take(element.text, False)
    for child in element:
        take(child.text_content(), child.tag in ("strong", "b"))
        take(child.tail, False)
    return lines


def _write(sheet: _Sheet, x: float, y: float, lines: list[tuple[str, bool]]) -> None:
    sheet.set_y(y)
    for text, bold in lines:
        sheet.set_x(x)
        sheet.set_font(_FAMILY, "B" if bold else "", _BODY)
        width = (_COLUMN - _LEFT - 5) if x < _COLUMN else sheet.w - _RIGHT - x
        sheet.multi_cell(width, 5, text, align="L", new_x="LMARGIN", new_y="NEXT")
    sheet.set_font(_FAMILY, "", _BODY)


def _sender(sheet: _Sheet, element: Any) -> None:
    _write(sheet, _LEFT, _TOP, _lines(element))


def _addressee(sheet: _Sheet, element: Any) -> None:
    _write(sheet, _COLUMN, max(50.0, sheet.get_y() + 4), _lines(element))


def _dateline(sheet: _Sheet, element: Any) -> None:
    _write(sheet, _COLUMN, max(86.0, sheet.get_y() + 8), _lines(element))
    sheet.set_y(sheet.get_y() + 4)


def _signature(sheet: _Sheet, element: Any) -> None:
    """Kept whole, with room to sign above the next block."""
    lines = _lines(element)
    room = 8 + 5 * len(lines) + 16
    if sheet.will_page_break(room):
        sheet.add_page()
    _write(sheet, _COLUMN, sheet.get_y() + 8, lines)
    sheet.set_y(sheet.get_y() + 16)


def _left_out(_: _Sheet, __: Any) -> None:
    """The decision's mark is at the foot of every page."""


_PLACES: Final[dict[str, Callable[[_Sheet, Any], None]]] = {
    "sender": _sender, "addressee": _addressee, "dateline": _dateline, "signature": _signature, "decision": _left_out,
}  # fmt: skip


def _flow(sheet: _Sheet, element: Any) -> None:
    if element.tag in _HEADINGS:
        _heading(sheet, element)
        return
    if element.tag == "table":
        _table(element)
    for block in element.iter("p", "ul", "ol"):
        block.set("style", f"line-height: {_LEADING}")
    if "small" in (element.get("class") or "").split():
        _smaller(element)
    caption = element.find("caption")
    if caption is not None:
        sheet.write_html(f"<p><b>{caption.text_content()}</b></p>", tag_styles=_STYLES)
        element.remove(caption)
    text = html.tostring(element, encoding="unicode", with_tail=False)
    sheet.write_html(text, tag_styles=_STYLES, table_line_separators=True, li_prefix_color=_INK, font_family=_FAMILY)
    sheet.set_font(_FAMILY, "", _BODY)


def _heading(sheet: _Sheet, element: Any) -> None:
    """A bookmark and a bold paragraph, never alone at the foot of a page."""
    text = " ".join(element.text_content().split())
    if sheet.will_page_break(_HEADED):
        sheet.add_page()
    sheet.set_y(sheet.get_y() + 2.5)
    sheet.start_section(text, _HEADINGS.index(element.tag))
    paragraph = etree.Element("p", style=f"line-height: {_LEADING}")
    etree.SubElement(paragraph, "b").text = text
    sheet.write_html(etree.tostring(paragraph, encoding="unicode"), tag_styles=_STYLES, font_family=_FAMILY)
    sheet.set_font(_FAMILY, "", _BODY)


def _table(element: Any) -> None:
    """Cells as `write_html` takes them: text alone, aligned by an attribute, two columns of 70 and 30 %."""
    element.set("width", "100%")
    element.set("align", "LEFT")  # the default centres on the sheet, not between the margins
    for number, row in enumerate(element.iter("tr")):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        for place, cell in enumerate(cells):
            text, classes = cell.text_content(), (cell.get("class") or "").split()
            for inner in list(cell):
                cell.remove(inner)
            cell.text = text
            cell.tag = "td" if row.getparent().tag == "tbody" else "th"
            cell.set("align", "RIGHT" if "amount" in classes else "LEFT")
            if number == 0 and len(cells) == 2:
                cell.set("width", "30%" if place else "70%")


def _smaller(element: Any) -> None:
    """The text of a block in the small size: `write_html` knows sizes by `<font>` only."""
    for block in element.iter("p", "li"):
        font = etree.SubElement(block, "font", size=str(_SMALL))
        font.text, block.text = block.text, None
        for child in list(block)[:-1]:
            font.append(child)
