"""The searches that are shown are understood."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from fhir_server.fhir.search import parse_search
from tests.docs.pages import DOCS, blocks

SHOWN = [
    line
    for block in blocks(DOCS / "how-to" / "search.md")
    if block.language == "http"
    for line in block.text.splitlines()
]


@pytest.mark.parametrize("line", SHOWN)
def test_a_search_that_is_shown_is_understood(line: str) -> None:
    path, _, query = line.removeprefix("GET /fhir/").partition("?")
    found = parse_search(path, parse_qsl(query))
    assert found.criteria
    assert len(SHOWN) > 10
