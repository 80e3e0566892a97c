"""Bytes become an object or a located issue; nothing raises."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jiter import LosslessFloat

from validators.fhir import parse_json
from validators.messages import render
from validators.report import Report


def only(data: bytes) -> tuple[str, int | None, str]:
    report = Report()
    assert parse_json(data, report) is None
    (issue,) = report
    assert "{" not in render(issue, "fr").replace("{ … }", "")
    return issue.rule, issue.line, issue.params["column"]


def test_an_object_is_returned_with_numbers_as_written() -> None:
    report = Report()
    value = parse_json(b'{"a": 1.50, "b": 2}', report)
    assert isinstance(value, dict)
    assert isinstance(value["a"], LosslessFloat)
    assert str(value["a"]) == "1.50"
    assert value["b"] == 2
    assert not list(report)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a": 1}', Report()) == {"a": 1}


@pytest.mark.parametrize(
    ("data", "rule", "line"),
    [
        (b"", "FHIR-JSON", 1),
        (b"{\n  ,}", "FHIR-JSON", 2),
        (b'{"a": 1} x', "FHIR-JSON", 1),
        (b'{"a": NaN}', "FHIR-JSON", 1),
        (b"[]", "FHIR-JSON", 1),
        (b'"text"', "FHIR-JSON", 1),
        (b'{"a": 1,\n "a": 2}', "FHIR-JSON-DUPLICATE", 2),
        (b'{"a": "\xff"}', "FHIR-ENCODING", 1),
        ('{"a": 1}'.encode("utf-16"), "FHIR-ENCODING", 1),
        ('{"a": 1}'.encode("utf-32"), "FHIR-ENCODING", 1),
        (b'{"a":' * 10_000, "FHIR-DEPTH", 1),
    ],
)
def test_what_cannot_be_read_is_a_located_issue(data: bytes, rule: str, line: int) -> None:
    assert only(data)[:2] == (rule, line)


def test_the_duplicate_key_is_named() -> None:
    report = Report()
    parse_json(b'{"ab": 1, "ab": 2}', report)
    assert next(iter(report)).params["found"] == "ab"


@given(st.binary(max_size=60))
def test_random_bytes_never_raise(data: bytes) -> None:
    report = Report()
    assert (parse_json(data, report) is None) == (len(report) == 1)


@given(st.text(max_size=40))
def test_random_text_agrees_with_the_standard_library_on_what_is_json(text: str) -> None:
    try:
        known = isinstance(json.loads(text), dict)
    except ValueError:
        known = False
    value = parse_json(text.encode("utf-8", "surrogatepass"), Report())
    assert value is None or known
