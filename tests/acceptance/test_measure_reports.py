"""Figures over HTTP: every measure evaluated, reports kept and found, values by month, declared against computed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fhir_server.fhir.evaluate import PROFILE
from indicators.measures import BASE, MEASURES
from tests.conftest import World
from tests.support.faces import Face, recent, refused
from tests.support.messages import address, citizen, know, message
from tests.support.server import segur
from tests.support.synthetic import admit, letter, new_patient, new_stay
from validators.fhir import default_walker
from validators.report import Report

LDL = "I-SUN1-LDL"
PROFILES = Path(__file__).parents[2] / "profiles"


@pytest.fixture(scope="module", autouse=True)
def something_to_count(world: World, site: Face) -> None:
    know(world.database, world.site)
    stay = new_stay(world.land, world.site)
    admit(world.database, stay)
    assert site.provide_cda(letter(stay)).status_code == 200
    to = citizen(new_patient(world.land, world.site).matricule)
    body = json.dumps(message(address(world.site), to))
    answer = site.http.post("/fhir/Communication", content=body, headers={"Content-Type": "application/fhir+json"})
    assert answer.status_code == 201


def asked(world: World, **more: str) -> dict[str, str]:
    return recent().params() | {"reporter": f"Organization/{world.site.finess}"} | more


@pytest.mark.parametrize("measure", sorted(MEASURES))
@pytest.mark.parametrize("kind", ["summary", "subject-list"])
def test_every_measure_is_evaluated(site: Face, world: World, measure: str, kind: str) -> None:
    found = site.get(f"/fhir/Measure/{measure}/$evaluate-measure", **asked(world, reportType=kind))

    assert found.status_code == 200, found.text
    body = found.json()
    assert (body["type"], body["meta"]["profile"]) == (kind, [PROFILE])
    codes = [p["code"]["coding"][0]["code"] for p in body["group"][0]["population"]]
    ratio = MEASURES[measure].info.kind == "ratio"
    assert codes == (["initial-population", "denominator", "numerator"] if ratio else ["numerator"])
    report = Report()
    default_walker().check(body, report)
    assert [(i.rule, i.location) for i in report if i.severity in ("error", "fatal") or i.params.get("profile")] == []


def test_a_subject_list_holds_as_many_pseudonyms_as_the_numerator(site: Face, world: World) -> None:
    for measure in (LDL, "I-SUN1-INS", "I-SUN2-CIT-OUT"):
        path = f"/fhir/Measure/{measure}/$evaluate-measure"
        body = site.get(path, **asked(world, reportType="subject-list")).json()

        numerator = body["group"][0]["population"][-1]
        assert numerator["subjectResults"] == {"reference": "#numerator"}
        lists = {found["id"]: len(found.get("entry", [])) for found in body["contained"]}
        for population in body["group"][0]["population"]:
            assert lists[population["code"]["coding"][0]["code"]] == population["count"] > 0
        assert "id" not in body


def test_another_kind_of_report_is_refused(site: Face, world: World) -> None:
    found = site.get(f"/fhir/Measure/{LDL}/$evaluate-measure", **asked(world, reportType="data-collection"))

    refused(found, 400, "MEASURE-PARAMETER")


def test_a_report_is_kept_and_read_again(site: Face, stranger: Face, world: World) -> None:
    first = site.get(f"/fhir/Measure/{LDL}/$evaluate-measure", **asked(world)).json()
    again = site.get(f"/fhir/Measure/{LDL}/$evaluate-measure", **asked(world)).json()

    assert first["id"] == again["id"]
    read = site.get(f"/fhir/MeasureReport/{first['id']}")
    assert read.json()["group"] == first["group"]
    refused(stranger.get(f"/fhir/MeasureReport/{first['id']}"), 404)


def test_a_new_figure_is_a_new_report(site: Face, world: World) -> None:
    first = site.get(f"/fhir/Measure/{LDL}/$evaluate-measure", **asked(world)).json()
    admit(world.database, new_stay(world.land, world.site))

    assert site.get(f"/fhir/Measure/{LDL}/$evaluate-measure", **asked(world)).json()["id"] != first["id"]
    assert site.get(f"/fhir/MeasureReport/{first['id']}").status_code == 200


def test_reports_are_found_by_measure_period_and_reporter(site: Face, ars: Face, world: World) -> None:
    span = recent()
    made = site.get(f"/fhir/Measure/{LDL}/$evaluate-measure", **asked(world)).json()
    site.get("/fhir/Measure/I-SUN1-INS/$evaluate-measure", **asked(world))

    def ids(**params: str) -> set[str]:
        found = site.get("/fhir/MeasureReport", **params)
        assert found.status_code == 200, found.text
        return {e["resource"]["id"] for e in found.json().get("entry", []) if e["search"]["mode"] == "match"}

    mine = {"reporter": f"Organization/{world.site.finess}"}
    assert made["id"] in ids()
    assert made["id"] in ids(measure=made["measure"], **mine)
    assert made["id"] not in ids(measure="Measure/I-SUN1-INS")
    assert made["id"] not in ids(reporter="Organization/350000048")
    assert made["id"] in ids(measure=LDL, period=f"ge{span.end}", **mine)
    assert made["id"] not in ids(measure=LDL, period=f"lt{span.start}", **mine)
    assert made["id"] not in ids(measure=LDL, period=str(span.start))
    assert made["id"] in ids(measure=f"I-SUN1-INS,{LDL}", period=f"le{span.end}")
    assert len(ids(_count="1")) == 1
    refused(site.get("/fhir/MeasureReport", name="x"), 400, "SEARCH-PARAMETER")
    others = ars.get("/fhir/MeasureReport", measure=LDL).json().get("entry", [])
    assert made["id"] not in {e["resource"]["id"] for e in others}


def test_an_agency_keeps_its_own_reports(ars: Face, world: World) -> None:
    made = ars.get(f"/fhir/Measure/{LDL}/$evaluate-measure", **asked(world)).json()

    assert ars.get(f"/fhir/MeasureReport/{made['id']}").status_code == 200


def test_who_has_no_figures_has_no_reports(editor: Face, anyone: Face) -> None:
    refused(editor.get("/fhir/MeasureReport"), 403)
    refused(anyone.get("/fhir/MeasureReport"), 401)


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_the_report_of_every_measure_is_kept_and_found(site: Face, world: World, measure: str) -> None:
    made = site.get(f"/fhir/Measure/{measure}/$evaluate-measure", **asked(world)).json()

    assert site.get(f"/fhir/MeasureReport/{made['id']}").json()["group"] == made["group"]
    found = site.get("/fhir/MeasureReport", measure=made["measure"], period=f"ge{recent().end}").json()
    assert made["id"] in {entry["resource"]["id"] for entry in found["entry"]}
    assert {entry["resource"]["measure"] for entry in found["entry"]} == {BASE + measure}


# -- definitions ---------------------------------------------------------------------------------------------------


def test_every_measure_is_a_resource_that_is_found(anyone: Face) -> None:
    found = anyone.get("/fhir/Measure")

    assert found.status_code == 200
    body = found.json()
    assert (body["type"], body["total"]) == ("searchset", len(MEASURES))
    report = Report()
    default_walker().check(body, report)
    assert [(i.rule, i.location) for i in report if i.severity in ("error", "fatal")] == []
    for entry in body["entry"]:
        measure = entry["resource"]["id"]
        kept = json.loads((PROFILES / f"Measure-{measure}.json").read_text(encoding="utf-8"))
        assert entry["resource"] == kept == anyone.get(f"/fhir/Measure/{measure}").json()
        assert entry["fullUrl"].endswith(f"/fhir/Measure/{measure}")


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({"_id": LDL}, [LDL]),
        ({"_id": f"{LDL},I-CC-2"}, ["I-CC-2", LDL]),
        ({"url": BASE + LDL}, [LDL]),
        ({"name": "isun1l"}, [LDL]),
        ({"title": "séjours dont la lettre"}, [LDL]),
        ({"_id": LDL, "status": "draft"}, []),
        ({"_id": LDL, "status": "active", "_format": "json"}, [LDL]),
    ],
)
def test_measures_are_found_by(anyone: Face, params: dict[str, str], ids: list[str]) -> None:
    body = anyone.get("/fhir/Measure", **params).json()

    assert [entry["resource"]["id"] for entry in body.get("entry", [])] == ids
    assert body["total"] == len(ids)


def test_a_search_of_measures_says_what_it_does_not_know(anyone: Face) -> None:
    refused(anyone.get("/fhir/Measure", topic="x"), 400, "SEARCH-PARAMETER")
    refused(anyone.get("/fhir/Measure", _count="x"), 400, "SEARCH-PARAMETER")
    refused(anyone.get("/fhir/Measure/I-NON"), 404)
    body = anyone.get("/fhir/Measure", _count="2").json()
    assert (len(body["entry"]), body["total"]) == (2, len(MEASURES))


# -- JSON ----------------------------------------------------------------------------------------------------------


def test_the_list_of_indicators_is_open(anyone: Face) -> None:
    found = anyone.get("/api/indicators").json()

    assert [row["id"] for row in found] == sorted(MEASURES)
    assert all(row["title"] and row["title_en"] and row["definition"] for row in found)


def test_values_by_month_add_up_to_the_period(site: Face, ars: Face, world: World) -> None:
    params = asked(world)
    (whole,) = site.get(f"/api/indicators/{LDL}/values", **params).json()
    months = site.get(f"/api/indicators/{LDL}/values", **params, by="month").json()

    assert sum(row["denominator"] for row in months) == whole["denominator"]
    assert sum(row["numerator"] for row in months) == whole["numerator"]
    assert whole["label"] == "accepted_by_this_server"
    assert whole["status"] == "measured"
    everyone = ars.get(f"/api/indicators/{LDL}/values", **recent().params()).json()
    assert whole in everyone
    assert len({row["organization"] for row in everyone}) > 1


def test_values_are_for_those_who_may_see_them(site: Face, stranger: Face, editor: Face, world: World) -> None:
    own = {row["organization"] for row in site.get(f"/api/indicators/{LDL}/values", **recent().params()).json()}
    assert world.stranger.finess not in own
    refused(stranger.get(f"/api/indicators/{LDL}/values", **asked(world)), 403)
    refused(editor.get(f"/api/indicators/{LDL}/values", **recent().params()), 403)
    refused(site.get("/api/indicators/I-NON/values", **asked(world)), 404)
    refused(site.get(f"/api/indicators/{LDL}/values", **asked(world, by="week")), 400)


@pytest.mark.parametrize("what", ["values", "comparison", "evidence"])
def test_a_question_that_is_not_understood_is_not_answered(ars: Face, world: World, what: str) -> None:
    """An agency that mistypes must not take the whole region for one establishment."""
    path = f"/api/indicators/{LDL}/{what}"
    unknown = refused(ars.get(path, **asked(world, finess=world.site.finess)), 400, "MEASURE-PARAMETER")
    legal = asked(world, reporter=f"Organization/{world.site.legal_entity}")
    sites = refused(ars.get(path, **legal), 400, "MEASURE-PARAMETER")
    measure = refused(ars.get(f"/api/indicators/I-NON/{what}", **asked(world)), 404, "MEASURE-UNKNOWN")

    assert "Paramètre finess" in unknown["issue"][0]["details"]["text"]
    assert world.site.finess in sites["issue"][0]["details"]["text"]
    assert LDL in measure["issue"][0]["details"]["text"]


def test_an_establishment_may_be_asked_for_by_either_name(ars: Face, world: World) -> None:
    params = recent().params()
    path = f"/api/indicators/{LDL}/values"

    (row,) = ars.get(path, **params, organization=world.site.finess).json()

    assert [row] == ars.get(path, **asked(world)).json()
    assert row["name"] == world.site.name
    assert float(row["rate"]) == pytest.approx(100 * row["numerator"] / row["denominator"], abs=0.0051)


def test_declared_against_computed(site: Face, world: World, tmp_path: Path) -> None:
    span = recent()
    (whole,) = site.get(f"/api/indicators/{LDL}/values", **asked(world)).json()
    declared = tmp_path / "osis.csv"
    line = f"{world.site.finess};{LDL};{span.start};{span.end};{whole['denominator']};{whole['denominator']};oSIS"
    declared.write_text(f"finess;indicateur;debut;fin;numerateur;denominateur;source\n{line}\n", encoding="utf-8")
    assert segur("import", "declared", declared, "--database", world.database).returncode == 0

    path = f"/api/indicators/{LDL}/comparison"
    (row,) = site.get(path, **asked(world, tolerance="2")).json()
    (wide,) = site.get(path, **asked(world, tolerance="100")).json()

    assert row["declared"] == {"numerator": whole["denominator"], "denominator": whole["denominator"]}
    assert row["computed"] == {"numerator": whole["numerator"], "denominator": whole["denominator"]}
    assert row["status"] == "alert"
    assert "Alerte" in row["text"]
    assert wide["status"] == "within_tolerance"
    refused(site.get(path, **asked(world)), 400, "MEASURE-PARAMETER")
    refused(site.get(path, **asked(world, tolerance="beaucoup")), 400, "MEASURE-PARAMETER")
