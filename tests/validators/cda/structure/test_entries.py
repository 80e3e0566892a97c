"""Reading libxml2's sentences: only its own words are kept, never what the document wrote in between."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from lxml.etree import ErrorTypes

from validators.cda.structure._entries import finding_of

TRAP = "x' is not an element of the set {'DUPONT'}. Expected is ( DUPONT ). type 'DUPONT'."


@dataclass(frozen=True)
class Said:
    """An entry of the log."""

    type: int
    message: str
    path: str | None = "/*"


def params(code: int, sentence: str, attribute: str | None = "value") -> dict[str, str]:
    where = f"Element '{{urn:hl7-org:v3}}birthTime'{f', attribute {attribute!r}' if attribute else ''}: "
    return finding_of(Said(code, where + sentence)).params


def test_a_value_that_imitates_libxml2_is_not_read() -> None:
    enumeration = f"[facet 'enumeration'] The value '{TRAP}' is not an element of the set {{'A', 'B'}}."
    assert params(ErrorTypes.SCHEMAV_CVC_ENUMERATION_VALID, enumeration)["expected"] == "A, B"
    fixed = f"The value '{TRAP}' does not match the fixed value constraint 'EVN'."
    assert params(ErrorTypes.SCHEMAV_CVC_AU, fixed)["expected"] == "EVN"
    form = f"[facet 'pattern'] The value '{TRAP}' is not accepted by the pattern 'true|false'."
    assert params(ErrorTypes.SCHEMAV_CVC_PATTERN_VALID, form)["type"] == "bl"
    kind = f"'{TRAP}' is not a valid value of the atomic type '{{urn:hl7-org:v3}}int'."
    assert params(ErrorTypes.SCHEMAV_CVC_DATATYPE_VALID_1_2_1, kind)["type"] == "int"


@pytest.mark.parametrize("code", [number for number in vars(ErrorTypes).values() if isinstance(number, int)])
@pytest.mark.parametrize("attribute", ["value", None])
def test_an_unexpected_sentence_says_less_and_never_the_document(code: int, attribute: str | None) -> None:
    for sentence in ("DUPONT", "", "The value 'DUPONT' is wrong", f"The value '{'DUPONT' * 9} was cut"):
        found = params(code, sentence, attribute)
        assert "DUPONT" not in "".join(found.values())
        assert found["element"] == "birthTime"
    assert finding_of(Said(code, "no head at all")).params["element"] == ""


def test_names_are_short_and_without_their_namespace() -> None:
    finding = finding_of(
        Said(ErrorTypes.SCHEMAV_ELEMENT_CONTENT, f"Element '{'a' * 500}': This element is not expected.")
    )
    assert finding.params == {"element": "a" * 60, "found": "a" * 60, "expected": "-"}


def test_elements_that_any_class_begins_with_are_left_out() -> None:
    sentence = "This element is not expected. Expected is one of ( {}realmCode, {}typeId, {}templateId, {}id )."
    assert params(ErrorTypes.SCHEMAV_ELEMENT_CONTENT, sentence, None)["expected"] == "id"
    alone = "Missing child element(s). Expected is one of ( {}realmCode, {}templateId )."
    assert params(ErrorTypes.SCHEMAV_ELEMENT_CONTENT, alone, None)["expected"] == "realmCode, templateId"


def test_a_long_list_is_cut() -> None:
    codes = ", ".join(f"'{n}'" for n in range(20))
    sentence = f"The value 'x' is not an element of the set {{{codes}}}."
    expected = params(ErrorTypes.SCHEMAV_CVC_ENUMERATION_VALID, sentence)["expected"]
    assert expected == ", ".join(map(str, range(12))) + ", …"
