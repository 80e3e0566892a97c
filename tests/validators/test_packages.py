"""Packages are read from a folder, a .tgz or a .zip; what is hostile or broken is refused with a sentence."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from validators.packages import (
    FolderPackage,
    Limits,
    PackageError,
    PackageSource,
    TarPackage,
    ZipPackage,
    open_package,
)

FILES = {
    "package/package.json": b"{}",
    "package/StructureDefinition-a.json": b'{"a":1}',
    "package/profile.xml": b"<a/>",
    "package/example/Patient-x.json": b"{}",
    "package/readme.md": b"no",
}
TOP = {"package.json", "StructureDefinition-a.json", "profile.xml"}


def tgz(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / "pack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "pack"


class TestReading:
    def test_a_folder_gives_the_resources_of_its_package_folder(self, folder: Path) -> None:
        assert {name for name, _ in open_package(folder)} == TOP

    def test_a_folder_without_package_folder_is_read_itself(self, folder: Path) -> None:
        assert dict(FolderPackage(folder / "package"))["StructureDefinition-a.json"] == b'{"a":1}'

    def test_a_tgz_and_a_zip_give_the_same(self, tmp_path: Path) -> None:
        for name, data in (("p.tgz", tgz(FILES)), ("p.zip", zipped(FILES))):
            (tmp_path / name).write_bytes(data)
            source = open_package(tmp_path / name)
            assert isinstance(source, PackageSource)
            content = dict(source)
            assert set(content) == TOP
            assert content["StructureDefinition-a.json"] == b'{"a":1}'

    def test_bytes_are_read_like_files(self) -> None:
        assert set(dict(TarPackage(tgz(FILES)))) == set(dict(ZipPackage(zipped(FILES)))) == TOP


class TestRefusing:
    def test_nothing_there(self, tmp_path: Path) -> None:
        with pytest.raises(PackageError, match="no such package"):
            open_package(tmp_path / "absent.tgz")

    def test_another_kind_of_file(self, tmp_path: Path) -> None:
        (tmp_path / "x.tgz").write_bytes(b"hello")
        with pytest.raises(PackageError, match="neither"):
            open_package(tmp_path / "x.tgz")

    @pytest.mark.parametrize("name", ["../evil.json", "/evil.json", "package/../../evil.json", "a\\b.json"])
    def test_a_path_that_leaves_the_package(self, name: str) -> None:
        with pytest.raises(PackageError, match="leaves the package"):
            dict(TarPackage(tgz({name: b"{}"})))
        with pytest.raises(PackageError, match="leaves the package"):
            dict(ZipPackage(zipped({name: b"{}"})))

    def test_a_link_out_of_a_folder(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "secret.json").write_bytes(b"{}")
        (folder / "package" / "link.json").symlink_to(tmp_path / "secret.json")
        with pytest.raises(PackageError, match="link"):
            dict(FolderPackage(folder))

    def test_links_inside_a_tgz_are_passed_over(self) -> None:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            info = tarfile.TarInfo("package/link.json")
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(info)
        assert dict(TarPackage(buffer.getvalue())) == {}

    @pytest.mark.parametrize("limits", [Limits(files=1), Limits(file_bytes=3), Limits(total_bytes=5)])
    def test_more_than_the_limits(self, folder: Path, limits: Limits) -> None:
        for source in (
            FolderPackage(folder, limits),
            TarPackage(tgz(FILES), limits),
            ZipPackage(zipped(FILES), limits),
        ):
            with pytest.raises(PackageError, match="than"):
                dict(source)

    def test_a_damaged_archive(self) -> None:
        with pytest.raises(PackageError, match=r"not a readable \.tgz"):
            dict(TarPackage(tgz(FILES)[:60]))
        with pytest.raises(PackageError, match=r"not a readable \.tgz"):
            dict(TarPackage(b"\x1f\x8bjunk"))
        with pytest.raises(PackageError, match=r"not a readable \.zip"):
            dict(ZipPackage(zipped(FILES)[:60]))
