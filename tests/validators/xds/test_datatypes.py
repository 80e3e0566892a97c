"""CX, XCN, XON and DTM: read as they are, written back as they were."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validators.xds.samples import NIR, OIDS, PS, WORDS
from validators.xds import Composite, Cx, Xcn, Xon, dtm_to_fhir, fhir_to_dtm, is_oid

ANY = st.text(max_size=20)
MOMENTS = st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001
COMPONENTS = st.lists(st.lists(ANY, max_size=4).map(tuple), max_size=14)


def trimmed(parts: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return Composite.of(dict(enumerate(parts, 1))).parts


class TestComposites:
    @given(COMPONENTS)
    def test_what_is_written_is_read_again(self, parts: list[tuple[str, ...]]) -> None:
        made = Composite(trimmed(parts))
        assert Composite.parse(made.text) == made

    @given(ANY)
    def test_any_text_is_read_and_its_form_is_stable(self, text: str) -> None:
        made = Composite.parse(text)
        assert Composite.parse(made.text) == made
        assert Composite.parse(made.text).text == made.text

    @given(
        st.lists(st.lists(WORDS.map(lambda w: w.translate({ord(c): "x" for c in "\\^&|~"})), max_size=3), max_size=9)
    )
    def test_a_text_without_escapes_is_written_as_it_came(self, parts: list[list[str]]) -> None:
        text = "^".join("&".join(subs) for subs in parts).rstrip("^")
        assert Composite.parse(text).text == text

    def test_delimiters_inside_a_name_are_escaped(self) -> None:
        person = Xcn.make("1", "1.2.3", "D^UP&ONT", "A|B~C\\D")
        assert person.text == r"1^D\S\UP\T\ONT^A\F\B\R\C\E\D^^^^^^&1.2.3&ISO^D"
        assert Xcn.parse(person.text).family == "D^UP&ONT"

    def test_values_of_two_types_are_not_equal(self) -> None:
        assert Cx.parse("1") != Xon.parse("1")

    def test_no_value_is_shown_in_a_traceback(self) -> None:
        assert "DURANT" not in repr(Xcn.parse("8^DURANT"))

    def test_a_part_that_is_not_there_is_empty(self) -> None:
        assert Composite.parse("a").part(9, 2) == ""
        assert Composite.parse("a&b").part(1, 2) == "b"


class TestCx:
    @given(WORDS, OIDS, st.sampled_from(("NH", "PI", None)))
    def test_is_made_of_an_id_an_authority_and_a_type(self, value: str, oid: str, kind: str | None) -> None:
        cx = Cx.parse(Cx.make(value, oid, kind).text)
        assert (cx.id, cx.oid, cx.kind, cx.well_formed) == (value, oid, kind or "", True)

    def test_of_the_ins_is_as_the_guide_writes_it(self) -> None:
        assert Cx.make("124018852493334", NIR, "NH").text == f"124018852493334^^^&{NIR}&ISO^NH"

    @pytest.mark.parametrize(
        "text", ["", "1", "^^^&1.2.3&ISO", "1^^^&1.2.x&ISO", "1^^^1.2.3", "1^^^&1.2.3&DNS", "1^2^^&1.2.3&ISO",
                 "1^^^name&1.2.3&ISO", "1^^^&1.2.3&ISO^PI^more"],
    )  # fmt: skip
    def test_in_another_form_is_malformed(self, text: str) -> None:
        assert not Cx.parse(text).well_formed

    @pytest.mark.parametrize(("text", "right"), [
        ("S1^^^&1.2.3&ISO^urn:ihe:iti:xds:2015:encounterId", True), ("1.2.3^^^^urn:ihe:iti:xds:2013:uniqueId", True),
        ("S1^^^&1.2.3&ISO", False), ("^^^&1.2.3&ISO^x", False), ("S1^^^&a&ISO^x", False),
    ])  # fmt: skip
    def test_as_a_reference_id_has_a_type(self, text: str, right: bool) -> None:
        assert Cx.parse(text).is_reference is right


class TestXcn:
    @pytest.mark.parametrize(("text", "kind"), [
        (f"801234567890^DURANT^Romuald^^^^^^&{PS}&ISO^D^^^IDNPS", "IDNPS"),
        (f"3750100125/1453^DURANT^Romuald^^^^^^&{PS}&ISO^D^^^EI", "EI"),
        (f"3750100125/9762^Modele^Automate^^^^^^&{PS}&ISO^U^^^RI", "RI"),
        (f"124018852493334^FORM-TROIS^Gérard^^^^^^&{NIR}&ISO^D^^^NH", "NH"),
    ])  # fmt: skip
    def test_of_the_guide_is_well_formed_and_written_as_it_was(self, text: str, kind: str) -> None:
        person = Xcn.parse(text)
        assert (person.text, person.kind, person.well_formed) == (text, kind, True)

    @pytest.mark.parametrize("text", ["", "^^Romuald", "801^DURANT", "801^DURANT^^^^^^^&x&ISO", "801^D^^^^^^^&1.2.3&L"])
    def test_without_name_or_authority_is_malformed(self, text: str) -> None:
        assert not Xcn.parse(text).well_formed

    def test_without_a_number_needs_no_authority(self) -> None:
        assert Xcn.parse("^DURANT^Romuald").well_formed

    @given(WORDS, OIDS, WORDS, WORDS)
    def test_is_made_of_its_parts(self, value: str, oid: str, family: str, given_name: str) -> None:
        person = Xcn.parse(Xcn.make(value, oid, family, given_name, "IDNPS").text)
        assert (person.id, person.oid, person.family, person.given) == (value, oid, family, given_name)


class TestXon:
    def test_of_the_guide_is_well_formed(self) -> None:
        text = "NOM^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1750100125"
        xon = Xon.parse(text)
        assert (xon.text, xon.well_formed) == (text, True)
        assert (xon.name, xon.oid, xon.kind, xon.id) == ("NOM", "1.2.250.1.71.4.2.2", "IDNST", "1750100125")

    @pytest.mark.parametrize(("text", "right"), [
        ("NOM", True), ("NOM^^^^^^^^^1.2.3.4", True), ("NOM^^^^^^^^^175", False), ("", False),
        ("^^^^^&1.2.3&ISO^IDNST^^^1", False),
    ])  # fmt: skip
    def test_needs_a_name_and_an_authority_for_its_number(self, text: str, right: bool) -> None:
        assert Xon.parse(text).well_formed is right

    @given(WORDS, WORDS, OIDS)
    def test_is_made_of_its_parts(self, name: str, value: str, oid: str) -> None:
        xon = Xon.parse(Xon.make(name, value, oid, "IDNST").text)
        assert (xon.name, xon.id, xon.oid, xon.kind) == (name, value, oid, "IDNST")


class TestTimes:
    @given(MOMENTS)
    def test_a_second_goes_to_fhir_and_back(self, moment: datetime) -> None:
        dtm = moment.strftime("%Y%m%d%H%M%S")
        assert fhir_to_dtm(dtm_to_fhir(dtm)) == dtm

    @given(st.dates(), st.sampled_from((4, 6, 8)))
    def test_a_date_keeps_its_precision(self, day: datetime, digits: int) -> None:
        dtm = f"{day.year:04d}{day.month:02d}{day.day:02d}"[:digits]
        assert fhir_to_dtm(dtm_to_fhir(dtm)) == dtm

    @given(MOMENTS, st.timezones())
    def test_an_instant_of_any_zone_is_the_same_in_utc(self, moment: datetime, zone: object) -> None:
        there = moment.replace(microsecond=0, tzinfo=zone)  # type: ignore[arg-type]
        offset = there.utcoffset()
        assert offset is not None
        if offset.total_seconds() % 60:
            return  # FHIR has no seconds in a zone
        dtm = fhir_to_dtm(there.isoformat())
        assert dtm == there.astimezone(UTC).strftime("%Y%m%d%H%M%S")

    @pytest.mark.parametrize(("dtm", "fhir"), [
        ("2026", "2026"), ("202603", "2026-03"), ("20260302", "2026-03-02"),
        ("2026030209", "2026-03-02T09:00:00+00:00"), ("202603020905", "2026-03-02T09:05:00+00:00"),
    ])  # fmt: skip
    def test_an_hour_is_its_first_second(self, dtm: str, fhir: str) -> None:
        assert dtm_to_fhir(dtm) == fhir

    @pytest.mark.parametrize(
        "text", [None, "", "abcd", "20261301", "20260230", "20260302240000", "20260302090560", "20260302090500+0100",
                 "2026-03-02", "0000", "٢٠٢٦"],
    )  # fmt: skip
    def test_what_is_no_date_of_the_calendar_is_none(self, text: str | None) -> None:
        assert dtm_to_fhir(text) is None

    @pytest.mark.parametrize("value", [None, 5, "", "20260302", "2026-W10-1", "2026-02-30T00:00:00Z",
                                       "2026-03-02T09:05",
                                       "2026-03-02T09:05:00", "0001-01-01T00:00:00+14:00"])  # fmt: skip
    def test_what_is_no_fhir_instant_is_none(self, value: object) -> None:
        assert fhir_to_dtm(value) is None

    @given(st.text())
    def test_any_text_is_answered(self, text: str) -> None:
        dtm_to_fhir(text), fhir_to_dtm(text)


@pytest.mark.parametrize(("text", "right"), [
    ("1.2.250.1", True), ("2.25.123", True), ("3.1", False), ("1", False), ("1..2", False), ("1.02", False),
    ("urn:oid:1.2", False), ("", False), (None, False), ("1." + "1." * 40 + "1", False),
])  # fmt: skip
def test_an_oid_is_bare_and_short(text: str | None, right: bool) -> None:
    assert is_oid(text) is right
