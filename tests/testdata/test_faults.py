from __future__ import annotations

import difflib
import re
from collections import Counter

import pytest
from lxml import etree

from testdata import FAULTS, HEADER_FAULTS, LETTER_FAULTS, LEVEL1_FAULTS, apply_fault
from tests.testdata.test_identifiers import ins_holds

MALFORMED = {"truncated", "unclosed", "not_utf8"}


def pieces(data: bytes) -> list[bytes]:
    return re.findall(rb"<|>|[^<>\s]+", data)


def places_changed(before: bytes, after: bytes) -> int:
    """Blocks that differ; a swap of two pieces is one change although it shows twice."""
    if before != after and Counter(pieces(before)) == Counter(pieces(after)):
        return 1
    old, new = pieces(before), pieces(after)
    while old and new and old[-1] == new[-1]:  # the comparison is quadratic: what is alike at both ends goes first
        old.pop(), new.pop()
    start = next((rank for rank, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    codes = difflib.SequenceMatcher(None, old[start:], new[start:], autojunk=False).get_opcodes()
    return sum(code[0] != "equal" for code in codes)


@pytest.mark.parametrize("name", [*HEADER_FAULTS, *LETTER_FAULTS])
def test_a_letter_breaks_in_one_place(name: str, letter: bytes) -> None:
    assert places_changed(letter, apply_fault(name, letter)) == 1


@pytest.mark.parametrize("name", [*HEADER_FAULTS, *LEVEL1_FAULTS])
def test_a_level1_document_breaks_in_one_place(name: str, report: bytes) -> None:
    assert places_changed(report, apply_fault(name, report)) == 1


@pytest.mark.parametrize("name", [*HEADER_FAULTS, *LETTER_FAULTS])
def test_only_the_faults_of_form_are_malformed(name: str, letter: bytes) -> None:
    broken = apply_fault(name, letter)
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    if name in MALFORMED:
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(broken, parser)
    else:
        etree.fromstring(broken, parser)


def test_a_wrong_key_is_wrong(letter: bytes) -> None:
    broken = apply_fault("ins_wrong_key", letter)
    found = re.search(rb'4\.10" extension="(\d{5}\w{2}\d{8})"', broken)
    assert found is not None
    assert not ins_holds(found[1].decode())


def test_a_document_without_the_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to break"):
        apply_fault("title_missing", b"<a/>")


def test_names_are_not_shared() -> None:
    assert len(FAULTS) == len(HEADER_FAULTS) + len(LETTER_FAULTS) + len(LEVEL1_FAULTS)
