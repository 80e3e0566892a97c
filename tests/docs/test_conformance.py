"""The page of measured conformance is made of the committed results, and counts the examples of their own page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fhir_server.bench.peers import all_peers
from tests.docs.pages import DOCS, ROOT

PAGE = DOCS / "reference" / "conformance.md"
RESULT = DOCS / "results" / "conformance.json"


def run(script: Path, *options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(script), *map(str, options)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """The script, the results, the pages, in a folder of their own."""
    for path in (DOCS / "conformance.py", DOCS / "written.py", RESULT, PAGE, DOCS / "reference" / "examples.md"):
        target = tmp_path / "docs" / path.relative_to(DOCS)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return tmp_path / "docs"


def test_the_page_is_what_the_results_say() -> None:
    done = run(DOCS / "conformance.py", "--check")
    assert (done.returncode, done.stdout) == (0, ""), f"run `python docs/conformance.py`\n{done.stderr}"


def test_every_validator_is_on_it_with_its_version() -> None:
    peers = json.loads(RESULT.read_text(encoding="utf-8"))["measured"]["peers"]
    assert list(peers) == [peer.name for peer in all_peers(ROOT)]
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"| {one['version']}, {one['runtime']} |" in page for one in peers.values())


def test_a_page_that_differs_is_told_and_left(alone: Path) -> None:
    page = alone / "reference" / "conformance.md"
    page.write_text("changed", encoding="utf-8")
    done = run(alone / "conformance.py", "--check")
    assert (done.returncode, done.stdout) == (1, "out of date: docs/reference/conformance.md\n")
    assert page.read_text(encoding="utf-8") == "changed"
    assert run(alone / "conformance.py").returncode == 0
    assert page.read_bytes() == PAGE.read_bytes()


def test_what_was_measured_again_is_taken_in(alone: Path, tmp_path: Path) -> None:
    kept = json.loads(RESULT.read_text(encoding="utf-8"))
    kept["measured"]["peers"]["fhir"] = {"absent": "no node"}
    kept["measured"]["agreement"] = {"fhir": {"core": kept["measured"]["agreement"]["fhir"]["core"] | {"agreed": 57}}}
    kept["foreign"]["errors"] = 3
    files = [tmp_path / name for name in ("measured.json", "foreign.json")]
    for file in files:
        file.write_text(json.dumps(kept[file.stem]), encoding="utf-8")
    assert run(alone / "conformance.py", *files).returncode == 0
    page = (alone / "reference" / "conformance.md").read_text(encoding="utf-8")
    assert "| R4 alone (`core`) | 57 of " in page
    assert "FHIRPath suite" not in page
    assert "| fhir (npm), unexpected elements refused | – | not measured: absent |" in page
    assert "It finds 3 errors" in page
    assert re.search(r"Of \d+ published and constructed \[examples", page)
    assert json.loads((alone / "results" / "conformance.json").read_text(encoding="utf-8")) == kept
