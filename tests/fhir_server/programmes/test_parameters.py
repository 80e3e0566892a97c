"""Parameter sets of a region: checked, versioned, never changed."""

from __future__ import annotations

import pytest

from fhir_server.fhir.http import Refusal
from fhir_server.programmes.actors import hand_of
from fhir_server.programmes.parameters import in_force, of_region, post, read, versions
from fhir_server.programmes.refused import Refused
from fhir_server.store import programme_tables as tables
from tests.fhir_server.programmes.conftest import NOW, SET, Bench, wait


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[int, str, int | None]]:
    return [(refused.value.status, one.code, one.line) for one in refused.value.said]


def test_the_set_posted_last_is_in_force(bench: Bench) -> None:
    bench.post()
    second = bench.post(2, "5.00")
    with bench.office.reading() as connection:
        found = in_force(connection, bench.site.region, "extra")
        assert in_force(connection, bench.stranger.region, "extra") is None
        assert in_force(connection, bench.site.region, "sun_es_v1") is None
        assert [one.found.version for one in versions(connection, "ars-test")] == [1, 2]
        assert len(of_region(connection, bench.site.region)) == 2
    assert found == second
    assert found.found.parameters.get("credits") == "5.00"


def test_the_same_text_again_is_the_set_that_is_there(bench: Bench) -> None:
    first, again = bench.post(), bench.post()
    assert (first.found, first.at) == (again.found, again.at)
    assert len(bench.rows(tables.parameter_set)) == 1


@pytest.mark.parametrize(("version", "euros", "code"), [(1, "2.00", "SET_EXISTS"), (3, "2.00", "VERSION_GAP")])
def test_a_version_is_never_changed_nor_left_out(bench: Bench, version: int, euros: str, code: str) -> None:
    bench.post()
    with pytest.raises(Refused) as refused:
        bench.post(version, euros)
    assert codes(refused) == [(409, code, None)]


def test_a_name_belongs_to_one_region(bench: Bench) -> None:
    bench.post()
    text = SET.format(id="ars-test", version=2, credits="1.00")
    with pytest.raises(Refusal) as refused:
        wait(post(bench.office, hand_of(bench.ars), bench.stranger.region, text, NOW))
    assert (refused.value.status, refused.value.rule_id) == (409, "PROGRAMME-SET-TAKEN")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &b [1]\nc: *b", "NOT_YAML"),
        ("[" * 5_000, "NOT_YAML"),
        ("a: [", "NOT_YAML"),
        ("#" * 1_000_001, "NOT_YAML"),
        ("[]", "WRONG_TYPE"),
    ],
)
def test_what_is_no_set_is_refused(bench: Bench, text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(text)
    assert [(status, found) for status, found, _ in codes(refused)] == [(422, code)]


def test_every_fault_is_said_with_its_line(bench: Bench) -> None:
    text = SET.format(id="ars-test", version=1, credits="-1.00").replace("role: ars", "role: hospital")
    with pytest.raises(Refused) as refused:
        read(text)
    assert codes(refused) == [(422, "ROLE_NOT_ALLOWED", 4), (422, "OUT_OF_RANGE", 6)]
    assert "ligne 4" in refused.value.said[0].fr
    assert "line 4" in refused.value.said[0].en
