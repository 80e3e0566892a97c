"""An envelope comes back byte for byte, whatever bytes it and its documents are made of."""

from __future__ import annotations

import base64
import hashlib

from hypothesis import example, given
from hypothesis import strategies as st

from fhir_server.store.envelope import cut, mended, packed, unpacked

documents = st.lists(st.binary(max_size=60), max_size=4)
gaps = st.lists(st.binary(max_size=30), min_size=5, max_size=5)


def restored(envelope: bytes, contents: list[tuple[bytes, str | None]]) -> bytes:
    """Cut, stored, and put together again."""
    rest, cuts = cut(envelope, contents)
    by_hash = {hashlib.sha256(data).digest(): data for data, _ in contents}
    return mended(rest, unpacked(packed(cuts)), by_hash)


@given(documents, gaps)
@example([b"a", b"a"], [b"", b"", b"", b"", b""])
@example([b"abc", b"abcabc"], [b"", b"YWJj", b"", b"", b""])
@example([b"", b"x"], [b"", b"", b"", b"", b""])
def test_whatever_the_documents_and_what_is_around_them(contents: list[bytes], between: list[bytes]) -> None:
    encoded = [base64.b64encode(data) for data in contents]
    envelope = b"".join(gap + text for gap, text in zip(between, [*encoded, b""], strict=False))
    pairs = [(data, text.decode()) for data, text in zip(contents, encoded, strict=True)]
    assert restored(envelope, pairs) == envelope


@given(
    st.binary(max_size=200), st.lists(st.tuples(st.binary(max_size=40), st.none() | st.text(max_size=60)), max_size=3)
)
def test_whatever_the_bytes_and_however_the_documents_were_written(
    envelope: bytes, contents: list[tuple[bytes, str | None]]
) -> None:
    assert restored(envelope, contents) == envelope


@given(st.binary(max_size=200))
def test_that_is_its_own_document_is_kept_once(data: bytes) -> None:
    rest, cuts = cut(data, [(data, None)])
    assert rest == b""
    assert len(cuts) == 1
    assert mended(rest, cuts, {hashlib.sha256(data).digest(): data}) == data


def test_a_document_in_canonical_base64_is_taken_out() -> None:
    data = b"a document" * 50
    envelope = b'{"data":"' + base64.b64encode(data) + b'"}'
    rest, [(at, length, digest)] = cut(envelope, [(data, base64.b64encode(data).decode())])
    assert rest == b'{"data":""}'
    assert (at, length, digest) == (9, len(base64.b64encode(data)), hashlib.sha256(data).digest())


def test_a_document_in_lines_of_base64_stays_where_it_is() -> None:
    data = b"a document" * 50
    lines = base64.encodebytes(data)
    rest, cuts = cut(lines, [(data, lines.decode())])
    assert (rest, cuts) == (lines, ())


@given(
    st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=3),
    st.sampled_from([b"\r\n", b"\n", b"", b"raw"]), st.lists(st.binary(max_size=30), min_size=4, max_size=4),
)  # fmt: skip
def test_a_document_in_any_form_of_mime_comes_back(contents: list[bytes], form: bytes, between: list[bytes]) -> None:
    """XDS.b writes a document as its bytes, or in base64, in lines or in one piece; it is known by its own base64."""
    written = [data if form == b"raw" else in_lines(data, form) for data in contents]
    envelope = b"".join(gap + text for gap, text in zip(between, [*written, b""], strict=False))
    pairs = [(data, base64.b64encode(data).decode()) for data in contents]
    assert restored(envelope, pairs) == envelope


def in_lines(data: bytes, separator: bytes) -> bytes:
    """The base64 of a document in lines of 76."""
    return separator.join(base64.b64encode(data)[at : at + 76] for at in range(0, 4 * -(-len(data) // 3), 76))


def test_a_document_of_mime_is_taken_out() -> None:
    data = bytes(range(256)) * 4
    known = base64.b64encode(data).decode()
    for text in (data, in_lines(data, b"\r\n"), in_lines(data, b"\n")):
        rest, [(at, length, _)] = cut(b"--a" + text + b"--b", [(data, known)])
        assert (rest, at, length) == (b"--a--b", 3, len(text))
