"""The published examples and their single faults, the generated letters, and the golden verdicts."""

from __future__ import annotations

import json
from datetime import date, datetime, time

import pytest

from testdata import PARIS, apply_fault, country, discharge_letter, level1
from testdata.faults import HEADER_FAULTS, LETTER_FAULTS, LEVEL1_FAULTS
from tests.validators.cda import golden
from validators.cda import check_cda
from validators.cda.rules._catalogue import rows
from validators.report import Issue, Mode, Report, Severity

beside = pytest.mark.skipif(not golden.CASES.is_dir(), reason="the official examples are not beside the project")
BAD = (Severity.FATAL, Severity.ERROR, Severity.WARNING)
TODAY = date(2026, 11, 22)
NOW = datetime.combine(TODAY, time(12), PARIS)


@beside
def test_the_verdicts_are_those_of_the_golden_file() -> None:
    known = json.loads(golden.GOLDEN.read_text())
    found = golden.verdicts()
    moved = [name for name in sorted(known.keys() | found.keys()) if known.get(name) != found.get(name)]
    assert moved == [], "run `python -m tests.validators.cda.golden` if these verdicts are meant to move"


def test_no_rule_id_is_renamed_or_lost() -> None:
    known = golden.RULE_IDS.read_text().split()
    assert known == sorted(known)
    assert {row.id for row in rows()} == set(known), "run `python -m tests.validators.cda.golden` after adding rules"


@beside
def test_official_documents_are_conformant_with_the_national_lists() -> None:
    listing = json.loads((golden.CASES / "documents.json").read_text())["documents"]
    passing = {f"documents/{row['file']}" for row in listing if row["official_verdict"] == "pass"}
    refused = [
        name for name, data in golden.samples() if name in passing and not golden.judge(data).conformant
    ]  # fmt: skip
    assert refused == []


def _bad(issues: list[Issue]) -> set[tuple[str, str]]:
    return {(issue.rule, issue.location) for issue in issues if issue.severity in BAD}


@beside
def test_single_faults_are_seen_and_legal_variants_accepted() -> None:
    cases = {
        f"mutants/{row['file']}": row for row in json.loads((golden.CASES / "mutants.json").read_text())["mutants"]
    }
    reports = {name: golden.judge(data) for name, data in golden.samples() if name in cases}
    wrong = []
    for name, report in reports.items():
        row = cases[name]
        unchanged = reports[name.partition("__")[0] + "__unchanged.xml"]
        if row["intent"] == "ok":
            right = report.conformant
        elif row["intent"] == "fault" and row["official_verdict"] != "pass":
            right = not report.conformant
        else:
            right = row["intent"] == "unscored" or bool(_bad(report.issues) - _bad(unchanged.issues))
        if not right:
            wrong.append(name)
    assert wrong == []


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    """A letter and a level 1 document, complete."""
    stay = next(stay for stay in country(2026, TODAY).stays if stay.discharged)
    when = stay.discharged
    assert when is not None
    return {"letter": discharge_letter(stay, when=when), "level1": level1(stay, "ORD", when=when)}


def _judge(data: bytes) -> Report:
    return check_cda(data, mode=Mode.SANDBOX, now=NOW).report


@pytest.mark.parametrize("kind", ["letter", "level1"])
def test_generated_documents_are_conformant(made: dict[str, bytes], kind: str) -> None:
    assert [issue for issue in _judge(made[kind]) if issue.severity in BAD] == []


@pytest.mark.parametrize(
    ("kind", "fault"),
    [*(("letter", name) for name in {**HEADER_FAULTS, **LETTER_FAULTS}), *(("level1", name) for name in LEVEL1_FAULTS)],
)
def test_every_generated_fault_is_seen(made: dict[str, bytes], kind: str, fault: str) -> None:
    broken = _judge(apply_fault(fault, made[kind]))
    assert _bad(broken.issues) - _bad(_judge(made[kind]).issues), fault
