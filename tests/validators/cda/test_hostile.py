"""Hostile bytes to the command: a clear, located issue in bounded time and memory, measured in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import environment
from tests.validators.cda.samples import LETTER

SECONDS = 10
"""Of processor, start of the process included; on a quiet machine the slowest takes less than one."""

MEGABYTES = 200
"""Resident memory beside the input itself. An empty file costs 85 of them."""

HEAD = LETTER.partition("<ClinicalDocument")[0].encode()
BODY = LETTER.partition("?>")[2]
LOLS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
LAUGHS = f'<!DOCTYPE l [<!ENTITY l0 "lol">{LOLS}]>'
QUADRATIC = f'<!DOCTYPE q [<!ENTITY q "{"q" * 100_000}">]>'
EXTERNAL = '<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHED = BODY.replace("PARIS", "&l12;")


def limited() -> None:
    """In the child: what the operating system ends it at, should our own bounds fail."""
    resource.setrlimit(resource.RLIMIT_CPU, (6 * SECONDS, 6 * SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


WITH_PEAK = """
import pathlib, sys
from fhir_server.cli import main
peak = sys.argv.pop(1)
try:
    main()
finally:
    status = pathlib.Path("/proc/self/status").read_text().splitlines()
    pathlib.Path(peak).write_text(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""
"""The command, which writes its own peak: what wait4 tells is at least the memory of the process it was forked from."""


def validated(path: Path) -> tuple[dict[str, Any], float, float]:
    """What is said of the file, the processor time in seconds, and the resident megabytes at the most."""
    out, peak = path.with_suffix(".out"), path.with_suffix(".peak")
    with out.open("wb") as target:
        process = subprocess.Popen(
            [sys.executable, "-c", WITH_PEAK, str(peak), "validate", "--format", "ndjson", str(path)],
            stdout=target, stderr=subprocess.STDOUT, env=environment(), preexec_fn=limited,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    said = out.read_text(encoding="utf-8")
    assert process.returncode == 1, said[-2000:]
    return json.loads(said), usage.ru_utime + usage.ru_stime, int(peak.read_text()) / 1024


CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    "billion laughs": (lambda: HEAD + (LAUGHS + LAUGHED).encode(), "CDA-DTD"),
    "quadratic entity": (lambda: HEAD + (QUADRATIC + BODY.replace("PARIS", "&q;" * 50_000)).encode(), "CDA-DTD"),
    "entities hidden in UTF-16": (
        lambda: ('<?xml version="1.0" encoding="UTF-16"?>' + LAUGHS + LAUGHED).encode("utf-16"), "CDA-DTD|CDA-LIMIT",
    ),
    "external entity": (
        lambda: HEAD + (EXTERNAL + BODY.replace("PARIS", "&x;")).encode(),
        "CDA-DTD",
    ),
    "external DTD": (lambda: HEAD + ('<!DOCTYPE c SYSTEM "http://127.0.0.1:9/x.dtd">' + BODY).encode(), "CDA-DTD"),
    "entity without a DTD": (lambda: LETTER.replace("PARIS", "&l9;").encode(), "CDA-DTD"),
    "10,000 levels": (lambda: LETTER.replace("<text>", "<text>" + "<content>" * 10_000, 1).encode(), "CDA-LIMIT"),
    "10,000 levels, closed": (
        lambda: HEAD + b"<a>" * 10_000 + b"</a>" * 10_000, "CDA-LIMIT",
    ),
    "wrong encoding declared": (lambda: LETTER.replace("É", "é").encode("latin-1"), "CDA-ENCODING"),
    "unknown encoding": (lambda: LETTER.replace("UTF-8", "KLINGON").encode(), "CDA-ENCODING"),
    "UTF-16 declared, UTF-8 given": (lambda: LETTER.replace("UTF-8", "UTF-16").encode(), "CDA-ENCODING|CDA-XML"),
    "truncated": (lambda: LETTER.encode()[: len(LETTER) // 2], "CDA-XML"),
    "truncated in a tag": (lambda: LETTER.encode()[: LETTER.encode().index(b"extension") + 4], "CDA-XML"),
    "not XML after a while": (lambda: LETTER.encode() + b"\x00\x01\x02 and the rest", "CDA-XML"),
    "a million attributes": (
        lambda: HEAD + b"<a " + b" ".join(b'a%d=""' % n for n in range(1_000_000)) + b"/>", "CDA-LIMIT|CDA-ROOT",
    ),
    "a million siblings": (
        lambda: LETTER.replace("<author>", "<author/>" * 1_000_000 + "<author>").encode(), "CDA-LIMIT",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_hostile_xml_has_one_located_issue_in_bounded_time_and_memory(name: str, tmp_path: Path) -> None:
    make, rules = CASES[name]
    path = tmp_path / "hostile.xml"
    path.write_bytes(make())
    row, seconds, megabytes = validated(path)
    [issue] = row["issues"]
    assert issue["rule"] in rules.split("|")
    assert (issue["severity"], row["conformant"]) == ("fatal", False)
    assert issue["line"] >= 1
    assert issue["location"]
    assert len(json.dumps(row)) < 2_000
    assert seconds < SECONDS
    assert megabytes < MEGABYTES + 2 * path.stat().st_size / 2**20


@pytest.mark.parametrize("content", [b"%PDF-1.7\n" + bytes(range(256)) * 400, b"\x00" * 100_000, b"x" * 100_000])
def test_what_is_not_xml_is_said_to_be_unknown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "noise.xml"
    path.write_bytes(content)
    row, seconds, megabytes = validated(path)
    assert row["issues"][0]["rule"] == "CONTENT-UNKNOWN"
    assert (len(row["issues"]), row["conformant"]) == (1, False)
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


def pieces(kind: str) -> Iterator[bytes]:
    """200 MB in pieces: one text, or many small entries of a body that looks right."""
    yield LETTER.encode().rpartition(b"</structuredBody>")[0] if kind == "entries" else HEAD + b"<ClinicalDocument>"
    section = b'<component><section><code code="1"/><title>t</title><text>x</text></section></component>'
    block = section * 10_000 if kind == "entries" else b"x" * 1_000_000
    for _ in range(200 * 2**20 // len(block)):
        yield block
    yield b"</structuredBody></component></ClinicalDocument>" if kind == "entries" else b"</ClinicalDocument>"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["entries", "text"])
def test_a_file_of_200_mb_is_refused_for_its_size_before_it_is_parsed(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "large.xml"
    with path.open("wb") as target:
        for piece in pieces(kind):
            target.write(piece)
    size = path.stat().st_size / 2**20
    assert size > 195
    started = time.perf_counter()
    row, seconds, megabytes = validated(path)
    assert [(issue["rule"], issue["severity"], issue["line"]) for issue in row["issues"]] == [("CDA-LIMIT", "fatal", 1)]
    assert seconds < SECONDS
    assert time.perf_counter() - started < 3 * SECONDS
    # The file is read whole once, and never copied.
    assert megabytes < MEGABYTES + 1.1 * size
