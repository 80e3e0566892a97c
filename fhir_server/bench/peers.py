"""`segur bench validate --peers`: other FHIR validators beside ours, same cases, same resources, same run.

They are installed by `make peers` into a folder of their own, and are no dependency of anything here; one that is
absent is said to be.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import orjson

from fhir_server.bench import agreement, faults, resources
from fhir_server.bench.agreement import Case

_HERE: Final = Path(__file__).resolve().parent
_SMALLEST: Final = {"resourceType": "Patient"}
_TIMEOUT: Final = 300
_STARTS: Final = 5


@dataclass(frozen=True, slots=True)
class Peer:
    """A validator: the command that runs a job (`[*before, JOB, *after]`), or what is absent."""

    name: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    absent: str = ""


def measure(
    folder: Path, size: int, seconds: float, cases: Path | None = None, value_sets: Path | None = None
) -> dict[str, Any]:
    """The peers of a folder beside ours and, over a folder of cases, our agreement with each kind of them.

    Args:
        folder: where `make peers` installed them.
        size: generated letters whose Bundles are judged, 20 at most.
        seconds: how long each set of resources is repeated.
        cases: a folder with `fhir`, `fhirpath`, `iti65` or `cda`.
        value_sets: national value sets for the last two; `value-sets` beside the cases when not given.

    Raises:
        CasesError: the cases of HL7's validator are not what they should be.
    """
    found: dict[str, Any] = {"run": _run_on()}
    suite: list[Case] = []
    if cases is not None:
        beside = cases.parent / "value-sets"
        suite = agreement.read_cases(cases / "fhir") if (cases / "fhir").is_dir() else []
        found["agreement"] = _agreement(cases, suite, value_sets or (beside if beside.is_dir() else None))
    return {**found, "peers": run(all_peers(folder), size, seconds, suite)}


def run(peers: Sequence[Peer], size: int, seconds: float, cases: Sequence[Case] = ()) -> dict[str, Any]:
    """What each validator says of the cases that need R4 alone, its pace, start and memory."""
    alone = [case for case in cases if not (case.definitions or case.profile)]
    with tempfile.TemporaryDirectory() as scratch:
        sets = _sets(Path(scratch), size)
        return {
            peer.name: {"absent": peer.absent} if peer.absent else _measured(peer, Path(scratch), sets, seconds, alone)
            for peer in peers
        }


def all_peers(folder: Path) -> list[Peer]:
    """Ours, and those of a folder that `make peers` filled."""
    return [_python("segur", Path(sys.executable)), _python("fhir.resources", folder / "python" / "bin" / "python"),
            _npm("fhir", folder, "fhir"), _npm("medplum", folder, "@medplum/core")]  # fmt: skip


def table(found: Mapping[str, Any]) -> str:
    """The result as lines for a person."""
    return "\n".join(_lines(found))


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    for name, one in found["peers"].items():
        if "absent" in one:
            yield f"{name:16} absent: {one['absent']}"
            continue
        core = one["agreement"].get("core", {})
        agreed = f"{core['agreed']}/{core['n'] - core['not_judged']} agreed, " if core else ""
        rates = ", ".join(f"{pace['rate_per_s']}/s {kind}" for kind, pace in one["sets"].items())
        yield f"{name:16} {one['version']}: {agreed}{rates}, start {one['start_s']} s, {one['memory_mb']} MB"
    for name, scores in found.get("agreement", {}).items():
        parts = (f"{tier} {one['agreed']}/{one['n']}" if isinstance(one, dict) else f"{tier} {one[0]}/{one[1]}"
                 for tier, one in scores.items())  # fmt: skip
        yield f"{name:16} {', '.join(parts)}"


def _agreement(folder: Path, suite: Sequence[Case], value_sets: Path | None) -> dict[str, Any]:
    """Ours, by the command, on each kind of cases that is there."""
    options = ("--value-sets", str(value_sets)) if value_sets is not None else ()
    asked: Mapping[str, Callable[[Path], dict[str, Any]]] = {
        "fhir": lambda _: agreement.scores(suite, agreement.our_verdicts(suite)), "fhirpath": faults.fhirpath,
        "iti65": lambda path: faults.iti65(path, options), "cda": lambda path: faults.cda(path, options),
    }  # fmt: skip
    return {name: judge(folder / name) for name, judge in asked.items() if (folder / name).is_dir()}


def _run_on() -> dict[str, Any]:
    """When, with what, on what hardware."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.machine())
    return {
        "at": datetime.now(UTC).date().isoformat(), "segur-fhir": version("segur-fhir"),
        "python": platform.python_version(), "processor": model, "cores": os.cpu_count(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
    }  # fmt: skip


def _measured(
    peer: Peer, scratch: Path, sets: Mapping[str, list[str]], seconds: float, cases: Sequence[Case]
) -> dict[str, Any]:
    smallest = scratch / "smallest.json"
    smallest.write_bytes(orjson.dumps(_SMALLEST))
    try:
        starts = [_job(peer, scratch, {"cases": [str(smallest)]})[1] for _ in range(_STARTS)]
        judged, _ = _job(peer, scratch, {"cases": [str(case.file) for case in cases]})
        paced, _ = _job(peer, scratch, {"sets": sets, "seconds": seconds})
        return {
            "version": judged["version"], "runtime": judged["runtime"],
            "agreement": agreement.scores(cases, judged["verdicts"]), "sets": paced["sets"],
            "start_s": round(min(starts), 2), "memory_mb": paced["memory_mb"],
        }  # fmt: skip
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as problem:
        return {"absent": f"it does not run: {type(problem).__name__}"}


def _job(peer: Peer, scratch: Path, job: Mapping[str, Any]) -> tuple[dict[str, Any], float]:
    """The last line of a run as JSON, and the seconds of the whole process."""
    path = scratch / "job.json"
    path.write_bytes(orjson.dumps(job))
    started = time.perf_counter()
    command = [*peer.before, str(path), *peer.after]
    done = subprocess.run(command, capture_output=True, check=True, timeout=_TIMEOUT)
    seconds = time.perf_counter() - started
    found: dict[str, Any] = orjson.loads(done.stdout.splitlines()[-1] if done.stdout else b"")
    return found, seconds


def _sets(scratch: Path, size: int) -> dict[str, list[str]]:
    """The small resources and the ITI-65 Bundles of `segur bench validate`, as files."""
    bundles = resources.bundles(size)
    small = [orjson.dumps(one) for bundle in bundles for one in resources.small(bundle)]
    found: dict[str, list[str]] = {"small": [], "iti65": []}
    for kind, items in (("small", small), ("iti65", bundles)):
        for number, data in enumerate(items):
            path = scratch / f"{kind}-{number}.json"
            path.write_bytes(data)
            found[kind].append(str(path))
    return found


def _python(name: str, interpreter: Path) -> Peer:
    if not interpreter.exists():
        return Peer(name, absent=f"no {interpreter}: `make peers` installs it")
    return Peer(name, (str(interpreter), "-I", str(_HERE / "peer_runner.py"), name))


def _npm(name: str, folder: Path, package: str) -> Peer:
    modules = (folder / "npm" / "node_modules").resolve()
    if not (modules / package).is_dir():
        return Peer(name, absent=f"no {package} in {folder / 'npm'}: `make peers` installs it")
    node = shutil.which("node")
    if node is None:
        return Peer(name, absent="no node")
    return Peer(name, (node, str(_HERE / "peer_runner.mjs"), name), (str(modules),))
