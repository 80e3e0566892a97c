"""Code systems decided by a rule: one right and one wrong code for each part of the rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.fhir.grammars import GRAMMARS, LISTED

MEDIA, LANGUAGE, CURRENCY = "urn:ietf:bcp:13", "urn:ietf:bcp:47", "urn:iso:std:iso:4217"
COUNTRY, SUBDIVISION, UNIT = "urn:iso:std:iso:3166", "urn:iso:std:iso:3166:-2", "http://unitsofmeasure.org"


def test_six_systems_have_a_grammar() -> None:
    assert GRAMMARS.keys() == {MEDIA, LANGUAGE, CURRENCY, COUNTRY, SUBDIVISION, UNIT}
    assert GRAMMARS.keys() >= LISTED.keys()


@pytest.mark.parametrize("system", sorted(LISTED))
def test_what_is_listed_is_right(system: str) -> None:
    assert {GRAMMARS[system](code) for code in LISTED[system]} == {True}


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
    assert GRAMMARS[MEDIA](code) is True


@pytest.mark.parametrize("code", ["chemical/x-pdb", "x-world/x-vrml"])
def test_a_media_type_of_another_top_level_cannot_be_told(code: str) -> None:
    assert GRAMMARS[MEDIA](code) is None


@pytest.mark.parametrize(
    "code",
    ["", "text", "text/", "/plain", "text/pl ain", "text/plain/x", "text/plain;", "text/plain;charset", "-a/b", "pdf"],
)
def test_a_media_type_is_wrong(code: str) -> None:
    assert GRAMMARS[MEDIA](code) is False


@pytest.mark.parametrize("code", ["FR", "FRA", "250", "US"])
def test_a_country_is_right(code: str) -> None:
    assert GRAMMARS[COUNTRY](code) is True


@pytest.mark.parametrize("code", ["", "France", "QA1", "RF", "999", "FR-", "FR-ABCD", "RF-75"])
def test_a_country_is_wrong(code: str) -> None:
    assert GRAMMARS[COUNTRY](code) is False


@pytest.mark.parametrize("code", ["fr", "XK", "XKX", "EU", "UK", "YU", "FR-75"])
def test_of_what_users_or_the_past_know_it_cannot_be_told(code: str) -> None:
    assert GRAMMARS[COUNTRY](code) is None


@pytest.mark.parametrize(("code", "answer"), [("FR-75", None), ("us-ca", None), ("FR", False), ("RF-75", False)])
def test_a_subdivision_is_of_a_country(code: str, answer: bool | None) -> None:
    assert GRAMMARS[SUBDIVISION](code) is answer


@pytest.mark.parametrize("code", ["EUR", "USD", "CHF", "XPF", "XAU", "XCG", "ZWG"])
def test_a_currency_is_right(code: str) -> None:
    assert GRAMMARS[CURRENCY](code) is True


@pytest.mark.parametrize("code", ["", "eur", "€", "FRF", "EURO", "AAA"])
def test_a_currency_is_wrong(code: str) -> None:
    assert GRAMMARS[CURRENCY](code) is False


@given(st.sampled_from(sorted(GRAMMARS)), st.text(alphabet='abFR09-/;= x"+.é\n', max_size=40))
def test_any_text_is_answered(system: str, code: str) -> None:
    assert GRAMMARS[system](code) in (True, False, None)
    if GRAMMARS[system](code):
        assert code == code.strip()
