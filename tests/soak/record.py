"""The long runs on record: `python -m tests.soak.record FILE` writes JSON with commit and hardware."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

COUNT = "50000"
SIZE = "500000000"
MEMORY = "2GB"


def main(target: Path) -> int:
    """Run everything, write what was measured; the exit code is that of the first run that failed."""
    runs: dict[str, list[str]] = {
        "fuzz_fhir": ["-m", "tests.soak.fuzz_fhir", "--count", COUNT],
        "indicators": ["-m", "fhir_server.cli", "bench", "indicators", "--size", SIZE, "--json"],
    }
    found: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit(),
                             "hardware": hardware()}  # fmt: skip
    code = 0
    for name, arguments in runs.items():
        done = run(arguments)
        code = code or done.returncode
        found[name] = _measured(done.stdout) if done.returncode == 0 else {"failed": done.stdout}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return code


def run(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """One run with a scratch folder on a disk: half a billion rows do not fit into a memory file system."""
    with tempfile.TemporaryDirectory(dir="build") as scratch:
        given = os.environ | {"SEGUR_BENCH_MEMORY": MEMORY, "TMPDIR": scratch}
        return subprocess.run(
            [sys.executable, *arguments], env=given, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False
        )


def _measured(printed: str) -> Any:
    """The JSON a run ends with, on one line or on several."""
    start = printed.rindex("\n{") if "\n{" in printed else 0
    return json.loads(printed[start:])


def commit() -> str:
    """The commit that is measured, marked when the tree has changes."""
    return subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=40"], capture_output=True, text=True, check=True
    ).stdout.strip()


def hardware() -> dict[str, Any]:
    """Processor, cores and memory."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": model, "cores": os.cpu_count(), "memory_mb": memory >> 20, "python": platform.python_version()}


if __name__ == "__main__":
    Path("build").mkdir(exist_ok=True)
    sys.exit(main(Path(sys.argv[1])))
