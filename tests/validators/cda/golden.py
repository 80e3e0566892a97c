"""The verdict of every sample document and mutant as a hash, by name: a rule change shows which verdicts moved.

`python -m tests.validators.cda.golden` writes `golden.json` and the list of the rules' ids anew. No content is kept.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import sys
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from validators.cda import check_cda
from validators.cda.rules._catalogue import rows
from validators.report import Mode, Report
from validators.terminology import ValueSets

SHARED = Path(__file__).parents[4] / "shared"
CASES = SHARED / "cases" / "cda"
GOLDEN = Path(__file__).with_name("golden.json")
RULE_IDS = Path(__file__).parent / "rules" / "ids.txt"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@cache
def value_sets() -> ValueSets:
    """The national lists beside the project."""
    return ValueSets.load(SHARED / "value-sets")


def samples() -> Iterator[tuple[str, bytes]]:
    """Every document, then every mutant, by name."""
    for path in sorted((CASES / "documents").iterdir()):
        yield f"documents/{path.name}", path.read_bytes()
    archive = lzma.decompress((CASES / "mutants.tar.xz").read_bytes())
    with tarfile.open(fileobj=io.BytesIO(archive)) as mutants:
        for member in sorted(mutants, key=lambda item: item.name):
            stream = mutants.extractfile(member)
            if stream is not None:
                yield f"mutants/{Path(member.name).name}", stream.read()


def judge(data: bytes) -> Report:
    """The verdict, at a fixed date and with the national lists."""
    return check_cda(data, mode=Mode.SANDBOX, now=NOW, value_sets=value_sets()).report


def digest(report: Report) -> str:
    """A hash of the sorted rules, severities and places."""
    lines = sorted(f"{issue.rule} {issue.severity} {issue.location}" for issue in report)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def verdicts() -> dict[str, str]:
    """The hash of every sample."""
    return {name: digest(judge(data)) for name, data in samples()}


def main() -> None:
    """Write both files."""
    before = json.loads(GOLDEN.read_text()) if GOLDEN.is_file() else {}
    after = verdicts()
    GOLDEN.write_text(json.dumps(after, ensure_ascii=False, indent=0, sort_keys=True) + "\n")
    RULE_IDS.write_text("\n".join(sorted(row.id for row in rows())) + "\n")
    moved = [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
    sys.stdout.write("".join(f"moved: {name}\n" for name in moved) + f"{len(after)} verdicts, {len(moved)} moved\n")


if __name__ == "__main__":
    main()
