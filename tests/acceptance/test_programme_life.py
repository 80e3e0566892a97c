"""One establishment's whole life in SUN-ES volet 1 through HTTP, each way it fails, and who may do what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from fhir_server.security.caller import Role
from testdata import PARIS, Country, Establishment
from tests.conftest import two_sites
from tests.support.dossier import CRO, FORM, LDL, PREREQUISITES, Dossier, parameters, post, post_set, reasons
from tests.support.faces import Face, refused
from tests.support.messages import encounter
from tests.support.server import Server, segur
from tests.support.synthetic import Json, bundle, copy_database, letter, new_stay, today, token_for, unique_id

FHIR = {"Content-Type": "application/fhir+json"}


@dataclass
class Region:
    """A server of its own: an establishment, its agency, and everybody else."""

    server: Server
    database: Path
    land: Country
    site: Establishment
    stranger: Establishment
    faces: dict[str, Face]

    @property
    def holder(self) -> Face:
        return self.faces["holder"]

    @property
    def ars(self) -> Face:
        return self.faces["ars"]

    def file(self, window: str, domain: str = "documents_sortie") -> Dossier:
        return Dossier.opened(self.holder, self.ars, self.site.finess, window, domain)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country) -> Iterator[Region]:
    folder = tmp_path_factory.mktemp("programmes")
    database = copy_database(demo_database, folder / "programmes.db")
    site, stranger = two_sites(demo_country)
    tokens = {
        "holder": (Role.ESTABLISHMENT, site.legal_entity), "stranger": (Role.ESTABLISHMENT, stranger.legal_entity),
        "ars": (Role.ARS, site.region), "other_ars": (Role.ARS, stranger.region), "ministry": (Role.MINISTRY, None),
        "editor": (Role.EDITOR, "Éditeur"), "operator": (Role.OPERATOR, None),
    }  # fmt: skip
    with Server(database, folder, "--workers", "2") as server:
        faces = {name: Face(server.origin, token_for(database, *role)) for name, role in tokens.items()}
        faces["nobody"] = Face(server.origin)
        made = Region(server, database, demo_country, site, stranger, faces)
        answer = post_set(made.ars, parameters(site.region, site.finess))
        assert answer.status_code == 201, answer.text
        yield made
        for face in faces.values():
            face.close()
        assert server.stop() == 0


def discharged(region: Region, *, without_ins: bool = False, sent: bool = True) -> str:
    """A stay of the measure, told by admissions, and its letter, posted; the letter's unique id."""
    stay = new_stay(region.land, region.site, discharged=datetime.now(PARIS).replace(microsecond=0) - timedelta(days=3))
    told = region.holder.http.post("/fhir/Encounter", content=json.dumps(encounter(stay)), headers=FHIR)
    assert told.status_code == 201, told.text
    document = letter(stay, without_ins=without_ins)
    if sent:
        assert region.holder.provide_cda(document).status_code == 200
    return unique_id(bundle(document))


@pytest.fixture(scope="module")
def paid(region: Region) -> Dossier:
    """A file whose life went all the way: three letters posted, one of them without INS."""
    for _ in range(2):
        discharged(region)
    file = region.file("X1").measuring()
    file.declared((LDL, 3, 4), (CRO, 1, 2))
    file.move("REACHED")
    due = file.move("USAGE_NOTIFIED")["paid_cents"]
    file.enter(file.ars, usage_payment={"on": str(today()), "euros": f"{due // 100}.00"})
    file.move("USAGE_PAID")
    return file


class TestWholeLife:
    def test_the_advance_the_usage_and_the_bonus_are_paid(self, paid: Dossier) -> None:
        shown = paid.shown()
        assert (shown["state"], shown["next"]) == ("USAGE_PAID", [])
        amounts = {row["target"]: row["paid_cents"] for row in shown["history"] if row["paid_cents"]}
        assert amounts == {"ADVANCE_NOTIFIED": 9_600_000, "USAGE_NOTIFIED": 25_600_000}
        assert (shown["paid_cents"], shown["committed_cents"]) == (35_200_000, 35_200_000)
        assert [row["target"] for row in shown["history"]] == [
            "DEPOSITED", "UNDER_REVIEW", "ACCEPTED", "ADVANCE_NOTIFIED", "ADVANCE_PAID", "MEASURING", "DECLARED",
            "REACHED", "USAGE_NOTIFIED", "USAGE_PAID",
        ]  # fmt: skip
        letters = {row["target"]: row["letter"] for row in shown["history"] if row["letter"]}
        assert letters == {"DEPOSITED": "receipt", "ACCEPTED": "acceptance", "ADVANCE_NOTIFIED": "notification",
                           "USAGE_NOTIFIED": "notification"}  # fmt: skip
        assert shown["deposited"] == shown["history"][0]["at"]

    def test_every_decision_replays_to_the_same_bytes(self, region: Region, paid: Dossier) -> None:
        decisions = paid.shown()["decisions"]
        assert len(decisions) == 7
        for decision in decisions:
            record = region.holder.get(f"/api/programmes/decisions/{decision}")
            again = region.ars.get(f"/api/programmes/decisions/{decision}/replay")
            assert (record.status_code, again.status_code) == (200, 200), again.text
            assert record.content == again.content
            assert record.headers["ETag"] == again.headers["ETag"]

    def test_the_record_names_its_set_and_what_was_counted_by_keys_of_its_own(
        self, region: Region, paid: Dossier
    ) -> None:
        history = {row["target"]: row["decision"] for row in paid.shown()["history"]}
        records = [region.ars.get(f"/api/programmes/decisions/{history[to]}") for to in ("REACHED", "USAGE_NOTIFIED")]
        first, second = (record.json() for record in records)
        posted = region.ars.get("/api/programmes/parameters").json()[0]
        assert first["parameter_set"] == f"ars-{region.site.region}@1 sha256:{posted['fingerprint']}"
        assert first["decided_by"] == f"ars:{region.site.region}"
        assert len(first["counted"]) == len(second["counted"]) >= 2
        assert not set(first["counted"]) & set(second["counted"])
        document = region.holder.evidence(LDL, region.site.finess)[0]
        for name in filter(None, (document.get("unique_id"), document.get("stay_number"), document["document"])):
            assert name not in records[0].text

    def test_a_domain_is_paid_once(self, region: Region, paid: Dossier) -> None:
        file = region.file("AGAIN").deposited()
        file.move("UNDER_REVIEW")
        assert reasons(file.try_move("ACCEPTED")) == ["DOMAIN_ALREADY_FUNDED"]
        refusal = file.move("REFUSED")
        assert [one["code"] for one in refusal["reasons"]] == ["DOMAIN_ALREADY_FUNDED"]
        assert refusal["letter"] == "refusal"

    def test_the_situation_has_real_amounts(self, region: Region, paid: Dossier) -> None:
        path = f"/api/programmes/sun-es-volet-1/situation/{region.site.finess}"
        found = region.holder.get(path, window="X1").json()
        assert found["amounts"]["advance"]["cents"] == 9_600_000
        assert (found["indicative"], found["parameter_set"].partition("+")[0]) == (
            False, f"ars-{region.site.region}@1")  # fmt: skip
        change = region.ars.get(path.replace("situation", "what-if"), window="X1")
        assert change.status_code == 200, change.text
        assert {"missing", "before", "after", "gain_cents"} <= set(change.json())
        refused(region.holder.get(path, window="F9"), 400, "MEASURE-PARAMETER")
        refused(region.holder.get(path.replace("situation", "what-if"), window="X1", more="many"), 400)


class TestEachWayItFails:
    def test_nothing_is_signed(self, region: Region) -> None:
        file = region.file("BARE")
        assert reasons(file.try_move("DEPOSITED", file.holder)) == ["DIRECTOR_VALIDATION_MISSING"]
        file.enter(director_validation=True, territory="polynesie_francaise",
                   prerequisites=PREREQUISITES | {"SP2": {"evidence": True, "reached": False}, "SP6": {}})  # fmt: skip
        file.move("DEPOSITED", file.holder)
        file.move("UNDER_REVIEW")
        found = reasons(file.try_move("ACCEPTED"))
        expected = ["NOT_HEALTH_ESTABLISHMENT", "PREREQ_EVIDENCE_MISSING:SP6", "PREREQ_NOT_REACHED:SP2",
                    "PREREQ_NOT_IN_OSIS", "COMMITMENT_MISSING", "EDITOR_NOT_IN_RELIMS"]  # fmt: skip
        assert [one for one in found if one in expected] == expected
        assert [one["code"] for one in file.move("REFUSED")["reasons"]] == found
        assert file.state == "REFUSED"

    def test_the_deposit_is_late(self, region: Region) -> None:
        file = region.file("LATE")
        file.enter(**FORM)
        assert reasons(file.try_move("DEPOSITED", file.holder)) == ["OUTSIDE_CANDIDATURE_PERIOD"]
        assert file.move("REJECTED_LATE")["letter"] == "refusal"

    def test_nothing_is_wrong_so_nothing_is_refused(self, region: Region) -> None:
        file = region.file("SOON", "imagerie").deposited(imaging_entity=region.site.legal_entity)
        file.move("UNDER_REVIEW")
        assert reasons(file.try_move("REFUSED")) == ["NO_REASON_TO_REFUSE"]
        assert reasons(file.try_move("ACCEPTED", file.holder)) == ["ACTOR_NOT_ALLOWED:establishment"]

    def test_the_instruction_is_over(self, region: Region) -> None:
        file = region.file("OVER", "imagerie").deposited(imaging_entity=region.site.legal_entity)
        file.move("UNDER_REVIEW")
        assert reasons(file.try_move("ACCEPTED")) == ["INSTRUCTION_PERIOD_OVER"]

    def test_a_parameter_is_missing(self, region: Region) -> None:
        file = region.file("FREE", "imagerie").deposited(imaging_entity=region.site.legal_entity)
        file.move("UNDER_REVIEW")
        assert reasons(file.try_move("ACCEPTED")) == ["parameter_missing:forfait:imagerie:FREE"]

    def test_the_credits_are_exhausted(self, region: Region, paid: Dossier) -> None:
        file = region.file("BIG", "imagerie").deposited(imaging_entity=region.site.legal_entity)
        file.move("UNDER_REVIEW")
        assert reasons(file.try_move("ACCEPTED")) == ["CREDITS_EXHAUSTED"]

    def test_the_target_is_missed(self, region: Region) -> None:
        file = region.file("MISS", "biologie").measuring(laboratory_entity=region.site.legal_entity)
        assert reasons(file.try_move("DECLARED", file.holder)) == ["USAGE_NOT_DECLARED"]
        file.declared(("I-SUN1-BIO", 2, 3))
        assert reasons(file.try_move("REACHED")) == ["TARGET_NOT_REACHED:I-SUN1-BIO"]
        file.move("NOT_REACHED")
        closing = file.move("CLOSED")
        assert [one["code"] for one in closing["reasons"]] == ["TARGET_NOT_REACHED:I-SUN1-BIO", "ADVANCE_KEPT"]
        shown = file.shown()
        assert (shown["state"], shown["paid_cents"], shown["committed_cents"]) == ("CLOSED", 600_000, 600_000)

    def test_the_usage_is_never_declared_and_the_clock_says_so(self, region: Region) -> None:
        file = region.file("SHUT", "imagerie").deposited(imaging_entity=region.site.legal_entity)
        file.move("UNDER_REVIEW")
        file.move("ACCEPTED")
        file.move("ADVANCE_NOTIFIED")
        assert reasons(file.try_move("ADVANCE_PAID")) == ["PAYMENT_NOT_ENTERED:advance"]
        file.enter(file.ars, advance_payment={"on": str(today()), "euros": "5999.00"})
        assert reasons(file.try_move("ADVANCE_PAID")) == ["PAYMENT_DIFFERS:advance"]
        file.enter(file.ars, advance_payment={"on": str(today()), "euros": "6000.00"})
        file.move("ADVANCE_PAID")
        done = segur("programmes", "tick", "--database", region.database, "--json")
        assert done.returncode == 0, done.stderr
        assert [(row["file"], row["target"]) for row in json.loads(done.stdout)] == [
            (file.id, "MEASURING"), (file.id, "NOT_DECLARED")]  # fmt: skip
        assert [row["who"] for row in file.shown()["history"]][-2:] == ["clock", "clock"]

    def test_somebody_else_was_first(self, region: Region) -> None:
        file = region.file("BOTH")
        seen = file.enter(**FORM).json()["version"]
        file.enter(form_number="123")
        answer = file.try_move("DEPOSITED", file.holder, version=seen)
        refused(answer, 409, "PROGRAMME-CHANGED")
        assert file.state == "DRAFT"
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: file.try_move("DEPOSITED", file.holder), range(4)))
        found = sorted(answer.status_code for answer in answers)
        assert found[0] == 200
        assert set(found[1:]) <= {409, 422}
        assert [row["target"] for row in file.shown()["history"]] == ["DEPOSITED"]
        again = post(file.holder, "/files", {"programme": "sun_es_v1", "organization": region.site.finess,
                                             "key": {"window": "BOTH", "domain": "documents_sortie"}})  # fmt: skip
        refused(again, 409, "PROGRAMME-FILE-EXISTS")


class TestMissingAndContested:
    @pytest.fixture(scope="class")
    @classmethod
    def uncounted(cls, region: Region, paid: Dossier) -> str:
        """A letter without INS: filed, not counted."""
        return discharged(region, without_ins=True)

    def test_what_is_missing_why_and_what_it_is_worth(self, region: Region, paid: Dossier, uncounted: str) -> None:
        answer = region.holder.get(f"/api/programmes/files/{paid.id}/missing")
        assert answer.status_code == 200, answer.text
        [line] = [row for row in answer.json()["measures"] if row["measure"] == LDL]
        counted = [row for row in line["evidence"] if row["counted"]]
        assert (len(counted), line["target"]) == (line["numerator"], "75.00")
        assert line["missing"] == max(0, -(-line["denominator"] * 3 // 4) - line["numerator"])
        assert sum(line["uncounted"].values()) == len(line["evidence"]) - len(counted) >= 1
        by_name = {row.get("unique_id"): row for row in line["evidence"]}
        assert by_name[uncounted]["counted"] is False
        seen = region.ars.get(f"/api/programmes/files/{paid.id}/missing").json()
        assert "unique_id" not in json.dumps(seen)

    def test_a_contestation_has_one_answer(self, region: Region, paid: Dossier, uncounted: str) -> None:
        path = f"/files/{paid.id}/contestations"
        body = {"measure": LDL, "unique_id": uncounted, "statement": "L'INS a été qualifiée depuis."}
        made = post(region.holder, path, body)
        assert made.status_code == 201, made.text
        answer = f"{path}/{made.json()['id']}/answer"
        said = {"outcome": "rejected", "statement": "La lettre ne porte pas d'INS."}
        refused(post(region.holder, answer, said), 403, "AUTH-FORBIDDEN")
        refused(post(region.ars, path, body), 403, "AUTH-FORBIDDEN")
        assert post(region.ars, answer, said).status_code == 201
        refused(post(region.ars, answer, said), 409, "PROGRAMME-ANSWERED")
        [mine] = region.holder.get(f"/api/programmes{path}").json()
        [theirs] = region.ars.get(f"/api/programmes{path}").json()
        assert (mine["unique_id"], mine["reason"]) == (uncounted, "INS_ABSENT")
        assert (mine["answer"]["outcome"], mine["answer"]["who"]) == ("rejected", f"ars:{region.site.region}")
        assert "unique_id" not in theirs
        assert theirs["document"] == mine["document"]

    def test_what_is_counted_or_unknown_cannot_be_contested(self, region: Region, paid: Dossier) -> None:
        path = f"/files/{paid.id}/contestations"
        rows = region.holder.get(f"/api/programmes/files/{paid.id}/missing").json()["measures"][0]["evidence"]
        counted = next(row["unique_id"] for row in rows if row["counted"])
        for body, status, rule in (
            ({"measure": LDL, "unique_id": counted}, 409, "PROGRAMME-COUNTED"),
            ({"measure": LDL, "unique_id": "1.2.3"}, 404, "PROGRAMME-DOCUMENT"),
            ({"measure": "I-NONE", "unique_id": counted}, 404, "PROGRAMME-MEASURE"),
        ):
            refused(post(region.holder, path, body | {"statement": "?"}), status, rule)


class TestParameters:
    def test_a_set_is_read_again_as_it_was_signed(self, region: Region) -> None:
        [row] = region.ars.get("/api/programmes/parameters", programme="sun_es_v1").json()
        assert row["key"] == f"ars-{region.site.region}@1"
        text = region.holder.get(f"/api/programmes/parameters/{row['key']}")
        assert text.headers["content-type"].startswith("application/yaml")
        assert text.headers["ETag"].strip('"') == row["fingerprint"] == sha256(text.content).hexdigest()
        assert region.ars.get("/api/programmes/parameters", programme="maladies_rares").json() == []
        for face, key in ((region.faces["other_ars"], row["key"]), (region.ars, f"{row['id']}@9")):
            refused(face.get(f"/api/programmes/parameters/{key}"), 404)

    def test_a_version_is_never_changed(self, region: Region) -> None:
        edited = parameters(region.site.region, region.site.finess, tolerance="3")
        assert reasons(post_set(region.ars, edited), 409) == ["SET_EXISTS"]
        assert post_set(region.ars, parameters(region.site.region, region.site.finess)).status_code == 201

    def test_every_fault_has_its_place(self, region: Region) -> None:
        text = parameters(region.site.region, region.site.finess, 2, tolerance="300", retry_allowed="yes")
        answer = post_set(region.ars, text.replace("role: ars", "role: hospital"))
        assert reasons(answer) == ["ROLE_NOT_ALLOWED", "OUT_OF_RANGE", "WRONG_TYPE"]
        assert all(issue["expression"] and issue["diagnostics"] for issue in answer.json()["issue"])

    @pytest.mark.parametrize(("data", "status"), [(b"\xff", 422), (b"", 400), (b"a: [", 422)])
    def test_what_is_no_set(self, region: Region, data: bytes, status: int) -> None:
        answer = region.ars.http.post(
            "/api/programmes/parameters", content=data, headers={"Content-Type": "application/yaml"}
        )
        refused(answer, status)


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "codes"),
        [
            ({}, ["missing", "missing"]),
            ({"programme": 1, "organization": "x"}, ["string_type"]),
            ({"programme": "x", "organization": "y", "more": 1}, ["extra_forbidden"]),
        ],
    )
    def test_every_wrong_field_is_said(self, region: Region, body: Json, codes: list[str]) -> None:
        assert reasons(post(region.holder, "/files", body), 400) == codes

    def test_what_is_no_json(self, region: Region) -> None:
        headers = {"Content-Type": "application/json"}
        answer = region.holder.http.post("/api/programmes/files", content=b"{", headers=headers)
        assert reasons(answer, 400) == ["json_invalid"]
        refused(region.holder.http.post("/api/programmes/files", content=b"x", headers={"Content-Type": "a/b"}), 415)

    def test_an_unknown_programme_window_or_value(self, region: Region) -> None:
        wish = {"programme": "hop_en", "organization": region.site.finess}
        refused(post(region.holder, "/files", wish), 404, "PROGRAMME-UNKNOWN")
        wish = {"programme": "sun_es_v1", "organization": region.site.finess,
                "key": {"window": "F9", "domain": "documents_sortie"}}  # fmt: skip
        assert reasons(post(region.holder, "/files", wish)) == ["UNKNOWN_SUBJECT"]
        refused(region.holder.get("/api/programmes/hop_en"), 404, "PROGRAMME-UNKNOWN")

    def test_the_programmes_are_described(self, region: Region) -> None:
        rows = region.faces["nobody"].get("/api/programmes").json()
        assert "sun_es_v1" in {row["id"] for row in rows}
        one = region.faces["nobody"].get("/api/programmes/sun_es_v1").json()
        assert {rule["id"] for rule in one["rules"]} >= {"SUN1-R24", "SUN1-R25"}
        [life] = one["files"]
        assert life["key"]["domain"] == ["documents_sortie", "biologie", "imagerie"]
        assert {entry["name"] for entry in life["entries"]} >= set(FORM)
        paths = region.faces["nobody"].get("/openapi.json").json()["paths"]
        assert {path for path in paths if path.startswith("/api/programmes")} >= {
            "/api/programmes/files/{file_id}/moves", "/api/programmes/decisions/{decision_id}/replay"}  # fmt: skip


ROLES = ("holder", "ars", "stranger", "other_ars", "ministry", "editor", "operator", "nobody")
MATRIX: dict[str, tuple[int, ...]] = {
    # file of `holder`, in the region of `ars`; SUN-ES has no move of the ministry
    "POST /files": (409, 403, 403, 403, 403, 403, 403, 401),
    "GET /files/{id}": (200, 200, 404, 404, 404, 403, 403, 401),
    "POST /files/{id}/entries": (422, 422, 404, 404, 404, 403, 403, 401),
    "POST /files/{id}/moves": (422, 422, 404, 404, 404, 403, 403, 401),
    "GET /files/{id}/missing": (200, 200, 404, 404, 403, 403, 403, 401),
    "GET /files/{id}/contestations": (200, 200, 404, 404, 403, 403, 403, 401),
    "POST /files/{id}/contestations": (404, 403, 404, 403, 403, 403, 403, 401),
    "POST /files/{id}/contestations/x/answer": (403, 404, 403, 404, 403, 403, 403, 401),
    "GET /decisions/{decision}": (200, 200, 404, 404, 404, 403, 403, 401),
    "GET /decisions/{decision}/replay": (200, 200, 404, 404, 404, 403, 403, 401),
    "GET /parameters/{set}": (200, 200, 404, 404, 403, 403, 403, 401),
    "POST /parameters": (403, 422, 403, 422, 403, 403, 403, 401),
    "GET /sun-es-volet-1/situation/{finess}": (200, 200, 403, 403, 403, 403, 403, 401),
    "GET /sun-es-volet-1/what-if/{finess}": (200, 200, 403, 403, 403, 403, 403, 401),
    "GET /files/unknown": (404, 404, 404, 404, 404, 403, 403, 401),
}


@pytest.mark.parametrize("address", sorted(MATRIX))
@pytest.mark.parametrize("role", ROLES)
def test_role_by_endpoint_by_owner(region: Region, paid: Dossier, address: str, role: str) -> None:
    method, _, template = address.partition(" ")
    path = template.format(id=paid.id, decision=paid.shown()["decisions"][0], finess=region.site.finess,
                           set=f"ars-{region.site.region}")  # fmt: skip
    bodies: dict[str, Json] = {
        "/files": {"programme": "sun_es_v1", "organization": region.site.finess,
                   "key": {"window": "X1", "domain": "documents_sortie"}},
        "entries": {"entries": {"form_number": "1"}}, "moves": {"to": "DEPOSITED"},
        "contestations": {"measure": LDL, "unique_id": "1.2.3", "statement": "x"},
        "answer": {"outcome": "upheld", "statement": "x"},
    }  # fmt: skip
    face = region.faces[role]
    if template == "/parameters":
        answer = post_set(face, "a: [")
    elif method == "POST":
        answer = post(face, path, bodies.get(template) or bodies[template.rpartition("/")[2]])
    else:
        answer = face.get(f"/api/programmes{path}", **({"window": "X1"} if "sun-es" in path else {}))
    assert answer.status_code == MATRIX[address][ROLES.index(role)], answer.text
    if answer.status_code >= 400:
        assert paid.id not in answer.text


def test_lists_are_of_the_callers_own(region: Region, paid: Dossier) -> None:
    def listed(role: str, **asked: str) -> set[str]:
        answer = region.faces[role].get("/api/programmes/files", **asked)
        assert answer.status_code == 200, answer.text
        return {row["id"] for row in answer.json()}

    assert paid.id in listed("holder") & listed("ars")
    assert listed("stranger") == listed("other_ars") == listed("ministry") == set()
    narrow = {"programme": "sun_es_v1", "state": "USAGE_PAID", "organization": region.site.finess, "window": "X1"}
    assert listed("ars", **narrow) == {paid.id}
    assert all(listed("ars", **narrow | {name: "x"}) == set() for name in narrow)
    for role, status in (("editor", 403), ("operator", 403), ("nobody", 401)):
        refused(region.faces[role].get("/api/programmes/files"), status)
