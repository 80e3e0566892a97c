"""Letters and evidence packs through the public faces: commands on a record's bytes, and the decisions of a server."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from fhir_server.security.caller import Role
from indicators.programmes import evidence_pack, programmes
from testdata import Country
from tests.acceptance.test_programme_life import Region, discharged
from tests.conftest import two_sites
from tests.support.decisions import FACTS, cases, rare
from tests.support.dossier import CRO, FORM, LDL, Dossier, parameters, post, post_set
from tests.support.faces import Face
from tests.support.pdf import pdf_text
from tests.support.server import Server, segur
from tests.support.synthetic import copy_database, token_for

CASES = cases()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A refused candidature and a notification as files, with the facts of their file."""
    for kind in ("refusal", "notification"):
        (tmp_path / f"{kind}.json").write_bytes(CASES["sun_es_v1", kind][0].to_bytes())
    (tmp_path / "dossier.json").write_text(json.dumps(FACTS), encoding="utf-8")
    return tmp_path


class TestLetterCommand:
    @pytest.mark.parametrize("lang", ["fr", "en"])
    @pytest.mark.parametrize("suffix", ["html", "pdf"])
    def test_without_a_database(self, folder: Path, suffix: str, lang: str) -> None:
        out = folder / f"courrier.{suffix}"
        done = segur("programmes", "letter", folder / "notification.json", "--file", folder / "dossier.json",
                     "--lang", lang, "-o", out)  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{out} : notification, sun_es_v1-sun1_payments, ")
        text = pdf_text(out.read_bytes()) if suffix == "pdf" else out.read_text(encoding="utf-8")
        assert ("€352,000.00" if lang == "en" else "352 000,00 €") in text.replace("\u202f", " ").replace("\u00a0", " ")

    def test_the_bytes_of_the_pdf_are_the_same_each_time(self, folder: Path) -> None:
        for name in ("a.pdf", "b.pdf"):
            segur(
                "programmes", "letter", folder / "refusal.json", "--file", folder / "dossier.json", "-o", folder / name
            )
        assert (folder / "a.pdf").read_bytes() == (folder / "b.pdf").read_bytes()

    @pytest.mark.parametrize(
        ("data", "arguments", "code", "said"),
        [
            (b"{}", [], 1, "not a decision record"),
            (b"[" * 100_000, [], 1, "not a decision record"),
            (b"not json", [], 1, ""),
            (None, [], 1, "fact_missing:addressee"),
            (None, ["--file", "dossier.json", "--kind", "ode"], 1, "unknown_letter:ode"),
            (None, ["--file", "dossier.json", "--kind", "notification"], 1, "amount_missing"),
            (None, ["--file", "refusal.json"], 1, "unknown_fact:as_of"),
            (None, ["--file", "courrier.yaml"], 2, "no such file"),
            (None, ["--file", "dossier.json", "--format", "docx"], 2, "html or pdf"),
            (None, ["--file", "dossier.json", "--lang", "de"], 2, "fr or en"),
            (None, ["--file", "dossier.json", "--templates", "nowhere"], 2, "not a folder"),
        ],
    )
    def test_what_cannot_be_written_is_one_line(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, data: bytes | None, arguments: list[str], code: int,
        said: str,
    ) -> None:  # fmt: skip
        monkeypatch.chdir(folder)
        if data is not None:
            (folder / "refusal.json").write_bytes(data)
        done = segur("programmes", "letter", "refusal.json", "-o", "courrier.html", *arguments)
        assert (done.returncode, done.stdout) == (code, "")
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert not (folder / "courrier.html").exists()

    def test_nothing_indicative_is_ever_notified(self, folder: Path) -> None:
        made = replace(CASES["sun_es_v1", "notification"][0], outcome={"indicative": True, "usage": "224000.00"})
        (folder / "notification.json").write_bytes(made.to_bytes())
        done = segur("programmes", "letter", folder / "notification.json", "--file", folder / "dossier.json",
                     "-o", folder / "x.pdf")  # fmt: skip
        assert done.returncode == 1
        assert "indicative_letter" in done.stderr
        assert not (folder / "x.pdf").exists()

    def test_the_restitution_before_and_after_the_note(self, folder: Path) -> None:
        for version, day, code in (("initial", date(2019, 9, 5), 1), ("updated", date(2020, 10, 1), 0)):
            (folder / "d.json").write_bytes(rare(version, day).to_bytes())
            done = segur("programmes", "letter", folder / "d.json", "--file", folder / "dossier.json",
                         "-o", folder / "d.html")  # fmt: skip
            assert done.returncode == code, done.stderr
            assert ("rule_not_in_force:MR-R07" in done.stderr) is bool(code)
        assert "150\u202f000,00\u00a0€" in (folder / "d.html").read_text(encoding="utf-8")


class TestTemplates:
    def test_the_built_in_ones_are_written_as_a_start_and_never_over_anything(self, folder: Path) -> None:
        out = folder / "modeles"
        assert segur("programmes", "letters", "templates", "--out", out).returncode == 0
        assert (out / "refusal.html").is_file()
        again = segur("programmes", "letters", "templates", "--out", out)
        assert (again.returncode, len(again.stderr.splitlines())) == (2, 1)
        page = (out / "letter.html").read_text(encoding="utf-8")
        (out / "letter.html").write_text(page.replace("{{ w.salutation }}", "Chère direction,"), encoding="utf-8")
        arguments = ("programmes", "letter", folder / "refusal.json", "--file", folder / "dossier.json", "-o",
                     folder / "x.html")  # fmt: skip
        assert segur(*arguments, env={"SEGUR_LETTERS": str(out)}).returncode == 0
        assert "Chère direction," in (folder / "x.html").read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        ("lang", "said"),
        [("fr", "refusal.html, ligne 2 TEMPLATE_UNKNOWN_NAME : nom inconnu (et noms connus) : directrice (about, "),
         ("en", "refusal.html, line 2 TEMPLATE_UNKNOWN_NAME: unknown name (and known ones): directrice (about, ")],
    )  # fmt: skip
    def test_a_broken_one_is_a_line_not_a_trace(self, folder: Path, lang: str, said: str) -> None:
        (folder / "refusal.html").write_text("<p>\n{{ directrice }}</p>", encoding="utf-8")
        done = segur("programmes", "letter", folder / "refusal.json", "--file", folder / "dossier.json", "--templates",
                     folder, "--lang", lang, "-o", folder / "x.pdf")  # fmt: skip
        assert done.returncode == 1
        assert done.stderr.startswith(f"segur: {said}")
        assert len(done.stderr.splitlines()) == 1


class TestPackCommand:
    def test_built_and_checked_without_a_database(self, folder: Path) -> None:
        made, pack = CASES["sun_es_v1", "notification"][0], folder / "preuve.zip"
        done = segur("programmes", "evidence-pack", "build", folder / "notification.json", "-o", pack)
        assert done.returncode == 0, done.stderr
        good = segur("programmes", "evidence-pack", "verify", pack, "--digest", made.digest)
        assert (good.returncode, good.stdout) == (0, f"{pack} : vérifié\n")
        bad = segur("programmes", "evidence-pack", "verify", pack, "--digest", "0" * 64, "--lang", "en", "--json")
        assert bad.returncode == 1
        assert json.loads(bad.stdout)["failures"][0]["code"] == "DIGEST_DIFFERS"

    def test_a_touched_one_says_each_failure_on_a_line(self, folder: Path) -> None:
        pack = folder / "preuve.zip"
        segur("programmes", "evidence-pack", "build", folder / "notification.json", "-o", pack)
        members, _ = evidence_pack.unpack(pack.read_bytes())
        touched = members["decision.json"].replace(b'"usage":"256000.00"', b'"usage":"356000.00"')
        pack.write_bytes(evidence_pack.pack(members | {"decision.json": touched}))
        done = segur("programmes", "evidence-pack", "verify", pack)
        lines = done.stdout.splitlines()
        assert done.returncode == 1
        assert lines[0].startswith("decision.json HASH_DIFFERS :")
        assert any(line.startswith("decision.json REPLAY_DIFFERS : ") for line in lines)

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [(["verify", "nowhere.zip"], 2), (["verify", "dossier.json"], 1),
         (["verify", "dossier.json", "--lang", "de"], 2),
         (["build", "dossier.json", "-o", "x.zip"], 1),
         (["build", "refusal.json", "--figures", "dossier.json", "-o", "x.zip"], 1),
         (["build", "refusal.json", "--parameters", "nowhere.yaml", "-o", "x.zip"], 2)],
    )  # fmt: skip
    def test_other_arguments(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
    ) -> None:
        monkeypatch.chdir(folder)
        done = segur("programmes", "evidence-pack", *arguments)
        assert done.returncode == code
        assert len((done.stdout + done.stderr).splitlines()) == 1


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country) -> Iterator[Region]:
    """A server whose agency signs its letters."""
    folder = tmp_path_factory.mktemp("letters")
    database = copy_database(demo_database, folder / "letters.db")
    site, stranger = two_sites(demo_country)
    own = folder / "modeles"
    own.mkdir()
    signed = {"sender": FACTS["sender"], "signatory": FACTS["signatory"], "place": "Rennes"}
    (own / "agency.json").write_text(json.dumps({site.region: signed}), encoding="utf-8")
    tokens = {
        "holder": (Role.ESTABLISHMENT, site.legal_entity), "stranger": (Role.ESTABLISHMENT, stranger.legal_entity),
        "ars": (Role.ARS, site.region), "editor": (Role.EDITOR, "Éditeur"),
    }  # fmt: skip
    with Server(database, folder, "--workers", "1", SEGUR_LETTERS=str(own)) as server:
        faces = {name: Face(server.origin, token_for(database, *role)) for name, role in tokens.items()}
        made = Region(server, database, demo_country, site, stranger, faces | {"nobody": Face(server.origin)})
        assert post_set(made.ars, parameters(site.region, site.finess)).status_code == 201
        yield made
        for face in made.faces.values():
            face.close()
        assert server.stop() == 0


@pytest.fixture(scope="module")
def life(region: Region) -> Dossier:
    """A file up to the notification of its usage payment."""
    for _ in range(2):
        discharged(region)
    file = region.file("X1").measuring()
    file.declared((LDL, 3, 4), (CRO, 1, 2))
    file.move("REACHED")
    file.move("USAGE_NOTIFIED")
    return file


def decisions(file: Dossier) -> dict[str, str]:
    """The decision of each move."""
    return {row["target"]: row["decision"] for row in file.shown()["history"] if row["decision"]}


def path(decision: str, what: str = "letter") -> str:
    return f"/api/programmes/decisions/{decision}/{what}"


class TestHttp:
    def test_every_letter_a_file_owes(self, region: Region, life: Dossier) -> None:
        owed = {row["target"]: (row["letter"], row["decision"]) for row in life.shown()["history"] if row["letter"]}
        assert {kind for kind, _ in owed.values()} == {"receipt", "acceptance", "notification"}
        for _, decision in owed.values():
            for format_ in ("html", "pdf"):
                answer = region.ars.get(path(decision), format=format_, lang="en")
                assert answer.status_code == 200, answer.text
                assert answer.content == region.holder.get(path(decision), format=format_, lang="en").content
                assert answer.headers["Content-Language"] == "en"
                assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
                assert "script" not in answer.headers["Content-Security-Policy"]

    def test_the_usage_payment_in_words_and_by_whom(self, region: Region, life: Dossier) -> None:
        decision = decisions(life)["USAGE_NOTIFIED"]
        text = region.holder.get(path(decision)).text
        record = region.holder.get(f"/api/programmes/decisions/{decision}")
        assert "256\u202f000,00\u00a0€" in text
        assert FACTS["signatory"]["name"] in text
        assert region.site.name in text
        assert record.headers["ETag"].strip('"') in text
        paper = region.holder.get(path(decision), format="pdf")
        assert paper.headers["Content-Type"] == "application/pdf"
        assert "256 000,00 €" in pdf_text(paper.content).replace("\u202f", " ").replace("\u00a0", " ")

    def test_a_refusal_with_all_its_reasons(self, region: Region) -> None:
        file = region.file("BOTH", "biologie")
        file.deposited(prerequisites_in_osis=False, legal_status="public")
        for target in ("UNDER_REVIEW", "REFUSED"):
            file.move(target)
        text = region.holder.get(path(decisions(file)["REFUSED"]), lang="fr").text
        assert "PREREQ_NOT_IN_OSIS, règle SUN1-R07" in text
        assert "NO_INTERNAL_LAB, règle SUN1-R05" in text

    def test_a_missed_target_and_what_becomes_of_the_advance(self, region: Region) -> None:
        file = region.file("MISS", "biologie").measuring(laboratory_entity=region.site.legal_entity)
        file.declared(("I-SUN1-BIO", 2, 3))
        for target in ("NOT_REACHED", "CLOSED"):
            file.move(target)
        decision = decisions(file)["CLOSED"]
        text = region.holder.get(path(decision), lang="fr").text
        assert "le versement d&#39;usage n&#39;est pas dû" in text
        assert "TARGET_NOT_REACHED:I-SUN1-BIO, règle SUN1-R25" in text
        assert "l&#39;avance versée reste acquise" in text
        pack = region.ars.get(path(decision, "evidence-pack"))
        assert evidence_pack.verify(pack.content, programmes()) == [], pack.text

    def test_a_late_deposit(self, region: Region) -> None:
        file = region.file("LATE")
        file.enter(**FORM)
        file.move("REJECTED_LATE")
        text = region.holder.get(path(decisions(file)["REJECTED_LATE"]), lang="en").text
        assert "outside the candidature period" in text
        assert "You may apply for a later window." in text

    def test_only_whoever_sees_the_decision_sees_what_leaves_with_it(self, region: Region, life: Dossier) -> None:
        decision = decisions(life)["USAGE_NOTIFIED"]
        for what in ("letter", "evidence-pack"):
            for name, status in (("nobody", 401), ("editor", 403), ("stranger", 404)):
                assert region.faces[name].get(path(decision, what)).status_code == status
            assert region.ars.get(path("00000000-0000-0000-0000-000000000000", what)).status_code == 404

    @pytest.mark.parametrize(
        ("asked", "status"),
        [({"format": "docx"}, 400), ({"lang": "de"}, 400), ({"kind": "ode"}, 400), ({"contestation": "x"}, 404),
         ({"kind": "restitution"}, 422), ({"kind": "rejection"}, 422)],
    )  # fmt: skip
    def test_what_is_not_there_or_may_not_be_sent(
        self, region: Region, life: Dossier, asked: dict[str, str], status: int
    ) -> None:
        answer = region.ars.get(path(decisions(life)["USAGE_NOTIFIED"]), **asked)
        assert answer.status_code == status, answer.text
        assert answer.json()["resourceType"] == "OperationOutcome"

    def test_the_answer_to_a_contestation(self, region: Region, life: Dossier) -> None:
        name = discharged(region, without_ins=True)
        body = {"measure": LDL, "unique_id": name, "statement": "La lettre a été déposée à temps."}
        asked = post(region.holder, f"/files/{life.id}/contestations", body)
        assert asked.status_code == 201, asked.text
        contestation, decision = asked.json()["id"], decisions(life)["USAGE_NOTIFIED"]
        assert region.holder.get(path(decision), contestation=contestation).status_code == 404
        said = post(region.ars, f"/files/{life.id}/contestations/{contestation}/answer",
                    {"outcome": "rejected", "statement": "L'identité n'était pas qualifiée."})  # fmt: skip
        assert said.status_code in (200, 201), said.text
        text = region.holder.get(path(decision), contestation=contestation, lang="en").text
        assert contestation in text
        assert "the document is not counted" in text
        assert name not in text
        pack = region.ars.get(path(decision, "evidence-pack")).content
        rows = json.loads(zipfile.ZipFile(io.BytesIO(pack)).read("contestations.json"))
        assert [row["answer"]["outcome"] for row in rows] == ["rejected"]
        assert name.encode() not in pack


class TestPackHttp:
    @pytest.mark.parametrize("target", ["ACCEPTED", "ADVANCE_NOTIFIED", "REACHED", "USAGE_NOTIFIED"])
    def test_it_proves_the_decision_offline(self, region: Region, life: Dossier, tmp_path: Path, target: str) -> None:
        decision = decisions(life)[target]
        answer = region.ars.get(path(decision, "evidence-pack"))
        assert answer.status_code == 200, answer.text
        digest = region.ars.get(f"/api/programmes/decisions/{decision}").headers["ETag"].strip('"')
        assert evidence_pack.verify(answer.content, programmes(), digest) == []
        assert answer.content == region.holder.get(path(decision, "evidence-pack")).content
        (tmp_path / "preuve.zip").write_bytes(answer.content)
        assert (
            segur("programmes", "evidence-pack", "verify", tmp_path / "preuve.zip", "--digest", digest).returncode == 0
        )

    def test_its_figures_count_by_keys_of_the_decision_and_name_nobody(self, region: Region, life: Dossier) -> None:
        decision = decisions(life)["USAGE_NOTIFIED"]
        data = region.ars.get(path(decision, "evidence-pack")).content
        figures = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("figures.json"))
        row = next(row for row in figures if row["measure"] == LDL)
        assert len(row["counted"]) == row["numerator"] >= 2
        for document in region.holder.evidence(LDL, region.site.finess):
            for name in filter(None, (document.get("unique_id"), document["document"], document.get("stay_number"))):
                assert str(name).encode() not in data

    def test_the_command_on_the_machine_writes_the_same(self, region: Region, life: Dossier, tmp_path: Path) -> None:
        decision = decisions(life)["USAGE_NOTIFIED"]
        built = segur("programmes", "evidence-pack", "build", decision, "--database", region.database, "-o",
                      tmp_path / "p.zip")  # fmt: skip
        assert built.returncode == 0, built.stderr
        assert (tmp_path / "p.zip").read_bytes() == region.ars.get(path(decision, "evidence-pack")).content
        written = segur("programmes", "letter", decision, "--database", region.database, "-o", tmp_path / "l.html")
        assert written.returncode == 0, written.stderr
        assert "256\u202f000,00\u00a0€" in (tmp_path / "l.html").read_text(encoding="utf-8")
        missing = segur("programmes", "letter", "no-such-id", "--database", region.database, "-o", tmp_path / "x.html")
        assert missing.returncode == 2
