"""Language tags: the smallest right and wrong one for each part of RFC 5646, and tags made of its parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.fhir import Definitions
from validators.fhir.languages import is_language


@pytest.mark.parametrize("tag", ["fr", "fr-FR", "FR-fr", "br", "iw", "sr-CS", "i-klingon", "en-GB-oed", "zh-min"])
def test_a_tag_is_right(tag: str) -> None:
    assert is_language(tag) is True


@pytest.mark.parametrize(
    "tag",
    [
        "gsw", "zh-Hant-TW", "zh-yue-HK", "es-419", "sl-rozaj", "de-1996", "en-US-u-ca-gregory", "fr-x-patois",
        "x-whatever", "abcdefgh", "sq-XK", "de-CH-1901-1996", "en-a-bbb-x-a-ccc",
    ],
)  # fmt: skip
def test_of_subtags_that_are_not_looked_up_it_cannot_be_told(tag: str) -> None:
    assert is_language(tag) is None


@pytest.mark.parametrize(
    "tag",
    [
        "", "f", "fr_FR", "fr FR", "français", "abcdefghi", "fr-", "-fr", "fr-x", "12", "fr-FR-FR-FR", "fr\n", "x",
        "qq", "fr-UK", "fr-ZQ", "i-whatever", "de-1996-1996", "en-a-bbb-a-ccc", "fr-FR-Latn", "\u017fr",
    ],
)  # fmt: skip
def test_a_tag_is_wrong(tag: str) -> None:
    assert is_language(tag) is False


def test_the_common_languages_of_r4_are_right(definitions: Definitions) -> None:
    common = definitions.value_set("http://hl7.org/fhir/ValueSet/languages")
    assert common is not None
    assert [tag for tag in sorted(common.codes) if is_language(tag) is not True] == []


def words(least: int, most: int, letters: str = "abcxyz") -> st.SearchStrategy[str]:
    return st.text(alphabet=letters, min_size=least, max_size=most)


def maybe(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just("") | part.map("-{}".format)


TAGS = st.tuples(
    st.sampled_from(["fr", "en", "zh", "gsw", "deu"]),
    maybe(words(4, 4)),
    maybe(st.sampled_from(["FR", "fr", "419", "XK"])),
    maybe(st.sampled_from(["1996", "rozaj", "1a2b"])),
    maybe(st.builds("{}-{}".format, st.sampled_from("atu0"), words(2, 8))),
    maybe(words(1, 8).map("x-{}".format)),
).map("".join)


@given(TAGS)
def test_a_tag_made_of_right_parts_is_never_wrong(tag: str) -> None:
    assert is_language(tag) is not False
    assert is_language(tag.upper()) is is_language(tag.lower())


@given(TAGS, st.integers(0, 30), st.characters())
def test_any_other_text_gets_an_answer(tag: str, place: int, character: str) -> None:
    assert is_language(tag[:place] + character + tag[place:]) in (True, False, None)
