"""Who may sign a VIHF: certificates of signers, or of the authorities that issue them directly; and the verification.

Kept small on purpose: the signature is signxml's business, what is trusted is this list. No revocation is looked up.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from lxml import etree

DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
_CERTIFICATE: Final = f"{DS}Signature/{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate"


class TrustError(ValueError):
    """The trusted certificates cannot be read; the message names the file."""


class NotSigned(Exception):
    """Why a signature does not hold, in a word."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The trusted certificates."""

    certificates: tuple[x509.Certificate, ...] = field(repr=False)

    def covers(self, certificate: x509.Certificate, now: datetime) -> bool:
        """Whether a signer is one of them, or was issued by an authority among them that is valid today."""
        return certificate in self.certificates or any(
            _is_authority(one) and one.not_valid_before_utc <= now <= one.not_valid_after_utc
            and _issued(certificate, one) for one in self.certificates
        )  # fmt: skip


def load_trust(path: Path) -> Trust:
    """The certificates of a PEM file, or of the `.pem`, `.crt` and `.cer` files of a folder.

    Raises:
        TrustError: there is none, or a file holds none.
    """
    suffixes = (".pem", ".crt", ".cer")
    files = sorted(f for f in path.iterdir() if f.suffix in suffixes) if path.is_dir() else [path]
    found = tuple(certificate for file in files for certificate in _certificates(file))
    if not found:
        raise TrustError(f"{path}: no certificate")
    return Trust(found)


def _certificates(file: Path) -> Iterator[x509.Certificate]:
    try:
        yield from x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise TrustError(f"{file}: no readable PEM certificate") from error


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except Exception:  # another name, another key, an algorithm that is not known: each its own exception
        return False
    return True


def signer_of(element: etree._Element) -> x509.Certificate:
    """The certificate that the signature of an element carries.

    Raises:
        NotSigned: there is no signature, or no readable certificate in it.
    """
    if element.find(f"{DS}Signature") is None:
        raise NotSigned("unsigned")
    text = element.findtext(_CERTIFICATE, "")
    try:
        return x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
    except ValueError as error:
        raise NotSigned("certificate") from error


def verified(element: etree._Element, trust: Trust, now: datetime) -> etree._Element:
    """What an enveloped signature of an element covers, once it is verified: read this, not the element.

    Raises:
        NotSigned: unsigned, tampered with, by an unknown or expired key, or signed for something else.
    """
    from signxml.verifier import SignatureConfiguration, XMLVerifier  # only where signatures are verified

    signer = signer_of(element)
    if not trust.covers(signer, now):
        raise NotSigned("unknown signer")
    wanted = SignatureConfiguration(location="./", verification_time=now)
    try:
        found = XMLVerifier().verify(etree.tostring(element, with_tail=False), x509_cert=signer, expect_config=wanted)
    except Exception as error:  # what signxml raises on hostile input is not one family
        raise NotSigned(type(error).__name__) from error
    signed = None if isinstance(found, list) else found.signed_xml
    if signed is None or signed.tag != element.tag or signed.get("ID") != element.get("ID"):
        raise NotSigned("reference")
    return signed
