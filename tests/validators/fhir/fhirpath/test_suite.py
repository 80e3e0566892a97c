"""The runner of HL7's suite: what counts as passed, and what does not."""

from __future__ import annotations

import pytest

from validators.fhir import Definitions
from validators.fhir.fhirpath import FhirPathError
from validators.fhir.fhirpath.suite import read, run

PATIENT = {"resourceType": "Patient", "gender": "male", "name": [{"given": ["a", "b"]}], "birthDate": "1974"}


def reason(definitions: Definitions, test: str) -> str:
    (case,) = read(f"<tests><group>{test}</group></tests>".encode())
    (outcome,) = run([case], lambda _: PATIENT, definitions)
    return outcome.reason


@pytest.mark.parametrize(
    "test",
    [
        '<test name="a"><expression>1 + 1</expression><output type="integer">2</output></test>',
        '<test name="a"><expression>1 + 1</expression><output>2</output></test>',
        '<test name="a"><expression>{}</expression></test>',
        '<test name="a" inputfile="p"><expression>gender</expression><output type="code">male</output></test>',
        '<test name="a" inputfile="p"><expression>birthDate</expression><output type="date">@1974</output></test>',
        '<test name="a" inputfile="p"><expression>@T10:00</expression><output type="time">@T10:00</output></test>',
        '<test inputfile="p" predicate="true"><expression>gender</expression><output>true</output></test>',
        '<test name="a" ordered="false"><expression>1 | 2</expression><output>2</output><output>1</output></test>',
        '<test name="a"><expression invalid="syntax">1 +</expression></test>',
        '<test name="a"><expression invalid="execution">(1 | 2).single()</expression></test>',
        '<test name="a" inputfile="p"><expression invalid="semantic">gender1</expression></test>',
        '<test inputfile="p" checkOrderedFunctions="true"><expression invalid="x">children()[0]</expression></test>',
        "<test name=\"a\"><expression>1 'mg'</expression><output type=\"Quantity\">1 'mg'</output></test>",
    ],
)
def test_passes(definitions: Definitions, test: str) -> None:
    assert reason(definitions, test) == ""


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (
            "<test><expression>1 + 1</expression><output>3</output></test>",
            "gives [('integer', '2')], expected [('', '3')]",
        ),
        ('<test><expression>1</expression><output type="string">1</output></test>', "expected [('string', '1')]"),
        ("<test><expression>1</expression></test>", "expected []"),
        ("<test><expression>1 | 2</expression><output>2</output><output>1</output></test>", "expected"),
        ("<test><expression>1 +</expression></test>", "does not compile"),
        ("<test><expression>(1 | 2).single()</expression></test>", "fails: single()"),
        ('<test><expression invalid="syntax">(1 | 2).single()</expression></test>', "a syntax error expected"),
        ('<test><expression invalid="execution">1</expression></test>', "an error expected"),
    ],
)
def test_fails(definitions: Definitions, test: str, words: str) -> None:
    assert words in reason(definitions, test)


@pytest.mark.parametrize(
    "data", [b"", b"not xml", b"<tests/>", b"<tests>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><tests>&b;</tests>"]
)
def test_refuses_what_is_no_suite(data: bytes) -> None:
    with pytest.raises(FhirPathError):
        read(data)
