"""Processes that check pieces in turns; their answers come back in order, and never more of them than can be filed.

Every process is a fork that shares what was loaded before. Process n of N takes the pieces n, n + N, n + 2 N… without
being told; a full pipe makes it wait. When this process is gone, writing to the pipe ends the others.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from io import FileIO
from queue import Queue
from typing import BinaryIO, Final, TypeVar

import structlog

_LENGTH: Final = struct.Struct(">I")
_AHEAD: Final = 8
"""Answers of each process that wait to be filed."""

Task = TypeVar("Task")


class CheckingLost(Exception):
    """A checking process ended before it had answered: what was filed stays, the same command goes on from there."""


class Pool:
    """Checks tasks in `jobs` processes.

    Args:
        jobs: how many.
        tasks: what there is to do, the same for all.
        begin: called in each process, makes the function that answers a task.
    """

    def __init__(self, jobs: int, tasks: Sequence[Task], begin: Callable[[], Callable[[Task], bytes]]) -> None:
        self._children: list[int] = []
        self._pipes: list[BinaryIO] = []
        self._count = len(tasks)
        sys.stdout.flush()
        for slot in range(jobs):
            self._fork(tasks[slot::jobs], begin)
        self._queues: list[Queue[bytes | None]] = [Queue(_AHEAD) for _ in self._pipes]
        for pipe, queue in zip(self._pipes, self._queues, strict=True):
            threading.Thread(target=_receive, args=(pipe, queue), daemon=True).start()

    def _fork(self, tasks: Sequence[Task], begin: Callable[[], Callable[[Task], bytes]]) -> None:
        here, there = os.pipe()
        pid = os.fork()
        if pid:
            os.close(there)
            self._children.append(pid)
            self._pipes.append(open(here, "rb", buffering=1 << 20))  # noqa: SIM115 (closed with the pool)
            return
        code = 1
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            os.close(here)
            for pipe in self._pipes:  # nobody but the parent reads: its end is the end of all
                pipe.close()
            gc.set_threshold(50_000, 20, 100)
            _answer(there, tasks, begin())
            code = 0
        except Exception as error:
            structlog.get_logger("segur").error("checking-failed", kind=type(error).__name__)
        finally:
            os._exit(code)

    def answers(self) -> Iterator[bytes]:
        """The answers in the order of the tasks.

        Raises:
            CheckingLost: a process ended too early.
        """
        for number in range(self._count):
            found = self._queues[number % len(self._queues)].get()
            if found is None:
                raise CheckingLost("a checking process ended; run the same command again to go on")
            yield found

    def close(self) -> None:
        """End the processes, whether or not they are done."""
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        self._children.clear()


def _answer(fd: int, tasks: Sequence[Task], check: Callable[[Task], bytes]) -> None:
    with FileIO(fd, "wb") as pipe:
        for task in tasks:
            frame = check(task)
            _write(pipe, _LENGTH.pack(len(frame)) + frame)


def _write(pipe: FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) :]


def _receive(pipe: BinaryIO, queue: Queue[bytes | None]) -> None:
    """Answers of one process, until it ends; None is the end."""
    with pipe:
        while len(head := pipe.read(4)) == 4:
            (length,) = _LENGTH.unpack(head)
            data = pipe.read(length)
            if len(data) < length:
                break
            queue.put(data)
    queue.put(None)
