"""A small FHIR terminology server on loopback: it knows what it is told, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Question = tuple[str, str, str]
"""System, code, value set (empty for the code system itself)."""


class TerminologyStub(ThreadingHTTPServer):
    """Answers by question; `status` and `body` replace every answer when they are set."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.members: dict[Question, bool] = {}
        self.asked: list[Question] = []
        self.received: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.status = 200
        self.body: bytes | None = None

    @property
    def url(self) -> str:
        """Its FHIR base."""
        return f"http://127.0.0.1:{self.server_address[1]}/r4"


class _Handler(BaseHTTPRequestHandler):
    server: TerminologyStub

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.loads(data)
        self.server.received.append((self.path, dict(self.headers), body))
        sent = {one["name"]: one.get("valueUri", one.get("valueCode")) for one in body["parameter"]}
        of_set = self.path == "/r4/ValueSet/$validate-code"
        question = (sent["system"] if of_set else sent["url"], sent["code"], sent["url"] if of_set else "")
        self.server.asked.append(question)
        answer = self.server.body if self.server.body is not None else _answer(self.server.members.get(question))
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        pass


def _answer(member: bool | None) -> bytes:
    """A verdict, or that the server does not know the system or the value set."""
    parameters: list[dict[str, Any]] = [{"name": "result", "valueBoolean": member is True}]
    if member is None:
        issue = {"severity": "error", "code": "not-found"}
        parameters.append({"name": "issues", "resource": {"resourceType": "OperationOutcome", "issue": [issue]}})
    return json.dumps({"resourceType": "Parameters", "parameter": parameters}).encode()


@contextmanager
def terminology_stub() -> Iterator[TerminologyStub]:
    """A server that runs until the block ends."""
    server = TerminologyStub()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
