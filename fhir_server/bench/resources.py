"""The FHIR layer alone, warm, in one process: small resources, ITI-65 bundles, one Bundle of 10,000 entries."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from fhir_server.client import wrapped
from validators.fhir import default_walker, parse_json
from validators.report import Report

_SECONDS = 2.0
_ENTRIES = 10_000
_SMALL = frozenset({"Patient", "Practitioner", "PractitionerRole", "Organization"})
_LETTER_BYTES = 50_000


def run(size: int) -> dict[str, Any]:
    """Rates a second with every invariant on, CPU time, and the ratio to bare JSON parsing in the same run."""
    sent = bundles(size)
    people = [orjson.dumps(r) for bundle in sent for r in small(bundle)]
    large = _large(sent[0])
    seconds = min(_timed(lambda: _check(large)) for _ in range(2))
    return {
        "small": _figures(people),
        "iti65": _figures(sent),
        "entries_10000": {"seconds": round(seconds, 2), "size_bytes": len(large)},
        "memory_mb": _memory(large),
        "process_start_s": _start(),
    }


def _check(data: bytes) -> None:
    report = Report()
    found = parse_json(data, report)
    if isinstance(found, dict):
        default_walker().check(found, report)


def _figures(items: Sequence[bytes]) -> dict[str, Any]:
    """Items a second of one core, checked and bare."""
    checked, bare = _rate(items, _check), _rate(items, orjson.loads)
    return {"rate_per_s": round(checked), "ratio_to_floor": round(bare / checked, 2), "n": len(items),
            "size_bytes": sum(map(len, items)) // len(items)}  # fmt: skip


def _rate(items: Sequence[bytes], use: Callable[[bytes], object]) -> float:
    """By the best time of each item over repeated passes, as for documents: warm, without the neighbours' noise."""
    best = [float("inf")] * len(items)
    deadline = time.perf_counter() + _SECONDS
    while time.perf_counter() < deadline:
        for index, data in enumerate(items):
            started = time.perf_counter()
            use(data)
            best[index] = min(best[index], time.perf_counter() - started)
    return len(items) / sum(best)


def _timed(use: Callable[[], object]) -> float:
    started = time.perf_counter()
    use()
    return time.perf_counter() - started


def bundles(size: int) -> list[bytes]:
    """ITI-65 Bundles of generated letters, each with a document of 50 kB; no more than 20."""
    from testdata import country, discharge_letter

    stays = [stay for stay in country(2026, datetime.now(UTC).date()).stays if stay.discharged][: min(size, 20)]
    letters = (
        discharge_letter(stay, when=stay.discharged + timedelta(hours=1), size=_LETTER_BYTES)
        for stay in stays if stay.discharged
    )  # fmt: skip
    return [body for letter in letters if (body := wrapped(letter))]


def _resources(bundle: bytes) -> list[dict[str, Any]]:
    entries = orjson.loads(bundle)["entry"]
    return [e["resource"] for e in entries if e["resource"]["resourceType"] != "Binary"]


def small(bundle: bytes) -> list[dict[str, Any]]:
    """The people and places of a submission, each as a resource of its own: about 600 bytes."""
    whole = _resources(bundle)
    inside = [c for r in whole for c in r.get("contained", ())]
    return [r for r in (*whole, *inside) if r["resourceType"] in _SMALL]


def _large(bundle: bytes) -> bytes:
    """A collection of 10,000 entries, each a resource of its own that refers to the one before."""
    patient = next((r for r in _resources(bundle) if r["resourceType"] == "Patient"), {"resourceType": "Patient"})
    url = "https://example.org/fhir/Patient/"
    entries = [
        {"fullUrl": f"{url}p{i}", "resource": {**patient, "id": f"p{i}", "link": [_link(i - 1)]}}
        for i in range(_ENTRIES)
    ]
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def _link(number: int) -> dict[str, Any]:
    return {"other": {"reference": f"Patient/p{max(0, number)}"}, "type": "seealso"}


_PEAK = """
import contextlib, os, sys
from fhir_server.cli import main
sys.argv = ["segur", "validate", "--format", "ndjson", sys.argv[1]]
with contextlib.suppress(SystemExit), open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
    main()
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def _memory(large: bytes) -> float:
    """Peak megabytes of `segur validate` on the large Bundle, in a process of its own: what a user's machine needs.

    Read by the process itself: what its parent is told holds the parent's own memory, from before the exec.
    """
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(large)
        file.flush()
        run = subprocess.run([sys.executable, "-c", _PEAK, file.name], check=True, capture_output=True, text=True)
    return round(int(run.stdout.split()[-1]) / 1024, 1)


def _start() -> float:
    """Seconds of a process that loads the engine and checks one resource, median of ten."""
    code = ("from validators.fhir import default_walker, parse_json; from validators.report import Report; "
            "default_walker().check({'resourceType': 'Patient'}, Report())")  # fmt: skip
    times = [_timed(lambda: subprocess.run([sys.executable, "-c", code], check=True)) for _ in range(10)]
    return round(statistics.median(times), 3)
