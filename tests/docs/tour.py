"""Runs the bash blocks of a page in order, as a reader would, and gives what each of them printed."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.docs.pages import FENCE, TUTORIALS, Block, blocks

PATIENCE = 300
_MARK = "\x1e"
_SERVE = """\
{command} > serve.out 2> serve.err &
SERVE_PID=$!
for _ in $(seq 400); do grep -q http serve.out && break; sleep 0.05; done
cat serve.out serve.err
"""
_MASKS = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<key>"),
    (re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})"), "<moment>"),
)


def masked(text: str) -> str:
    """What is the same at every run."""
    for pattern, name in _MASKS:
        text = pattern.sub(name, text)
    return text


def same(printed: str, said: str) -> bool:
    """Whether a command prints what the page says, identifiers and moments apart."""
    return masked(printed).strip() == masked(said).strip()


def run(commands: list[Block], folder: Path) -> list[str]:
    """The output of each block; a block that starts the server leaves it running until the last one is done.

    Raises:
        AssertionError: a command failed; the message is what was printed.
    """
    port = free_port()
    script = "\n".join(
        [
            "set -euo pipefail",
            "trap '[ -z \"${SERVE_PID:-}\" ] || { kill $SERVE_PID; wait $SERVE_PID || true; }' EXIT",
            *(_marked(block.text.replace("8000", str(port))) for block in commands),
        ]
    )
    printed = [text.replace(f":{port}", ":8000") for text in _execute(script, folder).split(_MARK)[1:]]
    assert len(printed) == len(commands), printed
    return printed


def _marked(text: str) -> str:
    serving = text.startswith("segur serve")
    return f"printf '{_MARK}'\n{_SERVE.format(command=text.strip()) if serving else text}"


def _execute(script: str, folder: Path) -> str:
    process = subprocess.Popen(
        ["bash", "-c", script], cwd=folder, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = process.communicate(timeout=PATIENCE)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert process.returncode == 0, output
    return output


def environment(folder: Path) -> dict[str, str]:
    """This environment with `segur` on the path, whether or not the console script is installed."""
    tools = folder / ".tools"
    tools.mkdir()
    command = tools / "segur"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m fhir_server.cli "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEGUR_")}
    return kept | {"PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}"}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def rewrite(page: Path) -> None:
    """Run a page and write what its commands print into the `text` blocks that are no longer true."""
    with tempfile.TemporaryDirectory() as folder:
        printed = iter(run([block for block in blocks(page) if block.language == "bash"], Path(folder)))
    last = ""

    def filled(match: re.Match[str]) -> str:
        nonlocal last
        if match[1] == "bash":
            last = next(printed)
        if match[1] != "text" or same(last, match[2]):
            return match[0]
        return f"```text\n{last.strip(chr(10))}\n```"

    page.write_text(FENCE.sub(filled, page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    for named in sys.argv[1:] or TUTORIALS:
        rewrite(Path(named))
