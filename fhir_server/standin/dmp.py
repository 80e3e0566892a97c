"""`segur stand-in dmp`: ITI-65 and ITI-41 in, and the answers of a shared record that is open, closed, slow or down.

Behaviours: `open` takes everything and says «duplicate» to a unique id it has; `closed`, `author` and `duplicate`
refuse everything for that reason; `down` answers 503; `lost` takes the submission and breaks the connection off.
`delay` waits before the answer; `times` is for how many submissions a behaviour lasts, then it is `open` again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import orjson
from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from fhir_server.fhir.outcome import refusal
from fhir_server.intake.xds import read_provide
from fhir_server.soap.answer import envelope, plain
from fhir_server.soap.fault import SoapFault
from fhir_server.soap.message import read_message
from fhir_server.xds.response import FAILURE, SUCCESS, registry_response
from validators.fhir import parse_json
from validators.report import Report

KINDS: Final = ("open", "closed", "unknown", "author", "duplicate", "down", "lost")
_REFUSALS: Final[Mapping[str, tuple[int, str]]] = {
    "closed": (403, "XDSRegistryError"), "unknown": (403, "XDSRegistryError"), "author": (403, "XDSRepositoryError"),
    "duplicate": (409, "XDSDuplicateUniqueIdInRegistry"),
}  # fmt: skip
_RULES: Final = {
    "closed": "STANDIN-CLOSED",
    "unknown": "STANDIN-CLOSED",
    "author": "STANDIN-AUTHOR",
    "duplicate": "STANDIN-DUPLICATE",
}


class Behaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it answers; `delay` in seconds, `times` 0 for ever."""

    answer: str = "open"
    delay: float = 0.0
    times: int = 0


@dataclass(slots=True)
class Memory:
    """What it took, by unique id, and every body it was sent, by hash; both in the order they came."""

    behaviour: Behaviour
    left: int = 0
    taken: dict[str, str] = field(default_factory=dict)
    bodies: list[str] = field(default_factory=list)

    def now(self) -> str:
        """The behaviour of this submission."""
        if not self.behaviour.times:
            return self.behaviour.answer
        if not self.left:
            return "open"
        self.left -= 1
        return self.behaviour.answer

    @property
    def standing(self) -> str:
        """The behaviour as a question finds it: a question is no submission."""
        return "open" if self.behaviour.times and not self.left else self.behaviour.answer

    def takes(self, unique_ids: list[str], digest: str) -> bool:
        """Take them, unless one is there."""
        if any(name in self.taken for name in unique_ids):
            return False
        self.taken.update(dict.fromkeys(unique_ids, digest))
        return True


def create_standin(behaviour: Behaviour) -> Starlette:
    """The application; `GET /received` shows what came, `PUT /behaviour` changes how it answers."""
    app = Starlette(routes=[
        Route("/fhir", _provide, methods=["POST"]), Route("/xds/repository", _register, methods=["POST"]),
        Route("/fhir/Patient", _exists), Route("/received", _received), Route("/behaviour", _behave, methods=["PUT"]),
    ])  # fmt: skip
    app.state.memory = Memory(behaviour, behaviour.times)
    return app


async def _decided(request: Request, unique_ids: list[str], body: bytes) -> str:
    """What is answered, once it has waited: `taken`, `lost`, or the name of a refusal."""
    memory: Memory = request.app.state.memory
    digest = hashlib.sha256(body).hexdigest()
    memory.bodies.append(digest)
    answer = memory.now()
    if memory.behaviour.delay:
        await asyncio.sleep(memory.behaviour.delay)
    if answer not in ("open", "lost"):
        return answer
    taken = memory.takes(unique_ids, digest)
    return answer if answer == "lost" else "taken" if taken else "duplicate"


async def _provide(request: Request) -> Response:
    """ITI-65: a transaction-response, or an OperationOutcome."""
    body = await request.body()
    bundle = parse_json(body, Report())
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    resources = [e.get("resource") or {} for e in entries or () if isinstance(e, dict)]
    names = [str((r.get("masterIdentifier") or {}).get("value")) for r in resources
             if r.get("resourceType") == "DocumentReference"]  # fmt: skip
    if not names:
        return _json(refusal("SUBMISSION-EMPTY", "fr"), 400)
    answer = await _decided(request, names, body)
    if answer in ("down", "lost"):
        return _broken(answer)
    if answer != "taken":
        return _json(refusal(_RULES[answer], "fr"), _REFUSALS[answer][0])
    done = [{"response": {"status": "201 Created", "location": f"{r.get('resourceType')}/{place}/_history/1"}}
            for place, r in enumerate(resources, 1)]  # fmt: skip
    return _json({"resourceType": "Bundle", "type": "transaction-response", "entry": done})


async def _exists(request: Request) -> Response:
    """TD0.2: a searchset; a record that is open is an active Patient, `closed` one that is not, `unknown` none."""
    system, bar, value = request.query_params.get("identifier", "").partition("|")
    if not bar or not value:
        return _json(refusal("SEARCH-REQUIRED", "fr", name="identifier"), 400)
    memory: Memory = request.app.state.memory
    if memory.standing in ("down", "lost"):
        return _broken(memory.standing)
    named = {"system": system, "value": value}
    patient = {"resourceType": "Patient", "identifier": [named], "active": memory.standing != "closed"}
    found = [] if memory.standing == "unknown" else [{"resource": patient, "search": {"mode": "match"}}]
    rest = {"entry": found} if found else {}
    return _json({"resourceType": "Bundle", "type": "searchset", "total": len(found)} | rest)


async def _register(request: Request) -> Response:
    """ITI-41: a RegistryResponse."""
    body = await request.body()
    try:
        message = read_message(body, request.headers.get("content-type", ""))
        found = read_provide(message)
    except SoapFault:
        return _json(refusal("SUBMISSION-EMPTY", "fr"), 400)
    documents = found.metadata.documents if found.metadata is not None else ()
    answer = await _decided(request, [str(one.unique_id) for one in documents], body)
    if answer in ("down", "lost"):
        return _broken(answer)
    response = registry_response(SUCCESS) if answer == "taken" else registry_response(FAILURE, _errors(answer))
    data, content_type = plain(envelope(f"{message.envelope.action}Response", message.envelope.message_id, response))
    return Response(data, headers={"Content-Type": content_type})


def _broken(answer: str) -> Response:
    """503, or an answer that ends before its end: nobody learns what became of the submission."""
    if answer == "down":
        return _json(refusal("WRITER-UNAVAILABLE", "fr"), 503)

    async def nothing() -> AsyncIterator[bytes]:
        yield b"{"
        raise ConnectionAbortedError

    return StreamingResponse(nothing(), headers={"Content-Length": "1000"})


def _errors(answer: str) -> etree._Element:
    namespace = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
    errors = etree.Element(f"{{{namespace}}}RegistryErrorList", nsmap={"rs": namespace})
    etree.SubElement(
        errors, f"{{{namespace}}}RegistryError", errorCode=_REFUSALS[answer][1], codeContext=_RULES[answer],
        severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error",
    )  # fmt: skip
    return errors


async def _received(request: Request) -> Response:
    """What was taken, and every body that came."""
    memory: Memory = request.app.state.memory
    return _json({"taken": memory.taken, "bodies": memory.bodies})


async def _behave(request: Request) -> Response:
    """From now on it answers like this."""
    try:
        behaviour = msgspec.json.decode(await request.body(), type=Behaviour)
    except msgspec.DecodeError as problem:
        return _json({"error": str(problem)}, 400)
    if behaviour.answer not in KINDS:
        return _json({"error": f"answer: {', '.join(KINDS)}"}, 400)
    memory: Memory = request.app.state.memory
    memory.behaviour, memory.left = behaviour, behaviour.times
    return _json(msgspec.to_builtins(behaviour))


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/fhir+json")
