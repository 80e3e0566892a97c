"""The rare-disease call before and after the note: who keeps what, and from which day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.money import parse_euros, plain_euros
from indicators.programmes import ParameterSet
from indicators.programmes.errors import RuleError
from indicators.programmes.maladies_rares import rules
from indicators.programmes.maladies_rares.states import INITIAL, UPDATED
from indicators.programmes.standing import Firm, Indicative, derive

LIMITS = {"initial": date(2019, 1, 31), "updated": date(2020, 9, 30)}


def account(version: str, reached: date | None, as_of: date, perceived: str = "150000") -> tuple[str, ...]:
    found = rules.account(version, selected=True, reached=reached, as_of=as_of, perceived=parse_euros(perceived),
                          limit=LIMITS[version])  # fmt: skip
    return tuple(map(plain_euros, (found.amorcage, found.usage, found.restitution, found.net)))


class TestWorkedExamples:
    def test_reached_on_the_last_day(self) -> None:
        found = account("updated", date(2020, 9, 30), date(2020, 10, 15))
        assert found == ("90000.00", "60000.00", "0.00", "150000.00")

    def test_reached_a_day_late_everything_is_returned(self) -> None:
        found = account("updated", date(2020, 10, 1), date(2020, 10, 15))
        assert found == ("90000.00", "60000.00", "150000.00", "0.00")

    def test_never_reached_with_the_start_only(self) -> None:
        found = account("updated", None, date(2021, 1, 1), "90000")
        assert found[2:] == ("90000.00", "0.00")

    def test_late_under_the_initial_text_keeps_the_start(self) -> None:
        found = account("initial", date(2019, 2, 1), date(2019, 3, 1), "90000")
        assert found == ("90000.00", "0.00", "0.00", "90000.00")

    def test_on_the_day_itself_nothing_is_due_yet(self) -> None:
        assert account("updated", None, date(2020, 9, 30))[2:] == ("0.00", "150000.00")
        assert account("updated", None, date(2020, 10, 1))[2:] == ("150000.00", "0.00")

    def test_reached_in_time_under_the_initial_text(self) -> None:
        assert account("initial", date(2019, 1, 31), date(2019, 3, 1))[3] == "150000.00"

    def test_not_selected_is_nothing(self) -> None:
        found = rules.account("updated", selected=False, reached=None, as_of=date(2021, 1, 1), perceived=0,
                              limit=LIMITS["updated"])  # fmt: skip
        assert found == rules.Account(0, 0, 0, 0)

    def test_an_unknown_version_is_named(self) -> None:
        with pytest.raises(RuleError, match="unknown_version:third"):
            rules.account(
                "third", selected=True, reached=None, as_of=date(2020, 1, 1), perceived=0, limit=LIMITS["initial"]
            )
        with pytest.raises(RuleError, match="unknown_version:third"):
            rules.target_day("third")


@pytest.mark.parametrize(("day", "yes"), [((2018, 1, 12), True), ((2018, 1, 13), False)])
def test_applications(day: tuple[int, int, int], yes: bool) -> None:
    assert rules.application_in_time(date(*day)) is yes


@pytest.mark.parametrize(("day", "version"), [((2017, 10, 1), "initial"), ((2019, 9, 5), "initial"),
                                              ((2019, 9, 6), "updated"), ((2026, 1, 1), "updated")])  # fmt: skip
def test_version_of_the_decision(day: tuple[int, int, int], version: str) -> None:
    assert rules.version_in_force(date(*day)) == version


class TestDayOfTheTarget:
    @pytest.mark.parametrize("version", ["initial", "updated"])
    def test_is_a_reading_until_somebody_says_it(self, version: str) -> None:
        assert rules.target_day(version) == Indicative(LIMITS[version], (f"target_day:{version}",))

    def test_once_supplied_it_is_firm(self) -> None:
        given_ = ParameterSet.of("dgos", {"target_day:updated": date(2020, 9, 15)}, source="letter")
        assert rules.target_day("updated", given_) == Firm(date(2020, 9, 15))

    def test_a_restitution_from_a_reading_is_never_asked_for(self) -> None:
        missed = derive(
            rules.target_day("updated"), lambda limit: () if date(2020, 10, 1) > limit else ("TARGET_DAY_NOT_OVER",)
        )
        found = UPDATED.move("USAGE_PAID", "TARGET_MISSED", "DGOS", {"targets_missed": missed})
        assert found.reasons == ("INDICATIVE:target_day:updated",)
        firm = UPDATED.move("TARGET_MISSED", "RESTITUTION_DUE", "DGOS, ARS", {"targets_missed": Firm(())})
        assert firm.state == "RESTITUTION_DUE"
        assert firm.notices[0].to == "establishment"


def test_the_initial_text_pays_usage_after_the_target_and_asks_nothing_back() -> None:
    assert "RESTITUTION_DUE" not in INITIAL.states
    assert INITIAL.transition("TARGET_REACHED", "USAGE_PAID").rule == "MR-R05"
    assert [one.fact for one in UPDATED.transition("AMORCAGE_PAID", "USAGE_PAID").guards] == ["text_in_force"]


@pytest.mark.parametrize(
    ("code", "form", "templates", "yes"),
    [
        ("34133-9", "urn:asip:ci-sis:sdm-mr:2017", [], True),
        ("34133-9", None, ["1.2.250.1.213.1.1.1.30"], True),
        ("34133-9", None, ["1.2.250.1.213.1.1.1.29"], False),
        ("34133-9", None, [], False),
        ("11490-0", None, ["1.2.250.1.213.1.1.1.30"], False),
    ],
)
def test_the_generic_code_alone_proves_nothing(code: str, form: str | None, templates: list[str], yes: bool) -> None:
    assert rules.carries_sdm_mr(code, form, templates) is yes


def sent(patient: str, **changes: Any) -> dict[str, Any]:
    return {
        "patient": patient,
        "doc_type": "SDM-MR",
        "conformant": True,
        "delivered": True,
        "channel": "MSSANTE",
    } | changes


class TestPatients:
    def test_one_patient_counts_once(self) -> None:
        found = rules.patients_transmitted(["p1", "p2", "p1"], [sent("p1"), sent("p1"), sent("p9")], None)
        assert (found.ratio.numerator, found.ratio.denominator) == (1, 2)
        assert (found.reached, found.status) == (None, "parameter_missing:target")

    @pytest.mark.parametrize(
        "change", [{"conformant": False}, {"delivered": False}, {"channel": "HTTP"}, {"doc_type": "LDL"}]
    )
    def test_what_is_no_transmission(self, change: dict[str, Any]) -> None:
        assert rules.patients_transmitted(["p1"], [sent("p1", **change)], None).ratio.numerator == 0

    def test_a_declared_count_bounds_nobody(self) -> None:
        found = rules.patients_transmitted(1, [sent("p1"), sent("p2")], None)
        assert found.status == "to_verify:numerator_exceeds_denominator"

    @pytest.mark.parametrize(("eligible", "counted"), [([], 0), (None, 1), (0, 1)])
    def test_without_a_population_the_rate_is_not_measurable(self, eligible: Any, counted: int) -> None:
        found = rules.patients_transmitted(eligible, [sent("p1")], None)
        assert (found.status, found.ratio.numerator, found.ratio.percent) == ("not_measurable", counted, None)


@settings(deadline=None)
@given(
    st.sampled_from(["initial", "updated"]),
    st.none() | st.dates(date(2018, 1, 1), date(2022, 1, 1)),
    st.dates(date(2018, 1, 1), date(2022, 1, 1)),
    st.integers(0, 15_000_000),
)
def test_nobody_returns_more_than_was_perceived(
    version: str, reached: date | None, as_of: date, perceived: int
) -> None:
    found = rules.account(
        version, selected=True, reached=reached, as_of=as_of, perceived=perceived, limit=LIMITS[version]
    )
    assert found.restitution in (0, perceived)
    assert found.amorcage + found.usage <= rules.grant() == 15_000_000
    assert found.net >= 0
