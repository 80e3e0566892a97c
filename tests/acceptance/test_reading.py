"""Reading back: versions, ITI-67, other people's documents, what the server says about itself."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from testdata import Stay, level1
from tests.conftest import World
from tests.support.faces import FHIR_JSON, Face, location, locations, recent, refused, resources
from tests.support.synthetic import Json, bundle, entry, letter, new_stay, today, unique_id


@pytest.fixture(scope="module")
def stay(world: World) -> Stay:
    """A stay of a patient who has two documents: a letter and a prescription."""
    return new_stay(world.land, world.site)


@pytest.fixture(scope="module")
def sent(site: Face, stay: Stay) -> tuple[Json, httpx.Response]:
    """The letter and its answer."""
    body = bundle(letter(stay))
    return body, site.provide(body)


@pytest.fixture(scope="module")
def prescription(site: Face, stay: Stay) -> tuple[Json, httpx.Response]:
    """The prescription and its answer."""
    assert stay.discharged is not None
    body = bundle(level1(stay, "ORD", when=stay.discharged))
    return body, site.provide(body)


@pytest.fixture(scope="module")
def person(stay: Stay) -> str:
    """The patient's INS as a token."""
    return f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"


class TestRead:
    @pytest.mark.parametrize("kind", ["List", "DocumentReference", "Patient"])
    def test_gives_the_resource_with_its_version(self, site: Face, sent, kind: str) -> None:
        found = site.get(location(sent[1], kind))
        assert found.status_code == 200
        assert found.headers["content-type"].startswith(FHIR_JSON)
        body = found.json()
        assert body["resourceType"] == kind
        assert location(sent[1], kind).endswith(body["id"])
        version = body["meta"]["versionId"]
        assert found.headers["ETag"] == f'W/"{version}"'
        assert found.headers["Last-Modified"].endswith("GMT")
        place = next(p for p in locations(sent[1]) if p.startswith(kind))
        assert site.get(f"/fhir/{place}").json() == body

    def test_of_a_version_that_never_was_is_404(self, site: Face, sent) -> None:
        refused(site.get(location(sent[1], "List") + "/_history/99"), 404, "HTTP-NOT-FOUND")

    def test_gives_what_was_sent_with_references_that_lead_on(self, site: Face, sent) -> None:
        original = entry(sent[0], "DocumentReference")
        found = site.get(location(sent[1], "DocumentReference")).json()
        for name in ("masterIdentifier", "type", "category", "securityLabel", "contained", "status"):
            assert found[name] == original[name]
        assert found["subject"]["reference"] == location(sent[1], "Patient").removeprefix("/fhir/")
        submitted = site.get(location(sent[1], "List")).json()
        item = submitted["entry"][0]["item"]["reference"]
        assert site.get(f"/fhir/{item}").json()["id"] == found["id"]

    @pytest.mark.parametrize("kind", ["List", "DocumentReference", "Patient", "Binary"])
    def test_of_another_establishments_resource_is_404(self, stranger: Face, sent, kind: str) -> None:
        refused(stranger.get(location(sent[1], kind)), 404, "HTTP-NOT-FOUND")
        refused(stranger.get(location(sent[1], kind) + "/_history/1"), 404, "HTTP-NOT-FOUND")

    def test_of_a_patient_sent_twice_is_one_resource(self, sent, prescription) -> None:
        assert location(sent[1], "Patient") == location(prescription[1], "Patient")

    @pytest.mark.parametrize(
        ("accept", "media_type"),
        [("*/*", "application/xml"), ("application/xml", "application/xml"), ("application/fhir+json", FHIR_JSON),
         ("application/json", FHIR_JSON), ("text/html, */*;q=0.1", "application/xml")],
    )  # fmt: skip
    def test_of_a_binary_is_negotiated(self, site: Face, sent, accept: str, media_type: str) -> None:
        found = site.http.get(location(sent[1], "Binary"), headers={"Accept": accept})
        assert found.headers["content-type"].partition(";")[0] == media_type


class TestSearch:
    def test_by_patient_and_status_finds_both_documents(self, site: Face, sent, prescription, person: str) -> None:
        found = {r["masterIdentifier"]["value"] for r in site.search(patient__identifier=person, status="current")}
        assert {unique_id(sent[0]), unique_id(prescription[0])} <= found

    def test_by_post_finds_the_same(self, site: Face, sent, prescription, person: str) -> None:
        form = {"patient.identifier": person, "status": "current"}
        posted = site.http.post("/fhir/DocumentReference/_search", data=form)
        assert posted.status_code == 200
        assert posted.json() == site.get("/fhir/DocumentReference", **form).json()

    def test_says_how_many_and_where(self, site: Face, sent, person: str) -> None:
        found = site.get("/fhir/DocumentReference", **{"patient.identifier": person, "status": "current"}).json()
        assert found["type"] == "searchset"
        assert found["total"] == len(resources(found))
        for item in found["entry"]:
            assert item["fullUrl"].startswith(str(site.http.base_url))
            assert site.http.get(item["fullUrl"]).json()["id"] == item["resource"]["id"]
            url = item["resource"]["content"][0]["attachment"]["url"]
            assert url.startswith(str(site.http.base_url))
            assert site.http.get(url).status_code == 200

    def test_by_type_tells_them_apart(self, site: Face, sent, prescription, person: str) -> None:
        kinds = {"11490-0": unique_id(sent[0]), "57833-6": unique_id(prescription[0])}
        for code, unique in kinds.items():
            found = site.search(patient__identifier=person, status="current", type=f"http://loinc.org|{code}")
            assert unique in [r["masterIdentifier"]["value"] for r in found]
            assert {r["type"]["coding"][0]["code"] for r in found} == {code}
        assert not site.search(patient__identifier=person, status="current", type="http://loinc.org|00000-0")

    def test_by_date_looks_at_the_documents_date(self, site: Face, stay: Stay, sent, person: str) -> None:
        def found(*dates: str) -> bool:
            answer = site.http.get(
                "/fhir/DocumentReference",
                params=[("patient.identifier", person), ("status", "current"), *(("date", d) for d in dates)],
            )
            uniques = [r["masterIdentifier"]["value"] for r in resources(answer.json())]
            return unique_id(sent[0]) in uniques

        written = entry(sent[0], "DocumentReference")["date"][:10]
        before, after = (str(today() + timedelta(days=days)) for days in (-3, 3))
        assert found(f"ge{before}", f"le{after}")
        assert found(f"ge{written[:4]}")
        assert not found(f"gt{after}")
        assert not found(f"lt{before}")

    def test_by_identifier_finds_one(self, site: Face, sent) -> None:
        [found] = site.search(identifier=f"urn:ietf:rfc:3986|{unique_id(sent[0])}", status="current")
        assert location(sent[1], "DocumentReference").endswith(found["id"])

    def test_by_the_patients_resource_finds_its_documents(self, site: Face, sent) -> None:
        patient = location(sent[1], "Patient").removeprefix("/fhir/")
        for value in (patient, patient.removeprefix("Patient/")):
            found = [r["masterIdentifier"]["value"] for r in site.search(patient=value, status="current")]
            assert unique_id(sent[0]) in found

    def test_of_submission_sets_and_patients_works_too(self, site: Face, sent, person: str) -> None:
        sets = site.get("/fhir/List", **{"patient.identifier": person}).json()
        assert location(sent[1], "List").rpartition("/")[2] in [r["id"] for r in resources(sets)]
        patients = resources(site.get("/fhir/Patient", identifier=person).json())
        assert [p["id"] for p in patients] == [location(sent[1], "Patient").rpartition("/")[2]]

    def test_of_another_establishment_finds_nothing(self, stranger: Face, sent, person: str) -> None:
        assert unique_id(sent[0]) not in [
            r["masterIdentifier"]["value"] for r in stranger.search(patient__identifier=person, status="current")
        ]
        assert not stranger.search(identifier=unique_id(sent[0]), status="current")

    def test_that_does_not_show_all_leads_on(self, site: Face, sent, prescription, person: str) -> None:
        query = {"patient.identifier": person, "status": "current", "_count": "1"}
        found = site.get("/fhir/DocumentReference", **query).json()
        assert found["total"] >= 2
        assert len(resources(found)) == 1
        assert [one["relation"] for one in found["link"]] == ["self", "next"]

    @pytest.mark.parametrize(
        ("params", "rule"),
        [({"status": "current"}, "SEARCH-REQUIRED"), ({}, "SEARCH-REQUIRED"),
         ({"patient.identifier": "a|1"}, "SEARCH-REQUIRED"),
         ({"status": "current", "patient": "1", "colour": "red"}, "SEARCH-PARAMETER"),
         ({"status": "current", "patient": "1", "_count": "many"}, "SEARCH-PARAMETER"),
         ({"status": "current", "patient": "1", "date": "ge2026-13-45"}, "SEARCH-PARAMETER"),
         ({"status": "current", "patient": "1", "date": "xx2026"}, "SEARCH-PARAMETER"),
         ({"status": "current", "patient.identifier": "urn:oid:1.2|"}, "SEARCH-PARAMETER"),
         ({"status": "", "patient": "1"}, "SEARCH-PARAMETER")],
    )  # fmt: skip
    def test_with_other_criteria_is_400_both_ways(self, site: Face, params: dict[str, str], rule: str) -> None:
        refused(site.get("/fhir/DocumentReference", **params), 400, rule)
        refused(site.http.post("/fhir/DocumentReference/_search", data=params or {"": ""}), 400)

    def test_by_post_of_something_else_than_a_form_is_415(self, site: Face) -> None:
        refused(site.http.post("/fhir/DocumentReference/_search", json={"status": "current"}), 415)


SEARCHED = ("DocumentReference", "List", "Patient", "Encounter", "Communication", "Measure", "MeasureReport")
"""Those that documents, messages, stays and figures make; the others are searched by the same code."""


class TestWhatTheServerSaysOfItself:
    def test_the_capability_statement_lists_what_works(self, anyone: Face, site: Face, sent) -> None:
        found = anyone.get("/fhir/metadata").json()
        assert (found["resourceType"], found["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
        [rest] = found["rest"]
        assert [i["code"] for i in rest["interaction"]] == ["transaction", "batch"]
        listed = {r["type"]: r for r in rest["resource"]}
        assert {"Communication", "Encounter", "Measure", "MeasureReport", "Observation"} <= set(listed)
        for kind in ("Binary", "DocumentReference", "List", "Patient"):
            place = location(sent[1], kind)
            assert {"read", "vread"} <= {i["code"] for i in listed[kind]["interaction"]}
            assert site.get(place).status_code == 200
            assert site.get(f"{place}/_history/1").status_code == 200

    def test_every_search_parameter_it_lists_is_understood(self, anyone: Face, site: Face) -> None:
        listed = anyone.get("/fhir/metadata").json()["rest"][0]["resource"]
        values = {
            "token": "x|1", "reference": "Patient/x", "date": "ge2020", "string": "x", "uri": "urn:x", "quantity": "1",
            "composite": "replaces$DocumentReference/x",
        }  # fmt: skip
        tried = 0
        for found in listed:
            for parameter in found["searchParam"] if found["type"] in SEARCHED else ():
                name, value = parameter["name"], values[parameter["type"]]
                query = {name: "2026" if name == "period" else value}
                if found["type"] == "DocumentReference":
                    query = {"patient": "x", "status": "current", **query}
                assert site.get(f"/fhir/{found['type']}", **query).status_code == 200, (found["type"], name)
                tried += 1
        assert tried > 100

    def test_a_measure_is_defined_for_all_to_read(self, anyone: Face) -> None:
        for name in ("I-SUN1-LDL", "I-SUN1-INS"):
            found = anyone.get(f"/fhir/Measure/{name}").json()
            assert (found["resourceType"], found["name"] or found["id"]) != ("", "")
            assert found["resourceType"] == "Measure"

    def test_health_is_plain(self, anyone: Face) -> None:
        assert anyone.get("/health/live").json() == {"status": "ok"}
        assert anyone.get("/health/ready").json() == {"status": "ok"}

    def test_metrics_count_requests_and_name_nobody(self, anyone: Face, sent, stay: Stay) -> None:
        found = anyone.get("/metrics").text
        assert 'segur_requests_total{method="' in found
        for identity in (stay.patient.matricule, stay.id, stay.establishment.finess):
            assert identity not in found

    def test_the_entrance_is_in_french_without_login(self, anyone: Face) -> None:
        found = anyone.get("/")
        assert found.status_code == 200
        assert found.headers["content-type"].startswith("text/html")
        assert '<html lang="fr"' in found.text
        assert '<html lang="en"' in anyone.get("/", lang="en").text
        for href in re.findall(r'(?:href|src)="(/[^"]*)"', found.text):
            assert anyone.get(href).status_code in (200, 401), href

    def test_the_documentation_comes_from_this_server_alone(self, anyone: Face) -> None:
        page = anyone.get("/docs").text
        assets = re.findall(r'(?:href|src)="([^"]+)"', page)
        assert assets
        assert not [a for a in assets if a.startswith(("http:", "https:", "//"))]
        for asset in assets:
            assert anyone.get(asset).status_code == 200, asset
        described = anyone.get("/openapi.json").json()["paths"]
        assert {"/fhir", "/cda", "/api/submissions/{submission_id}"} <= set(described)

    @pytest.mark.parametrize("path", ["/", "/docs", "/fhir/metadata", "/health/live", "/nothing", "/fhir/Patient/1"])
    def test_every_answer_is_hardened(self, anyone: Face, path: str) -> None:
        headers = anyone.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "server" not in headers

    def test_a_measure_report_says_what_it_is(self, world: World, site: Face) -> None:
        span = recent()
        params = span.params() | {"reporter": f"Organization/{world.site.finess}"}
        found = site.get("/fhir/Measure/I-SUN1-LDL/$evaluate-measure", **params).json()
        assert (found["resourceType"], found["status"], found["type"]) == ("MeasureReport", "complete", "summary")
        assert found["reporter"]["reference"] == f"Organization/{world.site.finess}"
        assert found["period"] == {"start": str(span.start), "end": str(span.end)}
        assert found["measure"].endswith("I-SUN1-LDL")
