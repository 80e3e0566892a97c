"""The life of one service of the core in a region."""

from __future__ import annotations

from typing import Any

import pytest

from indicators.measures import Figure
from indicators.programmes.errors import RuleError
from indicators.programmes.life import Needs
from tests.indicators.programmes.walking import Walk, begin

USE = {"semester": "2018-S1", "using": 6, "in_scope": 8}


def planned(parameters: dict[str, Any] | None = None, service: str = "DMP") -> Walk:
    given_set = {f"target:{service}:53": "75"} if parameters is None else parameters
    walk = begin("cadre_commun", "cadre_commun.service", "2017-01-10", given_set, key={"service": service})
    return walk.enter(path={"description": "raccordement"}).to(("PLANNED", "2017-01-10"))


def deployed(parameters: dict[str, Any] | None = None) -> Walk:
    walk = planned(parameters).enter(available_on="2017-06-30").to(("AVAILABLE", "2017-06-30"))
    return walk.enter(equipped=8).to(("DEPLOYED", "2017-12-01"))


def used(parameters: dict[str, Any] | None = None, **usage: Any) -> Walk:
    return deployed(parameters).enter(usage=USE | usage).to(("USED", "2018-06-30"))


def test_to_its_target() -> None:
    end = used().to(("TARGET_REACHED", "2018-06-30"))
    outcome = end.records[-1].outcome
    assert (outcome["rate_pct"], outcome["reached"], outcome["semester"]) == ("75.00", True, "2018-S1")


@pytest.mark.parametrize(
    ("parameters", "usage", "reason"),
    [
        (None, {"using": 5}, "TARGET_NOT_REACHED"),
        ({}, {}, "parameter_missing:target:DMP:53"),
        (None, {"in_scope": 0}, "not_measurable"),
        (None, {"using": 9}, "to_verify:numerator_exceeds_denominator"),
        ({"target:DMP:53": "beaucoup"}, {}, "bad_parameter:target:DMP:53"),
    ],
)
def test_a_target_that_is_not_reached(parameters: Any, usage: dict[str, Any], reason: str) -> None:
    assert used(parameters, **usage).tried("TARGET_REACHED").reasons == (reason,)


def test_a_ruling_of_what_is_not_known_is_none() -> None:
    walk = used({})
    assert walk.life.ruling(walk.view, "TARGET_REACHED") is None


def test_each_step_is_founded() -> None:
    fresh = begin("cadre_commun", "cadre_commun.service", "2017-01-10", key={"service": "DMP"})
    assert fresh.tried("PLANNED").reasons == ("PATH_TO_TARGET_MISSING",)
    walk = planned()
    assert walk.tried("AVAILABLE").reasons == ("SERVICE_NOT_AVAILABLE",)
    walk.enter(available_on="2017-06-30")
    assert walk.on("2017-06-29").tried("AVAILABLE").reasons == ("SERVICE_NOT_AVAILABLE",)
    assert walk.to(("AVAILABLE", "2017-06-30")).enter(equipped=0).tried("DEPLOYED").reasons == (
        "NO_ESTABLISHMENT_EQUIPPED",
    )
    assert deployed().tried("USED").reasons == ("NO_TRANSACTION_IN_SEMESTER",)


def test_what_was_said_of_another_half_year_does_not_count() -> None:
    walk = deployed().enter(usage=USE).on("2018-07-01")
    assert walk.tried("USED").reasons == ("NO_TRANSACTION_IN_SEMESTER",)


def test_counted_figures_answer_when_nothing_was_said() -> None:
    rows = [Figure("I-CC-2", f"35000004{i}", None, i % 2, 1, part="DMP") for i in range(4)]
    other = Figure("I-CC-2", "350000049", None, 1, 1, part="MSSANTE")
    walk = deployed({"target:DMP:53": "50"}).change(figures=[*rows, other])
    assert walk.to(("USED", "2018-06-30")).tried("TARGET_REACHED").made
    walk.change(figures=[*rows, Figure("I-CC-2", "350000050", None, 1, None, part="DMP")])
    assert walk.tried("TARGET_REACHED").reasons == ("not_measurable",)


def test_a_service_outside_the_core_is_refused() -> None:
    with pytest.raises(RuleError, match="unknown_service:TSN"):
        planned(service="TSN")


@pytest.mark.parametrize(("day", "end"), [("2018-06-30", "2018-06-30"), ("2018-07-01", "2018-12-31")])
def test_figures_are_of_the_half_year(day: str, end: str) -> None:
    walk = deployed().on(day)
    found = walk.life.needs(walk.view)
    assert found.period is not None
    assert found.period.end.isoformat() == end
    assert planned().life.needs(planned().view) == Needs()
