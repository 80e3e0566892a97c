"""An archive at its door gets the same as its documents at theirs; what came in is kept as it came."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from fhir_server.intake.xdm_build import archive_of
from testdata import Stay, document_id, level1
from tests.conftest import World
from tests.support.archives import DOCUMENT, METADATA, Raw, changed, members, replaced, zipped
from tests.support.faces import Face, location, refused, rules
from tests.support.shared import shared
from tests.support.synthetic import admit, bundle, letter, new_stay

LDL, INS = "I-SUN1-LDL", "I-SUN1-INS"


@pytest.fixture
def stay(world: World) -> Stay:
    """An imported stay."""
    made = new_stay(world.land, world.site)
    admit(world.database, made)
    return made


def provide(face: Face, archive: bytes, **headers: str) -> httpx.Response:
    """POST /xdm."""
    return face.http.post("/xdm", content=archive, headers={"Content-Type": "application/zip", **headers})


def counted(face: Face, answer: httpx.Response) -> dict[str, str]:
    """The reason of each measure."""
    return {row["measure"]: row["reason"] for row in face.submission(answer)["counted"]}


class TestAnArchive:
    def test_is_filed_counted_and_its_document_read_back(self, world: World, site: Face, stay: Stay) -> None:
        before = site.figure(LDL, world.site.finess)["numerator"]
        document = letter(stay)
        answer = provide(site, archive_of([document]))
        assert answer.status_code == 200, answer.text
        assert answer.json()["type"] == "transaction-response"
        assert site.get(location(answer, "Binary")).content == document
        assert site.figure(LDL, world.site.finess)["numerator"] == before + 1
        assert counted(site, answer) == {LDL: "COUNTED", INS: "COUNTED"}
        assert site.submission(answer)["door"] == "xdm"

    def test_is_kept_as_it_came(self, site: Face, stay: Stay) -> None:
        archive = archive_of([letter(stay)])
        assert site.envelope(provide(site, archive)).content == archive

    def test_is_found_by_its_unique_id_with_what_xds_says_of_it(self, site: Face, stay: Stay) -> None:
        assert provide(site, archive_of([letter(stay)])).status_code == 200
        [found] = site.search(identifier=f"urn:oid:{document_id(stay)}", status="current")
        assert found["content"][0]["attachment"]["contentType"] == "text/xml"
        assert found["context"]["encounter"][0]["identifier"]["value"] == stay.id
        kept = {e["extension"][0]["valueString"]: e["extension"][1]["valueString"] for e in found["extension"]}
        assert kept["uri"] == '"DOC0001.XML"'

    def test_of_two_documents_files_both(self, site: Face, stay: Stay) -> None:
        assert stay.discharged is not None
        answer = provide(site, archive_of([letter(stay), level1(stay, "CRO", when=stay.discharged)]))
        assert answer.status_code == 200, answer.text
        filed = site.submission(answer)["documents"]
        assert [(one["kind"], one["ins"]) for one in filed] == [("LDL", "qualified"), ("CRO", "qualified")]

    @pytest.mark.parametrize("media_type", ["application/zip", "application/x-zip-compressed"])
    def test_has_a_media_type(self, site: Face, stay: Stay, media_type: str) -> None:
        assert provide(site, archive_of([letter(stay)]), **{"Content-Type": media_type}).status_code == 200

    def test_sent_again_is_one_submission(self, site: Face, stay: Stay) -> None:
        archive = archive_of([letter(stay)])
        first, again = provide(site, archive), provide(site, archive)
        assert again.content == first.content
        assert again.headers["Segur-Submission"] == first.headers["Segur-Submission"]

    def test_and_its_document_by_other_doors_are_one_document(self, world: World, site: Face, stay: Stay) -> None:
        document = letter(stay)
        assert site.provide_cda(document).status_code == 200
        before = site.figure(INS, world.site.finess)
        assert provide(site, archive_of([document])).status_code == 200
        assert site.provide(bundle(document)).status_code == 200
        assert site.figure(INS, world.site.finess) == before

    def test_that_replaces_supersedes(self, world: World, site: Face, stay: Stay) -> None:
        assert provide(site, archive_of([letter(stay)])).status_code == 200
        before = site.figure(INS, world.site.finess)
        answer = provide(site, archive_of([letter(stay, version=2, replaces=document_id(stay))]))
        assert answer.status_code == 200, answer.text
        assert site.figure(INS, world.site.finess) == before
        [old] = site.search(identifier=f"urn:oid:{document_id(stay)}", status="superseded")
        assert old["masterIdentifier"]["value"] == f"urn:oid:{document_id(stay)}"

    def test_that_replaces_what_nobody_sent_is_filed_as_new(self, site: Face, stay: Stay) -> None:
        answer = provide(site, archive_of([letter(stay, version=2, replaces=document_id(stay))]))
        assert answer.status_code == 200
        assert "MHD-REPLACED-UNKNOWN" in rules(answer)

    def test_without_ins_is_accepted_and_not_counted(self, site: Face, stay: Stay) -> None:
        answer = provide(site, archive_of([letter(stay, without_ins=True)]))
        assert answer.status_code == 200
        assert counted(site, answer)[LDL] == "INS-ABSENT"

    def test_of_another_establishment_is_forbidden(self, stranger: Face, stay: Stay) -> None:
        refused(provide(stranger, archive_of([letter(stay)])), 403, "SITE-FORBIDDEN")

    def test_of_the_same_id_and_other_content_is_a_conflict(self, site: Face, stay: Stay) -> None:
        assert site.provide_cda(letter(stay)).status_code == 200
        refused(provide(site, archive_of([letter(stay, size=40_000)])), 409, "SUBMISSION-CONFLICT")


class TestARefusal:
    @pytest.mark.parametrize(("archive", "rule"), [
        (b"PK\x03\x04broken", "XDM-ZIP"), (b"no zip at all", "XDM-ZIP"), (zipped({"A.TXT": b"a"}), "XDM-SUBSET"),
        (zipped({"INDEX.HTM": b"", "README.TXT": b"", METADATA: b"<a/>"}), "XDS-ROOT"),
        (Raw().add(b"../../etc/passwd", b"x").bytes(), "XDM-PATH"),
        (Raw().add(b"A", bytes(200_000_000)).bytes(), "XDM-LIMIT"),
        (Raw().add(b"A", b"x", flags=1).bytes(), "XDM-ENCRYPTED"),
    ], ids=["broken", "text", "empty", "root", "path", "bomb", "encrypted"])  # fmt: skip
    def test_of_what_cannot_be_opened_is_400(self, site: Face, archive: bytes, rule: str) -> None:
        refused(provide(site, archive), 400, rule)

    def test_of_a_rule_is_422_with_its_place_in_the_archive(self, site: Face, stay: Stay) -> None:
        archive = replaced(
            archive_of([letter(stay)]), METADATA, b'nodeRepresentation="11490-0"', b'nodeRepresentation="34112-3"'
        )
        body = refused(provide(site, archive), 422, "XCHECK-TYPE")
        [issue] = [i for i in body["issue"] if i["details"]["coding"][0]["code"] == "XCHECK-TYPE"]
        assert issue["expression"][0].startswith(f"{METADATA}!/SubmitObjectsRequest/")

    def test_of_a_document_is_422_with_its_place_in_the_document(self, site: Face, stay: Stay) -> None:
        def spoil(files: dict[str, bytes]) -> None:
            files[DOCUMENT] = files[DOCUMENT].replace(b'extension="POCD_HD000040"', b'extension="X"', 1)

        body = refused(provide(site, changed(archive_of([letter(stay)]), spoil)), 422)
        places = [i["expression"][0] for i in body["issue"] if "expression" in i]
        assert any(place.startswith(f"{DOCUMENT}!/ClinicalDocument") for place in places)

    def test_is_kept_for_a_while_unless_it_is_hostile(self, site: Face, stay: Stay) -> None:
        wrong = changed(archive_of([letter(stay)]), lambda files: files.pop("README.TXT"))
        assert site.envelope(provide(site, wrong)).content == wrong
        hostile = Raw().add(b"../A", b"x" + stay.id.encode()).bytes()
        assert site.envelope(provide(site, hostile)).status_code == 410

    def test_says_nothing_of_the_patient(self, site: Face, stay: Stay) -> None:
        archive = archive_of([letter(stay)])
        text = members(archive)[METADATA].replace(b"PID-5|", b"PID-6|").replace(b"^^^&amp;", b"^^^", 3)
        answer = provide(site, zipped(members(archive) | {METADATA: text}))
        assert answer.status_code == 422
        assert stay.patient.matricule not in answer.text
        assert stay.patient.birth_family not in answer.text

    @pytest.mark.parametrize("media_type", ["application/xml", "application/json", ""])
    def test_of_another_media_type_is_415(self, site: Face, media_type: str) -> None:
        refused(provide(site, b"PK", **{"Content-Type": media_type}), 415, "SUBMISSION-MEDIA-TYPE")

    def test_of_too_much_is_413(self, site: Face) -> None:
        refused(provide(site, bytes(20_000_001)), 413, "SUBMISSION-TOO-LARGE")

    def test_of_nothing_is_400(self, site: Face) -> None:
        refused(provide(site, b""), 400, "SUBMISSION-EMPTY")

    def test_of_nobody_is_401(self, anyone: Face) -> None:
        refused(provide(anyone, b"PK"), 401, "AUTH-MISSING")

    def test_of_an_agency_is_403(self, ars: Face) -> None:
        refused(provide(ars, b"PK"), 403, "AUTH-FORBIDDEN")


@pytest.mark.slow
def test_every_official_document_comes_as_it_is(newcomer: Face) -> None:
    """CDA to XDM to CDA through the door: judged as by its own door, the archive and the document given back whole."""
    accepted, wrong = 0, list[tuple[str, object]]()
    for path in sorted(shared("cases/cda/documents").iterdir()):
        document = path.read_bytes()
        archive = archive_of([document])
        answer, alone = provide(newcomer, archive), newcomer.provide_cda(document)
        if answer.status_code != alone.status_code:
            wrong.append((path.name, (answer.status_code, alone.status_code)))
        if answer.status_code == 200:
            accepted += 1
            [filed] = newcomer.submission(answer)["documents"]
            back = newcomer.get(location(answer, "Binary")).content
            hashes = {hashlib.sha256(document).hexdigest(), hashlib.sha256(back).hexdigest(), filed["sha256"]}
            if len(hashes) > 1 or newcomer.envelope(answer).content != archive:
                wrong.append((path.name, "bytes"))
    assert wrong == []
    assert accepted > 50


def test_every_answer_names_its_submission(site: Face, stay: Stay) -> None:
    answers: list[Any] = [provide(site, archive_of([letter(stay)])), provide(site, b"PK\x03\x04")]
    assert all(answer.headers["Segur-Submission"] for answer in answers)
