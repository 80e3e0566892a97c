"""A VIHF as a French system writes it, signed with keys and certificates made for the test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm
from signxml.signer import XMLSigner

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
RESOURCE = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"


@dataclass(frozen=True)
class Signer:
    """A key with its certificate."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.PEM)


def signer(
    name: str,
    *,
    issuer: Signer | None = None,
    authority: bool = False,
    days: tuple[int, int] = (-1, 30),
    ecdsa: bool = False,
) -> Signer:
    """A key and a certificate valid from and to these days from today; its own issuer when none is given."""
    key = ec.generate_private_key(ec.SECP256R1()) if ecdsa else rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    return Signer(key, built.sign(issuer.key if issuer else key, hashes.SHA256()))


def assertion(
    *,
    patient: str = "",
    structure: str = "1750000001",
    role: str = "10",
    purpose: str = "normal",
    start: datetime | None = None,
    end: datetime | None = None,
    audience: str = "",
) -> etree._Element:
    """An assertion; times around now unless given."""
    now = datetime.now(UTC)
    restriction = f"<AudienceRestriction><Audience>{audience}</Audience></AudienceRestriction>" if audience else ""
    coded = '<v:{0} xmlns:v="urn:hl7-org:v3" code="{1}" codeSystem="1.2.250.1.71.1.2.7"/>'
    said = {
        "Identifiant_Structure": structure,
        "VIHF_Version": "3.0",
        "urn:oasis:names:tc:xacml:2.0:subject:role": coded.format("Role", role),
        "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse": coded.format("PurposeOfUse", purpose),
        RESOURCE: patient.replace("&", "&amp;"),
    }
    attributes = "".join(
        f'<Attribute Name="{name}"><AttributeValue>{value}</AttributeValue></Attribute>'
        for name, value in said.items() if value
    )  # fmt: skip
    text = f"""<Assertion xmlns="{SAML}" Version="2.0" ID="_a1" IssueInstant="{_instant(now)}"><Issuer>CN=structure de
 test</Issuer><Subject><NameID>801234567890</NameID></Subject><Conditions
 NotBefore="{_instant(start or now - timedelta(minutes=1))}"
 NotOnOrAfter="{_instant(end or now + timedelta(hours=1))}">{restriction}</Conditions><AttributeStatement>{attributes}
</AttributeStatement></Assertion>"""
    return etree.fromstring(text)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def signed(element: etree._Element, by: Signer) -> etree._Element:
    """The assertion with an enveloped signature, exclusive canonical XML and SHA-256."""
    pem = by.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    algorithm = "ecdsa-sha256" if isinstance(by.key, ec.EllipticCurvePrivateKey) else "rsa-sha256"
    made = XMLSigner(
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0, signature_algorithm=algorithm,
        digest_algorithm=DigestAlgorithm.SHA256,
    ).sign(element, key=pem, cert=[by.certificate], reference_uri="_a1")  # fmt: skip
    assert isinstance(made, etree._Element)
    return made


def security(element: etree._Element | bytes) -> str:
    """The Security header block that carries an assertion; `s` is SOAP's prefix where it will stand."""
    inside = element if isinstance(element, bytes) else etree.tostring(element)
    return f'<w:Security xmlns:w="{WSSE}" s:mustUnderstand="1">{inside.decode()}</w:Security>'
