"""Agreement with HL7's validator cases: whether a resource is accepted where HL7's own validator accepts it.

The cases lie in a folder of their own (`cases.json` and `files/`), outside this project.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

_BATCH = 200


class CasesError(ValueError):
    """The folder of cases cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """A file and HL7's verdict.

    `tier` is `core` (R4 alone), `noversion` (the same, of a case that names no version: its verdict is R5's), `files`
    (with definitions brought along) or `profile` (with a profile to meet).
    """

    file: Path
    valid: bool
    tier: str
    definitions: tuple[Path, ...] = ()
    profile: str = ""


@dataclass(slots=True)
class Score:
    """Cases, those agreed on, and how the others differ; what raised counts as refused, what was not judged as nothing.

    `valid` and `invalid` are the judged cases of each kind: what false alarms and missed faults are out of.
    """

    n: int = 0
    agreed: int = 0
    valid: int = 0
    false_alarms: int = 0
    invalid: int = 0
    missed: int = 0
    raised: int = 0
    not_judged: int = 0

    def add(self, expected: bool, verdict: str) -> None:
        """Count one case; `verdict` is accepted, refused, raised or not judged."""
        self.n += 1
        if verdict == "not judged":
            self.not_judged += 1
            return
        accepted = verdict == "accepted"
        self.raised += verdict == "raised"
        self.agreed += accepted == expected
        self.valid += expected
        self.invalid += not expected
        self.false_alarms += expected and not accepted
        self.missed += accepted and not expected


def read_cases(folder: Path) -> list[Case]:
    """The cases of a folder.

    Raises:
        CasesError: no `cases.json`, or one that is none.
    """
    try:
        found = orjson.loads((folder / "cases.json").read_bytes())
        return [_case(folder / "files", row) for row in found["cases"]]
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as problem:
        raise CasesError(f"{folder}: no HL7 cases in it ({type(problem).__name__}: {problem})") from problem


def scores(cases: Sequence[Case], verdicts: Iterable[str]) -> dict[str, dict[str, int]]:
    """The score of each tier."""
    found: dict[str, Score] = defaultdict(Score)
    for case, verdict in zip(cases, verdicts, strict=True):
        found[case.tier].add(case.valid, verdict)
    return {tier: asdict(found[tier]) for tier in sorted(found)}


def our_verdicts(cases: Sequence[Case]) -> Iterator[str]:
    """What `segur validate` says of each case, with the definitions and the profile it comes with."""
    groups: dict[tuple[tuple[Path, ...], str], list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.definitions, case.profile].append(case)
    said: dict[Case, str] = {}
    for (definitions, profile), members in groups.items():
        options = [option for path in definitions for option in ("--definitions", str(path))]
        rows = validated([case.file for case in members], *options, *(("--profile", profile) if profile else ()))
        said |= {case: _verdict(rows.get(case.file)) for case in members}
    return (said[case] for case in cases)


def validated(files: Sequence[Path], *options: str) -> dict[Path, Mapping[str, Any]]:
    """What `segur validate --format ndjson` writes of each file; a file without an answer is absent."""
    rows: dict[Path, Mapping[str, Any]] = {}
    for start in range(0, len(files), _BATCH):
        some = map(str, files[start : start + _BATCH])
        command = [sys.executable, "-m", "fhir_server.cli", "validate", "--format", "ndjson", *options, *some]
        done = subprocess.run(command, capture_output=True, check=False)
        found = (orjson.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{"))
        rows |= {Path(row["file"]): row for row in found}
    return rows


def _verdict(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "raised"
    return "accepted" if row["valid"] else "refused"


def _case(files: Path, row: Mapping[str, Any]) -> Case:
    profile = row.get("profile") or ""
    profile = profile.get("source", "") if isinstance(profile, dict) else profile
    held = _found(files, profile)
    return Case(
        _found(files, row["file"]), row["expected_valid"], row["tier"] if row["group"] == "r4" else row["group"],
        tuple(_found(files, name) for name in row.get("supporting") or ()),
        str(held) if profile and held.exists() else profile,
    )  # fmt: skip


def _found(files: Path, name: str) -> Path:
    """A file of the suite: named from its root, or from its folder `validator`."""
    return next((path for path in (files / name, files / "validator" / name) if path.exists()), files / name)
