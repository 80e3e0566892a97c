"""Primitives against the lexical rules of R4, and against oracles that do not share their code."""

from __future__ import annotations

import base64
import binascii
import calendar
import datetime as dt
import re
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jiter import LosslessFloat

from validators.fhir.primitives import FORMS, TESTS, expected_kind, json_kind

RIGHT: list[tuple[str, object]] = [
    ("base64Binary", "QQ=="),
    ("base64Binary", "QUJD"),
    ("base64Binary", " QU\nJD "),
    ("base64Binary", "Q Q = ="),
    ("boolean", True),
    ("canonical", "http://a.b/c|1.0"),
    ("code", "a b"),
    ("date", "2024"),
    ("date", "2024-02"),
    ("date", "2024-02-29"),
    ("date", "2000-02-29"),
    ("dateTime", "2024-02-29T23:59:60.5+14:00"),
    ("dateTime", "2024-12"),
    ("decimal", 1),
    ("decimal", 1.5),
    ("decimal", Decimal("1.50")),
    ("decimal", LosslessFloat(b"1e-3")),
    ("id", "a-1.B"),
    ("instant", "2015-02-07T13:28:17.239+02:00"),
    ("integer", -2_147_483_648),
    ("markdown", "# a\r\n\tb"),
    ("oid", "urn:oid:1.2.250.1.0"),
    ("positiveInt", 1),
    ("string", " é\u00a0"),
    ("string", "\x13"),
    ("time", "23:59:59.1"),
    ("unsignedInt", 0),
    ("uri", "urn:uuid:5b0f6f5e-0000-4000-8000-000000000001"),
    ("uri", "urn:oid:1.2"),
    ("uri", "urn:ietf:rfc:3986"),
    ("url", "https://a.b/c?d=e"),
    ("uuid", "urn:uuid:5b0f6f5e-0000-4000-8000-000000000001"),
    ("xhtml", '<div xmlns="http://www.w3.org/1999/xhtml">a</div>'),
]

WRONG: list[tuple[str, object]] = [
    ("base64Binary", ""),
    ("base64Binary", " "),
    ("base64Binary", "QQ="),
    ("base64Binary", "Q==="),
    ("base64Binary", "QQ==QQ=="),
    ("base64Binary", "=QQ="),
    ("base64Binary", "QQ*="),
    ("base64Binary", "QQQé"),
    ("base64Binary", 1),
    ("boolean", "true"),
    ("boolean", 1),
    ("canonical", "a b"),
    ("code", " a"),
    ("code", "a  b"),
    ("code", "a\tb"),
    ("code", ""),
    ("date", "0000"),
    ("date", "2023-02-29"),
    ("date", "1900-02-29"),
    ("date", "2024-04-31"),
    ("date", "2024-13"),
    ("date", "24-01-01"),
    ("date", "2024-01-01T00:00:00Z"),
    ("date", 2024),
    ("dateTime", "2024-01-01T10:00Z"),
    ("dateTime", "2024-01-01T10:00:00"),
    ("dateTime", "2024-02-30T10:00:00Z"),
    ("dateTime", "2024-01-01T24:00:00Z"),
    ("decimal", "1.5"),
    ("decimal", True),
    ("decimal", float("nan")),
    ("decimal", Decimal("NaN")),
    ("id", "a_b"),
    ("id", "a" * 65),
    ("id", 1),
    ("instant", "2015-02-07"),
    ("instant", "2015-02-07T13:28:17"),
    ("integer", 2_147_483_648),
    ("integer", LosslessFloat(b"1.0")),
    ("integer", True),
    ("oid", "1.2.250"),
    ("oid", "urn:oid:1.02"),
    ("positiveInt", 0),
    ("string", ""),
    ("string", "a\x0bb"),
    ("string", "\x00"),
    ("string", "a" * (1024 * 1024 + 1)),
    ("time", "23:59"),
    ("time", "24:00:00"),
    ("unsignedInt", -1),
    ("uri", ""),
    ("uri", "a b"),
    ("uri", "urn:uuid:5B0F6F5E-0000-4000-8000-000000000001"),
    ("uri", "urn:oid:1.2."),
    ("uri", "oid:1.2"),
    ("uri", 1),
    ("url", ""),
    ("uuid", "5b0f6f5e-0000-4000-8000-000000000001"),
    ("xhtml", "<p>a</p>"),
    ("xhtml", "<divine/>"),
]


@pytest.mark.parametrize(("type_name", "value"), RIGHT)
def test_right_values(type_name: str, value: object) -> None:
    assert TESTS[type_name](value)


@pytest.mark.parametrize(("type_name", "value"), WRONG)
def test_wrong_values(type_name: str, value: object) -> None:
    assert not TESTS[type_name](value)


def test_every_type_has_a_form_to_show() -> None:
    assert FORMS.keys() == TESTS.keys()


def test_json_words() -> None:
    values = [{}, [], "", True, None, 1, 1.5]
    assert [json_kind(v) for v in values] == ["object", "array", "string", "boolean", "null", "number", "number"]
    kinds = [expected_kind(t) for t in ("decimal", "boolean", "date", "HumanName")]
    assert kinds == ["number", "boolean", "string", "object"]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(ANY_JSON)
def test_no_test_ever_raises(value: object) -> None:
    for test in TESTS.values():
        assert test(value) in (True, False)


@given(st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32))
def test_dates_agree_with_the_calendar(year: int, month: int, day: int) -> None:
    text = f"{year:04}-{month:02}-{day:02}"
    known = year >= 1 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
    assert TESTS["date"](text) is known
    assert TESTS["dateTime"](f"{text}T12:00:00Z") is known


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_every_python_datetime_with_zone_is_an_instant(moment: dt.datetime) -> None:
    assert TESTS["instant"](moment.isoformat())
    assert TESTS["dateTime"](moment.isoformat())
    assert not TESTS["instant"](moment.replace(tzinfo=None).isoformat())


@given(st.binary(min_size=1, max_size=60))
def test_every_encoding_is_base64(content: bytes) -> None:
    assert TESTS["base64Binary"](base64.b64encode(content).decode())


@given(st.text(alphabet="AQz0+/= \n*é", max_size=12))
def test_base64_agrees_with_strict_decoding(text: str) -> None:
    packed = re.sub(r"[ \t\r\n]", "", text)
    try:
        decoded = binascii.a2b_base64(packed, strict_mode=True)
        # Even the strict mode lets padding follow a complete group; encoding again tells.
        known = packed != "" and len(base64.b64encode(decoded)) == len(packed)
    except (binascii.Error, ValueError):
        known = False
    assert TESTS["base64Binary"](text) is known


@given(st.uuids())
def test_uuids(value: uuid.UUID) -> None:
    assert TESTS["uuid"](value.urn)
    assert TESTS["uri"](value.urn.upper().replace("URN:UUID:", "urn:uuid:")) is (str(value) == str(value).upper())


@given(st.integers())
def test_integers_agree_with_their_ranges(value: int) -> None:
    assert TESTS["integer"](value) is (-(2**31) <= value < 2**31)
    assert TESTS["unsignedInt"](value) is (0 <= value < 2**31)
    assert TESTS["positiveInt"](value) is (0 < value < 2**31)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_are_kept_as_written(value: Decimal) -> None:
    assert TESTS["decimal"](value)
    assert TESTS["decimal"](LosslessFloat(str(value).encode())) is (re.fullmatch(r"-?\d.*", str(value)) is not None)
