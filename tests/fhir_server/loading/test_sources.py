"""Files and their pieces: every byte and line once, whatever the cut; what is too large or unreadable stays outside."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_server.loading import sources as module
from fhir_server.loading.sources import Kind, Sources

LIMIT = 40


def taken(path: Path, limit: int = LIMIT) -> tuple[Sources, list[bytes]]:
    sources = Sources(limit)
    return sources, list(sources.add(path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(st.binary(max_size=60).map(lambda b: b.replace(b"\n", b" "))), st.booleans(), st.integers(1, 4),
    st.integers(1, 80),
)  # fmt: skip
def test_the_pieces_of_a_file_are_all_of_it(
    tmp_path: Path, rows: list[bytes], ended: bool, at_once: int, size: int
) -> None:
    path = tmp_path / "a.ndjson"
    data = b"\n".join(rows) + (b"\n" if ended and rows else b"")
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LINES_AT_ONCE", at_once)
        patch.setattr(module, "_BYTES_AT_ONCE", size)
        sources, _ = taken(path)
    [source] = sources.files
    assert b"".join(data[p.offset : p.offset + p.size] for p in sources.pieces) == data
    assert [p.first for p in sources.pieces][1:] == [p.end + 1 for p in sources.pieces][:-1]
    assert (source.digest, source.size) == (hashlib.sha256(data).hexdigest(), len(data))
    lines = data.split(b"\n")
    lines = lines[:-1] if lines[-1] == b"" else lines
    read = [item for piece in sources.pieces for item in sources.read(piece)]
    for item in read:
        line = lines[item.place - 1]
        assert item.data == line or (item.data is None and len(line) >= LIMIT)
    assert len(read) == source.items == sum(p.items for p in sources.pieces)
    assert source.places == len(lines)


def test_a_line_over_the_limit_is_never_read(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b'{"a": 1}\n' + b"x" * 100 + b"\n" + b'{"b": 2}\n')
    sources, seen = taken(path)
    read = [(item.place, item.data) for piece in sources.pieces for item in sources.read(piece)]
    assert read == [(1, b'{"a": 1}'), (2, None), (3, b'{"b": 2}')]
    assert seen == [b'{"a": 1}\n', b'{"b": 2}\n']


def test_of_a_folder_what_may_be_a_document_is_taken(tmp_path: Path) -> None:
    for name in ("b.xml", "a.XML", "c/d.json", "c/.cache.xml", ".git/e.xml", "LISEZMOI.txt", "photo.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    sources, _ = taken(tmp_path)
    assert [str(one.path.relative_to(tmp_path)) for one in sources.files] == ["a.XML", "b.xml", "c/d.json"]
    assert sources.left == 2
    named, _ = taken(tmp_path / "LISEZMOI.txt")
    assert [one.kind for one in named.files] == [Kind.SINGLE]


def test_members_of_an_archive_are_items_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("1.xml", b"<a/>"), ("__MACOSX/1.xml", b""), ("x/2.xml", b"y" * 41), ("n.txt", b"")):
            archive.writestr(name, data)
    sources, _ = taken(path)
    assert [item.data for piece in sources.pieces for item in sources.read(piece)] == [b"<a/>", None]
    assert (sources.files[0].items, sources.files[0].size, sources.left) == (2, 45, 2)
    assert sources.name(sources.files[0], 2) == {"file": str(path), "member": "x/2.xml"}


def test_a_member_that_cannot_be_inflated_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.xml", b"0123456789" * 3)
    data = bytearray(path.read_bytes())
    data[36] ^= 0xFF
    path.write_bytes(bytes(data))
    sources, _ = taken(path)
    assert [item.data for piece in sources.pieces for item in sources.read(piece)] == [b""]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all"])
def test_a_zip_that_is_none_is_a_file_like_others(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    sources, _ = taken(path)
    assert [(one.kind, one.items) for one in sources.files] == [(Kind.SINGLE, 1)]


def test_an_xdm_archive_is_one_item(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("IHE_XDM/SUBSET01/METADATA.XML", b"<a/>")
    sources, _ = taken(path, 10_000)
    assert [one.kind for one in sources.files] == [Kind.SINGLE]
