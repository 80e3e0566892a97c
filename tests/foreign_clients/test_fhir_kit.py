"""fhir-kit-client (JavaScript): what it was answered, told by `fhir_kit.mjs`. Fetched by npm, never kept."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.foreign_clients.conftest import Access, Provided

VERSION = "2.0.3"
SCRIPT = Path(__file__).with_name("fhir_kit.mjs")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the client was installed into."""
    if shutil.which("npm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("npm is missing")
        pytest.skip("npm is missing: fhir-kit-client is not tried")
    folder = tmp_path_factory.mktemp("fhir-kit")
    options = ("--silent", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
    subprocess.run(
        ["npm", "install", *options, "--prefix", str(folder), f"fhir-kit-client@{VERSION}"], check=True, timeout=120,
        capture_output=True,
    )  # fmt: skip
    return folder


@pytest.mark.slow
def test_everything_a_javascript_client_does(library: Path, access: Access, provided: Provided) -> None:
    done = subprocess.run(
        ["node", str(SCRIPT), str(library), access.base, provided.patient], capture_output=True, text=True,
        encoding="utf-8", timeout=120, env={**os.environ, "TOKEN": access.token}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout)
    assert told == {
        "created": [201, "1", "Lécuyer"],
        "read": "Anaïs",
        "updated": [200, "2", "female"],
        "patched": [200, "3", False],
        "vread": True,
        "history": ["3", "2", "1"],
        "conditional": [200, True],
        "conditionalUpdate": [201, 200, True],
        "pages": [[3, 3, 2], True],
        "posted": 8,
        "documents": provided.references,
        "deleted": [[410, "OperationOutcome"], []],
        "refused": [422, "OperationOutcome"],
        "validated": "OperationOutcome",
        "capability": True,
        "notCapable": False,
        "transaction": ["201", "201"],
        "resolved": "Lécuyer",
    }
