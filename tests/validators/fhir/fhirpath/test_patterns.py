"""Regular expressions written for Java, in Python."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.fhir.fhirpath import FhirPathError
from validators.fhir.fhirpath.patterns import compiled, replacement


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a.b", "a\nb"),
        ("^[A-Z]([A-Za-z0-9_]){0,254}$", "Name_1"),
        (r"^[a-zA-Z0-9\/\-_\[\]\@]+$", "a/b-c_[d]@"),
        (r"[^\s\.,:;\'\"\/|?!@#$%&*()\[\]{}]{1,64}", "abc"),
        ("[[]", "["),
        ("[a[b]", "["),
        ("[a&&b]", "&"),
        ("[a||b]", "|"),
        ("[a~~b]", "~"),
        ("[]a]", "]"),
        ("[^]a]", "b"),
        ("[^^]", "a"),
        (r"\p{L}+", "é"),
        (r"^\p{Nd}$", "5"),
        (r"\d{3}", "123"),
        (r"a\]", "a]"),
        ("]", "]"),
    ],
)
def test_finds(pattern: str, text: str) -> None:
    assert compiled(pattern).search(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("^b", "ab"), ("[[]", "a"), (r"^\p{L}$", "5"), ("[^]a]", "]"), ("[^^]", "^"), ("FHIR", "fhir"), (r"\p{N}", "a")],
)
def test_does_not_find(pattern: str, text: str) -> None:
    assert not compiled(pattern).search(text)


@pytest.mark.parametrize("pattern", ["[", "(", "*", "a{2,1}", "\\", "(?P<x", r"\p{Greek}", "a" * 2001, "(" * 1500])
def test_refuses(pattern: str) -> None:
    with pytest.raises(FhirPathError, match="regular expression"):
        compiled(pattern)


@pytest.mark.parametrize(
    ("written", "pythons"),
    [
        ("a", "a"),
        ("$1", r"\g<1>"),
        ("${name}!", r"\g<name>!"),
        (r"\$1", "$1"),
        (r"a\\b", r"a\\b"),
        ("$", "$"),
        ("a\\", "a\\\\"),
        (r"\n", "n"),
    ],
)
def test_replacement(written: str, pythons: str) -> None:
    assert replacement(written) == pythons


@given(st.text(alphabet="ab[]^&|~-\\p{L}()*+?.$", max_size=15))
def test_any_pattern(pattern: str) -> None:
    """Compiled or refused, and never a warning about what Python will one day read otherwise."""
    try:
        compiled(pattern)
    except FhirPathError:
        return
