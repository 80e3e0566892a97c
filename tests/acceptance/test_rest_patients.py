"""A Patient belongs to (legal entity, identity): one identity, one resource, whichever way it comes."""

from __future__ import annotations

from tests.conftest import World
from tests.support.faces import Face, location, refused
from tests.support.rest import create, patch, patient, place, update, version
from tests.support.synthetic import bundle, entry, letter, new_stay


def test_the_same_identity_is_the_same_resource(newcomer: Face) -> None:
    first = create(newcomer, patient("42"))
    same = create(newcomer, patient("42"))
    other = create(newcomer, patient("42", gender="female"))
    assert [answer.status_code for answer in (first, same, other)] == [201, 200, 200]
    assert [version(answer) for answer in (first, same, other)] == [1, 1, 2]
    assert place(first) == place(same) == place(other)
    assert place(create(newcomer, patient("43"))) != place(first)


def test_without_an_identity_every_patient_is_another(newcomer: Face) -> None:
    assert place(create(newcomer, patient())) != place(create(newcomer, patient()))


def test_another_legal_entity_has_another_resource(newcomer: Face, stranger: Face) -> None:
    mine, theirs = create(newcomer, patient("shared-42")), create(stranger, patient("shared-42"))
    assert place(mine) != place(theirs)
    refused(newcomer.get(place(theirs)), 404, "HTTP-NOT-FOUND")


def test_an_address_keeps_its_identity(newcomer: Face) -> None:
    path = place(create(newcomer, patient("42")))
    assert update(newcomer, path, patient("42", gender="male")).status_code == 200
    refused(update(newcomer, path, patient("43")), 409, "INTERACTION-PATIENT-IDENTITY")
    refused(update(newcomer, path, patient()), 409, "INTERACTION-PATIENT-IDENTITY")
    refused(update(newcomer, "/fhir/Patient/mine", patient("44")), 409, "INTERACTION-PATIENT-IDENTITY")
    refused(patch(newcomer, path, {"op": "remove", "path": "/identifier"}), 409, "INTERACTION-PATIENT-IDENTITY")
    assert update(newcomer, "/fhir/Patient/mine", patient()).status_code == 201


def test_by_criteria_it_takes_the_address_of_its_identity(newcomer: Face) -> None:
    address = "/fhir/Patient?identifier=urn:oid:1.2.250.1.999.97|42"
    made = update(newcomer, address, patient("42"))
    assert made.status_code == 201
    assert place(create(newcomer, patient("42"))) == place(made)
    refused(update(newcomer, address, patient("43")), 409, "INTERACTION-PATIENT-IDENTITY")


def test_a_patient_of_documents_stays_and_is_that_of_the_documents(site: Face, world: World) -> None:
    stay = new_stay(world.land, world.site)
    body = bundle(letter(stay))
    path = location(site.provide(body), "Patient")
    refused(site.http.delete(path), 409, "INTERACTION-PATIENT-REFERRED")
    assert place(create(site, entry(body, "Patient"))) == path


def test_a_wrong_ins_is_422(newcomer: Face) -> None:
    wrong = patient(identifier=[{"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "12"}])
    refused(create(newcomer, wrong), 422)


def test_a_patient_that_was_deleted_comes_back_under_its_address(newcomer: Face) -> None:
    path = place(create(newcomer, patient("42")))
    assert newcomer.http.delete(path).status_code == 204
    again = create(newcomer, patient("42"))
    assert (again.status_code, place(again), version(again)) == (201, path, 3)
