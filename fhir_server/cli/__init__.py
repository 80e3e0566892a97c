"""The `segur` command: one file per noun, everything heavy imported by the command that needs it."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; a broken pipe or an interrupt is not an error worth a trace."""
    from fhir_server.cli.app import tree

    try:
        tree(sys.argv[1] if len(sys.argv) > 1 else None)()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
