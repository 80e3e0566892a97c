"""Stored queries: how their values are read, and what holds for an entry."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from fhir_server.xds.stored_query import QueryError, like, matches, read_query
from tests.support.soap import APPROVED, DEPRECATED, FIND, GET, query_body
from validators.xds import Author, Code, DocumentEntry, Xcn

BASE = [("$XDSDocumentEntryPatientId", "'1^^^&1.2.3&ISO'"), ("$XDSDocumentEntryStatus", f"('{APPROVED}')")]
ENTRY = DocumentEntry(
    id="urn:uuid:1", creation_time="202603", service_start="20260301", class_code=Code("10", "1.2"),
    events=(Code("A", "1.1"), Code("B", "1.1")), authors=(Author(Xcn.make("1", "1.2", "DURANT", "Romuald")),),
)  # fmt: skip


def holds(*slots: tuple[str, str]) -> bool:
    """Whether the entry is one of a FindDocuments with these parameters."""
    named = [(f"$XDSDocumentEntry{name}", value) for name, value in slots]
    given = {name for name, _ in named}
    every = [*(slot for slot in BASE if slot[0] not in given), *named]
    return matches(read_query(etree.fromstring(query_body(FIND, every))), ENTRY)


@pytest.mark.parametrize(("slots", "expected"), [
    ([], True),
    ([("Status", f"('{DEPRECATED}')")], False), ([("Status", f"('{DEPRECATED}','{APPROVED}')")], True),
    ([("ClassCode", "('10^^1.2')")], True), ([("ClassCode", "('10^^1.3')")], False),
    ([("ClassCode", "('11^^1.2')")], False), ([("ClassCode", "('11^^1.2','10^^1.2')")], True),
    ([("EventCodeList", "('A^^1.1')"), ("EventCodeList", "('B^^1.1','C^^1.1')")], True),
    ([("EventCodeList", "('A^^1.1')"), ("EventCodeList", "('C^^1.1')")], False),
    ([("FormatCode", "('x^^1.1')")], False),
    ([("CreationTimeFrom", "202603")], True), ([("CreationTimeFrom", "20260302")], False),
    ([("CreationTimeTo", "202603")], False), ([("CreationTimeTo", "20260301000001")], True),
    ([("ServiceStartTimeFrom", "2026"), ("ServiceStartTimeTo", "2027")], True),
    ([("ServiceStopTimeFrom", "2000")], False),
    ([("AuthorPerson", "('%DURANT^%')")], True), ([("AuthorPerson", "('%DUPONT%')")], False),
    ([("AuthorPerson", "('x','1^DURAN_^Rom%')")], True),
    ([("Type", "('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1')")], True), ([("Type", "('urn:x')")], False),
])  # fmt: skip
def test_an_entry_is_asked_for(slots: list[tuple[str, str]], expected: bool) -> None:
    assert holds(*slots) is expected


@pytest.mark.parametrize(("written", "values"), [
    ("'a'", ("a",)), ("('a')", ("a",)), ("('a','b')", ("a", "b")), ("( 'a' , 'b' )", ("a", "b")),
    ("'it''s'", ("it's",)), ("''", ("",)), ("2026", ("2026",)),
])  # fmt: skip
def test_a_value_is_a_string_a_list_or_a_number(written: str, values: tuple[str, ...]) -> None:
    root = etree.fromstring(query_body(GET, [("$XDSDocumentEntryUniqueId", written)]))
    assert read_query(root).any_of("UniqueId") == values


def refusal_of(root: etree._Element) -> str | None:
    """The rule by which a query is refused; None when it is read and asks for something."""
    try:
        return None if read_query(root).any_of("UniqueId") else "nothing"
    except QueryError as error:
        return error.issue.rule


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30))
def test_any_value_is_read_or_refused(written: str) -> None:
    root = etree.fromstring(query_body(GET, [("$XDSDocumentEntryUniqueId", "'x'")]))
    next(root.iter("{*}Value")).text = written
    assert refusal_of(root) in (None, "XDSB-QUERY-VALUE", "XDSB-QUERY-NUMBER")


def test_values_of_one_slot_may_stand_apart() -> None:
    root = etree.fromstring(query_body(GET, [("$XDSDocumentEntryUniqueId", "('a')")]))
    listed = next(root.iter("{*}ValueList"))
    etree.SubElement(listed, "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}Value").text = "('b')"
    assert read_query(root).any_of("UniqueId") == ("a", "b")


def test_a_request_without_its_parts_is_refused() -> None:
    with pytest.raises(QueryError, match="XDSB-QUERY"):
        read_query(etree.fromstring('<AdhocQueryRequest xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"/>'))


@given(st.text("ab%_", max_size=8), st.text("ab", max_size=8))
def test_like_is_that_of_sql(pattern: str, text: str) -> None:
    wanted = re.sub("[%_]", lambda found: {"%": ".*", "_": "."}[found[0]], pattern)
    assert like(pattern, text) is (re.fullmatch(wanted, text) is not None)


def test_like_is_quick_on_what_is_made_to_be_slow() -> None:
    assert not like("%a" * 100 + "b", "a" * 5_000)
