"""The HTTP side of XDS.b: a message read, its action found, its transaction answered; or a SOAP fault that says why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fastapi import Request, Response
from lxml import etree

from fhir_server.fhir.http import Refusal, language, owner, read_body, services
from fhir_server.intake.submission import Received, Submission, received
from fhir_server.intake.xds import PROVIDE, ProvideOpener, read_provide
from fhir_server.security.caller import Scope
from fhir_server.services import Services
from fhir_server.soap.answer import Attachment, envelope, fault_envelope, plain, related
from fhir_server.soap.fault import SoapFault, issue, sender
from fhir_server.soap.message import CONTENT_TYPES, SoapMessage, read_message
from fhir_server.soap.mime import MimeLimits
from fhir_server.soap.vihf import Vihf, read_vihf
from fhir_server.store.writer import WriterGone
from fhir_server.xds.entries import Entries
from fhir_server.xds.registry import answer_query
from fhir_server.xds.repository import RETRIEVE, provided, retrieve
from fhir_server.xds.response import FAILURE, about, registry_errors, registry_response
from fhir_server.xds.stored_query import REQUEST
from validators.report import Report

_IHE: Final = "urn:ihe:iti:2007:"
PROVIDE_ACTION: Final = f"{_IHE}ProvideAndRegisterDocumentSet-b"
RETRIEVE_ACTION: Final = f"{_IHE}RetrieveDocumentSet"
QUERY_ACTION: Final = f"{_IHE}RegistryStoredQuery"
"""IHE ITI TF-2, 3.41, 3.43 and 3.18; an answer's action is its request's and `Response`."""


@dataclass(frozen=True, slots=True)
class Call:
    """One message, with who sent it and all that is needed to answer it."""

    services: Services
    scope: Scope
    arrived: Received
    message: SoapMessage
    lang: str
    vihf: Vihf | None
    said: Report

    def answered(
        self,
        element: etree._Element,
        attachments: tuple[Attachment, ...] = (),
        *,
        mtom: bool = False,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """The answer: MTOM when the message was, or when it has to be."""
        asked = self.message.envelope
        whole = envelope(f"{asked.action}Response", asked.message_id, element)
        form = related(whole, attachments) if mtom or self.message.is_mtom else plain(whole)
        return _response(*form, status, headers)


Transaction = Callable[[Call], Awaitable[Response]]


def _response(body: bytes, content_type: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, {**(headers or {}), "Content-Type": content_type})


def _faulted(fault: SoapFault, lang: str, headers: dict[str, str] | None = None) -> Response:
    return _response(*plain(fault_envelope(fault, lang)), fault.status, headers)


async def repository(request: Request) -> Response:
    """ITI-41 and ITI-43, told apart by their action. A message that cannot be read is filed as refused."""
    return await _serve(
        request, {PROVIDE_ACTION: (PROVIDE, _provide), RETRIEVE_ACTION: (RETRIEVE, _retrieve)}, files=True
    )


async def registry(request: Request) -> Response:
    """ITI-18."""
    return await _serve(request, {QUERY_ACTION: (REQUEST, _query)}, files=False)


async def _serve(request: Request, known: dict[str, tuple[str, Transaction]], *, files: bool) -> Response:
    lang = language(request)
    try:
        caller, scope = owner(request)
        body = await read_body(request, CONTENT_TYPES)
        content_type = request.headers.get("content-type", "")
        arrived = received("xds", body, caller, datetime.now(UTC), content_type)
        try:
            message = read_message(body, content_type, MimeLimits(parts=services(request).settings.max_entries))
        except SoapFault as fault:
            headers = await _filed(request, arrived, Report(fault.issues)) if files else None
            return _faulted(fault, lang, headers)
        transaction = _transaction(message, known)
        said = Report()
        found = services(request)
        vihf = read_vihf(message.envelope.security, said, arrived.at, found.checks.vihf)
        if not said.conformant:
            headers = await _filed(request, arrived, said) if transaction is _provide else None
            return _faulted(_distrust(said, message), lang, headers)
        return await transaction(Call(found, scope, arrived, message, lang, vihf, said))
    except Refusal as refusal:
        return _faulted(_of(refusal), lang, refusal.headers)
    except SoapFault as fault:
        return _faulted(fault, lang)


def _transaction(message: SoapMessage, known: dict[str, tuple[str, Transaction]]) -> Transaction:
    asked = message.envelope
    if asked.action not in known:
        raise sender("SOAP-ACTION", "wsa:ActionNotSupported", asked.message_id, expected=", ".join(known))
    tag, transaction = known[asked.action]
    if asked.body.tag != tag:
        raise sender("SOAP-BODY", None, asked.message_id, expected=tag.rpartition("}")[2])
    return transaction


async def _filed(request: Request, arrived: Received, report: Report) -> dict[str, str]:
    """File what cannot be answered by its transaction: the sender can always read why (policy)."""

    def opener(_: Received, __: object) -> Submission:
        return Submission(arrived, None, report, malformed=not any(r.startswith("VIHF-") for r in report.rules()))

    busy = Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"})
    try:
        outcome, _ = await services(request).pipeline.file(arrived, opener)
    except WriterGone:
        raise busy from None
    if outcome.status == 503:
        raise busy
    return {"Segur-Submission": outcome.submission}


def _distrust(said: Report, message: SoapMessage) -> SoapFault:
    """The fault of a VIHF that is refused (WS-Security, 12)."""
    return SoapFault(
        "Sender", said.issues, status=403, subcode="wsse:InvalidSecurityToken",
        relates_to=message.envelope.message_id,
    )  # fmt: skip


def _of(refusal: Refusal) -> SoapFault:
    """What every door refuses alike, as a fault with the same status."""
    found = issue(refusal.rule_id, refusal.location, None, **refusal.params)
    return SoapFault("Sender" if refusal.status < 500 else "Receiver", [found], status=refusal.status)


# -- transactions ------------------------------------------------------------------------------------------------------


@contextmanager
def _entries(call: Call) -> Iterator[Entries]:
    with call.services.reading() as connection:
        yield Entries(connection, call.scope, call.services.settings.repository_id)


async def _provide(call: Call) -> Response:
    request = read_provide(call.message)
    with _entries(call) as entries:
        names = entries.unique_ids(request.replaced) if request.report.conformant else {}
    opener = ProvideOpener(request, call.vihf, call.said, names)
    try:
        outcome, record = await call.services.pipeline.file(call.arrived, opener)
    except WriterGone:
        return _busy(call)
    if outcome.status == 503:
        return _busy(call)
    with _entries(call) as entries:
        body = provided(outcome, record, request, entries, call.lang)
    return call.answered(body, headers={"Segur-Submission": outcome.submission})


def _busy(call: Call) -> Response:
    errors = registry_errors([about(issue("WRITER-UNAVAILABLE"))], call.lang)
    return call.answered(registry_response(FAILURE, errors), status=503, headers={"Retry-After": "1"})


async def _retrieve(call: Call) -> Response:
    repository_id = call.services.settings.repository_id
    with _entries(call) as entries:
        found = retrieve(call.message.envelope.body, entries, repository_id, call.lang)
    return call.answered(found.body, found.attachments, mtom=True)


async def _query(call: Call) -> Response:
    with _entries(call) as entries:
        body = answer_query(call.message.envelope.body, entries, call.vihf, call.lang)
    return call.answered(body)
