"""The process model: one supervisor binds the port, loads the rules once and forks workers and, on SQLite, one writer.

Workers check submissions and hand write plans to the writer through a UNIX socket. A lifeline pipe whose write end
only the supervisor holds tells the children that it is gone: they finish what they hold, answer it, and stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from fhir_server.guides import load_guides
from fhir_server.intake.checks import Checks, checks_of
from fhir_server.relay.routes import routes_of
from fhir_server.settings import Settings
from fhir_server.store.database import prepare
from fhir_server.store.subscriptions import anybody

GRACE = 10
"""Seconds a worker may take to answer what it holds when it is told to stop."""


class PortTaken(Exception):
    """The address cannot be listened on."""


def serve(settings: Settings, announce: Callable[[str], None]) -> int:
    """Run until SIGTERM or SIGINT; children that die are started again. Returns an exit code.

    Raises:
        DatabaseError: the database cannot be used.
        GuideError: a package to judge by is missing or broken.
        PortTaken: the port is not free.
        RouteError: the file of routes cannot be used.
    """
    prepare(settings.database)
    sockets = _listen(settings.host, settings.port, settings.workers)
    supervisor = _Supervisor(settings, sockets, _preload(settings))
    try:
        return supervisor.run(announce)
    finally:
        shutil.rmtree(supervisor.folder, ignore_errors=True)


def _listen(host: str, port: int, workers: int) -> list[socket.socket]:
    """One listening socket a worker, on the same port: the kernel deals connections out, no worker takes them all.

    The supervisor keeps them open, so that what waits for a worker that died is there for the next one. The first bind
    is exclusive: two servers never share a port. A server that was killed a moment ago may still be draining on it, so
    wait for it a little.
    """
    deadline = time.monotonic() + 5
    while True:
        try:
            with _bound(host, port, shared=False) as probe:
                port = probe.getsockname()[1]
            break
        except OSError as error:
            if time.monotonic() > deadline:
                raise PortTaken(f"{host}:{port}: {error.strerror}") from error
            time.sleep(0.1)
    found = [_bound(host, port, shared=True) for _ in range(workers)]
    for sock in found:
        sock.listen(2048)
    return found


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def _preload(settings: Settings) -> Checks:
    """Load what every worker needs before the fork, so that they share it, and keep the collector off it."""
    import fhir_server.app  # noqa: F401
    from fhir_server.fhir.indexing import warm
    from validators.documents import registry
    from validators.fhir import default_walker
    from validators.messages import catalogue
    from validators.mhd import pdsm_walker

    default_walker(), registry(), catalogue()
    warm()
    checks = _guided(checks_of(settings), settings)
    pdsm_walker(checks.pdsm)
    checks.cda(b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>", datetime.now(UTC))  # compiles schema and rules
    gc.collect()
    gc.freeze()
    return checks


def _guided(checks: Checks, settings: Settings) -> Checks:
    """The checks with the packages of the settings; a dependency that is not installed is told, and no reason to stop.

    Raises:
        GuideError: see `load_guides`.
    """
    if not settings.package:
        return checks
    guides = load_guides(settings.package, settings.packages, settings.pdsm)
    log = structlog.get_logger("segur")
    for one in guides.absent:
        log.warning("package-absent", name=f"{one.name}@{one.version}", wanted_by=list(one.wanted_by), used=one.used)
    return replace(checks, guides=guides)


class _Supervisor:
    """The parent of all processes; owns the lifeline and the writer's address."""

    def __init__(self, settings: Settings, sockets: list[socket.socket], checks: Checks) -> None:
        self._settings = settings
        self._sockets = sockets
        self._checks = checks
        self._routes = routes_of(settings.relay)
        self.folder = Path(tempfile.mkdtemp(prefix="segur-"))
        self._address = str(self.folder / "writer")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._address)
        self._listener.listen(64)
        self._lifeline, self._held = os.pipe()
        self._children: dict[int, tuple[str, int]] = {}
        self._stopping = False
        self._notifying = False
        self._pid = os.getpid()
        self._log = structlog.get_logger("segur")

    def run(self, announce: Callable[[str], None]) -> int:
        """Start the children, say where to find them, watch over them."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._fork("writer", 0)
        if self._routes.all:
            self._fork("relay", 0)
        signal.signal(signal.SIGUSR1, self._subscribed)
        if anybody(self._settings.database):
            self._subscribed()
        for slot in range(self._settings.workers):
            self._fork("worker", slot)
        host, port = self._sockets[0].getsockname()[:2]
        announce(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        while self._children:
            self._reap()
        return 0

    def _stop(self, *_: object) -> None:
        """Stop all but the writer, which follows when the last of them has closed its connection."""
        self._stopping = True
        for pid, (role, _slot) in self._children.items():
            if role != "writer":
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
        if self._held >= 0:
            os.close(self._held)
            self._held = -1

    def _subscribed(self, *_: object) -> None:
        """Start the process that notifies, once somebody has subscribed: a worker tells (SIGUSR1)."""
        if not self._notifying and not self._stopping:
            self._notifying = True
            self._fork("notifier", 0)

    def _reap(self) -> None:
        try:
            pid, status = os.waitpid(-1, 0)
        except (ChildProcessError, InterruptedError):
            return
        dead = self._children.pop(pid, None)
        if dead is None or self._stopping:
            return
        self._log.error("child-died", role=dead[0], status=status)
        time.sleep(0.05)
        self._fork(*dead)

    def _fork(self, role: str, slot: int) -> None:
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            self._children[pid] = (role, slot)
            return
        code = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            os.close(self._held)
            self._child(role, slot)
            code = 0
        except Exception as error:
            self._log.error("child-failed", role=role, kind=type(error).__name__, reason=str(error)[:200])
        finally:
            os._exit(code)

    def _child(self, role: str, slot: int) -> None:
        if role == "writer":
            from fhir_server.store.writer import Writer

            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            for sock in self._sockets:
                sock.close()
            Writer(self._settings.database, self._listener, self._lifeline, self._settings.refused_days).run()
        elif role == "relay":
            from fhir_server.relay.runner import run_relay

            self._listener.close()
            for sock in self._sockets:
                sock.close()
            run_relay(self._settings.database, self._routes, self._address, self._lifeline)
        elif role == "notifier":
            from fhir_server.following.notifier import run_notifier

            self._listener.close()
            for sock in self._sockets:
                sock.close()
            run_notifier(self._settings, self._address, self._lifeline)
        else:
            self._listener.close()
            for sock in self._sockets[:slot] + self._sockets[slot + 1 :]:
                sock.close()
            run_worker(
                self._settings, self._sockets[slot], self._address, self._lifeline, self._checks, self._tell
            )  # fmt: skip

    def _tell(self) -> None:
        """In a worker: tell the supervisor that somebody has subscribed; one that is gone is not looked for."""
        if os.getppid() == self._pid:
            os.kill(self._pid, signal.SIGUSR1)


def run_worker(
    settings: Settings, sock: socket.socket, writer: str, lifeline: int, checks: Checks,
    subscribed: Callable[[], None],
) -> None:  # fmt: skip
    """One worker: an event loop on the shared socket until it is told to stop or the supervisor is gone."""
    import uvicorn

    # A submission makes some 20 000 objects and drops them all: collecting ten times within one finds nothing.
    gc.set_threshold(50_000, 20, 100)

    from fhir_server.app import create_app
    from fhir_server.services import Services
    from fhir_server.store.writer import WriterClient

    def make_services() -> Services:
        made = Services(settings, WriterClient(writer), checks)
        made.subscribed = subscribed
        asyncio.get_running_loop().add_reader(lifeline, orphaned, made)
        return made

    def orphaned(made: Services) -> None:
        made.stopping = True
        asyncio.get_running_loop().remove_reader(lifeline)
        server.should_exit = True

    config = uvicorn.Config(
        create_app(make_services), loop="uvloop", http="httptools", lifespan="on", log_config=None, access_log=False,
        server_header=False, timeout_keep_alive=75, timeout_graceful_shutdown=GRACE,
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.run(sockets=[sock])
