"""Answers come in the order of the tasks, and a process that dies is noticed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from fhir_server.loading.pool import CheckingLost, Pool


def check() -> Callable[[int], bytes]:
    return lambda task: str(task).encode() * (200_000 if task % 7 == 0 else 1)


@pytest.mark.parametrize("jobs", [1, 3])
def test_answers_are_in_the_order_of_the_tasks(jobs: int) -> None:
    pool = Pool(jobs, range(40), check)
    try:
        assert list(pool.answers()) == [check()(task) for task in range(40)]
    finally:
        pool.close()


def test_more_processes_than_tasks(capfd: pytest.CaptureFixture[str]) -> None:
    pool = Pool(4, [1], check)
    assert list(pool.answers()) == [b"1"]
    pool.close()


def test_a_process_that_dies_is_noticed() -> None:
    def dying() -> Callable[[int], bytes]:
        return lambda task: os.kill(os.getpid(), signal.SIGKILL) or b"" if task == 3 else b"x"

    pool = Pool(2, range(10), dying)
    try:
        with pytest.raises(CheckingLost):
            list(pool.answers())
    finally:
        pool.close()


def test_a_pool_may_be_closed_before_its_end() -> None:
    pool = Pool(2, range(1000), lambda: lambda task: b"x" * 100_000)
    assert next(pool.answers()) == b"x" * 100_000
    pool.close()  # nobody waits for what was not read
