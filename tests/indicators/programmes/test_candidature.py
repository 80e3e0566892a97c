"""A candidature and its reasons: all of them, in the fixed order, one domain never hurting another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.programmes.errors import RuleError
from indicators.programmes.sun_es_volet1.candidature import (
    COMMON_REASONS,
    PREREQUISITES,
    Candidature,
    Ght,
    Prerequisite,
    common_reasons,
    deposited_in_time,
    domain_reasons,
    in_territory,
    is_health_establishment,
    prerequisite_reasons,
    refusal_reasons,
    solution_allowed,
)

READY = Prerequisite(evidence=True, reached=True)
IN_ORDER = Ght(True, True, True, True, True)
FILE = Candidature(
    territory="Bretagne",
    health_establishment=True,
    deposited=date(2021, 10, 15),
    window=1,
    director_validation=True,
    prerequisites=dict.fromkeys(PREREQUISITES, READY),
    prerequisites_in_osis=True,
    commitment=True,
    editors_in_relims=True,
    ght=None,
    domains=("documents_sortie",),
    legal_entity="350000001",
    laboratory_entity=None,
    imaging_entity=None,
)


def reasons(**changes: Any) -> tuple[str, ...]:
    return common_reasons(replace(FILE, **changes))


def test_a_complete_file_is_admissible() -> None:
    assert refusal_reasons(FILE) == {"documents_sortie": ()}
    assert refusal_reasons(replace(FILE, ght=IN_ORDER)) == {"documents_sortie": ()}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"territory": "Polynésie française"}, "OUT_OF_TERRITORY"),
        ({"health_establishment": False}, "NOT_HEALTH_ESTABLISHMENT"),
        ({"deposited": date(2021, 8, 31)}, "OUTSIDE_CANDIDATURE_PERIOD"),
        ({"deposited": date(2021, 11, 1)}, "OUTSIDE_CANDIDATURE_PERIOD"),
        ({"window": "F2"}, "OUTSIDE_CANDIDATURE_PERIOD"),
        ({"director_validation": False}, "DIRECTOR_VALIDATION_MISSING"),
        ({"prerequisites_in_osis": False}, "PREREQ_NOT_IN_OSIS"),
        ({"commitment": False}, "COMMITMENT_MISSING"),
        ({"editors_in_relims": False}, "EDITOR_NOT_IN_RELIMS"),
        ({"ght": replace(IN_ORDER, sdsi=False)}, "GHT_SDSI_MISSING"),
        ({"ght": replace(IN_ORDER, convergence_indicators=False)}, "GHT_CONVERGENCE_INDICATORS_MISSING"),
        ({"ght": replace(IN_ORDER, dsi=False)}, "GHT_DSI_MISSING"),
        ({"ght": replace(IN_ORDER, support_director_validation=False)}, "GHT_SUPPORT_DIRECTOR_VALIDATION_MISSING"),
        ({"ght": replace(IN_ORDER, solution_in_convergence_or_in_place=False)}, "SOLUTION_OUTSIDE_CONVERGENCE"),
    ],
)
def test_each_reason_alone(changes: dict[str, Any], reason: str) -> None:
    assert reasons(**changes) == (reason,)


def test_everything_wrong_at_once_is_said_in_order() -> None:
    bad = Prerequisite(evidence=False, reached=False)
    found = reasons(
        territory="988", health_establishment=False, deposited=date(2020, 1, 1), director_validation=False,
        prerequisites=dict.fromkeys(PREREQUISITES, bad), prerequisites_in_osis=False, commitment=False,
        editors_in_relims=False, ght=Ght(False, False, False, False, False),
    )  # fmt: skip
    stems = list(dict.fromkeys(reason.partition(":")[0] for reason in found))
    assert stems == [reason.partition(":")[0] for reason in COMMON_REASONS]
    assert len(found) == len(COMMON_REASONS) - 2 + 12


class TestPrerequisites:
    def test_evidence_without_the_level(self) -> None:
        filed = {**FILE.prerequisites, "SP2": Prerequisite(evidence=True, reached=False)}
        assert prerequisite_reasons(filed) == ("PREREQ_NOT_REACHED:SP2",)

    def test_the_level_without_evidence(self) -> None:
        filed = {**FILE.prerequisites, "SP4": Prerequisite(evidence=False, reached=True)}
        assert prerequisite_reasons(filed) == ("PREREQ_EVIDENCE_MISSING:SP4",)

    def test_what_was_not_filed_lacks_its_evidence_and_is_not_judged(self) -> None:
        filed = {name: READY for name in PREREQUISITES if name != "SP6"}
        assert prerequisite_reasons(filed) == ("PREREQ_EVIDENCE_MISSING:SP6",)
        assert len(prerequisite_reasons({})) == 6

    def test_a_level_nobody_judged_is_not_reached_where_there_is_evidence(self) -> None:
        filed = {**FILE.prerequisites, "SP1": Prerequisite(evidence=True, reached=None)}
        assert prerequisite_reasons(filed) == ("PREREQ_NOT_REACHED:SP1",)

    def test_a_seventh_one_changes_nothing(self) -> None:
        assert prerequisite_reasons({**FILE.prerequisites, "SP7": Prerequisite(False, False)}) == ()


class TestDomains:
    @pytest.mark.parametrize(
        ("domain", "producer", "expected"),
        [
            ("biologie", {"laboratory_entity": "350000001"}, ()),
            ("biologie", {"laboratory_entity": "350009999"}, ("NO_INTERNAL_LAB",)),
            ("biologie", {"imaging_entity": "350000001"}, ("NO_INTERNAL_LAB",)),
            ("imagerie", {"imaging_entity": "350000001"}, ()),
            ("imagerie", {}, ("NO_INTERNAL_IMAGING",)),
            ("documents_sortie", {}, ()),
        ],
    )
    def test_an_internal_producer(self, domain: str, producer: dict[str, str], expected: tuple[str, ...]) -> None:
        assert domain_reasons(replace(FILE, **producer), domain) == expected  # type: ignore[arg-type]

    def test_a_domain_is_paid_once_and_does_not_hurt_another(self) -> None:
        file = replace(FILE, domains=("documents_sortie", "biologie"), laboratory_entity="350000001",
                       domains_paid=frozenset({"documents_sortie"}))  # fmt: skip
        assert refusal_reasons(file) == {"documents_sortie": ("DOMAIN_ALREADY_FUNDED",), "biologie": ()}

    def test_producer_comes_before_payment(self) -> None:
        file = replace(FILE, domains_paid=frozenset({"imagerie"}))
        assert domain_reasons(file, "imagerie") == ("NO_INTERNAL_IMAGING", "DOMAIN_ALREADY_FUNDED")

    def test_a_common_reason_is_in_every_domain(self) -> None:
        file = replace(FILE, domains=("documents_sortie", "imagerie"), commitment=False, imaging_entity="350000001")
        assert refusal_reasons(file) == dict.fromkeys(file.domains, ("COMMITMENT_MISSING",))

    def test_an_unknown_domain_is_named(self) -> None:
        with pytest.raises(RuleError, match="unknown_domain:pharmacie"):
            domain_reasons(FILE, "pharmacie")

    def test_no_domain_is_no_decision(self) -> None:
        assert refusal_reasons(replace(FILE, domains=())) == {}


@pytest.mark.parametrize(
    ("territory", "inside"),
    [
        ("La Réunion", True), ("Mayotte", True), ("Corse", True), ("Saint-Martin", True), ("Ile-de-France", True),
        ("Nouvelle-Calédonie", False), ("NOUVELLE CALEDONIE", False), ("Polynésie française", False), ("PF", False),
        ("Wallis-et-Futuna", False), ("Îles Wallis et Futuna", False), ("986", False), ("nc", False),
    ],
)  # fmt: skip
def test_territory(territory: str, inside: bool) -> None:
    assert in_territory(territory) is inside


@pytest.mark.parametrize(("status", "yes"), [("public", True), ("Privé", True), ("EBNL", True), ("ESMS", False)])
def test_health_establishment(status: str, yes: bool) -> None:
    assert is_health_establishment(status) is yes


@pytest.mark.parametrize(("place", "plan", "allowed"), [(0, 0, False), (1, 0, True), (0, 1, True), (1, 1, True)])
def test_solution(place: int, plan: int, allowed: bool) -> None:
    assert solution_allowed(in_place_before=bool(place), in_convergence_plan=bool(plan)) is allowed


@pytest.mark.parametrize(("day", "window", "yes"), [((2022, 10, 31), 3, True), ((2022, 11, 1), 3, False)])
def test_deposit(day: tuple[int, int, int], window: int, yes: bool) -> None:
    assert deposited_in_time(date(*day), window) is yes


@settings(deadline=None)
@given(st.sets(st.sampled_from(["health_establishment", "director_validation", "commitment", "editors_in_relims",
                                "prerequisites_in_osis"])))  # fmt: skip
def test_one_more_fault_is_one_more_reason(faults: set[str]) -> None:
    found = common_reasons(replace(FILE, **dict.fromkeys(faults, False)))  # type: ignore[arg-type]
    assert len(found) == len(faults)
    order = [reason.partition(":")[0] for reason in COMMON_REASONS]
    assert [order.index(reason) for reason in found] == sorted(order.index(reason) for reason in found)
