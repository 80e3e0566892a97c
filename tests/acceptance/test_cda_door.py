"""A bare CDA gets the same as a wrapped one; level 1 documents; what came in is kept as it came."""

from __future__ import annotations

import base64
import json

import pytest

from testdata import KINDS, Stay, document_id, level1
from tests.conftest import World
from tests.support.faces import Face, location, refused, rules, uncounted
from tests.support.synthetic import admit, bundle, entry, letter, new_stay

LDL, INS = "I-SUN1-LDL", "I-SUN1-INS"


@pytest.fixture
def stay(world: World) -> Stay:
    """An imported stay."""
    made = new_stay(world.land, world.site)
    admit(world.database, made)
    return made


def counted(face: Face, answer) -> dict[str, str]:
    """The reason of each measure."""
    return {row["measure"]: row["reason"] for row in face.submission(answer)["counted"]}


class TestABareCda:
    def test_is_filed_counted_and_read_back_as_if_it_were_wrapped(self, world: World, site: Face, stay: Stay) -> None:
        before = site.figure(LDL, world.site.finess)["numerator"]
        document = letter(stay)
        answer = site.provide_cda(document)
        assert answer.status_code == 200
        assert answer.json()["type"] == "transaction-response"
        assert site.get(location(answer, "Binary")).content == document
        assert site.figure(LDL, world.site.finess)["numerator"] == before + 1
        assert counted(site, answer) == {LDL: "COUNTED", INS: "COUNTED"}
        assert site.submission(answer)["door"] == "cda"

    def test_by_both_doors_is_one_document(self, world: World, site: Face, stay: Stay) -> None:
        document = letter(stay)
        first = site.provide_cda(document)
        before = site.figure(INS, world.site.finess)
        again, wrapped = site.provide_cda(document), site.provide(bundle(document))
        assert again.content == first.content
        assert wrapped.headers["Segur-Submission"] == first.headers["Segur-Submission"]
        assert site.figure(INS, world.site.finess) == before

    def test_without_ins_is_accepted_and_not_counted(self, world: World, site: Face, stay: Stay) -> None:
        before = site.figure(LDL, world.site.finess)
        answer = site.provide_cda(letter(stay, without_ins=True))
        assert answer.status_code == 200
        assert uncounted(answer.json()) == ["INS-ABSENT"]
        assert counted(site, answer)[LDL] == "INS-ABSENT"
        assert site.figure(LDL, world.site.finess) == before

    def test_that_replaces_another_supersedes_it(self, world: World, site: Face, stay: Stay) -> None:
        site.provide_cda(letter(stay))
        before = site.figure(INS, world.site.finess)
        answer = site.provide_cda(letter(stay, version=2, replaces=document_id(stay)))
        assert answer.status_code == 200, answer.text
        assert site.figure(INS, world.site.finess) == before
        old = site.search(identifier=f"urn:oid:{document_id(stay)}", status="superseded")
        assert [r["masterIdentifier"]["value"] for r in old] == [f"urn:oid:{document_id(stay)}"]

    def test_that_replaces_one_nobody_sent_here_is_filed_as_new(self, world: World, site: Face, stay: Stay) -> None:
        answer = site.provide_cda(letter(stay, version=2, replaces=document_id(stay)))
        assert answer.status_code == 200
        assert "MHD-REPLACED-UNKNOWN" in rules(answer)
        assert counted(site, answer)[LDL] == "COUNTED"

    def test_of_the_same_identifier_and_other_content_is_a_conflict(self, site: Face, stay: Stay) -> None:
        site.provide_cda(letter(stay))
        sent = letter(stay, size=40_000)
        answer = site.provide_cda(sent)
        refused(answer, 409, "SUBMISSION-CONFLICT")
        assert site.envelope(answer).content == sent


class TestLevel1:
    @pytest.mark.parametrize("kind", KINDS)
    def test_documents_of_every_kind_are_filed_by_their_type_code(self, site: Face, stay: Stay, kind: str) -> None:
        assert stay.discharged is not None
        document = level1(stay, kind, when=stay.discharged)
        answer = site.provide_cda(document)
        assert answer.status_code == 200, answer.text
        [filed] = site.submission(answer)["documents"]
        assert (filed["kind"], filed["ins"]) == (kind, "qualified")
        assert site.get(location(answer, "Binary")).content == document

    def test_a_letter_counts_by_its_type_code(self, world: World, site: Face, stay: Stay) -> None:
        assert stay.discharged is not None
        before = site.figure(LDL, world.site.finess)["numerator"]
        assert site.provide(bundle(level1(stay, "LDL", when=stay.discharged))).status_code == 200
        assert site.figure(LDL, world.site.finess)["numerator"] == before + 1


class TestTheEnvelope:
    def test_of_a_cda_is_the_cda(self, site: Face, stay: Stay) -> None:
        document = letter(stay)
        answer = site.provide_cda(document)
        found = site.envelope(answer)
        assert found.content == document
        assert found.headers["content-type"] == "application/octet-stream"

    @pytest.mark.parametrize("indent", [None, 2])
    def test_of_a_bundle_is_restored_whatever_its_spelling(self, site: Face, stay: Stay, indent: int | None) -> None:
        sent = json.dumps(bundle(letter(stay)), indent=indent, ensure_ascii=indent is None).encode() + b"\n"
        assert site.envelope(site.provide(sent)).content == sent

    def test_with_base64_in_lines_is_restored(self, site: Face, stay: Stay) -> None:
        body = bundle(letter(stay))
        binary = entry(body, "Binary")
        whole = base64.b64decode(binary["data"])
        binary["data"] = "\n".join(binary["data"][at : at + 76] for at in range(0, len(binary["data"]), 76))
        sent = json.dumps(body).encode()
        answer = site.provide(sent)
        if answer.status_code == 200:
            assert site.get(location(answer, "Binary")).content == whole
        assert site.envelope(answer).content == sent

    def test_of_a_refused_document_is_kept_with_its_report(self, site: Face, stay: Stay) -> None:
        broken = letter(stay).replace(b"POCD_HD000040", b"POCD_HD000041")
        answer = site.provide_cda(broken)
        body = refused(answer, 422)
        assert body["issue"][0]["expression"][0].startswith("/ClinicalDocument")
        found = site.submission(answer)
        assert (found["decision"], found["documents"]) == ("refused", [])
        assert site.envelope(answer).content == broken

    def test_is_nobody_elses(self, stranger: Face, site: Face, stay: Stay) -> None:
        answer = site.provide_cda(letter(stay))
        refused(stranger.envelope(answer), 404)
