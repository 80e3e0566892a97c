"""A server that judges by FHIR packages, and one that cannot load them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from testdata import Country
from tests.conftest import two_sites
from tests.support.faces import FHIR_JSON, Face, rules
from tests.support.packages import archive, package, profile
from tests.support.server import Server, segur
from tests.support.shared import shared
from tests.support.synthetic import bundle, copy_database, entry, letter, new_patient, new_stay, token_for

Json = dict[str, Any]
NAMED = "https://example.org/fhir/StructureDefinition/named"
TITLED = "https://example.org/fhir/StructureDefinition/titled"
BARE: Json = {"resourceType": "Patient", "gender": "male"}


def installed(folder: Path) -> Path:
    """A store with two guides, the first of which wants the second and one that is nowhere."""
    store = folder / "packages"
    base = package(
        "org.example.base", "2.0.0", profile(TITLED, "DocumentReference", path="DocumentReference.text", min=1)
    )
    guide = package(
        "org.example.guide", "1.2.0", profile(NAMED, path="Patient.name", min=1), org_example_base="2.0.0",
        org_example_none="1.0.0",
    )  # fmt: skip
    for number, content in enumerate((base, guide)):
        (folder / f"{number}.tgz").write_bytes(content)
        done = segur("packages", "install", folder / f"{number}.tgz", env={"SEGUR_PACKAGES": str(store)})
        assert done.returncode == 0, done.stderr
    return store


@pytest.fixture(scope="module")
def guided(
    tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country
) -> Iterator[tuple[Server, Face]]:
    from fhir_server.security.caller import Role

    folder = tmp_path_factory.mktemp("guided")
    database = copy_database(demo_database, folder / "guided.db")
    site, _ = two_sites(demo_country)
    token = token_for(database, Role.ESTABLISHMENT, site.legal_entity)
    env = {
        "SEGUR_PACKAGES": str(installed(folder)), "SEGUR_PACKAGE": "org.example.guide@1.2.x",
        "XDG_CACHE_HOME": str(folder / "cache"),
    }  # fmt: skip
    with Server(database, folder, "--workers", "2", "--pdsm", "head", **env) as server:
        face = Face(server.origin, token)
        yield server, face
        face.close()


def asked(face: Face, resource: Json, query: str = "") -> httpx.Response:
    content = json.dumps(resource).encode()
    return face.http.post(f"/fhir/$validate{query}", content=content, headers={"Content-Type": FHIR_JSON})


def test_a_declared_profile_of_a_package_is_applied(guided: tuple[Server, Face]) -> None:
    declared = BARE | {"meta": {"profile": [NAMED]}}
    assert rules(asked(guided[1], declared)) == ["FHIR-MIN"]
    assert "FHIR-MIN" not in rules(asked(guided[1], declared | {"name": [{"family": "MARTIN"}]}))


def test_a_profile_that_is_asked_for_is_applied(guided: tuple[Server, Face]) -> None:
    assert rules(asked(guided[1], BARE, f"?profile={NAMED}")) == ["FHIR-MIN"]
    assert "FHIR-PROFILE-UNKNOWN" in rules(asked(guided[1], BARE, "?profile=https://example.org/other"))


def test_every_worker_has_them(guided: tuple[Server, Face]) -> None:
    """Connections are dealt out among the workers: enough of them reach both."""
    server, face = guided
    for _ in range(8):
        with httpx.Client(base_url=server.origin, headers=face.http.headers) as http:
            answer = http.post(f"/fhir/$validate?profile={NAMED}", json=BARE, headers={"Content-Type": FHIR_JSON})
        assert rules(answer) == ["FHIR-MIN"]


def test_a_submission_is_judged_by_them_and_by_the_version_of_pdsm(
    guided: tuple[Server, Face], demo_country: Country
) -> None:
    face = guided[1]
    site, _ = two_sites(demo_country)
    made = bundle(letter(new_stay(demo_country, site, patient=new_patient(demo_country, site))))
    reference = entry(made, "DocumentReference")
    reference["meta"]["profile"].append(TITLED)
    refused = face.provide(made)
    assert refused.status_code == 422
    assert set(rules(refused)) >= {"FHIR-MIN"}
    del reference["custodian"]
    reference["meta"]["profile"].pop()
    refused = face.provide(made)
    assert (refused.status_code, "MHD-HEAD-CUSTODIAN" in rules(refused)) == (422, True)


def test_the_capability_statement_names_them(guided: tuple[Server, Face]) -> None:
    found = guided[1].get("/fhir/metadata").json()
    operation = next(one for one in found["rest"][0]["operation"] if one["name"] == "validate")
    assert "org.example.base#2.0.0, org.example.guide#1.2.0" in operation["documentation"]
    assert found["implementationGuide"][0].endswith("/ans.fhir.fr.pdsm")


def test_a_dependency_that_is_not_installed_is_told(guided: tuple[Server, Face]) -> None:
    lines = [json.loads(line) for line in guided[0].stderr.splitlines() if "package-absent" in line]
    assert [(line["name"], line["used"]) for line in lines] == [("org.example.none@1.0.0", None)]


@pytest.mark.parametrize("where", ["option", "environment"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("org.example.guide", "no such package is installed"),
        ("nowhere.tgz", "nowhere.tgz"),
        ("broken.tgz", "broken.tgz"),
        ("wrong.tgz", "malformed StructureDefinition"),
    ],
)
def test_a_package_that_cannot_be_loaded_stops_the_start(tmp_path: Path, name: str, said: str, where: str) -> None:
    (tmp_path / "broken.tgz").write_bytes(b"no archive")
    bad = profile(NAMED, path="Patient.name") | {"differential": {"element": [{"id": "Patient.name"}]}}
    (tmp_path / "wrong.tgz").write_bytes(package("org.example.wrong", "1.0.0", bad))
    asked_for = str(tmp_path / name) if name.endswith(".tgz") else name
    env = {"SEGUR_PACKAGES": str(tmp_path / "none"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    options = ["--package", asked_for] if where == "option" else []
    more = {"SEGUR_PACKAGE": asked_for} if where == "environment" else {}
    done = segur("serve", "--port", "0", "--database", tmp_path / "a.db", *options, env=env | more)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_package_without_a_manifest_is_refused_by_a_server(tmp_path: Path) -> None:
    path = tmp_path / "bare.tgz"
    path.write_bytes(archive({"package/x.json": json.dumps(profile(NAMED, path="Patient.name")).encode()}))
    done = segur("serve", "--port", "0", "--database", tmp_path / "a.db", "--package", path)
    assert (done.returncode, "no package.json" in done.stderr) == (2, True)


def test_the_command_reads_the_same_variable(tmp_path: Path) -> None:
    (tmp_path / "patient.json").write_text(json.dumps(BARE))
    env = {
        "SEGUR_PACKAGES": str(installed(tmp_path)), "SEGUR_PACKAGE": "org.example.base org.example.guide",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }  # fmt: skip
    done = segur("validate", tmp_path / "patient.json", "--profile", NAMED, "--format", "ndjson", env=env)
    assert [issue["rule"] for issue in json.loads(done.stdout)["issues"]] == ["FHIR-MIN"]


def test_the_national_packages_take_what_we_send(tmp_path: Path, demo_database: Path, demo_country: Country) -> None:
    from fhir_server.security.caller import Role

    store = tmp_path / "packages"
    for archive_ in sorted(shared("packages/README.md").parent.glob("*.tgz")):
        assert segur("packages", "install", archive_, env={"SEGUR_PACKAGES": str(store)}).returncode == 0
    database = copy_database(demo_database, tmp_path / "national.db")
    site, _ = two_sites(demo_country)
    env = {"SEGUR_PACKAGES": str(store), "SEGUR_PACKAGE": "ans.fhir.fr.pdsm", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with Server(database, tmp_path, "--workers", "1", **env) as server:
        face = Face(server.origin, token_for(database, Role.ESTABLISHMENT, site.legal_entity))
        right, wrong = (
            bundle(letter(new_stay(demo_country, site, patient=new_patient(demo_country, site)))) for _ in range(2)
        )
        for contained in entry(wrong, "DocumentReference")["contained"]:
            for identifier in contained.get("identifier", ()) if contained["resourceType"] == "Organization" else ():
                del identifier["value"]
        assert [face.provide(made).status_code for made in (right, wrong)] == [200, 422]
        guides = face.get("/fhir/metadata").json()["implementationGuide"]
        face.close()
    assert any(url.endswith("/ans.fhir.fr.pdsm|3.1.1") for url in guides)
