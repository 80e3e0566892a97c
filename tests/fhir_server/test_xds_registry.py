"""The registry over what other doors filed: patients behind references, limits, ids of our own."""

from __future__ import annotations

import json

import pytest
from lxml import etree

from fhir_server.intake.record import Record, stored
from fhir_server.intake.xds import ProvideRequest
from fhir_server.soap.fault import issue
from fhir_server.store.plan import Outcome
from fhir_server.xds import registry, repository
from fhir_server.xds.entries import Entries
from testdata import Stay, document_id
from tests.fhir_server.conftest import Desk
from tests.support.soap import APPROVED, FIND, GET, query_body, retrieve_body
from tests.support.synthetic import bundle, entry, letter, new_stay
from validators.report import Report

REPOSITORY = "1.2.250.1.999.7"


@pytest.fixture
def stay(desk: Desk) -> Stay:
    return new_stay(desk.land, desk.site)


def asked(desk: Desk, query: str, *slots: tuple[str, str], returned: str = "LeafClass") -> etree._Element:
    with desk.reads.connect() as connection:
        entries = Entries(connection, desk.scope, REPOSITORY)
        return registry.answer_query(etree.fromstring(query_body(query, slots, returned)), entries, None, "fr")


def find(desk: Desk, stay: Stay) -> etree._Element:
    return asked(
        desk, FIND, ("$XDSDocumentEntryPatientId", f"'{stay.patient.matricule}^^^&{stay.patient.oid}&ISO'"),
        ("$XDSDocumentEntryStatus", f"('{APPROVED}')"),
    )  # fmt: skip


def codes(answer: etree._Element) -> list[str | None]:
    return [error.get("errorCode") for error in answer.iter("{*}RegistryError")]


def test_a_patient_that_is_only_referred_to_is_said(desk: Desk, stay: Stay) -> None:
    sent = bundle(letter(stay))
    del entry(sent, "DocumentReference")["subject"]["identifier"]
    assert desk.send(json.dumps(sent).encode()).status == 200
    [found] = find(desk, stay).iter("{*}ExtrinsicObject")
    values = [i.get("value") for i in found.iter("{*}ExternalIdentifier")]
    assert any(str(value).startswith(f"{stay.patient.matricule}^^^&{stay.patient.oid}") for value in values)


def test_a_document_without_entry_uuid_has_the_id_of_its_resource(desk: Desk, stay: Stay) -> None:
    answer = json.loads(desk.send(letter(stay)).body)
    [place] = [e["response"]["location"] for e in answer["entry"] if "DocumentReference/" in e["response"]["location"]]
    [found] = find(desk, stay).iter("{*}ExtrinsicObject")
    assert found.get("id") == "urn:uuid:" + place.split("/")[1] == found.get("lid")
    again = asked(desk, GET, ("$XDSDocumentEntryEntryUUID", f"('{found.get('id')}')"), returned="ObjectRef")
    assert [e.get("id") for e in again.iter("{*}ObjectRef")] == [found.get("id")]
    assert list(asked(desk, GET, ("$XDSDocumentEntryEntryUUID", "('urn:uuid:x')")).iter("{*}ExtrinsicObject")) == []


def test_too_many_to_look_at_is_said(desk: Desk, stay: Stay, monkeypatch: pytest.MonkeyPatch) -> None:
    assert desk.send(letter(stay)).status == 200
    monkeypatch.setattr(registry, "MOST", 0)
    assert codes(find(desk, stay)) == ["XDSTooManyResults"]


def test_too_many_codes_or_slots_are_refused(desk: Desk) -> None:
    base = [("$XDSDocumentEntryPatientId", "'1^^^&1.2&ISO'"), ("$XDSDocumentEntryStatus", f"('{APPROVED}')")]
    many = ("$XDSDocumentEntryTypeCode", "(" + ",".join(f"'{n}^^1.2'" for n in range(201)) + ")")
    assert codes(asked(desk, FIND, *base, many)) == ["XDSStoredQueryParamNumber"]
    few = ("$XDSDocumentEntryTypeCode", "(" + ",".join(f"'{n}^^1.2'" for n in range(200)) + ")")
    assert codes(asked(desk, FIND, *base, *[few] * 30)) == []
    assert codes(asked(desk, FIND, *base, *[few] * 31)) == ["XDSStoredQueryParamNumber"]


def test_more_than_a_retrieval_may_carry_is_refused(
    desk: Desk, stay: Stay, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    document = letter(stay)
    assert desk.send(document).status == 200
    monkeypatch.setattr(repository, "MAX_BYTES", len(document))
    root = etree.fromstring(retrieve_body(REPOSITORY, document_id(stay), document_id(stay)))
    with desk.reads.connect() as connection:
        found = repository.retrieve(root, Entries(connection, desk.scope, REPOSITORY), REPOSITORY, "fr")
    assert [one.data for one in found.attachments] == [document]
    assert codes(found.body) == ["XDSRepositoryOutOfResources"]


def test_what_is_passed_on_all_the_same_is_taken_with_warnings(desk: Desk) -> None:
    """The relay's tag and pass: the next registry decides, so the sender has nothing to send again."""
    record = Record(stored([issue("XDS-MISSING", "a!/b", element="hash"), issue("RELAY-PASSED", routes="dmp")]), (), ())
    outcome = Outcome("filed", "s", 202, 0, "refused", (), ())
    with desk.reads.connect() as connection:
        entries = Entries(connection, desk.scope, REPOSITORY)
        answer = repository.provided(outcome, record, ProvideRequest(None, {}, Report()), entries, "fr")
    assert str(answer.get("status")).endswith(":Success")
    found = [(e.get("errorCode"), str(e.get("severity")).rpartition(":")[2]) for e in answer.iter("{*}RegistryError")]
    assert found == [("XDSRepositoryMetadataError", "Warning"), ("XDSRepositoryError", "Warning")]
