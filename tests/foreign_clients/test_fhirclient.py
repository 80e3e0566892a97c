"""fhirclient (SMART on FHIR): its typed models read everything the server answers, and write what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from fhirclient.models.capabilitystatement import CapabilityStatement
from fhirclient.models.documentreference import DocumentReference
from fhirclient.models.humanname import HumanName
from fhirclient.models.identifier import Identifier
from fhirclient.models.organization import Organization
from fhirclient.models.patient import Patient
from fhirclient.models.practitioner import Practitioner
from fhirclient.server import FHIRNotFoundException, FHIRServer, FHIRUnauthorizedException

from tests.foreign_clients.conftest import LETTERS, Access, Provided

RPPS = "urn:oid:1.2.250.1.71.4.2.1"


@pytest.fixture
def server(access: Access) -> Iterator[FHIRServer]:
    found = FHIRServer(None, access.base)
    found.session.headers["Authorization"] = access.authorization
    yield found
    found.session.close()


def practitioner(number: int) -> Practitioner:
    made = Practitioner()
    made.active = True
    made.identifier = [Identifier({"system": RPPS, "value": f"8997000{number:05d}"})]
    made.name = [HumanName({"family": "Lécuyer", "given": ["Anaïs"]})]
    return made


def test_a_resource_is_created_read_changed_and_deleted(server: FHIRServer) -> None:
    made = Practitioner(practitioner(1).create(server))
    read = Practitioner.read(made.id, server)
    assert read.as_json() == made.as_json()
    assert (read.meta.versionId, read.name[0].family) == ("1", "Lécuyer")

    read.gender = "female"
    assert read.update()["meta"]["versionId"] == "2"
    assert Practitioner.read(made.id, server).gender == "female"

    read.delete()
    with pytest.raises(requests.HTTPError) as gone:
        Practitioner.read(made.id, server)
    assert gone.value.response.status_code == 410


@pytest.mark.parametrize(("kind", "fields"), [
    (Organization, {"name": "Centre hospitalier de Saint-Aubin", "active": True}),
    (Patient, {"name": [{"family": "Test", "given": ["Camille"]}], "gender": "other", "birthDate": "1980-02-29"}),
])  # fmt: skip
def test_other_types_are_written_and_read_too(server: FHIRServer, kind: Any, fields: dict[str, Any]) -> None:
    made = kind(kind(fields).create(server))
    kept = kind.read(made.id, server).as_json()
    assert {name: kept[name] for name in fields} == fields


def test_a_resource_is_created_once_under_a_condition(server: FHIRServer) -> None:
    server.session.headers["If-None-Exist"] = f"identifier={RPPS}|899700000001"
    first, again = (practitioner(1).create(server) for _ in range(2))
    assert first["id"] == again["id"]


def test_a_search_is_fetched_page_by_page(server: FHIRServer) -> None:
    made = [practitioner(number).create(server)["id"] for number in range(7)]
    search = Practitioner.where({"family": "lecuyer", "_count": "3"})
    pages = [[entry.resource.id for entry in page.entry] for page in search.perform_iter(server)]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(one.id for one in search.perform_resources_iter(server)) == sorted(made)


def test_documents_are_found_and_fetched(server: FHIRServer, provided: Provided) -> None:
    search = DocumentReference.where({"patient.identifier": provided.patient, "status": "current", "_count": "2"})
    found = list(search.perform_resources_iter(server))
    assert [one.id for one in found] == provided.references
    assert len(found) == LETTERS
    attachment = found[0].content[0].attachment
    assert server.request_data(attachment.url, {"Accept": attachment.contentType}) == provided.letters[0]
    assert Patient.read_from(found[0].subject.reference, server).identifier[0].value in provided.patient


def test_the_capability_statement_is_one(server: FHIRServer) -> None:
    statement: CapabilityStatement = server.capabilityStatement
    assert (statement.fhirVersion, statement.rest[0].mode) == ("4.0.1", "server")
    assert "Practitioner" in [one.type for one in statement.rest[0].resource]


def test_nothing_there_and_nobody_known_are_told_apart(server: FHIRServer) -> None:
    with pytest.raises(FHIRNotFoundException):
        Practitioner.read("nobody", server)
    del server.session.headers["Authorization"]
    with pytest.raises(FHIRUnauthorizedException):
        Practitioner.read("nobody", server)
