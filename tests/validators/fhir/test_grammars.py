"""Code systems decided by a rule: one right and one wrong code for each part of the rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.fhir.grammars import GRAMMARS

MEDIA, LANGUAGE, CURRENCY = "urn:ietf:bcp:13", "urn:ietf:bcp:47", "urn:iso:std:iso:4217"


def test_three_systems_have_a_grammar() -> None:
    assert GRAMMARS.keys() == {MEDIA, LANGUAGE, CURRENCY}


@pytest.mark.parametrize(
    "code",
    [
        "text/plain",
        "application/fhir+json",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "text/plain;charset=utf-8",
        "text/plain; charset=utf-8",
        'multipart/mixed; boundary="a b"; x=y',
        "xml",
        "json",
        "ttl",
    ],
)
def test_a_media_type_is_right(code: str) -> None:
    assert GRAMMARS[MEDIA](code)


@pytest.mark.parametrize(
    "code",
    ["", "text", "text/", "/plain", "text/pl ain", "text/plain/x", "text/plain;", "text/plain;charset", "-a/b", "pdf"],
)
def test_a_media_type_is_wrong(code: str) -> None:
    assert not GRAMMARS[MEDIA](code)


@pytest.mark.parametrize(
    "code",
    [
        "fr",
        "fr-FR",
        "FR-fr",
        "gsw",
        "zh-Hant-TW",
        "zh-yue-HK",
        "es-419",
        "sl-rozaj",
        "de-1996",
        "en-US-u-ca-gregory",
        "fr-x-patois",
        "x-whatever",
        "i-klingon",
        "abcdefgh",
    ],
)
def test_a_language_tag_is_right(code: str) -> None:
    assert GRAMMARS[LANGUAGE](code)


@pytest.mark.parametrize(
    "code", ["", "f", "fr_FR", "fr FR", "français", "abcdefghi", "fr-", "-fr", "fr-x", "12", "fr-FR-FR-FR", "fr\n"]
)
def test_a_language_tag_is_wrong(code: str) -> None:
    assert not GRAMMARS[LANGUAGE](code)


@pytest.mark.parametrize("code", ["EUR", "USD", "CHF", "XPF", "XAU"])
def test_a_currency_is_right(code: str) -> None:
    assert GRAMMARS[CURRENCY](code)


@pytest.mark.parametrize("code", ["", "eur", "€", "FRF", "EURO", "AAA"])
def test_a_currency_is_wrong(code: str) -> None:
    assert not GRAMMARS[CURRENCY](code)


@given(st.sampled_from(sorted(GRAMMARS)), st.text(alphabet='abFR09-/;= x"+.é\n', max_size=40))
def test_any_text_is_answered(system: str, code: str) -> None:
    assert GRAMMARS[system](code) in (True, False)
    if GRAMMARS[system](code):
        assert code == code.strip()
