"""Nothing that the server says of a wrong document, to anyone, holds an identity: not its answers, not its log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from fhir_server.security.caller import Role
from testdata import FAULTS, LEVEL1_FAULTS, Country, Stay, apply_fault, ins_key, level1
from tests.conftest import World, two_sites
from tests.support import rest
from tests.support.faces import FHIR_JSON, Face
from tests.support.rest import create, patch, update
from tests.support.server import Server
from tests.support.synthetic import Json, bundle, copy_database, entry, letter, new_stay, token_for

FAMILY, GIVEN = "ZZYGOMARD", "XANTHIPPINE"


@dataclass(frozen=True, slots=True)
class Run:
    """A server's whole life: what it answered, what it logged, and whom it must not name."""

    answers: list[httpx.Response]
    log: str
    stay: Stay


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country) -> Run:
    """Every fault by every door, every refusal, and two deaths."""
    folder = tmp_path_factory.mktemp("privacy")
    database = copy_database(demo_database, folder / "privacy.db")
    site, _ = two_sites(demo_country)
    stay = new_stay(demo_country, site)
    named = {"birth_family": FAMILY, "used_family": FAMILY, "birth_givens": (GIVEN,), "used_given": GIVEN}
    stay = replace(stay, patient=replace(stay.patient, **named))
    with Server(database, folder, "--workers", "2") as server:
        face = Face(server.origin, token_for(database, Role.ESTABLISHMENT, site.legal_entity))
        answers = [*everything(face, stay)]
        server.kill(server.writers()[0])
        answers.append(face.provide(bundle(letter(stay, unique="late"))))
        face.close()
        server.stop()
        return Run(answers, server.stderr, stay)


def everything(face: Face, stay: Stay) -> Iterator[httpx.Response]:
    """What goes wrong, one request each; no request reads back what was sent."""
    whole = letter(stay)
    for name in FAULTS:
        assert stay.discharged is not None
        source = level1(stay, "CRO", when=stay.discharged) if name in LEVEL1_FAULTS else whole
        yield face.provide_cda(apply_fault(name, source))
    for change in CHANGES.values():
        body = bundle(whole)
        change(body, stay)
        yield face.provide(body)
    matricule = stay.patient.matricule
    yield face.provide(json.dumps(bundle(whole)).encode()[:-200])
    yield face.provide(whole, **{"Content-Type": "application/xml"})
    yield face.provide_cda(whole[: len(whole) // 2])
    for path in (
        f"/fhir/Patient/{matricule}", f"/fhir/Patient?identifier={matricule}&name={FAMILY}",
        f"/fhir/DocumentReference?patient.identifier={matricule}", f"/{FAMILY}/{matricule}",
        f"/fhir/DocumentReference?patient.identifier={matricule}&status=current&date={FAMILY}",
        f"/api/submissions/{matricule}", f"/api/indicators/I-SUN1-LDL/evidence?periodStart={FAMILY}",
        f"/fhir/Patient/x/_history/{FAMILY}",
    ):  # fmt: skip
        yield face.http.get(path)
    yield face.provide(whole, **{"Content-Type": "text/plain"})
    yield face.http.delete(f"/fhir/Patient/{matricule}")
    yield face.http.delete(f"/fhir/List/{matricule}")
    for form in ("batch", "transaction"):
        for wrong in interactions(matricule):
            yield face.provide({"resourceType": "Bundle", "type": form, "entry": [wrong]})
    yield patch(face, "/fhir/Patient?identifier=x", {"op": "remove", "path": "/x"})
    yield update(face, f"/fhir/Patient?identifier={matricule}&name:nope={FAMILY}", {"resourceType": "Patient"})
    yield create(face, {"resourceType": "Patient", "nickname": FAMILY}, If_None_Exist=f"colour={matricule}")
    place = rest.place(create(face, rest.observation()))
    expression = f"Observation.identifier.where(value = '{matricule}' and system = ')"
    for path in (expression, expression.replace("system = '", "true")):
        body = rest.parameters(type="replace", path=path, value={"valueString": FAMILY})
        yield face.http.patch(place, json=body, headers={"Content-Type": FHIR_JSON})


def interactions(matricule: str) -> list[Json]:
    """Entries that are refused, with a matricule where one may be written by mistake."""
    named = {"resourceType": "Observation", "subject": {"reference": f"Patient?identifier={matricule}"}}
    return [
        rest.entry("GET", f"Patient?identifier={matricule}&colour={FAMILY}"),
        rest.entry("PATCH", f"Patient?identifier={matricule}", rest.parameters(type="delete", path="Patient")),
        rest.entry("POST", f"Patient?identifier={matricule}", rest.patient(matricule)),
        rest.entry("POST", "Observation", {**rest.observation(), **named}),
        rest.entry("POST", f"{FAMILY}/{matricule}", rest.patient(matricule)),
    ]


def _patient(body: Json) -> Json:
    return entry(body, "Patient")


def _set(node: Callable[[Json], Any], key: Any, value: Callable[[Stay], Any]) -> Callable[[Json, Stay], None]:
    def change(body: Json, stay: Stay) -> None:
        node(body)[key] = value(stay)

    return change


def _other(stay: Stay) -> str:
    """Another person's matricule that looks like the patient's."""
    first = stay.patient.matricule[:10] + "899"
    return first + ins_key(first)


CHANGES: dict[str, Callable[[Json, Stay], None]] = {
    "another family name": _set(lambda b: _patient(b)["name"][0], "family", lambda _: FAMILY + "BIS"),
    "a family name with spaces": _set(lambda b: _patient(b)["name"][0], "family", lambda _: f" {FAMILY} "),
    "a family name that is no text": _set(lambda b: _patient(b)["name"][0], "family", lambda _: [FAMILY]),
    "a family name as a matricule": _set(lambda b: _patient(b)["identifier"][0], "value", lambda _: FAMILY),
    "a matricule with a letter": _set(
        lambda b: _patient(b)["identifier"][0], "value", lambda s: "A" + s.patient.matricule[1:]
    ),
    "a matricule of 13": _set(lambda b: _patient(b)["identifier"][0], "value", lambda s: s.patient.matricule[:13]),
    "a matricule as a number": _set(
        lambda b: _patient(b)["identifier"][0], "value", lambda s: int(s.patient.matricule.replace("A", "0"))
    ),
    "another matricule": _set(lambda b: _patient(b)["identifier"][0], "value", _other),
    "another birth date": _set(_patient, "birthDate", lambda _: "1901-01-01"),
    "another subject": _set(
        lambda b: entry(b, "DocumentReference"), "subject",
        lambda s: {"reference": f"Patient?identifier=urn:oid:{s.patient.oid}|{_other(s)}"},
    ),
    "a subject that is nowhere": _set(
        lambda b: entry(b, "DocumentReference"), "subject", lambda s: {"reference": f"Patient/{s.patient.matricule}"}
    ),
    "an unknown patient element": _set(_patient, "nickname", lambda _: FAMILY),
    "an attachment elsewhere": _set(
        lambda b: entry(b, "DocumentReference")["content"][0]["attachment"], "url",
        lambda s: f"http://x.example/{s.patient.matricule}",
    ),
}  # fmt: skip


def identities(stay: Stay) -> tuple[str, ...]:
    """What must not be said."""
    return (stay.patient.matricule, stay.patient.matricule[:13], FAMILY, FAMILY.capitalize(), GIVEN, _other(stay))


def test_the_run_went_wrong_in_many_ways(run: Run) -> None:
    statuses = {answer.status_code for answer in run.answers}
    assert {200, 400, 404, 405, 415, 422} <= statuses
    assert 500 not in statuses, [a.text for a in run.answers if a.status_code == 500]


def outcomes(answer: httpx.Response) -> list[Json]:
    """What an answer says went wrong, as a whole or entry by entry."""
    if answer.status_code >= 400:
        return [answer.json()]
    rows = answer.json().get("entry", []) if answer.content else []
    return [row["response"]["outcome"] for row in rows if "outcome" in row.get("response", {})]


def test_no_answer_names_the_patient(run: Run) -> None:
    told = {
        (identity, issue["details"]["coding"][0]["code"], issue["details"]["text"])
        for answer in run.answers
        for outcome in outcomes(answer)
        for issue in outcome["issue"]
        for identity in identities(run.stay)
        if identity in json.dumps(issue, ensure_ascii=False)
    }
    assert not told


@pytest.mark.parametrize("method", ["DELETE", "GET", "PATCH"])
def test_a_wrong_entry_is_named_without_its_query(world: World, site: Face, method: str) -> None:
    stay = new_stay(world.land, world.site)
    body = bundle(letter(stay))
    resource = {"resource": {"resourceType": "Parameters"}} if method == "PATCH" else {}
    url = f"Patient?identifier={stay.patient.matricule}"
    body["entry"].append({**resource, "request": {"method": method, "url": url}})
    answer = site.provide(body)
    assert answer.status_code == 422
    assert stay.patient.matricule not in answer.text


def test_no_accepted_answer_names_the_patient(run: Run) -> None:
    said = [answer.text for answer in run.answers if answer.status_code == 200]
    assert said
    assert not [identity for identity in identities(run.stay) for text in said if identity in text]


def test_the_log_names_nobody(run: Run) -> None:
    assert not [identity for identity in identities(run.stay) if identity in run.log]
    assert run.stay.id not in run.log
    assert "Traceback" not in run.log


def test_every_line_of_the_log_is_an_object_that_says_what_happened(run: Run) -> None:
    lines = [json.loads(line) for line in run.log.splitlines()]
    assert "child-died" in [line["event"] for line in lines]
    assert not [line for line in lines if line["event"] == "internal-error"]
