"""ITI-18 and ITI-43: what any door filed is found and given back, to its owner alone."""

from __future__ import annotations

import pytest

from testdata import Stay, document_id, level1
from tests.conftest import World
from tests.support.faces import Face
from tests.support.soap import (
    FIND,
    GET,
    REPOSITORY,
    ask,
    mtom,
    patient,
    provide,
    retrieve,
    status,
)
from tests.support.synthetic import admit, bundle, letter, new_stay


@pytest.fixture
def stay(world: World) -> Stay:
    """An imported stay."""
    made = new_stay(world.land, world.site)
    admit(world.database, made)
    return made


@pytest.fixture(scope="module")
def two(world: World, site: Face) -> Stay:
    """A patient with a letter and an operative report."""
    made = new_stay(world.land, world.site)
    assert made.discharged is not None
    admit(world.database, made)
    assert site.provide(bundle(letter(made))).status_code == 200
    assert provide(site, mtom(level1(made, "CRO", when=made.discharged))).status == "Success"
    return made


class TestQuery:
    @pytest.mark.parametrize(("slots", "count"), [
        ([], 2),
        ([("$XDSDocumentEntryTypeCode", "('11490-0^^2.16.840.1.113883.6.1')")], 1),
        ([("$XDSDocumentEntryTypeCode", "('11490-0^^2.16.840.1.113883.6.1','34874-8^^2.16.840.1.113883.6.1')")], 2),
        ([("$XDSDocumentEntryTypeCode", "('11490-0^^1.2.3')")], 0),
        ([("$XDSDocumentEntryTypeCode", "('11490-0^^2.16.840.1.113883.6.1')"),
          ("$XDSDocumentEntryTypeCode", "('34874-8^^2.16.840.1.113883.6.1')")], 0),
        ([("$XDSDocumentEntryConfidentialityCode", "('N^^2.16.840.1.113883.5.25')")], 2),
        ([("$XDSDocumentEntryConfidentialityCode", "('R^^2.16.840.1.113883.5.25','V^^2.16.840.1.113883.5.25')")], 0),
        ([("$XDSDocumentEntryCreationTimeFrom", "2020")], 2),
        ([("$XDSDocumentEntryCreationTimeTo", "'2020'")], 0),
        ([("$XDSDocumentEntryServiceStartTimeFrom", "2020"), ("$XDSDocumentEntryServiceStartTimeTo", "2999")], 2),
        ([("$XDSDocumentEntryServiceStopTimeTo", "19991231")], 0),
        ([("$XDSDocumentEntryAuthorPerson", "('%')")], 2),
        ([("$XDSDocumentEntryAuthorPerson", "('nobody%')")], 0),
        ([("$XDSDocumentEntryType", "('urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1')")], 2),
    ])  # fmt: skip
    def test_finds_what_it_asks_for(self, site: Face, two: Stay, slots, count: int) -> None:
        answer = ask(site, FIND, patient(two), status(), *slots)
        assert answer.status == "Success", answer.http.text
        assert len(answer.entries()) == count

    def test_of_references_gives_ids_alone(self, site: Face, two: Stay) -> None:
        whole = ask(site, FIND, patient(two), status())
        alone = ask(site, FIND, patient(two), status(), returned="ObjectRef")
        assert alone.entries() == []
        assert [e.get("id") for e in alone.body.iter("{*}ObjectRef")] == [e.get("id") for e in whole.entries()]

    def test_of_a_scope_sees_its_own(self, stranger: Face, two: Stay) -> None:
        assert ask(stranger, FIND, patient(two), status()).entries() == []
        assert ask(stranger, GET, ("$XDSDocumentEntryUniqueId", f"('{document_id(two)}')")).entries() == []

    @pytest.mark.parametrize(("query", "slots", "code", "rule"), [
        ("urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9", [], "XDSUnknownStoredQuery", "XDSB-QUERY-UNKNOWN"),
        (FIND, [status()], "XDSStoredQueryMissingParam", "XDSB-QUERY-MISSING"),
        (FIND, [("$XDSDocumentEntryPatientId", "'1^^^&1.2.3&ISO'")], "XDSStoredQueryMissingParam",
         "XDSB-QUERY-MISSING"),
        (FIND, [("$XDSDocumentEntryPatientId", "('1^^^&1.2.3&ISO','2^^^&1.2.3&ISO')")], "XDSStoredQueryParamNumber",
         "XDSB-QUERY-NUMBER"),
        (FIND, [("$XDSDocumentEntryPatientId", "'1'"), status()], "XDSRegistryError", "XDSB-QUERY-VALUE"),
        (FIND, [("$XDSDocumentEntryPatientId", "1^^^&1.2.3&ISO"), status()], "XDSRegistryError", "XDSB-QUERY-VALUE"),
        (FIND, [("$XDSDocumentEntryTitle", "'x'")], "XDSRegistryError", "XDSB-QUERY-PARAMETER"),
        (FIND, [("$XDSDocumentEntryCreationTimeFrom", "'x'")], "XDSRegistryError", "XDSB-QUERY-VALUE"),
        (FIND, [("$XDSDocumentEntryTypeCode", "('11490-0')")], "XDSRegistryError", "XDSB-QUERY-VALUE"),
        (GET, [], "XDSStoredQueryMissingParam", "XDSB-QUERY-MISSING"),
        (GET, [("$XDSDocumentEntryUniqueId", "('1')"), ("$XDSDocumentEntryEntryUUID", "('1')")],
         "XDSStoredQueryParamNumber", "XDSB-QUERY-NUMBER"),
        (GET, [("$XDSDocumentEntryUniqueId", "(" + ",".join(f"'1.2.{n}'" for n in range(501)) + ")")],
         "XDSTooManyResults", "XDSB-QUERY-MANY"),
    ])  # fmt: skip
    def test_that_is_wrong_says_so(self, site: Face, query: str, slots, code: str, rule: str) -> None:
        answer = ask(site, query, *slots)
        assert (answer.status, answer.errors) == ("Failure", [(code, rule, "Error")])

    def test_of_documents_of_two_patients_gives_references_alone(self, world: World, site: Face, two: Stay) -> None:
        other = new_stay(world.land, world.site)
        assert site.provide(bundle(letter(other))).status_code == 200
        slot = ("$XDSDocumentEntryUniqueId", f"('{document_id(two)}','{document_id(other)}')")
        assert ask(site, GET, slot).errors == [("XDSResultNotSinglePatient", "XDSB-QUERY-PATIENTS", "Error")]
        assert ask(site, GET, slot, returned="ObjectRef").status == "Success"

    def test_of_an_unknown_return_type_says_so(self, site: Face) -> None:
        assert ask(site, FIND, returned="Everything").errors == [("XDSRegistryError", "XDSB-QUERY-RETURN", "Error")]


class TestRetrieve:
    def test_of_what_is_not_there_is_partial(self, site: Face, stay: Stay) -> None:
        document, unique = letter(stay), document_id(stay)
        assert provide(site, mtom(document)).status == "Success"
        answer = retrieve(site, REPOSITORY, unique, "1.2.3.4")
        assert answer.status == "PartialSuccess"
        assert answer.documents() == {unique: document}
        assert (answer.errors, answer.places) == (
            [("XDSDocumentUniqueIdError", "XDSB-DOCUMENT-ID", "Error")],
            ["1.2.3.4"],
        )
        nothing = retrieve(site, REPOSITORY, "1.2.3.4")
        assert (nothing.status, nothing.documents()) == ("Failure", {})
        assert nothing.http.headers["content-type"].startswith("multipart/related")

    def test_of_another_repository_is_unknown(self, site: Face) -> None:
        assert retrieve(site, "1.2.3", "1.2.3.4").errors == [("XDSUnknownRepositoryId", "XDSB-REPOSITORY", "Error")]

    def test_of_another_owners_document_is_unknown(self, site: Face, stranger: Face, stay: Stay) -> None:
        assert provide(site, mtom(letter(stay))).status == "Success"
        answer = retrieve(stranger, REPOSITORY, document_id(stay))
        assert answer.errors == [("XDSDocumentUniqueIdError", "XDSB-DOCUMENT-ID", "Error")]

    def test_of_nothing_or_too_much_is_refused(self, site: Face) -> None:
        assert retrieve(site, REPOSITORY).errors[0][1] == "XDSB-RETRIEVE"
        assert retrieve(site, REPOSITORY, *["1.2"] * 101).errors[0][:2] == (
            "XDSRepositoryOutOfResources", "XDSB-RETRIEVE-LIMIT",
        )  # fmt: skip
