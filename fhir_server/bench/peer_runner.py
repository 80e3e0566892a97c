"""One Python validator at its work: `python -I peer_runner.py ENGINE JOB.json`, the result as JSON on the last line.

A script of its own, run by the interpreter that has the validator: it imports nothing of this project but for `segur`.
The job names files to judge (`cases`) and sets of files to judge over and over for `seconds` (`sets`).
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

Judge = Callable[[bytes], bool]
"""Whether a resource is accepted; a ValueError or LookupError refuses it, any other exception is a defect."""


def segur() -> tuple[str, Judge]:
    """This project: the FHIR layer with R4, every invariant and our own profiles."""
    fhir, xml, report = map(import_module, ("validators.fhir", "validators.fhir.xml", "validators.report"))
    definitions = fhir.load_definitions()

    def judge(data: bytes) -> bool:
        said = report.Report()
        found = xml.parse_xml(data, said, definitions) if _is_xml(data) else fhir.parse_json(data, said)
        if isinstance(found, dict):
            fhir.default_walker().check(found, said)
        return bool(said.conformant)

    return version("segur-fhir"), judge


def fhir_resources() -> tuple[str, Judge]:
    """fhir.resources: pydantic models. It has none of R4 4.0.1, so those of R4B 4.3.0 judge."""
    models = import_module("fhir.resources.R4B")

    def judge(data: bytes) -> bool:
        if _is_xml(data):
            root = re.search(rb"<(\w+)[^<]*xmlns=", data)
            if root is None:
                raise ValueError("no FHIR element")
            models.get_fhir_model_class(root[1].decode()).model_validate_xml(data)
        else:
            found = json.loads(data)
            models.get_fhir_model_class(found["resourceType"]).model_validate(found)
        return True

    return version("fhir.resources"), judge


ENGINES = {"segur": segur, "fhir.resources": fhir_resources}


def main(engine: str, job: dict[str, Any]) -> dict[str, Any]:
    """What the engine says of the cases, how many of each set it judges a second, and its peak memory."""
    said, judge = ENGINES[engine]()
    return {
        "version": said, "runtime": f"Python {sys.version.split()[0]}",
        "verdicts": [_verdict(judge, Path(path).read_bytes()) for path in job.get("cases", ())],
        "sets": {name: _pace(judge, paths, job["seconds"]) for name, paths in job.get("sets", {}).items()},
        "memory_mb": _peak(),
    }  # fmt: skip


def _is_xml(data: bytes) -> bool:
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _verdict(judge: Judge, data: bytes) -> str:
    try:
        return "accepted" if judge(data) else "refused"
    except (ValueError, LookupError):
        return "refused"
    except Exception:  # a validator that breaks is part of the measurement
        return "raised"


def _pace(judge: Judge, paths: list[str], seconds: float) -> dict[str, Any]:
    """By the best time of each file over repeated passes; the first pass warms and counts what is accepted."""
    files = [Path(path).read_bytes() for path in paths]
    accepted = sum(_verdict(judge, data) == "accepted" for data in files)
    best = [float("inf")] * len(files)
    deadline = time.perf_counter() + seconds
    while True:
        for index, data in enumerate(files):
            started = time.perf_counter()
            _verdict(judge, data)
            best[index] = min(best[index], time.perf_counter() - started)
        if time.perf_counter() > deadline:
            return {"rate_per_s": round(len(files) / sum(best)), "accepted": accepted, "n": len(files)}


def _peak() -> float:
    """Peak megabytes of this process; nothing where /proc is not."""
    with contextlib.suppress(OSError):
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return round(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024, 1)
    return 0.0


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], json.loads(Path(sys.argv[2]).read_bytes()))))  # noqa: T201
