"""A discharge letter is posted, filed, counted and explained; and every way in which it does not count."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx
import pytest

from testdata import PARIS, Stay, document_id, with_luhn
from tests.conftest import World
from tests.support.faces import Face, Span, location, locations, recent, refused, rules
from tests.support.synthetic import Json, admit, bundle, entry, letter, new_stay, today, unique_id, with_site

LDL, INS = "I-SUN1-LDL", "I-SUN1-INS"


@pytest.fixture
def stay(world: World) -> Stay:
    """A stay of the establishment that sends, imported, whose patient left an hour ago."""
    made = new_stay(world.land, world.site)
    admit(world.database, made)
    return made


def outcome_of(found: Json, measure: str, unique: str | None = None) -> Json:
    """What a submission says about one measure."""
    [row] = [c for c in found["counted"] if c["measure"] == measure and unique in (None, c["document"])]
    return row


def evidence_of(face: Face, world: World, unique: str, span: Span | None = None) -> list[Json]:
    """The evidence rows of the letters that name a document."""
    return [row for row in face.evidence(LDL, world.site.finess, span) if row.get("unique_id") == unique]


@dataclass(frozen=True, slots=True)
class Posted:
    """A letter that was posted, and the figure before and after."""

    stay: Stay
    document: bytes
    body: Json
    answer: httpx.Response
    before: dict[str, int]
    after: dict[str, int]


@pytest.fixture(scope="module")
def posted(world: World, site: Face) -> Posted:
    """The letter that `TestALetterOfAStayOfThisMonth` looks at from every side."""
    stay = new_stay(world.land, world.site)
    admit(world.database, stay)
    document = letter(stay)
    body = bundle(document)
    before = site.figure(LDL, world.site.finess)
    answer = site.provide(body)
    return Posted(stay, document, body, answer, before, site.figure(LDL, world.site.finess))


class TestALetterOfAStayOfThisMonth:
    def test_is_answered_in_request_order_with_the_submissions_id(self, posted: Posted) -> None:
        assert posted.answer.status_code == 200
        found = posted.answer.json()
        assert found["type"] == "transaction-response"
        kinds = [e["resource"]["resourceType"] for e in posted.body["entry"]]
        assert [place.partition("/")[0] for place in locations(posted.answer)] == kinds
        assert all(e["response"]["status"] in ("201 Created", "200 OK") for e in found["entry"])
        assert posted.answer.headers["Segur-Submission"] == found["id"]

    def test_moves_the_numerator_by_one_and_not_the_denominator(self, posted: Posted) -> None:
        assert posted.after == {**posted.before, "numerator": posted.before["numerator"] + 1}
        assert set(posted.after) == {"initial-population", "denominator", "numerator"}

    def test_is_read_back_byte_for_byte(self, site: Face, posted: Posted) -> None:
        found = site.http.get(location(posted.answer, "Binary"), headers={"Accept": "application/xml"})
        assert found.content == posted.document
        assert found.headers["content-type"].startswith("application/xml")
        assert found.headers["content-disposition"] == "attachment"

    def test_is_read_back_as_fhir_json_too(self, site: Face, posted: Posted) -> None:
        found = site.http.get(location(posted.answer, "Binary"), headers={"Accept": "application/fhir+json"})
        assert found.json()["resourceType"] == "Binary"
        assert base64.b64decode(found.json()["data"]) == posted.document

    def test_has_a_reference_that_leads_to_the_same_bytes(self, site: Face, posted: Posted) -> None:
        attachment = site.get(location(posted.answer, "DocumentReference")).json()["content"][0]["attachment"]
        assert base64.b64decode(attachment["hash"]) == hashlib.sha1(posted.document).digest()
        assert attachment["size"] == len(posted.document)
        assert attachment["url"].startswith("http://")
        assert site.http.get(attachment["url"]).content == posted.document

    def test_is_named_in_the_evidence_with_its_stay(self, world: World, site: Face, posted: Posted) -> None:
        [row] = evidence_of(site, world, unique_id(posted.body))
        assert row["counted"]
        assert row["reason"] == "COUNTED"
        assert row["stay_number"] == posted.stay.id

    def test_is_a_pseudonym_for_the_regional_agency(self, world: World, ars: Face, posted: Posted) -> None:
        rows = ars.evidence(LDL, world.site.finess)
        assert sum(row["counted"] for row in rows) == ars.figure(LDL, world.site.finess)["numerator"] > 0
        assert not [row for row in rows if "unique_id" in row or "stay_number" in row]
        said = json.dumps(rows)
        patient = posted.stay.patient
        for identity in (posted.stay.id, patient.matricule, patient.birth_family, unique_id(posted.body)):
            assert identity not in said

    def test_is_counted_with_its_reason_in_its_submission(self, site: Face, posted: Posted) -> None:
        found = site.submission(posted.answer)
        assert (found["decision"], found["door"]) == ("accepted", "mhd")
        assert outcome_of(found, LDL)["counted"]
        assert outcome_of(found, INS)["reason"] == "COUNTED"
        [document] = found["documents"]
        assert (document["kind"], document["ins"], document["stay"]) == ("LDL", "qualified", "linked")
        assert document["sha256"] == hashlib.sha256(posted.document).hexdigest()

    def test_sent_again_gets_the_same_bytes_and_moves_nothing(self, world: World, site: Face, posted: Posted) -> None:
        before = [site.figure(name, world.site.finess) for name in (LDL, INS)]
        again = site.provide(posted.body)
        assert again.content == posted.answer.content
        assert again.headers["Segur-Submission"] == posted.answer.headers["Segur-Submission"]
        assert [site.figure(name, world.site.finess) for name in (LDL, INS)] == before

    def test_sent_again_in_another_set_gets_the_same_bytes(self, world: World, site: Face, posted: Posted) -> None:
        other = copy.deepcopy(posted.body)
        entry(other, "List")["identifier"][0]["value"] = "urn:oid:2.25.424242"
        before = [site.figure(name, world.site.finess) for name in (LDL, INS)]
        again = site.provide(other)
        assert again.status_code == 200
        assert again.content == posted.answer.content
        assert [site.figure(name, world.site.finess) for name in (LDL, INS)] == before

    def test_is_kept_as_it_came(self, site: Face, posted: Posted) -> None:
        assert site.envelope(posted.answer).content == json.dumps(posted.body).encode()


class TestALetterWithoutIns:
    def test_is_accepted_and_not_counted_and_says_so(self, world: World, site: Face, stay: Stay) -> None:
        letters, identities = (site.figure(name, world.site.finess) for name in (LDL, INS))
        body = bundle(letter(stay, without_ins=True))
        answer = site.provide(body)
        assert answer.status_code == 200
        [said] = [e["response"]["outcome"] for e in answer.json()["entry"] if "outcome" in e["response"]]
        [issue] = [i for i in said["issue"] if i["severity"] == "error"]
        assert issue["details"]["coding"][0]["code"] == "INS-ABSENT"
        assert issue["severity"] == "error"
        assert issue["extension"][0]["valueCode"] == "programme"
        assert issue["expression"]
        assert site.figure(LDL, world.site.finess) == letters
        after = site.figure(INS, world.site.finess)
        assert (after["denominator"], after["numerator"]) == (identities["denominator"] + 1, identities["numerator"])
        found = site.submission(answer)
        assert [i["rule"] for i in found["issues"] if i["scope"] == "programme"] == ["INS-ABSENT"]
        assert not outcome_of(found, LDL)["counted"]
        assert outcome_of(found, LDL)["reason"] == "INS-ABSENT"
        [row] = evidence_of(site, world, unique_id(body))
        assert (row["counted"], row["reason"]) == (False, "INS_ABSENT")

    def test_counts_once_when_it_is_replaced_with_an_ins(self, world: World, site: Face, stay: Stay) -> None:
        letters, identities = (site.figure(name, world.site.finess) for name in (LDL, INS))
        assert site.provide(bundle(letter(stay, without_ins=True))).status_code == 200
        second = bundle(letter(stay, version=2, replaces=document_id(stay)))
        answer = site.provide(second)
        assert answer.status_code == 200, answer.text
        assert site.figure(LDL, world.site.finess)["numerator"] == letters["numerator"] + 1
        after = site.figure(INS, world.site.finess)
        assert after["denominator"] == identities["denominator"] + 1
        assert after["numerator"] == identities["numerator"] + 1
        [row] = evidence_of(site, world, unique_id(second))
        assert row["counted"]


class TestReplacement:
    @pytest.fixture
    def first(self, site: Face, stay: Stay) -> Json:
        body = bundle(letter(stay))
        assert site.provide(body).status_code == 200
        return body

    def statuses(self, site: Face, stay: Stay) -> dict[str, set[str]]:
        """Unique ids by status, as ITI-67 finds them."""
        person = f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"
        return {
            status: {
                r["masterIdentifier"]["value"] for r in site.search(patient__identifier=person, status=status)
            }
            for status in ("current", "superseded")
        }  # fmt: skip

    def test_is_still_one_document(self, world: World, site: Face, stay: Stay, first: Json) -> None:
        before = {name: site.figure(name, world.site.finess) for name in (LDL, INS)}
        second = bundle(letter(stay, version=2, replaces=document_id(stay)))
        answer = site.provide(second)
        assert answer.status_code == 200, answer.text
        assert {name: site.figure(name, world.site.finess) for name in (LDL, INS)} == before
        found = self.statuses(site, stay)
        assert unique_id(second) in found["current"]
        assert unique_id(first) in found["superseded"]
        assert unique_id(first) not in found["current"]
        assert [row["counted"] for row in evidence_of(site, world, unique_id(second))] == [True]

    def test_leaves_both_versions_of_the_old_reference_readable(self, site: Face, stay: Stay, first: Json) -> None:
        answer = site.provide(bundle(letter(stay, version=2, replaces=document_id(stay))))
        patched = locations(answer)[-1]
        assert patched.endswith("/_history/2")
        old = site.get("/fhir/" + patched.replace("/_history/2", "/_history/1"))
        assert (old.json()["status"], old.headers["etag"]) == ("current", 'W/"1"')
        assert site.get("/fhir/" + patched).json()["status"] == "superseded"

    def test_twice_is_a_failed_precondition_and_changes_nothing(
        self, world: World, site: Face, stay: Stay, first: Json
    ) -> None:
        assert site.provide(bundle(letter(stay, version=2, replaces=document_id(stay)))).status_code == 200
        before = site.figure(INS, world.site.finess)
        third = bundle(letter(stay, version=3, replaces=document_id(stay)))
        refused(site.provide(third), 412, "MHD-REPLACE-STATUS")
        assert site.figure(INS, world.site.finess) == before
        assert not site.search(identifier=unique_id(third), status="current,superseded")

    def test_of_an_unknown_document_is_not_found(self, site: Face, stay: Stay) -> None:
        body = refused(
            site.provide(bundle(letter(stay, version=2, replaces=document_id(stay, version=1)))),
            404, "MHD-REPLACE-TARGET",
        )  # fmt: skip
        assert any("Bundle.entry[" in i["expression"][0] for i in body["issue"])

    def test_of_another_patients_document_is_refused(self, world: World, site: Face, stay: Stay, first: Json) -> None:
        other = new_stay(world.land, world.site)
        assert other.patient.matricule != stay.patient.matricule
        refused(site.provide(bundle(letter(other, replaces=document_id(stay)))), 422, "MHD-REPLACE-PATIENT")

    def test_refused_at_the_last_moment_is_kept_with_its_report(self, site: Face, stay: Stay) -> None:
        sent = json.dumps(bundle(letter(stay, version=2, replaces=document_id(stay)))).encode()
        answer = site.provide(sent)
        refused(answer, 404)
        found = site.submission(answer)
        assert (found["decision"], found["status"]) == ("refused", 404)
        assert "MHD-REPLACE-TARGET" in [issue["rule"] for issue in found["issues"]]
        assert site.envelope(answer).content == sent

    def test_without_its_patch_is_refused(self, site: Face, stay: Stay, first: Json) -> None:
        body = bundle(letter(stay, version=2, replaces=document_id(stay)))
        body["entry"] = [e for e in body["entry"] if e["request"]["method"] != "PATCH"]
        refused(site.provide(body), 422, "MHD-REPLACE-PATCH")

    def test_withdrawn_by_nothing_it_no_longer_counts(self, world: World, site: Face, stay: Stay, first: Json) -> None:
        before = site.figure(LDL, world.site.finess)
        body = bundle(letter(new_stay(world.land, world.site)))
        patch = bundle(letter(stay, version=2, replaces=document_id(stay)))["entry"][-1]
        body["entry"].append(patch)
        answer = site.provide(body)
        assert answer.status_code == 200, answer.text
        assert "MHD-PATCH-ALONE" in rules(answer)
        assert site.figure(LDL, world.site.finess)["numerator"] == before["numerator"] - 1
        assert [row["reason"] for row in evidence_of(site, world, unique_id(first))] == ["DELETED"]


class TestIdentifiers:
    def test_the_same_identifier_with_other_content_is_a_conflict(self, world: World, site: Face, stay: Stay) -> None:
        document = letter(stay)
        first = site.provide(bundle(document))
        after = site.figure(INS, world.site.finess)
        answer = site.provide(bundle(letter(stay, size=len(document) + 4_000)))
        refused(answer, 409, "SUBMISSION-CONFLICT")
        assert site.figure(INS, world.site.finess) == after
        assert site.get(location(first, "Binary")).content == document

    def test_the_same_identifier_in_another_legal_entity_is_another_document(
        self, world: World, site: Face, editor: Face, stay: Stay
    ) -> None:
        body = bundle(letter(stay))
        first, second = site.provide(body), editor.provide(body)
        assert (first.status_code, second.status_code) == (200, 200)
        assert not set(locations(first)) & set(locations(second))


class TestWhoAndWhere:
    def test_a_site_of_another_legal_entity_is_forbidden(self, world: World, site: Face, stay: Stay) -> None:
        answer = site.provide(bundle(letter(with_site(stay, world.stranger))))
        refused(answer, 403, "SITE-FORBIDDEN")
        assert site.submission(answer)["decision"] == "refused"

    def test_an_unknown_site_is_accepted_and_not_counted(self, world: World, site: Face, stay: Stay) -> None:
        before = [site.figure(name, world.site.finess) for name in (LDL, INS)]
        nowhere = replace(world.site, finess=with_luhn("99000001"))
        body = bundle(letter(with_site(stay, nowhere)))
        answer = site.provide(body)
        assert answer.status_code == 200, answer.text
        assert "SITE_UNKNOWN" in rules(answer)
        assert [site.figure(name, world.site.finess) for name in (LDL, INS)] == before
        assert [row["reason"] for row in evidence_of(site, world, unique_id(body))] == ["SITE_UNKNOWN"]
        assert outcome_of(site.submission(answer), INS)["reason"] == "SITE_UNKNOWN"

    def test_an_editors_document_counts_nowhere(self, world: World, site: Face, editor: Face, stay: Stay) -> None:
        before = [site.figure(name, world.site.finess) for name in (LDL, INS)]
        answer = editor.provide(bundle(letter(stay)))
        assert answer.status_code == 200
        assert [site.figure(name, world.site.finess) for name in (LDL, INS)] == before
        assert {row["reason"] for row in editor.submission(answer)["counted"]} == {"NOT_COUNTED_HERE"}


class TestTheStay:
    def test_unknown_is_accepted_and_counts_from_the_day_it_is_imported(self, world: World, site: Face) -> None:
        stay = new_stay(world.land, world.site)
        before = site.figure(LDL, world.site.finess)
        body = bundle(letter(stay))
        answer = site.provide(body)
        assert answer.status_code == 200
        assert "STAY_UNKNOWN" in rules(answer)
        assert site.figure(LDL, world.site.finess) == before
        assert [row["reason"] for row in evidence_of(site, world, unique_id(body))] == ["STAY_UNKNOWN"]
        assert outcome_of(site.submission(answer), LDL)["reason"] == "STAY_UNKNOWN"
        assert outcome_of(site.submission(answer), INS)["counted"]

        admit(world.database, stay)

        after = site.figure(LDL, world.site.finess)
        assert after["numerator"] == before["numerator"] + 1
        assert after["denominator"] == before["denominator"] + 1
        assert [row["reason"] for row in evidence_of(site, world, unique_id(body))] == ["COUNTED"]
        assert outcome_of(site.submission(answer), LDL)["counted"]

    def test_is_found_by_patient_site_and_day_without_its_number(self, world: World, site: Face, stay: Stay) -> None:
        before = site.figure(LDL, world.site.finess)
        answer = site.provide(bundle(letter(replace(stay, id=stay.id + "0"))))
        assert "STAY_UNKNOWN" not in rules(answer)
        assert site.figure(LDL, world.site.finess)["numerator"] == before["numerator"] + 1

    def test_of_two_that_match_is_neither(self, world: World, site: Face, stay: Stay) -> None:
        admit(world.database, new_stay(world.land, world.site, patient=stay.patient, discharged=stay.discharged))
        before = site.figure(LDL, world.site.finess)
        body = bundle(letter(replace(stay, id=stay.id + "0")))
        answer = site.provide(body)
        assert answer.status_code == 200
        assert "STAY_AMBIGUOUS" in rules(answer)
        assert site.figure(LDL, world.site.finess) == before
        assert [row["reason"] for row in evidence_of(site, world, unique_id(body))] == ["STAY_AMBIGUOUS"]

    def test_with_two_letters_counts_once(self, world: World, site: Face, stay: Stay) -> None:
        before = {name: site.figure(name, world.site.finess)["numerator"] for name in (LDL, INS)}
        for unique in ("a", "b"):
            assert site.provide(bundle(letter(stay, unique=unique))).status_code == 200
        after = {name: site.figure(name, world.site.finess)["numerator"] for name in (LDL, INS)}
        assert after == {LDL: before[LDL] + 1, INS: before[INS] + 2}

    def test_is_counted_by_the_cutoff(self, world: World, site: Face) -> None:
        ended = datetime.now(PARIS).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=400)
        stay = new_stay(world.land, world.site, discharged=ended)
        admit(world.database, stay)
        day = ended.date()
        body = bundle(letter(stay))
        assert site.provide(body).status_code == 200
        spans = [Span(day, day, cutoff) for cutoff in (day, today() - timedelta(days=2), today() + timedelta(days=1))]
        figures = [site.figure(LDL, world.site.finess, span) for span in spans]
        assert [figure["numerator"] for figure in figures] == [0, 0, 1]
        assert {figure["denominator"] for figure in figures} == {1}
        reasons = [evidence_of(site, world, unique_id(body), span=span)[0]["reason"] for span in spans[1:]]
        assert reasons == ["LATE", "COUNTED"]

    def test_is_counted_by_the_last_day_of_the_period_when_no_cutoff_is_given(self, world: World, site: Face) -> None:
        span = recent()
        params = span.params() | {"reporter": f"Organization/{world.site.finess}"}
        del params["cutoff"]
        found = site.get(f"/fhir/Measure/{LDL}/$evaluate-measure", **params)
        assert found.json()["extension"][0]["valueDate"] == str(span.end)
