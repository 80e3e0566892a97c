"""The receivers' protocols: bytes as they were received go out, what comes back becomes one of three words.

`acknowledged`: the receiver has it. `refused`: it will not take it, however often it is sent. `retry`: nobody can tell
yet. A receiver that answers «duplicate» to something sent before has it from the try whose answer was lost; to a first
try it means that somebody else had sent it, which is no acknowledgement of ours. Answers are reduced to codes: what a
receiver writes may name a patient.

Source: IHE MHD ITI-65 (transaction-response), IHE XDS.b ITI-41 (RegistryResponse, ITI TF-3 4.2.4.1), RFC 5321.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol
from urllib.parse import urlsplit

import httpx
import orjson

from fhir_server.relay.routes import Route
from validators.mail import check_mail
from validators.xmlopen import Refusal, open_xml

State = Literal["acknowledged", "refused", "retry"]
_ANSWER_LIMIT: Final = 4_000_000
_LATER: Final = frozenset({408, 425, 429})
_DUPLICATES: Final = frozenset({"duplicate", "XDSDuplicateUniqueIdInRegistry", "XDSDuplicateDocument"})
_BUSY: Final = frozenset({"XDSRepositoryBusy", "XDSRegistryBusy", "XDSRegistryNotAvailable"})
_ENVELOPE: Final = re.compile(rb"<(?:[A-Za-z0-9_-]+:)?Envelope[\s>]")
_RS: Final = "{urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a try came to: a code of the receiver (or of the transport), and the receiver's own reference."""

    state: State
    code: str
    reference: str | None = None


class Sender(Protocol):
    """Sends the bytes of one submission to one receiver."""

    def send(
        self, content: bytes, content_type: str, *, sent_before: bool, recipients: Sequence[str] = ()
    ) -> Answer:  # fmt: skip
        """One try. Never raises on what a receiver or the network does."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...


class HttpSender:
    """ITI-65 and ITI-41: a POST, and a reading of the answer."""

    def __init__(self, route: Route, transport: httpx.BaseTransport | None = None) -> None:
        headers = {} if route.token is None else {"Authorization": f"Bearer {route.token}"}
        self._route = route
        self._http = httpx.Client(headers=headers, timeout=route.timeout, follow_redirects=False, transport=transport)

    def send(
        self, content: bytes, content_type: str, *, sent_before: bool, recipients: Sequence[str] = ()
    ) -> Answer:  # fmt: skip
        """One POST of the bytes under the content type they came with."""
        del recipients  # the address says who it is for
        try:
            named = {"Content-Type": content_type}
            with self._http.stream("POST", self._route.to, content=content, headers=named) as got:
                body = _bounded(got)
                return self._read(got.status_code, body, sent_before)
        except httpx.TimeoutException:
            return Answer("retry", "timeout")
        except httpx.HTTPError:
            return Answer("retry", "unreachable")

    def _read(self, status: int, body: bytes, sent_before: bool) -> Answer:
        if status >= 500 or status in _LATER:
            return Answer("retry", f"http-{status}")
        read = _fhir if self._route.protocol == "iti-65" else _xds
        return _settled(read(status, body), sent_before)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def _bounded(response: httpx.Response) -> bytes:
    """The answer's body; one that does not end is cut, and then read as no answer."""
    chunks, size = [], 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > _ANSWER_LIMIT:
            return b""
        chunks.append(chunk)
    return b"".join(chunks)


def _settled(found: Answer, sent_before: bool) -> Answer:
    if found.state == "refused" and found.code in _DUPLICATES and sent_before:
        return Answer("acknowledged", found.code)
    return found


def _fhir(status: int, body: bytes) -> Answer:
    """A transaction-response with every entry done, or the code of the first error."""
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Answer("retry" if status < 300 else "refused", f"http-{status}")
    if status < 300 and isinstance(found, dict) and found.get("type") == "transaction-response":
        done = [entry.get("response") or {} for entry in _objects(found.get("entry"))]
        failed = [str(one.get("status", ""))[:3] for one in done if not str(one.get("status", "")).startswith("2")]
        if not failed:
            places = [str(one.get("location", "")) for one in done]
            named = (place for place in places if "DocumentReference/" in place)
            return Answer("acknowledged", str(status), next(named, None))
        return Answer("refused", f"http-{failed[0]}")
    if status == 409:
        return Answer("refused", "duplicate")
    return Answer("refused", _issue_code(found) or f"http-{status}")


def _issue_code(outcome: Any) -> str:
    """The first error of an OperationOutcome: its detailed code, else its type."""
    issues = _objects(outcome.get("issue")) if isinstance(outcome, dict) else []
    for issue in issues:
        if issue.get("severity") in ("fatal", "error"):
            details = issue.get("details")
            codings = _objects(details.get("coding")) if isinstance(details, dict) else []
            code = next((str(c["code"]) for c in codings if "code" in c), str(issue.get("code", "")))
            return code[:64]
    return ""


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _xds(status: int, body: bytes) -> Answer:
    """The RegistryResponse of ITI-41, wherever it stands in the answer (plain SOAP, or the root part of a MIME one)."""
    start, end = _ENVELOPE.search(body), body.rfind(b"Envelope>")
    text = body[start.start() : end + len(b"Envelope>")] if start is not None else b""
    tree = open_xml(text, max_bytes=_ANSWER_LIMIT, max_depth=32)
    response = None if isinstance(tree, Refusal) else next(tree.iter(f"{_RS}RegistryResponse"), None)
    if response is None:
        return Answer("refused" if 400 <= status < 500 else "retry", f"http-{status}")
    if str(response.get("status", "")).endswith(":Success"):
        return Answer("acknowledged", "Success")
    codes = [str(e.get("errorCode", ""))[:64] for e in response.iter(f"{_RS}RegistryError")
             if not str(e.get("severity", "")).endswith(":Warning")]  # fmt: skip
    code = next((one for one in codes if one), "Failure")
    return Answer("retry" if code in _BUSY else "refused", code)


class SmtpSender:
    """A mail as it was received, to the recipients of its envelope, else to those its own header names."""

    def __init__(self, route: Route) -> None:
        self._route = route

    def send(
        self, content: bytes, content_type: str, *, sent_before: bool, recipients: Sequence[str] = ()
    ) -> Answer:  # fmt: skip
        """One connection, one message; a notice has no return path (RFC 5321, 4.5.5)."""
        del content_type, sent_before  # a mail says both itself
        address, found = urlsplit(self._route.to), check_mail(content)
        sender = "" if found.notice is not None else next(iter(found.sides[0]), "")
        to, answer = list(recipients or found.sides[1]), None
        try:
            with smtplib.SMTP(address.hostname or "", address.port or 25, timeout=self._route.timeout) as line:
                answer = _delivered(line.sendmail(sender, to, content))
        except (OSError, ValueError) as problem:
            return answer or _undelivered(problem)  # what was taken stays so, whatever is said at parting
        return answer

    def close(self) -> None:
        """Nothing stays open between two messages."""


def _delivered(refused: Mapping[str, object]) -> Answer:
    """A receiver that took it for one recipient of several has it."""
    return Answer("acknowledged", "250-partial" if refused else "250")


def _undelivered(problem: OSError | ValueError) -> Answer:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return _smtp(max((code for code, _ in problem.recipients.values()), default=550))
    if isinstance(problem, smtplib.SMTPResponseException):
        return _smtp(problem.smtp_code)
    if isinstance(problem, ValueError):
        return Answer("refused", "address")  # one that cannot be written in SMTP
    return Answer("retry", "timeout" if isinstance(problem, TimeoutError) else "unreachable")


def _smtp(code: int) -> Answer:
    return Answer("refused" if code >= 500 else "retry", str(code))


def sender_of(route: Route) -> Sender:
    """The sender of a route's protocol."""
    return SmtpSender(route) if route.protocol == "smtp" else HttpSender(route)
