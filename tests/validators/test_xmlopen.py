"""Opening XML: what is hostile or broken is named and placed, and never raised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from validators.xmlopen import Cause, Refusal, open_xml

UTF8 = '<?xml version="1.0" encoding="UTF-8"?>'


def opened(data: bytes, *, size: int = 10_000, depth: int = 10, comments: bool = False) -> etree._ElementTree | Refusal:
    return open_xml(data, max_bytes=size, max_depth=depth, keep_comments=comments)


def refusal(data: bytes, **limits: int) -> Refusal:
    found = opened(data, **limits)
    assert isinstance(found, Refusal)
    return found


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", Cause.EMPTY),
        (b" \n\t", Cause.EMPTY),
        (b"{}", Cause.NOT_XML),
        (b"\xff\xd8\xff\xe0", Cause.NOT_XML),
        (b"<a>", Cause.SYNTAX),
        (b"<a></b>", Cause.SYNTAX),
        (b"<a b='1' b='2'/>", Cause.SYNTAX),
        (b"<a/><a/>", Cause.SYNTAX),
        (b"<a>\x01</a>", Cause.SYNTAX),
        (b"<a>&nbsp;</a>", Cause.ENTITY),
        (b"<a>\xe9</a>", Cause.ENCODING),
        (b"<?xml version='1.0' encoding='martian'?><a/>", Cause.ENCODING),
        (b"<!DOCTYPE a><a/>", Cause.DTD),
        (b"\xef\xbb\xbf<!-- x --><?y z?> <!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", Cause.DTD),
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16"), Cause.DTD),
        (b"<a>" * 12 + b"</a>" * 12, Cause.DEPTH),
        (b"<a>" + b"x" * 20_000 + b"</a>", Cause.SIZE),
    ],
)
def test_each_cause(data: bytes, cause: Cause) -> None:
    assert refusal(data).cause is cause


def test_the_parser_gives_a_place_and_the_name_of_its_error() -> None:
    found = refusal(b"<a>\n  <b>\n</a>")
    assert (found.line, found.parsed, found.error) == (3, True, "TAG_NAME_MISMATCH")
    assert found.column > 1


def test_a_refusal_of_ours_has_no_error_of_the_parser() -> None:
    found = refusal(b"<!DOCTYPE a><a/>")
    assert (found.line, found.column, found.error, found.parsed) == (1, 1, "", False)


def test_no_word_of_the_content_is_in_a_refusal() -> None:
    found = refusal(b"<patient name='DURAND'></person>")
    assert "DURAND" not in repr(found)
    assert "person" not in repr(found)


def test_depth_counts_levels() -> None:
    assert not isinstance(opened(b"<a>" * 10 + b"</a>" * 10), Refusal)
    assert refusal(b"<a>" * 11 + b"</a>" * 11).cause is Cause.DEPTH


@pytest.mark.parametrize(
    "data",
    [b"<a/>", b"\xef\xbb\xbf<a/>", "<a>é</a>".encode(), (UTF8 + "<a/>").encode(),
     '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"), b"<!-- <!DOCTYPE a> --><a/>",
     b"<?xml version='1.1'?><a/>"],
)  # fmt: skip
def test_what_is_right_opens(data: bytes) -> None:
    found = opened(data)
    assert not isinstance(found, Refusal)
    assert found.getroot().tag == "a"


def test_comments_and_instructions_are_kept_on_demand_only() -> None:
    data = b"<a><!-- c --><?p i?></a>"
    with_them, without = opened(data, comments=True), opened(data)
    assert not isinstance(with_them, Refusal)
    assert not isinstance(without, Refusal)
    assert (len(with_them.getroot()), len(without.getroot())) == (2, 0)


@given(st.binary(max_size=60) | st.text("<>/a &;'\"=!-[]?", max_size=60).map(str.encode))
def test_any_bytes_are_opened_or_refused(data: bytes) -> None:
    found = opened(data)
    assert isinstance(found, (Refusal, etree._ElementTree))
