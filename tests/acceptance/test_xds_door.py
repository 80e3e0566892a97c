"""ITI-41 at its door: a document gets what it gets at every other, and is one with what they filed."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from fhir_server.intake.xdm_build import archive_of
from testdata import Stay, document_id, level1
from tests.conftest import World
from tests.support.faces import Face
from tests.support.shared import shared
from tests.support.soap import (
    APPROVED,
    DEPRECATED,
    FIND,
    GET,
    PROVIDE,
    QUERY,
    REPOSITORY,
    RETRIEVE,
    SOAP_XML,
    ask,
    entry_ids,
    envelope,
    included,
    inline,
    metadata_of,
    mtom,
    patient,
    post,
    provide,
    provide_body,
    query_body,
    related,
    retrieve,
    retrieve_body,
    status,
)
from tests.support.synthetic import admit, bundle, letter, new_stay

LDL = "I-SUN1-LDL"


@pytest.fixture
def stay(world: World) -> Stay:
    """An imported stay."""
    made = new_stay(world.land, world.site)
    admit(world.database, made)
    return made


class TestProvide:
    @pytest.mark.parametrize("form", [mtom, inline], ids=["mtom", "inline"])
    def test_files_counts_and_keeps_the_message(self, world: World, site: Face, stay: Stay, form) -> None:
        before = site.figure(LDL, world.site.finess)["numerator"]
        document = letter(stay)
        sent = form(document)
        answer = provide(site, sent)
        assert (answer.http.status_code, answer.status) == (200, "Success"), answer.http.text
        assert site.figure(LDL, world.site.finess)["numerator"] == before + 1
        filed = site.submission(answer.http)
        assert (filed["door"], filed["decision"]) == ("xds", "accepted")
        assert filed["documents"][0]["sha256"] == hashlib.sha256(document).hexdigest()
        assert site.envelope(answer.http).content == sent[0]

    def test_of_a_part_in_lines_of_base64_is_the_same(self, site: Face, stay: Stay) -> None:
        document = letter(stay)
        metadata = metadata_of(document)
        body = envelope(PROVIDE, provide_body(metadata, {entry_ids(metadata)[0]: included("a%20b")}))
        sent = related(body, [("a b", base64.encodebytes(document).replace(b"\n", b"\r\n"))], encoding="base64")
        answer = provide(site, sent)
        assert answer.status == "Success", answer.http.text
        assert site.envelope(answer.http).content == sent[0]

    def test_answers_in_the_form_it_was_asked_in(self, site: Face, stay: Stay) -> None:
        sent = mtom(letter(stay))
        answer = provide(site, sent)
        assert answer.http.headers["content-type"].startswith("multipart/related")
        assert answer.text(".//wsa:Action") == f"{PROVIDE}Response"
        assert answer.text(".//wsa:RelatesTo").encode() in sent[0]
        again = provide(site, inline(letter(stay)))
        assert again.http.headers["content-type"].startswith("application/soap+xml")

    def test_sent_again_is_the_first_answer(self, site: Face, stay: Stay) -> None:
        message = mtom(letter(stay, without_ins=True))
        first, again = provide(site, message), provide(site, message)
        assert first.status == again.status == "Success"
        assert ("InvalidDocumentContent", "INS-ABSENT", "Warning") in first.errors
        assert (again.errors, again.places) == (first.errors, first.places)
        assert again.http.headers["Segur-Submission"] == first.http.headers["Segur-Submission"]

    def test_says_what_does_not_count_at_the_document(self, world: World, site: Face) -> None:
        unknown = new_stay(world.land, world.site)  # its stay is not imported
        message = mtom(letter(unknown))
        answer = provide(site, message)
        assert answer.status == "Success"
        at = answer.errors.index(("XDSRepositoryError", "STAY_UNKNOWN", "Warning"))
        assert answer.places[at] in message[0].decode()
        assert "urn:uuid:" in str(answer.places[at])

    def test_of_two_documents_files_both(self, site: Face, stay: Stay) -> None:
        assert stay.discharged is not None
        answer = provide(site, mtom(letter(stay), level1(stay, "CRO", when=stay.discharged)))
        assert answer.status == "Success", answer.http.text
        assert [one["kind"] for one in site.submission(answer.http)["documents"]] == ["LDL", "CRO"]

    def test_of_the_same_id_and_other_content_is_a_conflict(self, site: Face, stay: Stay) -> None:
        assert provide(site, mtom(letter(stay))).status == "Success"
        answer = provide(site, mtom(letter(stay, size=40_000)))
        assert answer.status == "Failure"
        assert answer.errors == [("XDSNonIdenticalHash", "SUBMISSION-CONFLICT", "Error")]

    def test_of_a_document_that_another_submission_filed_is_a_duplicate(self, site: Face, stay: Stay) -> None:
        assert stay.discharged is not None
        assert provide(site, mtom(letter(stay))).status == "Success"
        answer = provide(site, mtom(letter(stay), level1(stay, "CRO", when=stay.discharged)))
        assert ("XDSDuplicateUniqueIdInRegistry", "SUBMISSION-CONFLICT", "Error") in answer.errors

    def test_of_another_establishment_is_refused(self, stranger: Face, stay: Stay) -> None:
        answer = provide(stranger, mtom(letter(stay)))
        assert (answer.status, answer.errors[0][:2]) == ("Failure", ("XDSRepositoryError", "SITE-FORBIDDEN"))

    def test_speaks_the_language_asked_for(self, site: Face, stay: Stay) -> None:
        message = mtom(letter(stay, without_ins=True))
        french, english = provide(site, message), provide(site, message, **{"Accept-Language": "en"})
        assert french.errors == english.errors
        assert french.http.text != english.http.text


class TestOneDocument:
    def test_by_three_doors_counts_once_and_is_found_by_both_faces(self, world: World, site: Face, stay: Stay) -> None:
        before = site.figure(LDL, world.site.finess)["numerator"]
        document, unique = letter(stay), document_id(stay)
        zipped = {"content": archive_of([document]), "headers": {"Content-Type": "application/zip"}}
        answers = [
            site.provide(bundle(document)),
            provide(site, mtom(document)).http,
            site.http.post("/xdm", **zipped),
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert len({answer.headers["Segur-Submission"] for answer in answers}) == 1
        assert site.figure(LDL, world.site.finess)["numerator"] == before + 1
        [by_fhir] = site.search(identifier=f"urn:oid:{unique}", status="current")
        assert site.http.get(by_fhir["content"][0]["attachment"]["url"]).content == document
        found = ask(site, FIND, patient(stay), status())
        assert found.unique_ids() == [unique]
        assert retrieve(site, REPOSITORY, unique).documents() == {unique: document}

    @pytest.mark.parametrize("door", ["mhd", "cda", "xds"])
    def test_by_any_door_is_found_by_the_registry(self, site: Face, stay: Stay, door: str) -> None:
        document, unique = letter(stay), document_id(stay)
        {"mhd": lambda: site.provide(bundle(document)), "cda": lambda: site.provide_cda(document),
         "xds": lambda: provide(site, inline(document))}[door]()  # fmt: skip
        answer = ask(site, GET, ("$XDSDocumentEntryUniqueId", f"('{unique}')"))
        [entry] = answer.entries()
        said = {s.get("name"): [v.text for v in s.iter("{*}Value")] for s in entry.iterchildren("{*}Slot")}
        assert said["hash"] == [hashlib.sha1(document).hexdigest()]
        assert said["size"] == [str(len(document))]
        assert said["repositoryUniqueId"] == [REPOSITORY]
        assert str(entry.get("status")) == APPROVED
        again = ask(site, GET, ("$XDSDocumentEntryEntryUUID", f"('{entry.get('id')}')"))
        assert again.unique_ids() == [unique]

    def test_by_itself_is_found_by_iti_67(self, site: Face, stay: Stay) -> None:
        assert provide(site, mtom(letter(stay))).status == "Success"
        person = f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"
        [found] = site.search(patient__identifier=person, status="current")
        assert found["masterIdentifier"]["value"] == f"urn:oid:{document_id(stay)}"

    def test_that_replaces_supersedes_the_old_one(self, world: World, site: Face, stay: Stay) -> None:
        assert site.provide(bundle(letter(stay))).status_code == 200
        before = site.figure(LDL, world.site.finess)
        [old] = ask(site, FIND, patient(stay), status()).entries()
        newer = letter(stay, version=2, replaces=document_id(stay))
        metadata = metadata_of(newer)
        [target] = re.findall(rb'associationType="[^"]*:RPLC"[^>]*targetObject="([^"]*)"', metadata)
        answer = provide(site, mtom(newer, metadata=metadata.replace(target, str(old.get("id")).encode())))
        assert answer.status == "Success", answer.http.text
        assert "MHD-REPLACED-UNKNOWN" not in [rule for _, rule, _ in answer.errors]
        assert site.figure(LDL, world.site.finess) == before
        assert document_id(stay) in ask(site, FIND, patient(stay), status(DEPRECATED)).unique_ids()
        assert document_id(stay) not in ask(site, FIND, patient(stay), status()).unique_ids()
        refused = provide(site, mtom(letter(stay, version=3, replaces=document_id(stay))))
        assert refused.errors[0][:2] == ("XDSRegistryDeprecatedDocumentError", "MHD-REPLACE-STATUS")

    def test_that_replaces_what_nobody_sent_is_filed_as_new(self, site: Face, stay: Stay) -> None:
        answer = provide(site, mtom(letter(stay, version=2, replaces=document_id(stay))))
        assert answer.status == "Success"
        assert ("UnresolvedReferenceException", "MHD-REPLACED-UNKNOWN", "Warning") in answer.errors


@pytest.mark.slow
def test_every_official_document_comes_as_it_is(world: World, newcomer: Face) -> None:
    """Each document of the shared cases through ITI-41: judged as by its own door, kept and given back whole."""
    accepted, wrong = 0, []
    for path in sorted(shared("cases/cda/documents").iterdir()):
        document = path.read_bytes()
        message = mtom(document)
        answer, alone = provide(newcomer, message), newcomer.provide_cda(document)
        if (answer.status == "Success") != (alone.status_code == 200):
            wrong.append((path.name, answer.errors, alone.status_code))
        if answer.status == "Success":
            accepted += 1
            unique = newcomer.submission(answer.http)["documents"][0]["unique_id"].removeprefix("urn:oid:")
            if retrieve(newcomer, REPOSITORY, unique).documents() != {unique: document}:
                wrong.append((path.name, unique))
            if newcomer.envelope(answer.http).content != message[0]:
                wrong.append((path.name, "envelope"))
    assert wrong == []
    assert accepted > 50


class TestARefusalOfDocuments:
    @pytest.mark.parametrize(("change", "code", "rule"), [
        (lambda m: m.replace(b"<Document id=", b"<Other id=").replace(b"</Document>", b"</Other>"),
         "XDSMissingDocument", "XDSB-DOCUMENT-MISSING"),
        (lambda m: m.replace(b"cid:doc1@client", b"cid:doc2@client"), "XDSMissingDocument", "XOP-DANGLING"),
        (lambda m: m.replace(b"cid:doc1@client", b"http://a.fr/doc"), "XDSMissingDocument", "XOP-DANGLING"),
        (lambda m: m.replace(b"<Document id=\"urn", b"<Document id=\"x-urn"), "XDSMissingDocumentMetadata",
         "XDSB-DOCUMENT-UNKNOWN"),
        (lambda m: re.sub(rb"(<rim:Slot name=\"size\">.*?<rim:Value>)", rb"\g<1>9", m, flags=re.DOTALL),
         "XDSRepositoryMetadataError", "XDSB-DOCUMENT-SIZE"),
        (lambda m: m.replace(b'name="creationTime"', b'name="creation"'), "XDSRepositoryMetadataError", "XDS-MISSING"),
        (lambda m: re.sub(rb"(id=\"ei[^>]*identificationScheme=\"urn:uuid:58a6[^>]*value=\")[^^]*", rb"\g<1>1", m),
         "XDSPatientIdDoesNotMatch", "XDS-PATIENT"),
        (lambda m: m.replace(b"typeId root", b"typeId  extension=\"X\" toor"), "InvalidDocumentContent", None),
    ], ids=["missing", "dangling", "address", "unknown", "size", "attribute", "patient", "content"])  # fmt: skip
    def test_has_the_code_of_ihe_and_our_rule(self, site: Face, stay: Stay, change, code: str, rule) -> None:
        body, kind = mtom(letter(stay))
        changed = change(body)
        assert changed != body
        answer = provide(site, (changed, kind))
        assert answer.status == "Failure"
        assert (code, rule) in [(c, r) for c, r, s in answer.errors if s == "Error"] or rule is None, answer.errors
        assert code in [c for c, _, _ in answer.errors], answer.errors
        assert site.submission(answer.http)["decision"] == "refused"
        assert stay.patient.matricule not in answer.http.text

    def test_names_the_document(self, site: Face, stay: Stay) -> None:
        body, kind = mtom(letter(stay))
        [name] = entry_ids(metadata_of(letter(stay)))
        changed = body.replace(b'name="creationTime"', b'name="creation"')
        answer = provide(site, (changed, kind))
        assert name in answer.places

    def test_of_parts_that_belong_to_no_document(self, site: Face, stay: Stay) -> None:
        document = letter(stay)
        metadata = metadata_of(document)
        body = envelope(PROVIDE, provide_body(metadata, {entry_ids(metadata)[0]: included("one")}))
        answer = provide(site, related(body, [("one", document), ("two", b"more")]))
        assert ("XDSMissingDocumentMetadata", "XOP-UNUSED", "Error") in answer.errors

    def test_is_kept_for_a_while(self, site: Face, stay: Stay) -> None:
        body, kind = mtom(letter(stay))
        changed = body.replace(b'name="creationTime"', b'name="creation"')
        assert site.envelope(provide(site, (changed, kind)).http).content == changed


BOMB = b'<!DOCTYPE a [<!ENTITY b "ha">]><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>'


class TestAFault:
    @pytest.mark.parametrize(("message", "rule"), [
        ((b"<a", SOAP_XML), "SOAP-XML"), ((b"{}", SOAP_XML), "SOAP-XML"), ((BOMB, SOAP_XML), "SOAP-DTD"),
        ((b"<a>" * 100 + b"</a>" * 100, SOAP_XML), "SOAP-LIMIT"), ((b"<a/>", SOAP_XML), "SOAP-ENVELOPE"),
        ((b"<a>" + b"<b/>" * 500_000 + b"</a>", SOAP_XML), "SOAP-LIMIT"),
        ((b"x", "multipart/related"), "MIME-HEADER"), ((b"x", "multipart/related; boundary=a"), "MIME-STRUCTURE"),
        ((b"--a\r\n\r\nx\r\n" * 2_000 + b"--a--", "multipart/related; boundary=a"), "MIME-LIMIT"),
        ((b"--a\r\nA: " + b"b" * 9_000 + b"\r\n\r\nx\r\n--a--", "multipart/related; boundary=a"), "MIME-LIMIT"),
    ], ids=["broken", "json", "entity", "deep", "other", "many", "boundary", "truncated", "parts", "headers"]
    )  # fmt: skip
    def test_of_what_cannot_be_read_is_filed_as_refused(self, site: Face, message, rule: str) -> None:
        answer = provide(site, message)
        assert answer.http.status_code == 400
        assert answer.fault == ("Sender", "", [rule])
        filed = site.submission(answer.http)
        assert (filed["decision"], filed["issues"][0]["rule"]) == ("refused", rule)
        kept = site.envelope(answer.http)
        hostile = rule in ("SOAP-DTD", "SOAP-LIMIT", "MIME-LIMIT")
        assert kept.status_code == (410 if hostile else 200)

    def test_of_another_action_names_those_that_exist(self, site: Face) -> None:
        answer = post(site, "/xds/registry", (envelope(PROVIDE, "<a/>"), SOAP_XML))
        assert answer.fault == ("Sender", "wsa:ActionNotSupported", ["SOAP-ACTION"])
        assert QUERY in answer.http.text
        assert answer.text(".//wsa:RelatesTo")
        assert "Segur-Submission" not in answer.http.headers

    def test_of_a_body_that_is_not_the_actions(self, site: Face) -> None:
        answer = provide(site, (envelope(RETRIEVE, "<a/>"), SOAP_XML))
        assert answer.fault == ("Sender", "", ["SOAP-BODY"])

    def test_of_what_must_be_understood(self, site: Face) -> None:
        header = '<x:Y xmlns:x="urn:z" s:mustUnderstand="true"/>'
        answer = provide(site, (envelope(RETRIEVE, retrieve_body(REPOSITORY, "1.2"), header=header), SOAP_XML))
        assert (answer.http.status_code, answer.fault) == (500, ("MustUnderstand", "", ["SOAP-MUST-UNDERSTAND"]))
        block = answer.root.find(".//{*}NotUnderstood")
        assert block is not None
        assert block.get("qname") == "q:Y"

    def test_says_its_reason_in_both_languages(self, site: Face) -> None:
        texts = {t.get("{http://www.w3.org/XML/1998/namespace}lang"): t.text
                 for t in provide(site, (b"<a/>", SOAP_XML)).root.iter("{*}Text")}  # fmt: skip
        assert texts.keys() == {"fr", "en"}
        assert texts["fr"] != texts["en"]

    @pytest.mark.parametrize("path", ["/xds/repository", "/xds/registry"])
    def test_of_access_has_the_status_of_every_door(self, site: Face, anyone: Face, ars: Face, path: str) -> None:
        message = envelope(QUERY, query_body(FIND, [])), SOAP_XML
        assert [post(face, path, message).http.status_code for face in (anyone, ars)] == [401, 403]
        assert post(anyone, path, message).fault == ("Sender", "", ["AUTH-MISSING"])
        other = post(site, path, (b"<a/>", "text/xml"))
        assert (other.http.status_code, other.fault[2]) == (415, ["SUBMISSION-MEDIA-TYPE"])
        large = post(site, path, (bytes(20_000_001), SOAP_XML))
        assert (large.http.status_code, large.fault[2]) == (413, ["SUBMISSION-TOO-LARGE"])
