"""The real server, started by its own command on a free loopback port, and stopped again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

SEGUR = [sys.executable, "-m", "fhir_server.cli"]
PATIENCE = 20.0
"""Seconds that nothing on a loaded machine should need."""


def segur(*arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; what it wrote is text."""
    return subprocess.run(
        [*SEGUR, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", check=False, timeout=120,
        env=environment(**(env or {})),
    )  # fmt: skip


def environment(**more: str) -> dict[str, str]:
    """This process's environment without its own settings of the product."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEGUR_")}
    return kept | {"PYTHONIOENCODING": "utf-8"} | more


def wait_until(what: Callable[[], bool], said: str, patience: float = PATIENCE) -> None:
    """Ask again and again until it is so."""
    deadline = time.monotonic() + patience
    while not what():
        if time.monotonic() > deadline:
            raise AssertionError(f"still waiting after {patience} s: {said}")
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class Server:
    """`segur serve` as a child process; `with` starts and stops it.

    Args:
        database: the SQLite file.
        folder: where it may write its log and its sockets.
        options: more options of `segur serve`.
        port: 0 takes a free one; started again, the server takes the port it had.
    """

    def __init__(self, database: Path, folder: Path, *options: str, port: int = 0, **env: str) -> None:
        self.database = database
        self.stderr_path = folder / "server.stderr"
        self._folder = folder
        self._options = options
        self._env = env
        self.port = port
        self.origin = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The supervisor."""
        assert self._process is not None
        return self._process.pid

    @property
    def stderr(self) -> str:
        """Everything the server has written to its log."""
        return self.stderr_path.read_text(encoding="utf-8")

    def start(self) -> None:
        """Start it and wait until it says where it listens; the kernel queues requests from then on."""
        command = [*SEGUR, "serve", "--port", str(self.port), "--database", str(self.database), *self._options]
        with self.stderr_path.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8",
                env=environment(TMPDIR=str(self._folder), **self._env),
            )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert "http" in line, f"the server did not start: {line!r} {self.stderr[-2000:]}"
        self.origin = line.rpartition(" ")[2].strip()
        self.port = int(self.origin.rpartition(":")[2])

    def stop(self, *, told: bool = False) -> int:
        """End it as an operator would; its exit code. A server that does not end is killed, and that is a failure.

        `told`: it has had its signal; a second one, while Python winds down, would meet no handler.
        """
        if self._process is None:
            return 0
        process, self._process = self._process, None
        family = children(process.pid)
        if not told:
            process.send_signal(signal.SIGTERM)
        try:
            return process.wait(PATIENCE)
        finally:
            for pid in (process.pid, *family):
                if alive(pid):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
            assert process.stdout is not None
            process.stdout.close()

    # -- the family ------------------------------------------------------------------------------------------------

    def workers(self) -> list[int]:
        """The processes that hold the listening port, without the supervisor."""
        sockets = {f"socket:[{inode}]" for inode in listening_inodes(self.port)}
        return [pid for pid in children(self.pid) if sockets & set(open_files(pid))]

    def writers(self) -> list[int]:
        """The process that writes: the child without the port."""
        workers = self.workers()
        return [pid for pid in children(self.pid) if pid not in workers]

    def kill(self, pid: int) -> None:
        """End a process of this server without a word."""
        os.kill(pid, signal.SIGKILL)

    def kill_supervisor(self) -> list[int]:
        """End the parent without a word; the children it leaves behind."""
        process = self._process
        assert process is not None
        family = children(process.pid)
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        self._process = None
        return family


def children(pid: int) -> list[int]:
    """The direct children of a process; none when it is gone."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return [child for child in found if alive(child)]


def open_files(pid: int) -> set[str]:
    """What the descriptors of a process point at."""
    found = set()
    with suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found.add(os.readlink(link))
    return found


def listening_inodes(port: int) -> set[str]:
    """The kernel's numbers of the sockets that listen on a loopback port: one a worker."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    found = {row[9] for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
    if not found:
        raise AssertionError(f"nothing listens on {port}")
    return found
