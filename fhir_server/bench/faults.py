"""Agreement on single changes: ITI-65 Bundles, national CDA documents, and HL7's FHIRPath suite.

Each lies in a folder of its own outside this project; the letters' verdicts are those of the official kit.
"""

from __future__ import annotations

import copy
import re
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from fhir_server.bench.agreement import validated
from validators.fhir import load_definitions, parse_json
from validators.fhir.fhirpath.suite import read, run
from validators.fhir.xml import parse_xml
from validators.report import Report

Row = Mapping[str, Any]
Found = tuple[int, int]
"""Agreed on, out of."""


def fhirpath(folder: Path) -> dict[str, Found]:
    """HL7's FHIRPath suite for R4 (`tests-fhir-r4.xml`, `input/`)."""
    definitions = load_definitions()

    @cache
    def resource(name: str) -> Any:
        data = (folder / "input" / name).read_bytes()
        is_xml = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        return parse_xml(data, Report(), definitions) if is_xml else parse_json(data, Report())

    cases = read((folder / "tests-fhir-r4.xml").read_bytes())
    passed = sum(not outcome.reason for outcome in run(cases, resource, definitions))
    return {"expressions": (passed, len(cases))}


def iti65(folder: Path, options: Sequence[str]) -> dict[str, Found]:
    """A good ITI-65 Bundle with one change at a time (`base.json`, `mutations.json`): refused where it should be."""
    base = orjson.loads((folder / "base.json").read_bytes())
    cases = orjson.loads((folder / "mutations.json").read_bytes())["cases"]
    with tempfile.TemporaryDirectory() as scratch:
        files = [Path(scratch) / f"{number:03}.json" for number in range(len(cases))]
        for file, case in zip(files, cases, strict=True):
            file.write_bytes(orjson.dumps(changed(base, case)))
        rows = validated(files, *options)
    pairs = [(rows.get(file), case["conformant"]) for file, case in zip(files, cases, strict=True)]
    agreed = sum(row is not None and row["conformant"] == wanted for row, wanted in pairs)
    return {"bundles": (agreed, len(cases))}


def changed(document: Any, case: Row) -> Any:
    """The document with one change: `test` (none), `add`, `replace` or `remove` at a JSON pointer."""
    found = copy.deepcopy(document)
    if case["op"] == "test":
        return found
    *parents, last = case["path"].strip("/").split("/")
    node = found
    for step in parents:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if case["op"] == "remove":
        del node[int(last) if isinstance(node, list) else last]
    elif isinstance(node, list) and case["op"] == "add":
        node.insert(len(node) if last == "-" else int(last), case["value"])
    else:
        node[int(last) if isinstance(node, list) else last] = case["value"]
    return found


def cda(folder: Path, options: Sequence[str]) -> dict[str, Found]:
    """Official documents (`documents/`), and single changes of them (`mutants.tar.xz`), by what is asked.

    `documents`: those that the kit passes are conformant. `refused`: faults that the kit fails are not. `seen`: of
    faults that it passes, at least a warning is new. `left alone`: a legal variant is conformant, without a new error.
    """
    listed = orjson.loads((folder / "documents.json").read_bytes())["documents"]
    official = [folder / "documents" / row["file"] for row in listed if row["official_verdict"] == "pass"]
    rows = validated(official, *options)
    good = sum(bool(rows[file]["conformant"]) for file in official if file in rows)
    return {"documents": (good, len(official)), **_mutants(folder, options)}


def _mutants(folder: Path, options: Sequence[str]) -> dict[str, Found]:
    mutants = orjson.loads((folder / "mutants.json").read_bytes())["mutants"]
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(folder / "mutants.tar.xz") as archive:
            archive.extractall(scratch, filter="data")
        rows = {path.name: row for path, row in validated(sorted(Path(scratch).rglob("*.xml")), *options).items()}
    counts: dict[str, Found] = {}
    for mutant in mutants:
        asked = _asked(mutant)
        if asked:
            agreed, n = counts.get(asked, (0, 0))
            counts[asked] = (agreed + _met(asked, mutant["file"], rows), n + 1)
    return counts


def _asked(mutant: Row) -> str:
    """What is asked of the validator; empty when no verdict is."""
    if mutant["intent"] == "unscored":
        return ""
    if mutant["intent"] == "ok":
        return "left alone"
    return "refused" if mutant["intent"] == "fault" and mutant["official_verdict"] != "pass" else "seen"


def _met(asked: str, file: str, rows: Mapping[str, Row]) -> bool:
    row = rows.get(file)
    if row is None:
        return False
    if asked == "refused":
        return not row["conformant"]
    base = rows.get(f"{file.partition('__')[0]}__unchanged.xml", {"issues": ()})
    new = set(_issues(row)) - set(_issues(base))
    if asked == "seen":
        return bool(new)
    return bool(row["conformant"]) and all(severity == "warning" for severity, *_ in new)


def _issues(row: Row) -> Iterator[tuple[str, str, str]]:
    """Severity, rule and place without positions: an inserted sibling makes no old finding new."""
    for issue in row["issues"]:
        if issue["severity"] in ("fatal", "error", "warning"):
            yield issue["severity"], issue["rule"], re.sub(r"\[\d+\]", "", issue["location"] or "")
