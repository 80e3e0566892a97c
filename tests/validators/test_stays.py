"""Stays out of Encounters: the number, the site, the day in Paris, and each rule."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators import stays
from validators.fhir import default_walker
from validators.report import Report
from validators.stays import check_stay

TODAY = date(2026, 11, 22)
VISIT = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "VN"}]}
MOVEMENT = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MN"}]}
FINESS = "https://finess.esante.gouv.fr"


def encounter(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter", "identifier": [{"type": VISIT, "system": "urn:oid:1.2", "value": "S1"}],
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "period": {"start": "2026-11-01T10:00:00+01:00", "end": "2026-11-03T23:30:00+01:00"},
        "serviceProvider": {"identifier": {"system": FINESS, "value": "970490363"}},
        **more,
    }  # fmt: skip


def checked(resource: dict[str, Any]) -> tuple[stays.Stay | None, list[str]]:
    report = Report()
    found = check_stay(resource, report, today=TODAY)
    return found, [issue.rule for issue in report]


def provider(value: str, system: str = FINESS) -> dict[str, Any]:
    return {"identifier": {"system": system, "value": value}}


def test_a_stay_is_read_whole() -> None:
    told = encounter(
        subject={"identifier": {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": " 279035121590057 "}},
        extension=[
            {"url": stays.OPERATED, "valueBoolean": True}, {"url": stays.FIELD, "valueCode": "MCO"},
            {"url": "http://other", "valueBoolean": True},
        ],
    )  # fmt: skip

    found, rules = checked(told)

    assert rules == []
    assert found == stays.Stay(
        "S1", "970490363", date(2026, 11, 3), True, False, "MCO",
        ("1.2.250.1.213.1.4.8", "279035121590057"), True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("end", "day"),
    [
        ("2026-11-03T22:59:59Z", date(2026, 11, 3)), ("2026-11-03T23:00:00Z", date(2026, 11, 4)),
        ("2026-07-03T22:00:00Z", date(2026, 7, 4)), ("2026-11-03", date(2026, 11, 3)),
        ("2026-11-03T10:00:00", date(2026, 11, 3)),
    ],
)  # fmt: skip
def test_the_day_is_that_of_paris(end: str, day: date) -> None:
    found, _ = checked(encounter(period={"start": "2026-01-01", "end": end}))

    assert found is not None
    assert found.discharged == day


@pytest.mark.parametrize(
    ("identifiers", "number"),
    [
        ([{"value": "A"}], "A"),
        ([{"type": MOVEMENT, "value": "M"}, {"type": VISIT, "value": "V"}], "V"),
        ([{"value": "A"}, {"value": "B"}], None),
        ([{"value": "  "}], None),
        ([{"type": VISIT}], None),
        ([], None),
        ("x", None),
    ],
)
def test_the_number_of_a_stay(identifiers: Any, number: str | None) -> None:
    found, rules = checked(encounter(identifier=identifiers))

    assert (found.number if found else None) == number
    assert rules == ([] if number else ["VISIT-NUMBER"])


@pytest.mark.parametrize(
    ("site", "finess"),
    [
        (provider("970490363"), "970490363"),
        (provider("1970490363", "urn:oid:1.2.250.1.71.4.2.2"), "970490363"),
        (provider("97049036"), None), (provider("970490363", "http://other"), None), (None, None),
        ({"identifier": {"system": FINESS}}, None),
    ],
)  # fmt: skip
def test_the_site_of_a_stay(site: Any, finess: str | None) -> None:
    found, rules = checked(encounter(serviceProvider=site))

    assert (found.site if found else None) == finess
    assert rules == ([] if finess else ["VISIT-SITE"])


@pytest.mark.parametrize(
    ("status", "discharged", "excluded"),
    [
        ("finished", date(2026, 11, 3), False), ("in-progress", None, False), ("planned", None, False),
        ("onleave", None, False), ("cancelled", None, True), ("entered-in-error", None, True),
    ],
)  # fmt: skip
def test_what_a_status_means(status: str, discharged: date | None, excluded: bool) -> None:
    found, rules = checked(encounter(status=status))

    assert rules == []
    assert found is not None
    assert (found.discharged, found.excluded) == (discharged, excluded)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"partOf": {"reference": "Encounter/1"}}, "VISIT-MOVEMENT"),
        ({"status": "unknown"}, "VISIT-STATUS"),
        ({"status": 3}, "VISIT-STATUS"),
        ({"period": {"start": "2026-11-01"}}, "VISIT-DISCHARGE"),
        ({"period": {"start": "2026-11-02", "end": "2026-11-01"}}, "VISIT-DISCHARGE"),
        ({"period": {"start": "2026-11-02", "end": "2026-11"}}, "VISIT-DISCHARGE"),
        ({"period": None}, "VISIT-DISCHARGE"),
        ({"extension": [{"url": stays.FIELD, "valueCode": "SSR"}]}, "VISIT-FIELD"),
    ],
)
def test_what_refuses(change: dict[str, Any], expected: str) -> None:
    found, rules = checked(encounter() | change)

    assert found is None
    assert expected in rules


def test_a_discharge_in_the_future_is_said() -> None:
    end = (TODAY + timedelta(days=1)).isoformat()
    found, rules = checked(encounter(period={"start": "2026-11-01", "end": end}))

    assert found is not None
    assert rules == ["VISIT-FUTURE"]


def test_a_local_number_is_no_ins() -> None:
    found, _ = checked(encounter(subject={"identifier": {"system": "urn:oid:1.2.3", "value": "IPP1"}}))

    assert found is not None
    assert (found.patient, found.patient_is_ins) == (("1.2.3", "IPP1"), False)


@given(
    st.sampled_from(["identifier", "status", "period", "serviceProvider", "extension", "subject", "partOf"]),
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
)
def test_no_content_makes_it_fail(name: str, value: Any) -> None:
    check_stay(encounter() | {name: value}, Report(), today=TODAY)


def test_a_right_stay_is_right_by_our_profile() -> None:
    told = encounter(extension=[
        {"url": stays.OPERATED, "valueBoolean": True}, {"url": stays.EXCLUDED, "valueBoolean": False},
        {"url": stays.FIELD, "valueCode": "PSY"},
    ])  # fmt: skip
    report = Report()

    default_walker().check(told, report, profiles=[stays.PROFILE])
    assert [(issue.rule, issue.location) for issue in report] == []


@pytest.mark.parametrize(
    "change",
    [
        {"diagnosis": [{"condition": {"display": "x"}}]}, {"participant": [{"individual": {"display": "x"}}]},
        {"reasonCode": [{"text": "x"}]}, {"subject": {"display": "x"}}, {"serviceProvider": None}, {"period": {}},
        {"extension": [{"url": stays.FIELD, "valueCode": "SSR"}]},
    ],
)  # fmt: skip
def test_the_profile_refuses_what_no_figure_reads(change: dict[str, Any]) -> None:
    report = Report()
    told = {name: value for name, value in (encounter() | change).items() if value is not None}

    default_walker().check(told, report, profiles=[stays.PROFILE])
    assert any(issue.severity == "error" for issue in report)
