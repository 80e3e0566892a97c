"""The published examples and the single-fault documents, against the verdict of the official schema."""

from __future__ import annotations

import io
import json
import lzma
import tarfile
from pathlib import Path
from typing import Any

import pytest

from validators.cda import open_cda
from validators.cda.structure import check_content_model, schema
from validators.report import Report

CASES = Path(__file__).parents[5] / "shared" / "cases" / "cda"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the official examples are not beside the project")


def rows(name: str) -> list[dict[str, Any]]:
    listing = CASES / f"{name}.json"
    return json.loads(listing.read_text())[name] if listing.is_file() else []


def passes(data: bytes) -> bool:
    opened = open_cda(data, Report())
    return opened is not None and schema().validate(opened.root)


@pytest.mark.parametrize("name", [row["file"] for row in rows("documents")])
def test_an_official_example_is_of_the_model(name: str) -> None:
    report = Report()
    opened = open_cda((CASES / "documents" / name).read_bytes(), report)
    assert opened is not None
    check_content_model(opened.root, report)
    assert list(report) == []


def test_single_faults_have_the_official_verdict() -> None:
    data = lzma.decompress((CASES / "mutants.tar.xz").read_bytes())
    verdicts = {row["file"]: row["xsd_ok"] for row in rows("mutants")}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        files = {Path(member.name).name: archive.extractfile(member) for member in archive if member.isfile()}
        ours = {name: passes(file.read()) for name, file in files.items() if file and name in verdicts}
    assert {name: verdict for name, verdict in ours.items() if verdict != verdicts[name]} == {}
    assert len(ours) == len(verdicts)
