"""The notation of the tables: what it says, and what it refuses."""

from __future__ import annotations

import pytest

from validators.cda.structure._notation import Attribute, Particle, clinical, parse_attributes, parse_content


def test_an_empty_content_has_no_particle() -> None:
    assert parse_content("") is None
    assert parse_content("  ") is None


def test_a_sequence_of_elements() -> None:
    particle = parse_content("id:II* code:CD text:ED? name:adxp.city+")
    assert particle == Particle(
        "sequence",
        items=(
            Particle("element", "id", "II", "*"),
            Particle("element", "code", "CD"),
            Particle("element", "text", "ED", "?"),
            Particle("element", "name", "adxp.city", "+"),
        ),
    )


def test_a_choice_of_an_element_and_a_sequence() -> None:
    particle = parse_content("(a:A | b:B c:C)* any?")
    assert particle is not None
    choice, anything = particle.items
    assert (choice.kind, choice.occurs, anything.kind, anything.occurs) == ("choice", "*", "any", "?")
    assert [item.kind for item in choice.items] == ["element", "sequence"]


def test_references() -> None:
    particle = parse_content("%Root ps3-20/accessionNumber*")
    assert particle is not None
    assert particle.items == (Particle("group", "Root"), Particle("ref", "ps3-20:accessionNumber", "", "*"))


@pytest.mark.parametrize("text", ["(a:A", "a:A)", "((a:A)", "a:A ?"])
def test_a_content_that_is_not_of_the_notation(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_content(text)


def test_attributes() -> None:
    assert parse_attributes("value:ts moodCode:ActMood! classCode=OBS root:uid=1.2! codeSystem- sdtc/valueSet") == [
        Attribute("value", "ts", None, ""),
        Attribute("moodCode", "ActMood", None, "required"),
        Attribute("classCode", "cs", "OBS", ""),
        Attribute("root", "uid", "1.2", "required"),
        Attribute("codeSystem", "cs", None, "prohibited"),
        Attribute("sdtc:valueSet", "cs", None, ""),
    ]


@pytest.mark.parametrize("text", ["value:", "=x", "a b:c?"])
def test_attributes_that_are_not_of_the_notation(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_attributes(text)


def test_a_class_begins_with_the_infrastructure() -> None:
    row = clinical("Act", "code:CD", "classCode=ACT")
    assert (row.content, row.attributes) == ("%Root code:CD", "nullFlavor:NullFlavor classCode=ACT")
    bare = clinical("Act", "code:CD", null=False, root=False)
    assert (bare.content, bare.attributes) == ("code:CD", "")
