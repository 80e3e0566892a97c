"""fhirpy: resources written and read back, searched page by page; documents found and fetched."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import AuthorizationError, MultipleResourcesFound, OperationOutcome, ResourceNotFound

from tests.foreign_clients.conftest import LETTERS, Access, Provided

RPPS = "urn:oid:1.2.250.1.71.4.2.1"


@pytest.fixture
def client(access: Access) -> SyncFHIRClient:
    return SyncFHIRClient(access.base, authorization=access.authorization)


def practitioner(client: SyncFHIRClient, number: int, family: str = "Lécuyer") -> Any:
    return client.resource(
        "Practitioner", identifier=[{"system": RPPS, "value": f"8997000{number:05d}"}],
        name=[{"family": family, "given": ["Anaïs"]}], active=True,
    )  # fmt: skip


def count(client: SyncFHIRClient, kind: str) -> int:
    """`count()` of the client asks with a parameter that FHIR does not know."""
    return int(client.resources(kind).search(_summary="count").fetch_raw()["total"])


def test_a_resource_is_created_read_changed_and_deleted(client: SyncFHIRClient) -> None:
    made = practitioner(client, 1).create()
    assert made["meta"]["versionId"] == "1"
    read = client.reference("Practitioner", made.id).to_resource()
    assert read.serialize() == made.serialize()

    read["gender"] = "female"
    read.update()
    assert read["meta"]["versionId"] == "2"
    assert client.reference("Practitioner", made.id).to_resource()["gender"] == "female"

    made.delete()
    with pytest.raises(ResourceNotFound):
        client.reference("Practitioner", made.id).to_resource()
    assert client.resources("Practitioner").search(_id=made.id).fetch() == []


def test_a_resource_is_patched(client: SyncFHIRClient) -> None:
    made = practitioner(client, 1).create()
    change = [
        {"name": "type", "valueCode": "replace"}, {"name": "path", "valueString": "Practitioner.active"},
        {"name": "value", "valueBoolean": False},
    ]  # fmt: skip
    operation = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": change}]}
    changed = client.execute(made.reference.replace("//", "/"), method="patch", data=operation)
    assert (changed["active"], changed["meta"]["versionId"]) == (False, "2")


def test_a_resource_is_created_once_under_a_condition(access: Access, client: SyncFHIRClient) -> None:
    careful = SyncFHIRClient(
        access.base, authorization=access.authorization,
        extra_headers={"If-None-Exist": f"identifier={RPPS}|899700000001"},
    )  # fmt: skip
    first, again = (practitioner(careful, 1).create() for _ in range(2))
    assert first.id == again.id
    assert count(client, "Practitioner") == 1
    practitioner(client, 1).create()
    with pytest.raises(MultipleResourcesFound):
        practitioner(careful, 1).create()


def test_a_resource_is_updated_by_what_it_is_known_by(client: SyncFHIRClient) -> None:
    known = client.resources("Practitioner").search(identifier=f"{RPPS}|899700000001")
    first, created = known.update(practitioner(client, 1))
    assert created
    second, created = known.update(practitioner(client, 1, "Lécuyer-Marchand"))
    assert (second.id, created) == (first.id, False)
    assert known.get()["name"][0]["family"] == "Lécuyer-Marchand"


def test_a_search_is_fetched_page_by_page(client: SyncFHIRClient) -> None:
    made = [practitioner(client, number).create().id for number in range(7)]
    found = client.resources("Practitioner").search(family="lecuyer").limit(3)
    assert len(found.fetch()) == 3
    assert sorted(one.id for one in found.fetch_all()) == sorted(made)
    by_name = client.resources("Practitioner").sort("-identifier").limit(2)
    assert [one.id for one in by_name.fetch_all()] == made[::-1]
    assert count(client, "Practitioner") == 7
    one = client.resources("Practitioner").search(identifier=f"{RPPS}|899700000004").get()
    assert one.id == made[4]


def test_references_are_followed_and_included(client: SyncFHIRClient) -> None:
    person = practitioner(client, 1).create()
    role = client.resource("PractitionerRole", practitioner=person.to_reference(), active=True).create()
    assert role["practitioner"].to_resource().id == person.id
    found = client.resources("PractitionerRole").include("PractitionerRole", "practitioner").fetch_raw()
    assert sorted(e["resource"]["resourceType"] for e in found["entry"]) == ["Practitioner", "PractitionerRole"]


def test_a_transaction_makes_what_refers_to_each_other(client: SyncFHIRClient) -> None:
    full = "urn:uuid:8d5b1c2e-5d0c-4a3f-9a3a-0f6c7a2b1d11"
    role = {"resourceType": "PractitionerRole", "practitioner": {"reference": full}}
    answer = client.execute("", data={"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": full, "resource": practitioner(client, 1).serialize(),
         "request": {"method": "POST", "url": "Practitioner"}},
        {"resource": role, "request": {"method": "POST", "url": "PractitionerRole"}},
    ]})  # fmt: skip
    assert [e["response"]["status"][:3] for e in answer["entry"]] == ["201", "201"]
    made = client.resources("PractitionerRole").get()
    assert made["practitioner"].to_resource()["name"][0]["family"] == "Lécuyer"


def test_what_is_wrong_is_an_operation_outcome(client: SyncFHIRClient) -> None:
    with pytest.raises(OperationOutcome) as refused:
        client.resource("Practitioner", gender="unheard-of").create()
    assert refused.value.resource["issue"][0]["severity"] == "error"
    assert not practitioner(client, 1, "").is_valid()
    assert practitioner(client, 1).is_valid()


def test_without_a_token_nothing_is_read(access: Access) -> None:
    with pytest.raises(AuthorizationError):
        SyncFHIRClient(access.base).resources("Practitioner").fetch()


def test_documents_are_found_and_fetched(client: SyncFHIRClient, provided: Provided) -> None:
    found = client.resources("DocumentReference").search(
        **{"patient.identifier": provided.patient}, status="current"
    ).limit(2)  # fmt: skip
    assert [one.id for one in found.fetch_all()] == provided.references
    assert len(provided.references) == LETTERS
    address = found.first()["content"][0]["attachment"]["url"]
    binary = client.execute(address.removeprefix(client.url), method="get")
    assert base64.b64decode(binary["data"]) == provided.letters[0]


def test_the_capability_statement_names_what_was_done_here(client: SyncFHIRClient) -> None:
    statement = client.execute("metadata", method="get")
    offered = {one["type"]: {i["code"] for i in one["interaction"]} for one in statement["rest"][0]["resource"]}
    assert offered["Practitioner"] >= {"read", "create", "update", "patch", "delete", "search-type"}
    assert "create" not in offered.get("List", set())
