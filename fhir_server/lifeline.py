"""How a process that the supervisor forks lives: until SIGTERM, or until the pipe from the supervisor ends."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable


def run_until_stopped(lifeline: int, work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run `work` in a loop of its own; the event it is given says that it is time to go.

    Args:
        lifeline: read end of a pipe that the supervisor holds open; its end means that nobody is left.
        work: what the process does until then.
    """

    def orphaned(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
        loop.remove_reader(lifeline)
        stopped.set()

    async def main() -> None:
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stopped.set)
        loop.add_reader(lifeline, orphaned, loop, stopped)
        await work(stopped)

    asyncio.run(main())
