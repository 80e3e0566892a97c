"""The published examples: what the official kit passes is conformant in the sandbox; broken ones are seen."""

from __future__ import annotations

import io
import json
import lzma
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from validators.cda import check_cda
from validators.report import Issue, Mode, Severity

CASES = Path(__file__).parents[4] / "shared" / "cases" / "cda"
LATER = ("ldl_", "bio_", "img_", "sdm_", "header_unknown_attribute")  # bodies and schema: not in this floor
BAD = (Severity.ERROR, Severity.FATAL, Severity.WARNING)

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the official examples are not beside the project")


def documents() -> list[str]:
    listing = CASES / "documents.json"
    if not listing.is_file():
        return []
    rows = json.loads(listing.read_text())["documents"]
    return [row["file"] for row in rows if row["official_verdict"] == "pass"]


@pytest.mark.parametrize("name", documents())
def test_an_official_example_is_conformant(name: str) -> None:
    result = check_cda((CASES / "documents" / name).read_bytes(), mode=Mode.SANDBOX)
    assert [issue for issue in result.report if issue.severity in BAD[:2]] == []
    assert result.report.conformant
    assert result.header is not None
    assert result.header.unique_id
    assert result.header.effective_time
    assert result.header.patient


def test_kinds_of_the_examples() -> None:
    kinds = {
        "LDL-SES_2022.01.xml": "LDL",
        "BIO-CR-BIO_2024.01_TSH_1.xml": "BIO",
        "IMG_CR_IMG_2024.01.xml": "IMG",
        "SDM-MR_2022.01.xml": "SDM-MR",
        "eP-MED-DM_2024.01_PosoStruct.xml": "ORD",
        "TLM-CR_2022.01.xml": "TLM-CR",
        "AVC-EUNV_2022.01.xml": None,
    }
    for name, kind in kinds.items():
        found = check_cda((CASES / "documents" / name).read_bytes(), mode=Mode.SANDBOX).kind
        assert (found and found.code) == kind


def mutants() -> Iterator[tuple[dict[str, str], bytes]]:
    rows = {row["file"]: row for row in json.loads((CASES / "mutants.json").read_text())["mutants"]}
    data = lzma.decompress((CASES / "mutants.tar.xz").read_bytes())
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            stream = archive.extractfile(member)
            if stream is not None and member.name in rows:
                yield rows[member.name], stream.read()


def seen(issues: list[Issue]) -> set[tuple[str, str, Severity]]:
    return {(issue.rule, issue.location, issue.severity) for issue in issues if issue.severity in BAD}


def test_single_faults_of_the_header_are_seen_and_legal_variants_accepted() -> None:
    found = {}
    for row, data in mutants():
        if not row["mutant"].startswith(LATER):
            found[row["file"]] = (row, check_cda(data, mode=Mode.SANDBOX).report)
    unchanged = {name.split("__")[0]: report for name, (row, report) in found.items() if row["mutant"] == "unchanged"}
    wrong = []
    for name, (row, report) in found.items():
        new = seen(report.issues) - seen(unchanged[name.split("__")[0]].issues)
        refused = not report.conformant
        right = {
            "ok": not refused,
            "fault": refused if row["official_verdict"] != "pass" else bool(new),
            "beyond": bool(new),
        }.get(row["intent"], True)
        if not right:
            wrong.append(name)
    assert wrong == []
    assert len(found) > 400
