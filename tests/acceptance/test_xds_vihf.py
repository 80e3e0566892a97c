"""The VIHF at the doors: read, verified where a certificate is trusted, and never an identity of the caller."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from fhir_server.security.caller import Role
from testdata import Stay
from tests.conftest import World
from tests.support.faces import Face
from tests.support.server import Server, segur
from tests.support.soap import (
    FIND,
    QUERY,
    REPOSITORY,
    RETRIEVE,
    SOAP_XML,
    envelope,
    mtom,
    patient,
    post,
    provide,
    query_body,
    retrieve_body,
    status,
)
from tests.support.synthetic import admit, copy_database, letter, new_stay, token_for
from tests.support.vihf import Signer, assertion, security, signed, signer


@pytest.fixture
def stay(world: World) -> Stay:
    """An imported stay."""
    made = new_stay(world.land, world.site)
    admit(world.database, made)
    return made


class TestVihf:
    @pytest.fixture(scope="class")
    @classmethod
    def structure(cls) -> Signer:
        """A structure whose certificate the server trusts."""
        return signer("structure")

    @pytest.fixture(scope="class")
    @classmethod
    def strict(
        cls, world: World, demo_database: Path, tmp_path_factory: pytest.TempPathFactory, structure: Signer
    ) -> Iterator[Face]:
        """A server that verifies signatures."""
        folder = tmp_path_factory.mktemp("vihf")
        (folder / "trust.pem").write_bytes(structure.pem)
        database = copy_database(demo_database, folder / "vihf.db")
        token = token_for(database, Role.ESTABLISHMENT, world.site.legal_entity)
        with Server(database, folder, "--workers", "1", SEGUR_VIHF_TRUST=str(folder / "trust.pem")) as server:
            face = Face(server.origin, token)
            yield face
            face.close()

    def test_that_holds_is_said_with_its_context(self, strict: Face, stay: Stay, structure: Signer) -> None:
        header = security(signed(assertion(patient=ins(stay)), structure))
        answer = provide(strict, mtom(letter(stay), header=header))
        assert answer.status == "Success", answer.http.text
        issues = {issue["rule"]: issue for issue in strict.submission(answer.http)["issues"]}
        assert "1750000001" in issues["VIHF-CONTEXT"]["message"]
        assert "VIHF-UNVERIFIED" not in issues

    def test_of_another_patient_is_an_error_of_ihe(self, strict: Face, stay: Stay, structure: Signer) -> None:
        header = security(signed(assertion(patient=f"190017512345678^^^&{stay.patient.oid}&ISO^NH"), structure))
        answer = provide(strict, mtom(letter(stay), header=header))
        assert answer.status == "Failure"
        assert {e for e in answer.errors if e[2] == "Error"} == {("XDSPatientIdDoesNotMatch", "VIHF-PATIENT", "Error")}
        body = envelope(QUERY, query_body(FIND, [patient(stay), status()]), header=header)
        asked = post(strict, "/xds/registry", (body, SOAP_XML))
        assert asked.errors == [("XDSPatientIdDoesNotMatch", "VIHF-PATIENT", "Error")]

    @pytest.mark.parametrize(("make", "rule"), [
        (lambda by: assertion(), "VIHF-SIGNATURE"),
        (lambda by: signed(assertion(), signer("structure")), "VIHF-SIGNATURE"),
        (lambda by: signed(assertion(end=datetime.now(UTC) - timedelta(hours=1)), by), "VIHF-TIME"),
        (lambda by: etree.tostring(signed(assertion(), by)).replace(b">1750000001<", b">1750000009<"),
         "VIHF-SIGNATURE"),
    ], ids=["unsigned", "wrong-key", "expired", "tampered"])  # fmt: skip
    def test_that_does_not_hold_is_a_fault(self, strict: Face, stay: Stay, structure: Signer, make, rule: str) -> None:
        answer = provide(strict, mtom(letter(stay), header=security(make(structure))))
        assert answer.http.status_code == 403
        assert answer.fault == ("Sender", "wsse:InvalidSecurityToken", [rule])
        assert strict.submission(answer.http)["decision"] == "refused"
        body = envelope(RETRIEVE, retrieve_body(REPOSITORY, "1.2"), header=security(make(structure)))
        assert post(strict, "/xds/repository", (body, SOAP_XML)).fault[2] == [rule]

    def test_never_says_who_calls(self, strict: Face, structure: Signer) -> None:
        stranger = Face(str(strict.http.base_url))
        body = envelope(RETRIEVE, retrieve_body(REPOSITORY, "1.2"), header=security(signed(assertion(), structure)))
        assert post(stranger, "/xds/repository", (body, SOAP_XML)).http.status_code == 401
        stranger.close()

    def test_without_trusted_certificates_is_said_to_be_unverified(self, site: Face, stay: Stay) -> None:
        answer = provide(site, mtom(letter(stay), header=security(assertion(patient=ins(stay)))))
        assert answer.status == "Success"
        assert ("XDSRepositoryError", "VIHF-UNVERIFIED", "Warning") in answer.errors

    def test_trust_that_cannot_be_read_stops_the_start(self, tmp_path: Path) -> None:
        done = segur(
            "serve", "--port", "0", "--database", tmp_path / "a.db", env={"SEGUR_VIHF_TRUST": str(tmp_path / "no.pem")}
        )
        assert done.returncode == 2
        assert "no.pem" in done.stderr


def ins(stay: Stay) -> str:
    """The patient's INS as a VIHF writes it."""
    return f"{stay.patient.matricule}^^^&{stay.patient.oid}&ISO^NH"


class TestProduction:
    def test_refuses_test_identities_as_every_door_does(
        self, world: World, demo_database: Path, tmp_path: Path, stay: Stay
    ) -> None:
        database = copy_database(demo_database, tmp_path / "production.db")
        token = token_for(database, Role.ESTABLISHMENT, world.site.legal_entity)
        with Server(database, tmp_path, "--workers", "1", "--mode", "production") as server:
            face = Face(server.origin, token)
            refused = provide(face, mtom(letter(stay)))
            accepted = provide(face, mtom(letter(stay, without_ins=True), header=security(assertion())))
            face.close()
        assert refused.status == "Failure"
        assert "INS-TEST" in [rule for _, rule, _ in refused.errors], refused.errors
        assert accepted.status == "Success"
        assert ("XDSRepositoryError", "VIHF-UNVERIFIED", "Warning") in accepted.errors
