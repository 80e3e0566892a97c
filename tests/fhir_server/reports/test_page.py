"""The HTML report: whole, readable without help, and safe whatever a document holds."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from lxml import etree, html

from fhir_server.reports import Judged, render
from fhir_server.reports.findings import printable
from tests.fhir_server.reports.pieces import (
    EACH,
    ERROR,
    FILE,
    SUPPRESSED,
    UNCOUNTED,
    VALID,
    WHOLE,
    issue,
    odd_verdicts,
    source,
    verdict,
    written,
)  # fmt: skip


def read(text: str) -> html.HtmlElement:
    return html.document_fromstring(text)


def said(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


class TestWhole:
    def test_has_language_title_and_nothing_from_outside(self) -> None:
        text = render("html", EACH)
        page = read(text)
        assert text.startswith("<!doctype html>")
        assert page.get("lang") == "fr"
        assert read(render("html", EACH, "en")).get("lang") == "en"
        assert page.findtext(".//title")
        assert not page.xpath("//script | //link | //img | //iframe | //@src | //@onclick")
        assert "url(" not in text
        assert "default-src 'none'" in page.xpath("string(//meta[@http-equiv]/@content)")

    def test_every_anchor_leads_somewhere_and_every_id_is_alone(self) -> None:
        page = read(render("html", [*EACH, *EACH]))
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
        inner = {href[1:] for href in page.xpath("//a/@href") if href.startswith("#")}
        assert inner <= set(ids)
        assert {href for href in page.xpath("//a/@href") if not href.startswith(("#", "https://"))} == set()

    def test_headings_follow_each_other(self) -> None:
        levels = [int(str(h.tag)[1]) for h in read(render("html", EACH)).xpath("//h1|//h2|//h3|//h4|//h5")]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))

    def test_tables_have_heads_and_regions_have_names(self) -> None:
        page = read(render("html", EACH))
        assert all(table.xpath(".//th[@scope='col']") for table in page.xpath("//table"))
        assert all(nav.get("aria-label") for nav in page.xpath("//nav"))
        assert len(page.xpath("//main")) == 1

    def test_no_file_is_said(self) -> None:
        assert "Aucun fichier contrôlé." in said(read(render("html", [])))


class TestVerdicts:
    def test_are_apart(self) -> None:
        page = read(written("html", UNCOUNTED))
        titles = [said(h) for h in page.xpath("//section/h3")]
        assert titles[:2] == ["Conformité : conforme", "Effet sur les programmes : NON COMPTABLE"]

    def test_are_words_and_not_colours_alone(self) -> None:
        row = read(written("html", VALID)).xpath("//nav//tbody/tr")[0]
        assert [said(cell) for cell in row] == ["a", "valide", "conforme", "comptable"]
        row = read(written("html", ERROR, lang="en")).xpath("//nav//tbody/tr")[0]
        assert [said(c) for c in row] == ["a", "not valid", "NOT CONFORMANT", "no programme looks at this document"]

    def test_of_parts_are_listed(self) -> None:
        cells = read(written("html", WHOLE)).xpath("//section[1]//tbody/tr")[0]
        assert [said(cell) for cell in cells] == ["Bundle.entry[1].resource", "cda", "", "conforme", "NON COMPTABLE"]


class TestFinding:
    def test_says_place_expected_effect_and_rule(self) -> None:
        article = read(written("html", ERROR, options=source())).xpath("//article")[0]
        terms = dict(zip(map(said, article.xpath(".//dt")), map(said, article.xpath(".//dd")), strict=True))
        assert terms == {
            "Emplacement": "Patient.gender (ligne 3)", "Trouvé": "x", "Attendu": "male, female",
            "Conséquence": "Un serveur refuserait ce document.",
        }  # fmt: skip
        assert article.xpath("string(.//a/@href)") == "#rule-FHIR-BINDING"

    def test_shows_the_line_in_context(self) -> None:
        article = read(written("html", ERROR, options=source())).xpath("//article")[0]
        assert article.xpath("string(.//pre/mark)") == '3 |   "gender": "x",'
        assert len(article.xpath("string(.//pre)").strip("\n").split("\n")) == 3

    def test_escapes_the_line(self) -> None:
        text = written("html", verdict(issue(line=4)), options=source(FILE))
        assert read(text).xpath("string(//pre/mark)") == '4 |   "active": "<b>&amp;"'
        assert "&lt;b&gt;&amp;amp;" in text

    def test_is_grouped_by_severity(self) -> None:
        page = read(written("html", verdict(issue("FHIR-PROFILE-UNKNOWN"), issue(), issue())))
        assert [said(h) for h in page.xpath("//section/h4")] == ["Erreurs (2)", "Avertissements (1)"]

    def test_that_is_suppressed_has_a_section_of_its_own(self) -> None:
        page = read(written("html", SUPPRESSED))
        assert [said(h) for h in page.xpath("//section/h3")][2] == "Anomalies écartées (1)"
        assert [said(reason) for reason in page.xpath("//dd[@class='reason']")] == ["connu, ticket 12"]

    def test_leads_to_the_source_of_its_rule(self) -> None:
        page = read(written("html", ERROR))
        assert page.xpath("//h3[@id='rule-FHIR-BINDING']/following-sibling::p//a/@href")[0].startswith("https://hl7")


ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</pre></article><h1>x",
    "{{ 7 * 7 }}",
    "&lt;",
]


class TestEscaping:
    @pytest.mark.parametrize("attack", ATTACKS)
    def test_what_a_document_holds_stays_text(self, attack: str) -> None:
        found = verdict(issue(location=attack, found=attack, expected=attack, suppressed=""), issue(suppressed=attack))
        text = render("html", [(attack, found)], "fr", source(attack.encode() * 3))
        page = read(text)
        assert not page.xpath("//script | //img")
        assert len(page.xpath("//h1")) == 1
        assert attack in "".join(page.itertext())

    @given(odd_verdicts())
    def test_anything_can_be_read_back(self, judged: list[Judged]) -> None:
        text = render("html", judged, "fr", source())
        page = read(text)
        names = [re.sub(r"\s+", " ", printable(name)).strip() for name, _ in judged]
        assert [said(h) for h in page.xpath("//section/h2[@id != 'rules']")] == names
        assert len(page.xpath("//article")) == sum(len(found.report) for _, found in judged)
        assert not page.xpath("//script")
