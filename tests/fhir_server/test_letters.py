"""Letters rendered: both languages and formats of every kind, an agency's templates, and the sandbox around them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from fhir_server.letters import TemplateFault, built_in, render, view
from indicators.money import format_euros
from indicators.programmes import programme
from indicators.programmes.letters import KINDS, Letter, letter_of
from tests.support.decisions import cases
from tests.support.pdf import pdf_info, pdf_text

CASES = cases()
LANGUAGES = ("fr", "en")
TRICKS = (
    "''.__class__.__mro__[1].__subclasses__()",
    "body.__class__",
    "self.__init__.__globals__",
    "cycler.__init__.__globals__.os",
    "sender['__class__']",
    "(body | attr('__class__'))",
    "'{0.__class__}'.format(body)",
    "body.append('x')",
    "sender.update({'name': 'x'})",
    "'a' * 1000000",
    "[0] * 1000000",
    "9 ** 999",
    "range(1000000) | list",
    "w.values().__iter__.__self__",
)


def letter(of: str = "sun_es_v1", kind: str = "refusal", **facts: Any) -> Letter:
    made, given = CASES[of, kind]
    return letter_of(made, programme(of), given | facts, kind=kind)


def plain(text: str) -> str:
    """Text with every blank, the no-break ones of amounts too, as one space."""
    return " ".join(text.split())


class Page(HTMLParser):
    """The visible text of a page, and its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return plain("".join(self.texts))


class TestEveryKind:
    @pytest.mark.parametrize("lang", LANGUAGES)
    @pytest.mark.parametrize(("of", "kind"), CASES, ids="-".join)
    def test_says_the_same_on_screen_and_on_paper(self, of: str, kind: str, lang: str) -> None:
        made = letter(of, kind)
        page = Page(render(made, "html", lang).decode())
        paper = plain(pdf_text(render(made, "pdf", lang)))
        said = [made.subject, *made.body, *made.following, *(one.words for one in made.reasons)]
        amounts = [format_euros(line.cents, lang) for line in made.amounts]
        for text in [*(one.say(lang) for one in said), *amounts, *made.addressee.lines, made.decision.digest]:
            assert plain(text) in page.text, text
            assert plain(text) in paper, text
        for reason in made.reasons:
            assert reason.code in page.text
            assert reason.code in paper.replace(" ", "")

    def test_every_kind_has_its_template(self) -> None:
        assert {path.stem for path in built_in()} == {*KINDS, "letter"}


class TestPage:
    def test_stands_alone_and_runs_nothing(self) -> None:
        text = render(letter(), "html").decode()
        page = Page(text)
        names = [tag for tag, _ in page.tags]
        assert text.startswith("<!doctype html>")
        assert not {"script", "img", "iframe", "link", "object", "form"} & set(names)
        assert not any(name.startswith("on") or name in ("src", "href") for _, attrs in page.tags for name in attrs)
        policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
        assert policy == "default-src 'none'; style-src 'unsafe-inline'"
        assert "@page { size: A4" in text

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_is_accessible(self, lang: str) -> None:
        page = Page(render(letter(kind="notification"), "html", lang).decode())
        names = [tag for tag, _ in page.tags]
        assert dict(page.tags)["html"] == {"lang": lang}
        assert names.count("h1") == names.count("main") == names.count("title") == names.count("caption") == 1
        assert all(attrs.get("scope") in ("col", "row") for tag, attrs in page.tags if tag == "th")
        levels = [int(name[1]) for name in names if name in ("h1", "h2", "h3")]
        assert all(after - before <= 1 for before, after in pairwise(levels))

    def test_what_somebody_wrote_is_text_not_markup(self) -> None:
        made = letter(addressee={"name": "<script>alert(1)</script>", "lines": ["A & B"]})
        text = render(made, "html").decode()
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert "<script>alert(1)</script>" in pdf_text(render(made, "pdf"))

    def test_english_says_that_the_french_letter_binds(self) -> None:
        assert "the French letter alone is binding" in render(letter(), "html", "en").decode()
        assert "binding" not in render(letter(), "html", "fr").decode()

    @pytest.mark.parametrize(("lang", "format_", "kind"), [("de", "html", ValueError), ("fr", "docx", KeyError)])
    def test_other_languages_and_formats(self, lang: str, format_: str, kind: type[Exception]) -> None:
        with pytest.raises(kind):
            render(letter(), format_, lang)


class TestPaper:
    def test_is_the_same_bytes_each_time(self) -> None:
        """In another process too: nothing of the clock, of a random id or of the hash seed is in it."""
        code = (
            "import hashlib; from tests.fhir_server.test_letters import letter; from fhir_server.letters import render;"
            "print(hashlib.sha256(render(letter(), 'pdf')).hexdigest())"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
        assert done.stdout.strip() == hashlib.sha256(render(letter(), "pdf")).hexdigest()

    @pytest.mark.parametrize(("lang", "tag"), [("fr", "fr-FR"), ("en", "en")])
    def test_says_what_it_is_and_by_whom(self, lang: str, tag: str) -> None:
        data = render(letter(), "pdf", lang)
        made = letter()
        assert pdf_info(data, "Lang") == tag
        assert pdf_info(data, "Author") == made.sender.name
        assert pdf_info(data, "Subject") == made.subject.say(lang)
        assert pdf_info(data, "CreationDate") == "D:20220720090000Z"
        assert b"/DisplayDocTitle true" in data

    def test_accents_and_the_euro_sign_come_out_right(self) -> None:
        made = letter(kind="notification", addressee={"name": "Œuvre – « Été » àâçéèêëîïôùûüÿ ÀÇÉ …"})
        text = pdf_text(render(made, "pdf"))
        assert "Œuvre – « Été » àâçéèêëîïôùûüÿ ÀÇÉ …" in text
        assert "352 000,00 €" in plain(text)

    def test_the_decision_and_the_page_stand_at_the_foot_of_every_page(self) -> None:
        made = letter(reasons=[f"ITEM_MISSING:{n}" for n in range(60)])
        text = pdf_text(render(made, "pdf"))
        pages = text.count(f"SHA-256 {made.decision.digest}")
        assert pages > 2
        assert [f"page {n}/{pages}" in text for n in range(1, pages + 1)] == [True] * pages

    @pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
    def test_another_reader_reads_the_same(self, tmp_path: Path) -> None:
        path = tmp_path / "letter.pdf"
        path.write_bytes(render(letter(), "pdf"))
        done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True)
        assert sorted("".join(done.stdout.decode().split())) == sorted("".join(pdf_text(path.read_bytes()).split()))


class TestTemplates:
    def test_an_agencys_own_stands_in_by_name_and_the_others_stay(self, tmp_path: Path) -> None:
        (tmp_path / "refusal.html").write_text(
            "{% extends 'letter.html' %}{% block salutation %}<p>Chère direction,</p>{% endblock %}", encoding="utf-8"
        )
        for format_ in ("html", "pdf"):
            read = pdf_text if format_ == "pdf" else bytes.decode
            assert "Chère direction," in read(render(letter(), format_, "fr", tmp_path))
            assert "Chère direction," not in read(render(letter(kind="receipt"), format_, "fr", tmp_path))

    def test_the_shared_layout_may_be_replaced_too(self, tmp_path: Path) -> None:
        (tmp_path / "letter.html").write_text("<body><p>{{ subject }}</p></body>", encoding="utf-8")
        assert render(letter(), "html", "fr", tmp_path).decode() == f"<body><p>{letter().subject.fr}</p></body>"

    @pytest.mark.parametrize(
        ("text", "line", "code"),
        [
            ("<p>\n{{ nom }}</p>", 2, "TEMPLATE_UNKNOWN_NAME"),
            ("{{ sender.nom }}", 1, "TEMPLATE_UNKNOWN_NAME"),
            ("<p>\n\n{% if %}", 3, "TEMPLATE_SYNTAX"),
            ("{{ subject", 1, "TEMPLATE_SYNTAX"),
            ("{% extends 'moon.html' %}", 1, "TEMPLATE_MISSING"),
            ("{% include '/etc/passwd' %}", 1, "TEMPLATE_MISSING"),
            ("{% include '../letter.html' %}", 1, "TEMPLATE_MISSING"),
            ("\n{{ 1 / 0 }}", 2, "TEMPLATE_FAILED"),
            ("{% include 'refusal.html' %}", 1, "TEMPLATE_FAILED"),
            ("{{ body.__class__ }}", 1, "TEMPLATE_UNSAFE"),
        ],
    )
    def test_a_fault_is_a_file_a_line_and_a_sentence(self, tmp_path: Path, text: str, line: int, code: str) -> None:
        (tmp_path / "refusal.html").write_text(text, encoding="utf-8")
        with pytest.raises(TemplateFault) as fault:
            render(letter(), "html", "fr", tmp_path)
        found = fault.value
        assert (found.file, found.line, found.code) == ("refusal.html", line, code)
        assert found.message("fr").startswith(f"refusal.html, ligne {line} {code} : ")
        assert found.message("en").startswith(f"refusal.html, line {line} {code}: ")
        assert "\n" not in found.message("fr")

    def test_an_unknown_name_comes_with_the_known_ones(self, tmp_path: Path) -> None:
        (tmp_path / "refusal.html").write_text("{{ nom }}", encoding="utf-8")
        with pytest.raises(TemplateFault, match="nom") as fault:
            render(letter(), "html", "fr", tmp_path)
        assert all(name in fault.value.detail for name in view(letter(), "fr"))
        (tmp_path / "refusal.html").write_text("{{ sender.nom }}", encoding="utf-8")
        with pytest.raises(TemplateFault, match="lines, name"):
            render(letter(), "html", "fr", tmp_path)

    @pytest.mark.parametrize("trick", TRICKS)
    def test_the_sandbox_lets_no_trick_through(self, tmp_path: Path, trick: str) -> None:
        (tmp_path / "refusal.html").write_text(f"<p>{{{{ {trick} }}}}</p>", encoding="utf-8")
        with pytest.raises(TemplateFault) as fault:
            render(letter(), "html", "fr", tmp_path)
        assert fault.value.code in ("TEMPLATE_UNSAFE", "TEMPLATE_UNKNOWN_NAME", "TEMPLATE_FAILED")

    def test_small_sums_are_welcome(self, tmp_path: Path) -> None:
        (tmp_path / "refusal.html").write_text("{{ 3 * 4 }}{{ '-' * 3 }}{{ 2 ** 3 }}", encoding="utf-8")
        assert render(letter(), "html", "fr", tmp_path) == b"12---8"

    def test_markup_that_cannot_be_laid_out_is_the_templates_fault(self, tmp_path: Path) -> None:
        (tmp_path / "refusal.html").write_text("<body><td>x</td><img src='http://x'></body>", encoding="utf-8")
        with pytest.raises(TemplateFault, match="PDF"):
            render(letter(), "pdf", "fr", tmp_path)

    def test_an_image_is_never_fetched(self, tmp_path: Path) -> None:
        (tmp_path / "refusal.html").write_text("<body><p>a<img src='/etc/hostname'></p></body>", encoding="utf-8")
        with pytest.raises(TemplateFault, match="img"):
            render(letter(), "pdf", "fr", tmp_path)

    def test_a_folder_that_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(NotADirectoryError):
            render(letter(), "html", "fr", tmp_path / "nowhere")

    def test_a_file_that_is_not_text(self, tmp_path: Path) -> None:
        (tmp_path / "refusal.html").write_bytes(b"\xff\xfe")
        with pytest.raises(TemplateFault, match="TEMPLATE_FAILED"):
            render(letter(), "html", "fr", tmp_path)
