"""`segur bench validate`: the judgement of `segur validate`, warm, in one process; its floor is bare parsing."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
from lxml import etree

from fhir_server.bench import resources
from fhir_server.checking import judge
from validators.report import Mode
from validators.terminology import ValueSets

_SECONDS = 6.0
"""How long the judgement of the whole set is repeated, so that small sets are measured too."""


def run(paths: Sequence[Path], size: int, value_sets: Path | None = None) -> dict[str, Any]:
    """Documents a second, times and ratio to bare parsing over the files.

    Without files: `size` generated letters, and the FHIR layer alone beside them (`fhir`).
    """
    files = [path.read_bytes() for path in _files(paths)] or _letters(size)
    lists = ValueSets.load(value_sets) if value_sets is not None else None
    floor = _times(files, _parse)
    times = _times(files, lambda data: judge(data, Mode.SANDBOX, value_sets=lists))
    total, bare = sum(times.values()), sum(floor.values())
    ordered = sorted(times.values())
    return {
        "rate_per_s": round(len(files) / total, 1), "p50_ms": round(1000 * statistics.median(ordered), 3),
        "p99_ms": round(1000 * ordered[int(0.99 * (len(ordered) - 1))], 3),
        "cpu_ms": round(1000 * total / len(files), 3), "floor_cpu_ms": round(1000 * bare / len(files), 3),
        "ratio_to_floor": round(total / bare, 2), "errors": 0, "n": len(files), "clients": 1,
        "size_bytes": sum(map(len, files)) // len(files),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "new_process_s": _new_process(files[0]),
        **({} if paths else {"fhir": resources.run(size)}),
        "versions": {"python": sys.version.split()[0], "segur-fhir": version("segur-fhir"), "cores": os.cpu_count()},
    }  # fmt: skip


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files named, and those in the folders named."""
    found: list[Path] = []
    for path in paths:
        found += sorted(p for p in path.rglob("*") if p.suffix in (".xml", ".json")) if path.is_dir() else [path]
    return found


def _letters(size: int) -> list[bytes]:
    from testdata import country, discharge_letter

    stays = [stay for stay in country(2026, datetime.now(UTC).date()).stays if stay.discharged][:size]
    return [discharge_letter(stay, when=stay.discharged, size=50_000) for stay in stays if stay.discharged]


def _parse(data: bytes) -> object:
    if data.lstrip()[:1] in (b"{", b"["):
        return orjson.loads(data)
    try:
        return etree.fromstring(data)
    except etree.XMLSyntaxError:
        return None


def _times(files: list[bytes], use: Callable[[bytes], object]) -> dict[int, float]:
    """The best time of each file over repeated passes: warm, and without the neighbours' noise."""
    best: dict[int, float] = {}
    deadline = time.perf_counter() + _SECONDS
    while True:
        for index, data in enumerate(files):
            started = time.perf_counter()
            use(data)
            best[index] = min(best.get(index, 1e9), time.perf_counter() - started)
        if time.perf_counter() > deadline:
            return best


def _new_process(data: bytes) -> float:
    """Seconds of a whole `segur validate` of one file, median of ten."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        command = [sys.executable, "-m", "fhir_server.cli", "validate", "--format", "ndjson", str(path)]
        times = []
        for _ in range(10):
            started = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
            times.append(time.perf_counter() - started)
    return round(statistics.median(times), 3)
