"""What receivers answer, read: each answer is one of three words and a code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.relay.routes import Protocol, Route
from fhir_server.relay.senders import Answer, HttpSender, SmtpSender, State, sender_of
from testdata.mail import reading_notice
from tests.support.postbox import Delivery, Postbox, postbox

DONE = {"resourceType": "Bundle", "type": "transaction-response", "entry": [
    {"response": {"status": "201 Created", "location": "List/1/_history/1"}},
    {"response": {"status": "201 Created", "location": "DocumentReference/2/_history/1"}}]}  # fmt: skip
_ERROR = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:"


def outcome(code: str, detail: str | None = None, severity: str = "error") -> dict[str, Any]:
    details = {"coding": [{"code": detail}]} if detail else {"text": "Monsieur Untel est connu"}
    issues = [{"severity": "warning", "code": "value"}, {"severity": severity, "code": code, "details": details}]
    return {"resourceType": "OperationOutcome", "issue": issues}


def registry(status: str, *errors: tuple[str, str]) -> bytes:
    rows = [f'<rs:RegistryError errorCode="{code}" severity="{_ERROR}{severity}"/>' for code, severity in errors]
    return "".join([
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" ',
        'xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"><s:Body>',
        f'<rs:RegistryResponse status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:{status}">',
        "<rs:RegistryErrorList>", *rows, "</rs:RegistryErrorList></rs:RegistryResponse></s:Body></s:Envelope>",
    ]).encode()  # fmt: skip


def sent(
    answer: Callable[[httpx.Request], httpx.Response], protocol: Protocol = "iti-65", *, before: bool = False
) -> Answer:
    route = Route(name="a", protocol=protocol, to="http://dmp.example/x", timeout=1)
    sender = HttpSender(route, httpx.MockTransport(answer))
    found = sender.send(b"as received", "application/fhir+json", sent_before=before)
    sender.close()
    return found


def says(status: int, body: Any = b"") -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, content=body if isinstance(body, bytes) else json.dumps(body).encode())


def test_the_bytes_and_their_type_go_as_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[httpx.Request] = []

    def receive(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=DONE)

    monkeypatch.setenv("DMP_TOKEN", "secret")
    route = Route(name="a", protocol="iti-65", to="http://dmp.example/fhir", token_env="DMP_TOKEN")
    sender = HttpSender(route, httpx.MockTransport(receive))
    found = sender.send(b'{"a":1.50}', "application/fhir+json; charset=utf-8", sent_before=False)
    assert found == Answer("acknowledged", "200", "DocumentReference/2/_history/1")
    [request] = seen
    assert request.content == b'{"a":1.50}'
    assert request.headers["content-type"] == "application/fhir+json; charset=utf-8"
    assert request.headers["authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("status", "body", "state", "code"),
    [
        (200, {**DONE, "entry": [{"response": {"status": "422 Unprocessable"}}]}, "refused", "http-422"),
        (200, b"<html>", "retry", "http-200"),
        (200, {"resourceType": "Bundle", "type": "searchset"}, "refused", "http-200"),
        (400, outcome("invalid"), "refused", "invalid"),
        (403, outcome("forbidden", "DMP-CLOSED"), "refused", "DMP-CLOSED"),
        (404, b"", "refused", "http-404"),
        (302, b"", "refused", "http-302"),
        (409, outcome("duplicate"), "refused", "duplicate"),
        (408, b"", "retry", "http-408"),
        (429, outcome("throttled"), "retry", "http-429"),
        (500, outcome("exception"), "retry", "http-500"),
        (503, b"", "retry", "http-503"),
    ],
)
def test_iti_65(status: int, body: Any, state: str, code: str) -> None:
    assert sent(says(status, body)) == Answer(state, code)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "body", "state", "code"),
    [
        (200, registry("Success"), "acknowledged", "Success"),
        (200, registry("Success", ("XDSWarning", "Warning")), "acknowledged", "Success"),
        (200, b"--b\r\nContent-Type: x\r\n\r\n" + registry("Success") + b"\r\n--b--", "acknowledged", "Success"),
        (200, registry("Failure", ("XDSWarning", "Warning"), ("XDSPatientIdDoesNotMatch", "Error")), "refused",
         "XDSPatientIdDoesNotMatch"),
        (200, registry("Failure", ("XDSRepositoryBusy", "Error")), "retry", "XDSRepositoryBusy"),
        (200, registry("Failure"), "refused", "Failure"),
        (200, b"", "retry", "http-200"),
        (200, b"<Envelope><!DOCTYPE x></Envelope>", "retry", "http-200"),
        (400, b"<soap:Envelope>no", "refused", "http-400"),
        (500, registry("Failure"), "retry", "http-500"),
    ],
)  # fmt: skip
def test_iti_41(status: int, body: bytes, state: str, code: str) -> None:
    assert sent(says(status, body), "iti-41") == Answer(state, code)  # type: ignore[arg-type]


def test_a_duplicate_is_ours_only_when_it_was_sent_before() -> None:
    assert sent(says(409, outcome("duplicate")), before=True).state == "acknowledged"
    twice = registry("Failure", ("XDSDuplicateUniqueIdInRegistry", "Error"))
    assert sent(says(200, twice), "iti-41", before=True).state == "acknowledged"
    assert sent(says(200, twice), "iti-41").state == "refused"
    assert sent(says(403, outcome("forbidden")), before=True).state == "refused"


def test_what_a_receiver_writes_is_not_kept() -> None:
    assert "Untel" not in str(sent(says(422, outcome("processing"))))
    assert len(sent(says(422, outcome("x" * 500))).code) <= 64


def test_the_network() -> None:
    def raises(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
        def receive(_: httpx.Request) -> httpx.Response:
            raise error

        return receive

    assert sent(raises(httpx.ReadTimeout("slow"))) == Answer("retry", "timeout")
    assert sent(raises(httpx.ConnectError("none"))) == Answer("retry", "unreachable")


def test_an_answer_without_end_is_cut() -> None:
    assert sent(says(200, b'{"a": "' + b"x" * 5_000_000)).state == "retry"


@given(st.binary(max_size=200), st.sampled_from([200, 201, 400, 409, 500]), st.sampled_from(["iti-65", "iti-41"]))
def test_no_answer_raises(body: bytes, status: int, protocol: Protocol) -> None:
    assert sent(says(status, body), protocol).state in ("acknowledged", "refused", "retry")


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as made:
        yield made


MAIL = b"From: a@x.mssante.fr\r\nTo: b@y.mssante.fr\r\nSubject: XDM/1.0/DDM\r\n\r\nbody\r\n"


def mailed(box: Postbox, mail: bytes = MAIL, *recipients: str) -> Answer:
    sender = sender_of(Route(name="m", protocol="smtp", to=box.address, timeout=5))
    assert isinstance(sender, SmtpSender)
    answer = sender.send(mail, "message/rfc822", sent_before=False, recipients=recipients)
    sender.close()
    return answer


@pytest.mark.parametrize(
    ("says", "answer"),
    [("250 OK", ("acknowledged", "250")), ("451 later", ("retry", "451")), ("554 no", ("refused", "554"))],
)
def test_smtp(box: Postbox, says: str, answer: tuple[State, str]) -> None:
    box.says = says
    assert mailed(box) == Answer(*answer)
    assert box.got == [Delivery("a@x.mssante.fr", ["b@y.mssante.fr"], MAIL)]


def test_smtp_goes_to_the_recipients_of_the_envelope(box: Postbox) -> None:
    assert mailed(box, MAIL, "c@y.mssante.fr", "d@y.mssante.fr").state == "acknowledged"
    assert box.got[0].recipients == ["c@y.mssante.fr", "d@y.mssante.fr"]


def test_smtp_of_a_recipient_nobody_knows(box: Postbox) -> None:
    box.strangers = ("c@y.mssante.fr",)
    assert mailed(box, MAIL, "c@y.mssante.fr") == Answer("refused", "550")
    assert mailed(box, MAIL, "c@y.mssante.fr", "b@y.mssante.fr") == Answer("acknowledged", "250-partial")


def test_smtp_gives_a_notice_no_return_path(box: Postbox) -> None:
    at = datetime(2026, 11, 2, 10, tzinfo=UTC)
    notice = reading_notice("b@y.mssante.fr", "a@x.mssante.fr", "<1@x>", at=at, message_id="<2@y>")
    assert mailed(box, notice).state == "acknowledged"
    assert box.got == [Delivery("<>", ["a@x.mssante.fr"], notice)]


def test_smtp_of_an_address_that_cannot_be_written(box: Postbox) -> None:
    assert mailed(box, MAIL, "é@y.mssante.fr") == Answer("refused", "address")
    assert box.got == []


def test_smtp_takes_no_command_from_an_address(box: Postbox) -> None:
    assert mailed(box, MAIL, "b@y.mssante.fr\r\nRCPT TO:<x@example.org>").state == "acknowledged"
    assert box.got[0].recipients == ["b@y.mssante.fr"]


@pytest.mark.parametrize("mail", [b"", b"no header", b"From: a@x.mssante.fr\r\n\r\nx"])
def test_smtp_for_nobody(box: Postbox, mail: bytes) -> None:
    assert mailed(box, mail) == Answer("refused", "550")


def test_smtp_nobody_there() -> None:
    sender = SmtpSender(Route(name="m", protocol="smtp", to="smtp://127.0.0.1:9", timeout=1))
    assert sender.send(MAIL, "message/rfc822", sent_before=False) == Answer("retry", "unreachable")
