"""Archives nobody should open: each named by its rule, none unpacked beyond its bounds."""

from __future__ import annotations

import stat
import time
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.archives import Raw, zipped
from validators.report import Report, Severity
from validators.xdm import SafeZip, ZipLimits, open_zip

NAMES = st.from_regex(r"[A-Z]{1,8}\.[A-Z]{1,3}", fullmatch=True)
RIGHT = zipped({"A.TXT": b"a" * 1000, "B/C.TXT": b"bc"})


def opened(data: bytes, limits: ZipLimits | None = None) -> tuple[SafeZip | None, list[tuple[str, str]]]:
    report = Report()
    archive = open_zip(data, report, limits or ZipLimits())
    return archive, [(issue.rule, issue.location) for issue in report]


def read_all(data: bytes, limits: ZipLimits | None = None) -> list[tuple[str, str]]:
    report = Report()
    archive = open_zip(data, report, limits or ZipLimits())
    for member in archive.members.values() if archive is not None else ():
        archive.read(member)
    return [(issue.rule, issue.location) for issue in report]


class TestARightArchive:
    def test_is_read(self) -> None:
        archive, found = opened(RIGHT)
        assert archive is not None
        assert found == []
        assert archive.read(archive.members["A.TXT"]) == b"a" * 1000
        assert archive.read(archive.members["B/C.TXT"]) == b"bc"

    @given(
        st.dictionaries(st.from_regex(r"[A-Z]{1,8}\.[A-Z]{1,3}", fullmatch=True), st.binary(max_size=400), max_size=5)
    )
    def test_whatever_is_in_it_is_read(self, files: dict[str, bytes]) -> None:
        data = zipped(files)
        archive, found = opened(data)
        if not files:
            return
        assert archive is not None
        assert found == []
        assert {name: archive.read(member) for name, member in archive.members.items()} == files

    def test_may_have_folders_stored_members_and_a_comment(self) -> None:
        target = BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            archive.mkdir("B")
            archive.writestr("B/C.TXT", b"bc")
            archive.comment = b"hello"
        found, issues = opened(target.getvalue())
        assert found is not None
        assert issues == []
        assert list(found.members) == ["B/C.TXT"]
        assert found.read(found.members["B/C.TXT"]) == b"bc"

    def test_may_stand_behind_other_bytes(self) -> None:
        assert read_all(Raw().add(b"A", b"a").bytes()) == []


class TestNames:
    @pytest.mark.parametrize(
        "name", [b"../A", b"a/../../A", b"/etc/passwd", b"C:\\A", b"a\\b", b"a\x00b", b"a//b", b"./a", b"a\nb", b""],
    )  # fmt: skip
    def test_that_leave_the_archive_are_refused(self, name: bytes) -> None:
        archive, found = opened(Raw().add(b"OK.TXT", b"x").add(name, b"x").bytes())
        assert archive is None
        assert [rule for rule, _ in found] == ["XDM-PATH"]

    @pytest.mark.parametrize("name", [b"A.TXT", b"a.txt"])
    def test_that_are_there_twice_are_refused(self, name: bytes) -> None:
        archive, found = opened(Raw().add(b"A.TXT", b"x").add(name, b"y").bytes())
        assert archive is None
        assert [rule for rule, _ in found] == ["XDM-DUPLICATE"]

    @pytest.mark.parametrize(
        ("name", "shown"),
        [("B/A.TXT", "B/A.TXT"), ("MARTIN Jean.XML", "member[2]"), ("124018852493334.XML", "member[2]"),
         ("é.xml", "member[2]")],
    )  # fmt: skip
    def test_that_may_say_who_the_patient_is_are_shown_as_a_number(self, name: str, shown: str) -> None:
        report = Report()
        archive = open_zip(zipped({"A": b"", name: b"x"}), report, ZipLimits())
        assert archive is not None
        assert archive.members[name.upper()].shown == shown


class TestHostileMembers:
    @pytest.mark.parametrize("mode", [stat.S_IFLNK | 0o777, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
    def test_links_and_devices(self, mode: int) -> None:
        archive, found = opened(Raw().add(b"A", b"/etc/passwd", mode=mode).bytes())
        assert (archive, found) == (None, [("XDM-LINK", "A")])

    def test_encrypted(self) -> None:
        archive, found = opened(Raw().add(b"A", b"x", flags=1).bytes())
        assert (archive, found) == (None, [("XDM-ENCRYPTED", "A")])

    @pytest.mark.parametrize("method", [1, 9, 12, 14, 93, 99])
    def test_another_compression(self, method: int) -> None:
        archive, found = opened(Raw().add(b"A", b"x", method=method).bytes())
        assert (archive, found) == (None, [("XDM-METHOD", "A")])

    def test_overlapping(self) -> None:
        archive, found = opened(Raw().add(b"A", b"x" * 100).add(b"B", b"x" * 100, offset=0).bytes())
        assert archive is None
        assert [rule for rule, _ in found] == ["XDM-DUPLICATE"]

    @pytest.mark.parametrize("lie", [{"size": 5}, {"size": 5_000}, {"crc": 1}, {"offset": 3}, {"offset": 10**6}])
    def test_that_lie(self, lie: dict[str, int]) -> None:
        found = read_all(Raw().add(b"A", b"x" * 1000, **lie).bytes())
        assert [rule for rule, _ in found] in (["XDM-LIES"], ["XDM-ZIP"])

    def test_of_damaged_data(self) -> None:
        data = bytearray(Raw().add(b"A", bytes(range(256)) * 9).bytes())
        data[40] ^= 0xFF
        assert read_all(bytes(data)) == [("XDM-LIES", "A")]

    def test_a_bomb_that_hides_its_size_is_not_inflated(self) -> None:
        bomb = Raw().add(b"A", bytes(300_000_000), size=1000).bytes()
        assert len(bomb) < 400_000
        tracemalloc.start()
        started = time.monotonic()
        found = read_all(bomb)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found == [("XDM-LIES", "A")]
        assert time.monotonic() - started < 2
        assert peak < 8_000_000


class TestLimits:
    def test_bytes(self) -> None:
        assert opened(RIGHT, ZipLimits(max_bytes=10))[1] == [("XDM-LIMIT", "")]

    def test_members(self) -> None:
        crowd = zipped({f"{n}": b"" for n in range(1_001)})
        assert opened(crowd)[1] == [("XDM-LIMIT", "")]

    def test_members_that_the_end_does_not_count(self) -> None:
        raw = Raw()
        for n in range(1_001):
            raw.add(str(n).encode(), b"")
        assert [rule for rule, _ in opened(raw.bytes(count=1))[1]] in (["XDM-LIMIT"], ["XDM-ZIP"])

    def test_the_whole_and_each(self) -> None:
        data = zipped({"A": bytes(1000), "B": bytes(1000)})
        assert opened(data, ZipLimits(max_inflated=1_999))[1] == [("XDM-LIMIT", "")]
        assert opened(data, ZipLimits(max_member=999))[1] == [("XDM-LIMIT", "")]
        assert read_all(data, ZipLimits(max_inflated=2_000, max_member=1_000)) == []

    def test_a_bomb_that_tells_its_size(self) -> None:
        assert opened(Raw().add(b"A", bytes(200_000_000)).bytes())[1] == [("XDM-LIMIT", "")]

    def test_zip64(self) -> None:
        locator = b"PK\x06\x07" + bytes(16)
        assert opened(Raw().add(b"A", b"x").bytes(before_end=locator))[1] == [("XDM-LIMIT", "")]


class TestBroken:
    @pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04", RIGHT[:-1], RIGHT[:-30], RIGHT[: len(RIGHT) // 2],
                                      b"PK\x05\x06" + bytes(17), b"x" * 100_000], ids=len)  # fmt: skip
    def test_is_fatal_and_named(self, data: bytes) -> None:
        report = Report()
        assert open_zip(data, report, ZipLimits()) is None
        [issue] = report
        assert (issue.rule, issue.severity) == ("XDM-ZIP", Severity.FATAL)

    @given(st.binary(max_size=300))
    def test_any_bytes_are_answered(self, data: bytes) -> None:
        read_all(b"PK\x03\x04" + data + b"PK\x05\x06" + data[:18])

    @given(st.integers(0, len(RIGHT) - 1), st.binary(min_size=1, max_size=4))
    def test_any_damage_is_answered(self, at: int, noise: bytes) -> None:
        read_all(RIGHT[:at] + noise + RIGHT[at + len(noise) :])
