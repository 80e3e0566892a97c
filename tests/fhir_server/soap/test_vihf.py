"""The VIHF: what it says is read from what was signed, and from nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from fhir_server.soap.trust import Trust, TrustError, load_trust
from fhir_server.soap.vihf import Vihf, VihfTerms, read_vihf
from tests.support.vihf import SAML, Signer, assertion, security, signed, signer
from validators.report import Report
from validators.xds import Cx

NOW = datetime.now(UTC)
INS = "190017512345678"
OID = "1.2.250.1.213.1.4.10"


@pytest.fixture(scope="module")
def structure() -> Signer:
    """A structure that signs for itself."""
    return signer("structure")


@pytest.fixture(scope="module")
def authority() -> Signer:
    """An authority that issues certificates to structures."""
    return signer("autorité", authority=True)


def read(
    element: etree._Element | bytes | None, *trusted: Signer, audience: str | None = None
) -> tuple[Vihf | None, list[str]]:
    """The VIHF and the rules of its report; without signers, signatures are not verified."""
    trust = Trust(tuple(one.certificate for one in trusted)) if trusted else None
    header = None
    if element is not None:
        wrapped = f'<s:Header xmlns:s="http://www.w3.org/2003/05/soap-envelope">{security(element)}</s:Header>'
        header = etree.fromstring(wrapped)[0]
    report = Report()
    return read_vihf(header, report, NOW, VihfTerms(trust, audience)), [issue.rule for issue in report]


class TestReading:
    def test_gives_sender_and_context(self, structure: Signer) -> None:
        found, rules = read(signed(assertion(patient=f"{INS}^^^&{OID}&ISO^NH"), structure), structure)
        assert rules == ["VIHF-CONTEXT"]
        assert found is not None
        assert found.verified
        assert (found.issuer.split(), found.subject) == (["CN=structure", "de", "test"], "801234567890")
        assert (found.structure, found.roles) == ("1750000001", ("10^1.2.250.1.71.1.2.7",))
        assert found.purpose.startswith("normal^")
        assert found.patient == Cx.make(INS, OID, "NH")

    def test_shows_nobody_in_a_traceback(self, structure: Signer) -> None:
        found, _ = read(signed(assertion(patient=f"{INS}^^^&{OID}&ISO^NH"), structure), structure)
        assert INS not in repr(found)
        assert "801234567890" not in repr(found)

    def test_without_trusted_certificates_holds_nothing_true(self, structure: Signer) -> None:
        for element in (assertion(), signed(assertion(), structure)):
            found, rules = read(element)
            assert rules == ["VIHF-UNVERIFIED"]
            assert found is not None
            assert not found.verified

    def test_of_no_header_or_an_empty_one_is_none(self) -> None:
        assert read(None) == (None, [])
        assert read(b"") == (None, [])

    @pytest.mark.parametrize(("patient", "others", "expected"), [
        (f"{INS}^^^&{OID}&ISO^NH", [Cx.make(INS, OID)], True),
        ("1 90 01 75 123 456 78", [Cx.make(INS, OID)], True),
        (INS, [Cx.make(INS, OID)], True),
        (INS, [Cx.make("290017512345678", OID)], False),
        (f"{INS}^^^&1.2.250.1.213.1.4.8&ISO^NH", [Cx.make(INS, OID)], False),
        (INS, [Cx.make("42", "1.2.3")], True),
        ("", [Cx.make(INS, OID)], True),
    ])  # fmt: skip
    def test_tells_whether_it_is_about_a_patient(self, patient: str, others: list[Cx], expected: bool) -> None:
        found, _ = read(assertion(patient=patient))
        assert found is not None
        assert found.is_about(others) is expected


class TestSignature:
    def test_by_a_certificate_that_a_trusted_authority_issued_holds(self, authority: Signer) -> None:
        for ecdsa in (False, True):
            issued = signer("structure", issuer=authority, ecdsa=ecdsa)
            assert read(signed(assertion(), issued), authority)[1] == ["VIHF-CONTEXT"]

    def test_of_nobody_does_not_hold(self, structure: Signer) -> None:
        assert read(assertion(), structure) == (None, ["VIHF-SIGNATURE"])

    def test_by_another_key_does_not_hold(self, structure: Signer) -> None:
        assert read(signed(assertion(), signer("structure")), structure) == (None, ["VIHF-SIGNATURE"])

    def test_by_one_that_a_structure_pretends_to_have_issued_does_not_hold(self, structure: Signer) -> None:
        pretended = signer("autre", issuer=structure)
        assert read(signed(assertion(), pretended), structure) == (None, ["VIHF-SIGNATURE"])

    def test_by_an_expired_certificate_does_not_hold(self, authority: Signer) -> None:
        old = signer("structure", issuer=authority, days=(-30, -1))
        assert read(signed(assertion(), old), authority) == (None, ["VIHF-SIGNATURE"])
        gone = signer("autorité", authority=True, days=(-30, -1))
        assert read(signed(assertion(), signer("structure", issuer=gone)), gone) == (None, ["VIHF-SIGNATURE"])

    @pytest.mark.parametrize("tamper", [
        lambda text: text.replace(b">1750000001<", b">1750000002<"),
        lambda text: text.replace(b'code="normal"', b'code="bris"'),
        lambda text: text.replace(b"NotOnOrAfter", b"NotAfterAll"),
        lambda text: text.replace(b"</Subject>", b"<NameID>x</NameID></Subject>"),
        lambda text: text.replace(b"rsa-sha256", b"hmac-sha256"),
        lambda text: text.replace(b"<Issuer>", b"<Issuer><!-- -->x"),
    ], ids=["structure", "purpose", "time", "subject", "algorithm", "issuer"])  # fmt: skip
    def test_of_what_was_changed_does_not_hold(self, structure: Signer, tamper: Callable[[bytes], bytes]) -> None:
        written = etree.tostring(signed(assertion(), structure))
        changed = tamper(written)
        assert changed != written
        assert read(changed, structure) == (None, ["VIHF-SIGNATURE"])

    def test_of_another_assertion_wrapped_inside_does_not_hold(self, structure: Signer) -> None:
        """Signature wrapping: the signed one hidden in an evil one with the signature moved out."""
        good = signed(assertion(), structure)
        evil = assertion(structure="1999999999")
        evil.set("ID", "_evil")
        signature = good.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
        assert signature is not None
        evil.insert(1, signature)
        holder = etree.SubElement(evil, f"{{{SAML}}}Advice")
        holder.append(good)
        found, rules = read(evil, structure)
        assert (found, rules) == (None, ["VIHF-SIGNATURE"])

    @pytest.mark.parametrize("inside", [b"", b"AAAA", b"!"])
    def test_with_a_certificate_that_is_none_does_not_hold(self, structure: Signer, inside: bytes) -> None:
        made = signed(assertion(), structure)
        certificate = next(made.iter("{*}X509Certificate"))
        certificate.text = inside.decode()
        assert read(made, structure) == (None, ["VIHF-SIGNATURE"])


class TestConditions:
    @pytest.mark.parametrize(("start", "end", "right"), [
        (-60, 60, True), (1, 60, True), (-60, -1, True), (10, 60, False), (-60, -10, False),
    ])  # fmt: skip
    def test_of_time_allow_for_clocks(self, structure: Signer, start: int, end: int, right: bool) -> None:
        made = assertion(start=NOW + timedelta(minutes=start), end=NOW + timedelta(minutes=end))
        found, rules = read(signed(made, structure), structure)
        assert (found is not None) is right
        assert ("VIHF-TIME" in rules) is not right

    def test_of_time_hold_without_a_signature_too(self) -> None:
        assert "VIHF-TIME" in read(assertion(end=NOW - timedelta(hours=1)))[1]

    @pytest.mark.parametrize("time", ["", "yesterday", "2026-01-01T00:00:00"])
    def test_of_time_have_to_be_readable(self, time: str) -> None:
        made = assertion()
        next(made.iter(f"{{{SAML}}}Conditions")).set("NotBefore", time)
        assert read(made) == (None, ["VIHF-UNVERIFIED", "VIHF-FORM"])

    def test_of_audience_name_us_when_we_know_who_we_are(self) -> None:
        made = assertion(audience="https://other.example")
        assert read(made)[1] == ["VIHF-UNVERIFIED"]
        assert read(made, audience="https://us.example") == (None, ["VIHF-UNVERIFIED", "VIHF-AUDIENCE"])
        assert read(assertion(audience="https://us.example"), audience="https://us.example")[0] is not None
        assert read(assertion(), audience="https://us.example")[0] is not None


class TestForm:
    def test_of_two_assertions_is_refused(self) -> None:
        both = etree.tostring(assertion()) * 2
        assert read(both) == (None, ["VIHF-FORM"])

    def test_of_another_version_or_without_id_is_refused(self) -> None:
        for name in ("Version", "ID"):
            made = assertion()
            del made.attrib[name]
            assert read(made) == (None, ["VIHF-FORM"])

    def test_of_too_much_is_refused(self, structure: Signer) -> None:
        assert read(assertion(structure="9" * 300_000), structure) == (None, ["VIHF-FORM"])


class TestTrust:
    def test_is_a_file_or_a_folder_of_certificates(self, tmp_path: Path, structure: Signer, authority: Signer) -> None:
        (tmp_path / "a.pem").write_bytes(structure.pem + authority.pem)
        (tmp_path / "b.crt").write_bytes(authority.pem)
        (tmp_path / "README").write_text("not a certificate")
        assert len(load_trust(tmp_path / "a.pem").certificates) == 2
        assert len(load_trust(tmp_path).certificates) == 3

    def test_of_nothing_is_an_error_that_names_the_file(self, tmp_path: Path) -> None:
        with pytest.raises(TrustError, match="no certificate"):
            load_trust(tmp_path)
        with pytest.raises(TrustError, match=r"gone\.pem"):
            load_trust(tmp_path / "gone.pem")
        (tmp_path / "bad.pem").write_text("-----BEGIN CERTIFICATE-----\n")
        with pytest.raises(TrustError, match=r"bad\.pem"):
            load_trust(tmp_path)
