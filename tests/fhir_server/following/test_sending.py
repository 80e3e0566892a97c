"""A notification over TLS: the connection goes to the address that was judged, the certificate is the name's."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fhir_server.following.sending import Courier
from tests.support.hook import Hook
from validators.report import Mode


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `localhost` with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def hook(certificate: Path) -> Iterator[Hook]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Hook(context) as made:
        yield made


def sent(endpoint: str, mode: Mode = Mode.SANDBOX, timeout: float = 5) -> str:
    channel = {"endpoint": endpoint, "header": ["X-Receiver: a: b", "x-receiver: c"]}
    row = SimpleNamespace(body=orjson.dumps({"channel": channel}), secret=b"secret", key="k")
    return asyncio.run(Courier(mode, timeout).send(row, {"resourceType": "Bundle"}, 1_772_442_000))


def test_a_name_with_its_certificate(hook: Hook, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert sent(f"https://localhost:{hook.port}/hook?a=%20b") == ""
    [found] = hook.received
    assert found.body == b'{"resourceType":"Bundle"}'
    assert found.headers["host"] == f"localhost:{hook.port}"
    assert found.path == "/hook?a=%20b"
    assert found.is_signed_with("secret", "k")
    assert sent(f"https://127.0.0.1:{hook.port}/") == "unreachable"  # the certificate is not of this name


def test_a_certificate_that_nobody_vouches_for(hook: Hook) -> None:
    assert sent(f"https://localhost:{hook.port}/") == "unreachable"
    assert hook.received == []


def test_what_is_not_notified_is_not_connected_to(
    hook: Hook, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert sent(f"https://localhost:{hook.port}/", Mode.PRODUCTION) == "address"
    assert hook.received == []


def test_no_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    with Hook() as hook:
        assert sent(hook.url) == ""
        hook.answer = 503
        assert sent(hook.url) == "http-503"
        hook.answer = 302
        assert sent(hook.url) == "http-302"
        hook.answer = "slow"
        assert sent(hook.url, timeout=0.2) == "timeout"
    assert sent(hook.url) == "unreachable"
    assert len(hook.received) == 4
