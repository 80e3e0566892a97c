"""docs/reference/mhd.md: every test it names is there, and every example answers as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT
from tests.support.faces import FHIR_JSON, Face
from tests.support.synthetic import Json
from validators.messages import catalogue

PAGE = DOCS / "reference" / "mhd.md"
EXAMPLES = ROOT.parent / "shared" / "examples"
_POSTED = ("*/Bundle-*iti65*", "*/Bundle-example-td2*", "ihe.iti.mhd/Bundle-ex-*Provide*", "*/Bundle-TDDUI*",
           "*/DocumentReference-*implified*", "*/DocumentReference-*iti105*", "*/DocumentReference-TDDUI*",
           "*/Parameters-*")  # fmt: skip


def rows(title: str) -> Iterator[list[str]]:
    """The rows of the table under a heading."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(f"## {title}\n")
    lines = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("|")]
    yield from ([cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:])


def test_every_obligation_names_a_test_that_is_there() -> None:
    known = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        known |= set(re.findall(r"^\s*def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE))
    named = {cells[0]: re.findall(r"`(test_\w+)`", cells[2]) for cells in rows("Obligations")}
    assert all(named.values())
    asked = {name for cells in rows("Obligations") for name in re.findall(r"`(test_\w+)`", cells[2])}
    assert asked - known == set()
    assert {"ITI-65", "ITI-66", "ITI-67", "ITI-68", "ITI-105", "ITI-106", "Update", "TD0.2"} <= set(named)


def test_every_test_of_these_transactions_is_named() -> None:
    named = PAGE.read_text(encoding="utf-8")
    for name in ("test_mhd_search", "test_publish", "test_metadata_update"):
        text = (ROOT / "tests" / "acceptance" / f"{name}.py").read_text(encoding="utf-8")
        found = set(re.findall(r"^def (test_(?:iti6[678]|td)\w+)\(", text, re.MULTILINE))
        assert {one for one in found if f"`{one}`" not in named} <= {"test_td33_a_masked_document_is_found_by_its_mask"}


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="no ../shared/examples: nothing to post")
def test_every_published_example_answers_as_the_page_says(newcomer: Face) -> None:
    posted, wrong = set(), []
    for to, example, status, rules, why in rows("Published examples, posted as they are"):
        method, path = to.strip("`").split(" ")
        data = (EXAMPLES / example).read_bytes()
        answer = newcomer.http.request(method, path, content=data, headers={"Content-Type": FHIR_JSON})
        found = refusing(answer.json())
        posted.add(example)
        if (str(answer.status_code), sorted(re.findall(r"`([A-Z0-9-]+)`", rules))) != (status, found) or not why:
            wrong.append((example, answer.status_code, found))
        assert set(found) <= set(catalogue())
    assert wrong == []
    every = {str(path.relative_to(EXAMPLES)) for form in _POSTED for path in EXAMPLES.glob(form)}
    assert {one for one in every - posted if "-response-" not in one and not is_old(one)} == set()


def is_old(example: str) -> bool:
    """What the head of PDSm repeats, and the response of ITI-65 among the examples of PDSm."""
    return example.startswith("ans.fhir.fr.pdsm-current/") or "Response" in Path(example).name


def refusing(body: Json) -> list[str]:
    """The rules that refuse, once each."""
    issues = body.get("issue", [])
    return sorted({
        issue["details"]["coding"][0]["code"] for issue in issues
        if issue["severity"] in ("error", "fatal") and issue["extension"][0]["valueCode"] == "conformity"
    })  # fmt: skip
