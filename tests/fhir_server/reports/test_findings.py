"""Order, offending lines, and characters no reader should meet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.reports import Options
from fhir_server.reports.findings import Looked, by_severity, in_order, printable, rule_link, writable
from tests.fhir_server.reports.pieces import FILE, issue, source, verdict
from validators.report import Issue, Severity


def looked(data: bytes | None, *issues: Issue, kind: str = "fhir-json") -> Looked:
    reader: Callable[[str], bytes | None] = lambda _name: data  # noqa: E731
    return Looked(("a", verdict(*issues, kind=kind)), Options(source=reader))


class TestOrder:
    def test_is_worst_first_then_by_place(self) -> None:
        found = [
            issue("FHIR-PROFILE-UNKNOWN", "Bundle", 1),
            issue(location="Bundle.entry[10]", line=90),
            issue(location="Bundle.entry[2].resource!/a", line=1),
            issue(location="Bundle.entry[10].resource!/a", line=1),
            issue(location="Bundle.entry[2]", line=20),
            issue(location="Bundle.entry[11]", line=None),
            issue(location="Bundle.entry[3]", line=None),
            issue(location="x", line=50, severity=Severity.FATAL),
        ]
        assert [i.location for i in in_order(found)] == [
            "x", "Bundle.entry[3]", "Bundle.entry[11]", "Bundle.entry[2]", "Bundle.entry[10]",
            "Bundle.entry[2].resource!/a", "Bundle.entry[10].resource!/a", "Bundle",
        ]  # fmt: skip

    def test_groups_by_severity(self) -> None:
        found = [issue("FHIR-PROFILE-UNKNOWN"), issue(), issue("FHIR-PROFILE-UNKNOWN")]
        assert [(severity.value, len(issues)) for severity, issues in by_severity(found)] == [
            ("error", 1),
            ("warning", 2),
        ]
        assert list(by_severity([])) == []


class TestExcerpt:
    def test_is_the_line_between_its_neighbours(self) -> None:
        found = looked(FILE).excerpt(issue(line=3))
        assert found is not None
        assert found.at == 3
        assert [number for number, _ in found.lines] == [2, 3, 4]
        assert found.lines[1][1] == '  "gender": "x",'

    @pytest.mark.parametrize("line", [1, 5])
    def test_stops_at_the_ends(self, line: int) -> None:
        found = looked(FILE).excerpt(issue(line=line))
        assert found is not None
        assert len(found.lines) == 2

    @pytest.mark.parametrize(
        ("data", "found"),
        [(None, issue()), (b"", issue()), (FILE, issue(line=None)), (FILE, issue(line=99)),
         (FILE, issue(location="Bundle.entry[1]!/a", line=3))],
    )  # fmt: skip
    def test_is_not_there_without_file_or_line(self, data: bytes | None, found: Issue) -> None:
        assert looked(data).excerpt(found) is None

    def test_of_one_long_line_is_what_is_around_the_column(self) -> None:
        data = b"a" * 5000 + b"HERE" + b"b" * 5000
        found = looked(data).excerpt(issue(line=1, column=5001))
        assert found is not None
        [(_, text)] = found.lines
        assert "HERE" in text
        assert text.startswith("…aaa")
        assert text.endswith("bbb…")
        assert len(text) < 200

    @pytest.mark.parametrize(
        "data",
        ['<?xml version="1.0" encoding="ISO-8859-1"?>\n<é/>'.encode("latin-1"), "\ufeff<?xml?>\n<é/>".encode(),
         "<?xml?>\n<é/>".encode("utf-16")],
        ids=["declared", "UTF-8 with its mark", "UTF-16"],
    )  # fmt: skip
    def test_is_read_in_its_encoding(self, data: bytes) -> None:
        found = looked(data, kind="cda").excerpt(issue(line=2))
        assert found is not None
        assert found.lines[-1] == (2, "<é/>")

    def test_of_an_unknown_encoding_is_shown_all_the_same(self) -> None:
        found = looked(b'<?xml version="1.0" encoding="x-none"?>\n<a/>').excerpt(issue(line=2))
        assert found is not None
        assert found.lines[-1] == (2, "<a/>")

    @given(st.binary(max_size=80), st.integers(1, 9), st.none() | st.integers(1, 400))
    def test_of_any_bytes_never_fails(self, data: bytes, line: int, column: int | None) -> None:
        found = looked(data).excerpt(issue(line=line, column=column))
        assert found is None or found.at == line


class TestPlace:
    def test_is_that_of_the_finding(self) -> None:
        assert looked(FILE).place(issue(line=3, column=5)) == (3, 5)
        assert looked(FILE).place(issue(line=None)) is None

    def test_of_a_finding_inside_is_that_of_the_document(self) -> None:
        data = b'{"resourceType": "Bundle",\n "entry": [\n  {"resource":\n   {"data": "PGEvPg=="}}]}'
        inside = issue(location="Bundle.entry[0].resource.data!/a", line=77)
        assert looked(data, inside).place(inside) == (4, 5)
        assert looked(None, inside).place(inside) is None
        assert looked(data, inside, kind="xdm").place(inside) is None


class TestCharacters:
    def test_that_steer_are_made_visible(self) -> None:
        assert printable("a\x1b[31m\x00b\u202ec\ud800\ufffe") == "a\ufffd[31m\ufffdb\ufffdc\ufffd\ufffd"
        assert printable("é\t\n漢😀") == "é\t\n漢😀"

    @given(st.text(st.characters(codec=None)))
    def test_are_as_many_as_before(self, text: str) -> None:
        assert len(printable(text)) == len(text)
        printable(text).encode("utf-8")
        writable(text).encode("utf-8")


def test_a_rule_leads_to_its_source_where_that_has_an_address() -> None:
    assert rule_link("FHIR-BINDING").startswith("https://hl7.org/fhir/R4/")
    assert rule_link("SITE_UNKNOWN") == ""
    assert source().source("any") == FILE
