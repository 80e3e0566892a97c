"""A receiver of notifications on loopback: it keeps what it is sent, and answers as it is told."""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Received:
    """One notification as it arrived."""

    headers: dict[str, str]
    body: bytes
    path: str

    @property
    def bundle(self) -> Json:
        """What was sent."""
        found: Json = json.loads(self.body)
        return found

    @property
    def status(self) -> dict[str, Any]:
        """The values of the SubscriptionStatus by name; events as (number, reference)."""
        found: dict[str, Any] = {"events": []}
        for parameter in self.bundle["entry"][0]["resource"]["parameter"]:
            if parameter["name"] == "notification-event":
                parts = {part["name"]: part for part in parameter["part"]}
                number = int(parts["event-number"]["valueString"])
                found["events"].append((number, parts["focus"]["valueReference"]["reference"]))
            else:
                found[parameter["name"]] = next(v for k, v in parameter.items() if k.startswith("value"))
        return found

    def is_signed_with(self, secret: str, key: str) -> bool:
        """As the page on following says a receiver checks it."""
        parts = dict(part.split("=", 1) for part in self.headers["segur-signature"].split(","))
        told = hmac.new(secret.encode(), parts["t"].encode() + b"." + self.body, hashlib.sha256).hexdigest()
        return parts["kid"] == key and hmac.compare_digest(parts["v1"], told)


class Hook:
    """`answer`: an HTTP status, or `slow` (never answers), `endless` (says 200 and goes on for ever)."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.received: list[Received] = []
        self.answer: int | str = 200
        self.released = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.start()

    def __enter__(self) -> Hook:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    def start(self) -> None:
        """Listen, where it listened before."""
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.take(self, Received({k.lower(): v for k, v in self.headers.items()}, body, self.path))

            def log_message(self, *_: object) -> None:
                """Nothing on the terminal."""

        self.released.clear()
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        if self._tls is not None:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections, and let go of those it keeps waiting."""
        self.released.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def take(self, handler: BaseHTTPRequestHandler, found: Received) -> None:
        """Keep one notification and answer it."""
        answer = self.answer
        self.received.append(found)
        if answer == "slow":
            self.released.wait(60)
            return
        handler.send_response(200 if answer == "endless" else int(answer))
        if answer == 302:
            handler.send_header("Location", self.url)
        if answer == "endless":
            handler.end_headers()
            while not self.released.wait(0.01):
                handler.wfile.write(b"x" * 1024)
            return
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def events(self) -> list[tuple[int, str]]:
        """Every event that arrived, doubles among them."""
        return [event for found in list(self.received) for event in found.status["events"]]

    def told(self) -> dict[int, str]:
        """The events by number: one that arrived twice has the same number, and is about the same."""
        found: dict[int, str] = {}
        for number, url in self.events():
            assert found.setdefault(number, url) == url
        return found

    def topics(self) -> dict[str, set[tuple[int, str]]]:
        """The events by topic."""
        found: dict[str, set[tuple[int, str]]] = {}
        for one in list(self.received):
            for event in one.status["events"]:
                found.setdefault(one.status["topic"], set()).add(event)
        return found
