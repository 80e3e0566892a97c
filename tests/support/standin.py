"""`segur stand-in dmp` as a child process."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from tests.support.server import PATIENCE, SEGUR, environment


class StandIn:
    """The receiver; `with` starts and stops it. It forgets what it took when it stops, and keeps its port."""

    def __init__(self, folder: Path, answer: str = "open", delay: float = 0, times: int = 0, port: int = 0) -> None:
        self._options = ("--answer", answer, "--delay", str(delay), "--times", str(times))
        self._log = folder / "stand-in.log"
        self.port = port
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> StandIn:
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.kill()

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it says where it listens."""
        with self._log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [*SEGUR, "stand-in", "dmp", "--port", str(self.port), *self._options],
                stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8", env=environment(),
            )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert "http" in line, self._log.read_text(encoding="utf-8")[-2000:]
        self.port = int(line.rpartition(":")[2])

    def kill(self) -> None:
        """End it without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def behave(self, answer: str, delay: float = 0, times: int = 0) -> None:
        """From now on it answers like this."""
        found = httpx.put(f"{self.origin}/behaviour", json={"answer": answer, "delay": delay, "times": times})
        assert found.status_code == 200, found.text

    @property
    def received(self) -> Any:
        """`taken` by unique id, and every body's hash."""
        return httpx.get(f"{self.origin}/received").json()
