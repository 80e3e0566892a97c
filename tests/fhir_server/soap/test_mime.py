"""multipart/related: what was written comes back, nothing malformed is guessed at, nothing raises."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from fhir_server.soap.mime import MimeLimits, Related, parameters, read_related
from validators.report import Report

KIND = 'multipart/related; boundary="b"; type="application/xop+xml"; start="<root>"'
ROOT = b"Content-Type: application/xop+xml\r\nContent-ID: <root>\r\n\r\n<a/>"


def written(*parts: bytes, boundary: bytes = b"b") -> bytes:
    """A body of parts with their headers."""
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


def part(name: str, data: bytes, encoding: str = "binary") -> bytes:
    """One part."""
    return f"Content-ID: <{name}>\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + data


def read(
    body: bytes, kind: str = KIND, limits: MimeLimits | None = None
) -> tuple[Related | None, list[tuple[str, str]]]:
    """The parts, and each finding with its first word."""
    report = Report()
    found = read_related(body, kind, report, limits)
    return found, [(issue.rule, next(iter(issue.params.values()), "")) for issue in report]


def contents(found: Related) -> dict[str, bytes | None]:
    """The bytes of each part."""
    return {name: found.content(one, Report()) for name, one in found.others.items()}


@given(st.lists(st.binary(max_size=60), max_size=4), st.sampled_from(["binary", "8bit", "7bit", "base64"]))
@example([b"\r\n--bb\r\n", b"--bb", b"\r\n--b-", b"\r\n\r\n"], "binary")
@example([b"\r\n--c", b""], "binary")
def test_what_was_written_comes_back(documents: list[bytes], encoding: str) -> None:
    encoded = [base64.encodebytes(one).replace(b"\n", b"\r\n") if encoding == "base64" else one for one in documents]
    parts = [part(f"p{number}", data, encoding) for number, data in enumerate(encoded)]
    taken = [rb"\r\n--b\r\n", rb"\r\n--b--", rb"\r\n--b[ \t]"]
    assume(not any(re.search(form, one + b"\r\n") for form in taken for one in parts))  # needs another boundary
    found, findings = read(written(ROOT, *parts))
    assert findings == []
    assert found is not None
    assert found.content(found.root, Report()) == b"<a/>"
    assert contents(found) == {f"p{number}": data for number, data in enumerate(documents)}


@given(st.binary(max_size=300), st.text(max_size=60))
@example(b"--b\r\n", KIND)
@example(b"--b", KIND)
@example(b"\r\n--b--", KIND)
def test_nothing_raises(body: bytes, kind: str) -> None:
    for content_type in (KIND, kind, f"multipart/related; boundary={kind}"):
        found, findings = read(body, content_type)
        assert (found is None) is bool(findings)


@given(st.lists(st.sampled_from([b"--b", b"--b--", b"\r\n", b"\r", b" ", b"A: x", b"Content-ID: <root>",
                                 b"Content-Type: application/xop+xml", b"x"]), max_size=14))  # fmt: skip
def test_what_is_read_stands_in_the_body(pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    found, _ = read(body, "multipart/related; boundary=b")
    for one in (found.root, *found.others.values()) if found is not None else ():
        assert 0 < one.start <= one.end <= len(body)
        assert body[one.end : one.end + 5] == b"\r\n--b"


@pytest.mark.parametrize(("body", "finding"), [
    (b"", ("MIME-STRUCTURE", "closing boundary")),
    (written(ROOT)[:-8], ("MIME-STRUCTURE", "closing boundary")),
    (written(ROOT).replace(b"\r\n", b"\n"), ("MIME-STRUCTURE", "boundary line")),
    (b"--b--\r\n", ("MIME-STRUCTURE", "no part")),
    (written(part("p", b"x")), ("MIME-HEADER", "start")),
    (written(ROOT.replace(b"xop+xml", b"json")), ("MIME-STRUCTURE", "media type of the root")),
    (written(b"no header\r\n\r\nx"), ("MIME-STRUCTURE", "headers")),
    (written(b"A: 1\r\nA: 2\r\n\r\nx"), ("MIME-STRUCTURE", "headers")),
    (written(b"A: 1"), ("MIME-STRUCTURE", "headers")),
    (written(ROOT, b"\r\nx"), ("MIME-CONTENT-ID", "2")),
    (written(ROOT, part("p", b"x"), part("p", b"y")), ("MIME-CONTENT-ID", "3")),
    (written(ROOT, part("root", b"x")), ("MIME-CONTENT-ID", "2")),
    (written(ROOT, *[part(f"p{n}", b"x") for n in range(5)]), ("MIME-LIMIT", "parts")),
    (written(b"A: " + b"x" * 300 + b"\r\n\r\ny"), ("MIME-LIMIT", "headers")),
])  # fmt: skip
def test_what_is_wrong_is_named(body: bytes, finding: tuple[str, str]) -> None:
    assert read(body, limits=MimeLimits(parts=4, headers=200)) == (None, [finding])


@pytest.mark.parametrize(("kind", "reason"), [
    ("multipart/related", "boundary"), ('multipart/related; boundary=""', "boundary"),
    (f"multipart/related; boundary={'x' * 71}", "boundary"), ("multipart/related; boundary=é", "boundary"),
    ("multipart/related; boundary=b; type=text/html", "type"), ("multipart/related; boundary=b; start=other", "start"),
])  # fmt: skip
def test_a_content_type_that_is_no_use_is_named(kind: str, reason: str) -> None:
    assert read(written(ROOT), kind) == (None, [("MIME-HEADER", reason)])


@pytest.mark.parametrize("encoding", ["quoted-printable", "gzip", ""])
def test_an_encoding_that_is_not_known_is_named(encoding: str) -> None:
    found, _ = read(written(ROOT, part("p", b"x", encoding)))
    assert found is not None
    report = Report()
    assert found.content(found.others["p"], report) is None
    assert [(i.rule, i.params["part"]) for i in report] == [("MIME-ENCODING", "2")]


def test_a_folded_header_is_one_line() -> None:
    found, _ = read(written(ROOT, b"Content-ID:\r\n <p>\r\n\r\nx"))
    assert found is not None
    assert contents(found) == {"p": b"x"}


def test_the_first_part_is_the_root_when_none_is_named() -> None:
    found, _ = read(written(ROOT, part("p", b"x")), "Multipart/Related; Boundary=b")
    assert found is not None
    assert found.root.content_id == "root"


def test_parameters_come_without_their_quotes() -> None:
    assert parameters('A/B; C="d;e"; F=g') == ("a/b", {"c": "d;e", "f": "g"})
