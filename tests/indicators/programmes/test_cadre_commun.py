"""The common framework: nine services, two reports a year, a rhythm of meetings."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.programmes import ParameterMissing
from indicators.programmes.cadre_commun import rules
from indicators.programmes.cadre_commun.states import MACHINE
from indicators.programmes.errors import RuleError
from indicators.programmes.standing import Unknown

CORE = ("MSSANTE", "DMP", "DP", "DCC", "PACS", "ROR", "ORIENTATION", "ANRCP", "TELEMEDECINE")


class TestCoverage:
    def test_nine_services_in_four_families(self) -> None:
        assert rules.services() == CORE
        assert len(rules.families()) == 4
        assert len(rules.PARTS) == 3

    @pytest.mark.parametrize(
        ("available", "rate", "missing"),
        [
            ([c for c in CORE if c not in ("ORIENTATION", "ANRCP")], "77.78", ("ORIENTATION", "ANRCP")),
            ([*CORE, "DMP"], "100.00", ()),
            ([], "0.00", CORE),
            (list(reversed(CORE))[:2], "22.22", CORE[:7]),
        ],
    )
    def test_each_service_counts_once(self, available: list[str], rate: str, missing: tuple[str, ...]) -> None:
        found = rules.coverage(available)
        assert (found.ratio.percent_text, found.missing) == (rate, missing)

    @pytest.mark.parametrize("code", ["TSN", "dmp", ""])
    def test_a_service_outside_the_core_is_refused(self, code: str) -> None:
        with pytest.raises(RuleError, match=f"unknown_service:{code}"):
            rules.coverage(["DMP", code])

    @settings(deadline=None)
    @given(st.lists(st.sampled_from(CORE)))
    def test_available_and_missing_make_the_core(self, available: list[str]) -> None:
        found = rules.coverage(available)
        assert found.ratio.numerator + len(found.missing) == 9
        assert set(found.missing) | set(available) == set(CORE)

    def test_available_is_that_state_or_further(self) -> None:
        states = dict(zip(CORE, ["ABSENT", "PLANNED", "AVAILABLE", "DEPLOYED", "USED", "TARGET_REACHED"], strict=False))
        assert rules.available_services(states) == ("DP", "DCC", "PACS", "ROR")
        with pytest.raises(RuleError, match="unknown_state:LATE"):
            rules.available_services({"DMP": "LATE"})


class TestReports:
    @pytest.mark.parametrize(("day", "name"), [((2017, 1, 1), "2017-S1"), ((2017, 6, 30), "2017-S1"),
                                               ((2017, 7, 1), "2017-S2"), ((2016, 12, 31), "2016-S2")])  # fmt: skip
    def test_semester(self, day: tuple[int, int, int], name: str) -> None:
        assert rules.semester(date(*day)) == name

    @pytest.mark.parametrize(
        ("first", "last", "received", "missing"),
        [
            ("2016-S2", "2018-S2", ["2016-S2", "2017-S2", "2018-S2"], ("2017-S1", "2018-S1")),
            ("2016-S2", "2016-S2", [], ("2016-S2",)),
            ("2016-S2", "2016-S2", ["2016-S2", "2016-S2", "2020-S1"], ()),
            ("2018-S1", "2017-S2", [], ()),
        ],
    )
    def test_missing(self, first: str, last: str, received: list[str], missing: tuple[str, ...]) -> None:
        assert rules.reports_missing(first, last, received) == missing

    @pytest.mark.parametrize("text", ["2016-S3", "2016", "16-S1", "2016-s1", ""])
    def test_a_semester_is_written_one_way(self, text: str) -> None:
        with pytest.raises(RuleError, match=f"unknown_semester:{text}"):
            rules.reports_missing(text, "2018-S1", [])

    @settings(deadline=None)
    @given(st.integers(2016, 2040), st.integers(1, 2), st.integers(0, 20))
    def test_semesters_follow_each_other(self, year: int, half: int, count: int) -> None:
        index = year * 2 + half - 1 + count
        found = rules.semesters(f"{year}-S{half}", f"{index // 2}-S{index % 2 + 1}")
        assert len(found) == count + 1
        assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("held", "kept"),
    [((2, 4, 1), (True, True, True)), ((1, 3, 0), (False, False, False)), ((3, 5, 2), (True, True, True))],
)
def test_rhythm(held: tuple[int, int, int], kept: tuple[bool, bool, bool]) -> None:
    assert rules.rhythm(*held) == rules.Rhythm(*kept)


class TestProjects:
    def test_reference_frames(self) -> None:
        assert rules.matrix_gaps({"p": ["a"], "q": ["b", "a"]}, ["a", "b"]) == {"p": ("b",), "q": ()}
        with pytest.raises(ParameterMissing, match="reference_frames"):
            rules.matrix_gaps({}, None)

    def test_principles(self) -> None:
        assert rules.principles_missing(range(1, 15)) == ()
        assert rules.principles_missing([1, 2, 99]) == tuple(range(3, 15))

    def test_national_examination(self) -> None:
        assert [rules.national_examination(cents, 100) for cents in (99, 100)] == [False, True]
        with pytest.raises(ParameterMissing, match="examination_threshold"):
            rules.national_examination(1, None)

    def test_usage_counts_an_establishment_once(self) -> None:
        assert rules.usage_rate(["a", "a", "b"], 4).percent_text == "50.00"
        assert rules.usage_rate(["a"], 0).percent is None


def test_a_service_reaches_its_target_only_against_one() -> None:
    found = MACHINE.move("USED", "TARGET_REACHED", "ARS", {"target": Unknown("parameter_missing:target:DMP:53")})
    assert found.reasons == ("parameter_missing:target:DMP:53",)
    assert MACHINE.states == rules.STATES
