"""RNIV normalisation."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.ins import normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lœtitia", "LOETITIA"),
        ("L'Hermitte", "L HERMITTE"),
        ("L’Hermitte", "L HERMITTE"),
        ("Lʼhermitte", "L HERMITTE"),
        ("L´Hermitte", "L HERMITTE"),
        ("L＇Hermitte", "L HERMITTE"),
        ("Élise-Anne", "ELISE ANNE"),
        ("ANNE — MARIE", "ANNE MARIE"),
        ("  a   b ", "A B"),
        ("ÆGIR", "AEGIR"),
        ("Straße", "STRASSE"),
        ("Łukasz", "LUKASZ"),
        ("Ørsted", "ORSTED"),
        ("a\u00a0b", "A B"),
        ("", ""),
    ],
)
def test_examples(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text())
def test_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzéèêëàâäîïôöùûüçñœæ' -"))
def test_case_accents_and_composition_do_not_matter(text: str) -> None:
    bare = normalise(text)
    assert normalise(text.upper()) == bare
    assert normalise(unicodedata.normalize("NFD", text)) == bare
    assert normalise(text.replace("-", "'")) == bare
    assert bare.isascii()
