"""Where a rule is documented: every rule on one page, and the page, with its anchor, in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from validators import messages
from validators.messages import AREAS, catalogue
from validators.messages import pages as module
from validators.messages.pages import PAGES, Page, pages, rule_page

DOCS = Path(messages.__file__).parents[2] / "docs"


def anchors(path: Path) -> set[str]:
    """The headings of a page as its anchors; a rule's id is written so that its anchor is the id itself."""
    return {heading.lower() for heading in re.findall(r"^## (\S+)$", path.read_text(encoding="utf-8"), flags=re.M)}


def test_every_rule_is_on_one_page() -> None:
    placed = [row.id for rows in pages().values() for row in rows]
    assert sorted(placed) == sorted(catalogue())


def test_every_page_has_rules_and_a_name_of_its_own() -> None:
    assert all(pages().values())
    names = [page.name for page in pages()]
    assert len(names) == len(set(names))
    assert {page.area for page in pages()} == set(AREAS)


def test_every_rule_has_its_page_and_its_anchor_in_the_documentation() -> None:
    known = {path: anchors(path) for path in (DOCS / "reference" / "rules").glob("*.md")}
    lost = []
    for rule_id in catalogue():
        path, _, anchor = rule_page(rule_id, ".md").partition("#")
        if anchor not in known.get(DOCS / path, set()):
            lost.append(rule_id)
    assert lost == []


def test_every_page_is_in_the_index_and_in_the_navigation() -> None:
    index = (DOCS / "reference/rules/index.md").read_text(encoding="utf-8")
    navigation = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    for page in pages():
        assert f"[{page.title}]({page.name}.md)" in index
        assert f"reference/rules/{page.name}.md" in navigation


@pytest.mark.parametrize(
    ("rule_id", "page"),
    [
        ("INS-ABSENT", "ins"), ("SITE_UNKNOWN", "intake"), ("CDA-REFERENCE", "cda-body"), ("CDA-TYPEID", "cda"),
        ("LDL-SES-SECTION-STATUS", "cda-letters"), ("CDA-SCHEMA-ORDER", "cda-structure"),
    ],
)  # fmt: skip
def test_a_link_is_relative_to_the_site_or_to_its_source(rule_id: str, page: str) -> None:
    assert rule_page(rule_id) == f"reference/rules/{page}.html#{rule_id.lower()}"
    assert rule_page(rule_id, ".md") == f"reference/rules/{page}.md#{rule_id.lower()}"


def test_no_rule_no_page() -> None:
    with pytest.raises(KeyError):
        rule_page("NO-SUCH-RULE")


def test_an_area_without_a_page_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGES", tuple(page for page in PAGES if page.area != "cda_structure"))
    monkeypatch.setattr(module, "pages", module.pages.__wrapped__)
    made = module.pages()
    assert Page("cda-structure", "cda_structure", "cda structure", "") in made
    assert sum(map(len, made.values())) == len(catalogue())
