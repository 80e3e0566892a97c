"""The client of a terminology server, against a real one on loopback: what is sent, what answers mean, and silence."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from fhir_server.terminology_server import TerminologyServer
from tests.support.terminology import TerminologyStub, terminology_stub
from validators.fhir.asking import Unanswered

LOINC, SET = "http://loinc.org", "https://x.y/vs"


@pytest.fixture
def stub() -> Iterator[TerminologyStub]:
    with terminology_stub() as server:
        yield server


@pytest.fixture
def client(stub: TerminologyStub) -> Iterator[TerminologyServer]:
    made = TerminologyServer(stub.url + "/")
    yield made
    made.close()


def test_a_code_is_in_out_or_unknown(stub: TerminologyStub, client: TerminologyServer) -> None:
    stub.members = {(LOINC, "1-8", ""): True, (LOINC, "x", ""): False, (LOINC, "1-8", SET): True}
    assert [client.member(LOINC, code) for code in ("1-8", "x", "other")] == [True, False, None]
    assert [client.member(LOINC, code, SET) for code in ("1-8", "x")] == [True, None]


def test_code_system_and_value_set_are_all_that_is_sent(stub: TerminologyStub, client: TerminologyServer) -> None:
    client.member(LOINC, "1-8")
    client.member(LOINC, "1-8", SET)
    (first, _, of_system), (second, headers, of_set) = stub.received
    assert (first, second) == ("/r4/CodeSystem/$validate-code", "/r4/ValueSet/$validate-code")
    assert of_system["parameter"] == [{"name": "url", "valueUri": LOINC}, {"name": "code", "valueCode": "1-8"}]
    assert of_set["parameter"] == [{"name": "system", "valueUri": LOINC}, {"name": "url", "valueUri": SET},
                                   {"name": "code", "valueCode": "1-8"}]  # fmt: skip
    assert headers["Content-Type"] == headers["Accept"] == "application/fhir+json"
    assert "Authorization" not in headers
    assert "Cookie" not in headers


def test_what_was_answered_is_not_asked_again(stub: TerminologyStub, client: TerminologyServer) -> None:
    stub.members = {(LOINC, "1-8", ""): True}
    for _ in range(3):
        client.member(LOINC, "1-8")
        client.member(LOINC, "other")
    assert stub.asked == [(LOINC, "1-8", ""), (LOINC, "other", "")]


def parameters(*named: dict[str, Any]) -> bytes:
    return json.dumps({"resourceType": "Parameters", "parameter": list(named)}).encode()


NO = {"name": "result", "valueBoolean": False}


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, parameters(NO), False),
        (200, parameters(NO, {"name": "issues", "resource": {"issue": [{"code": "code-invalid"}]}}), False),
        (200, parameters(NO, {"name": "issues", "resource": {"issue": [{"code": "not-supported"}]}}), None),
        (200, parameters(NO, {"name": "x-unknown-system", "valueCanonical": LOINC}), None),
        (200, parameters(NO, {"name": "x-caused-by-unknown-system", "valueCanonical": LOINC}), None),
        (200, parameters(NO, {"name": "issues", "resource": {"issue": "x"}}), False),
        (200, parameters(NO, {"name": "issues", "resource": "x"}), False),
        (200, parameters({"name": "result", "valueBoolean": "true"}), None),
        (200, parameters({"name": "message", "valueString": "a"}), None),
        (200, b'{"parameter": "x"}', None),
        (200, b'{"parameter": [1, "x", null]}', None),
        (200, b"[]", None),
        (200, b"<html>", None),
        (200, b"", None),
        (302, b"", None),
        (400, parameters(NO), None),
        (404, b'{"resourceType": "OperationOutcome"}', None),
        (401, b"", None),
    ],
)
def test_what_an_answer_means(
    stub: TerminologyStub, client: TerminologyServer, status: int, body: bytes, answer: bool | None
) -> None:
    stub.status, stub.body = status, body
    assert client.member(LOINC, "1-8") is answer


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [(500, b"{}", "HTTP 500"), (429, b"{}", "HTTP 429"), (200, b" " * 1048577, "1048576 bytes")],
)
def test_a_server_in_trouble_is_left_alone(
    stub: TerminologyStub, client: TerminologyServer, status: int, body: bytes, why: str
) -> None:
    stub.status, stub.body = status, body
    with pytest.raises(Unanswered, match=why):
        client.member(LOINC, "1-8")
    for code in ("1-8", "2-6"):
        with pytest.raises(Unanswered):
            client.member(LOINC, code)
    assert len(stub.asked) == 1


def test_after_a_minute_it_is_asked_again(
    stub: TerminologyStub, client: TerminologyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.status = 500
    with pytest.raises(Unanswered):
        client.member(LOINC, "1-8")
    stub.status, stub.members = 200, {(LOINC, "1-8", ""): True}
    monkeypatch.setattr("fhir_server.terminology_server._PAUSE", 0.0)
    client._silent_until = 0.0
    assert client.member(LOINC, "1-8") is True


def test_nobody_at_the_address() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = TerminologyServer(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(Unanswered, match="ConnectError"):
            client.member(LOINC, "1-8")
        client.close()


def test_no_answer_in_time() -> None:
    def slow(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow")

    client = TerminologyServer("http://tx.example", transport=httpx.MockTransport(slow))
    with pytest.raises(Unanswered, match="ReadTimeout"):
        client.member(LOINC, "1-8")
    client.close()


def test_an_answer_that_goes_on_and_on(
    stub: TerminologyStub, client: TerminologyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.members = {(LOINC, "1-8", ""): True}
    monkeypatch.setattr("fhir_server.terminology_server._PATIENCE", -1.0)
    with pytest.raises(Unanswered, match=r" s$"):
        client.member(LOINC, "1-8")


@pytest.mark.parametrize(
    "url", ["", "tx.example.org", "ftp://tx.example.org", "file:///etc/passwd", "http://", "http://a:b/"]
)
def test_only_http_addresses_are_taken(url: str) -> None:
    with pytest.raises(ValueError, match="not an http address"):
        TerminologyServer(url)
