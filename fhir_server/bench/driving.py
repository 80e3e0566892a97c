"""A real server under load: started by its own command, asked over many connections, its CPU and memory watched."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple


class Ask(NamedTuple):
    """One request."""

    method: str
    path: str
    body: bytes = b""
    content_type: str = ""

    def packed(self, host: str, token: str) -> bytes:
        """The request as it goes over the wire."""
        kind = f"Content-Type: {self.content_type}\r\n" if self.content_type else ""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{kind}"
        return f"{head}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body


@dataclass(slots=True)
class Load:
    """What came of requests: seconds in all and of each, seconds of the server's CPU, bytes of the answers, errors."""

    wall: float = 0.0
    cpu: float = 0.0
    times: list[float] = field(default_factory=list)
    errors: int = 0
    received: int = 0

    def add(self, other: Load) -> None:
        """The figures of more requests of the same kind."""
        self.wall += other.wall
        self.cpu += other.cpu
        self.times += other.times
        self.errors += other.errors
        self.received += other.received

    def within_ms(self, share: float) -> float:
        """Milliseconds that a share of the requests were answered within."""
        times = sorted(self.times)
        return round(1000 * times[min(len(times) - 1, int(len(times) * share))], 2)

    def figures(self) -> dict[str, Any]:
        """By the names of the contract; `size_bytes` is the mean of the answers."""
        done = len(self.times)
        return {
            "rate_per_s": round(done / self.wall, 1), "p50_ms": self.within_ms(0.5), "p99_ms": self.within_ms(0.99),
            "cpu_ms": round(1000 * self.cpu / done, 3), "errors": self.errors, "n": done,
            "size_bytes": self.received // done,
        }  # fmt: skip


# -- the server --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    origin: str
    pid: int

    def cpu_seconds(self) -> float:
        """User and system time of its processes."""
        ticks = 0
        for one in _family(self.pid):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Proportional memory of its processes: what they share counts once."""
        total = 0
        for one in _family(self.pid):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        return round(total / 1024, 1)


@contextmanager
def serving(database: str) -> Iterator[Served]:
    """`segur serve` in its default configuration, on a free port, until the end of the block."""
    command = [sys.executable, "-m", "fhir_server.cli", "serve", "--port", "0", "--database", database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if "http" not in line:
            raise RuntimeError("the server did not start")
        try:
            yield Served(line.rpartition(" ")[2].strip(), process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _family(pid: int) -> list[int]:
    """A process and its children."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


# -- the load ----------------------------------------------------------------------------------------------------------


async def drive(
    server: Served, token: str, asks: Sequence[Ask], clients: int, good: Callable[[bytes], bool]
) -> Load:  # fmt: skip
    """Send requests over `clients` connections, each as fast as it is answered.

    An error is an answer that is not 200 or that `good` does not find to be one.
    """
    host, _, port = server.origin.removeprefix("http://").partition(":")
    queue, load = iter(asks), Load()

    async def client() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for ask in queue:
            message = ask.packed(host, token)
            started = time.perf_counter()
            writer.write(message)
            status, answer = await _response(reader)
            load.times.append(time.perf_counter() - started)
            load.received += len(answer)
            load.errors += status != 200 or not good(answer)
        writer.close()

    started, before = time.perf_counter(), server.cpu_seconds()
    await asyncio.gather(*(client() for _ in range(clients)))
    load.wall, load.cpu = time.perf_counter() - started, server.cpu_seconds() - before
    return load


async def _response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one response whole; its status and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.index(b"content-length:") + 15
    body = await reader.readexactly(int(lower[at : lower.index(b"\r\n", at)]))
    return int(head[9:12]), body


def versions() -> dict[str, Any]:
    """What was measured, on how many cores."""
    return {"python": sys.version.split()[0], "segur-fhir": version("segur-fhir"), "cores": os.cpu_count()}
