"""The folder of rejects: what the database does not know as done was never refused."""

from __future__ import annotations

from pathlib import Path

import orjson

from fhir_server.loading.parts import Reason, Reject
from fhir_server.loading.rejects import NAME, Rejects

REJECT = Reject(2, 422, (Reason("FHIR-MIN", "error", "Patient"),))


def places(folder: Path) -> list[int]:
    return [orjson.loads(line)["place"] for line in (folder / NAME).read_bytes().splitlines()]


def test_lines_beyond_what_was_committed_go(tmp_path: Path) -> None:
    rejects = Rejects(tmp_path, "us", lambda _: 0)
    for place in (2, 5, 9):
        rejects.keep("aa", {"file": "f"}, Reject(place, 422, ()), b"{}")
    rejects.close()
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"source": "aa", "pla')  # killed while it wrote
    rejects = Rejects(tmp_path, "us", {"aa": 5}.__getitem__)
    rejects.close()
    assert places(tmp_path) == [2, 5]


def test_a_place_is_kept_once(tmp_path: Path) -> None:
    rejects = Rejects(tmp_path, "us", lambda _: 0)
    line = rejects.keep("aa", {"file": "f", "line": 2}, REJECT, b'{"a": 1}')
    assert rejects.keep("aa", {"file": "f", "line": 2}, REJECT, b'{"a": 1}') == line
    rejects.close()
    assert places(tmp_path) == [2]
    assert line == {
        "file": "f", "line": 2, "owner": "us", "source": "aa", "place": 2, "status": 422,
        "rules": [{"rule": "FHIR-MIN", "severity": "error", "location": "Patient"}], "kept": "aa-2.json",
    }  # fmt: skip
    assert (tmp_path / "aa-2.json").read_bytes() == b'{"a": 1}'


def test_hostile_bytes_are_not_kept(tmp_path: Path) -> None:
    rejects = Rejects(tmp_path, "us", lambda _: 0)
    line = rejects.keep("aa", {"file": "f"}, Reject(1, 422, (), keep=False), b"<!DOCTYPE a>")
    rejects.close()
    assert line["kept"] is None
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_without_a_folder_nothing_is_kept() -> None:
    rejects = Rejects(None, "us", lambda _: 0)
    assert rejects.keep("aa", {"file": "f"}, REJECT, b"{}")["kept"] is None
    rejects.sync()
    rejects.close()


def test_lines_of_another_owner_stay(tmp_path: Path) -> None:
    for owner, place in (("them", 7), ("us", 2)):
        rejects = Rejects(tmp_path, owner, lambda _: 0)
        rejects.keep("aa", {"file": "f"}, Reject(place, 422, ()), b"{}")
        rejects.close()
    Rejects(tmp_path, "us", lambda _: 2).close()
    assert places(tmp_path) == [7, 2]
