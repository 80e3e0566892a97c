"""Installed packages: kept as received, found by version, dependencies followed and told."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.packages import archive, package
from validators.package_store import (
    NotInstalled,
    PackageStore,
    matches,
    packages_at,
    read_manifest,
    split_name,
    version_key,
)
from validators.packages import PackageError, TarPackage


@pytest.fixture
def store(tmp_path: Path) -> PackageStore:
    return PackageStore(tmp_path / "packages")


class TestNames:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("a.b", ("a.b", "")),
            ("ans.fhir.fr.pdsm@3.1.1", ("ans.fhir.fr.pdsm", "3.1.1")),
            ("a.b#1.0.0-ballot", ("a.b", "1.0.0-ballot")),
            ("guide", None),
            ("a.b@", None),
            ("../a.b", None),
            ("a.b@../1", None),
        ],
    )
    def test_name_and_version(self, text: str, found: tuple[str, str] | None) -> None:
        assert split_name(text) == found

    def test_versions_in_their_order(self) -> None:
        ordered = ["0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11",
                   "1.0.0-rc.1", "1.0.0", "1.2.0", "1.10.0", "2.0.0"]  # fmt: skip
        assert sorted(sorted(ordered), key=version_key) == ordered

    @given(st.lists(st.from_regex(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,12}", fullmatch=True), max_size=8))
    def test_any_versions_have_an_order(self, versions: list[str]) -> None:
        keys = [version_key(version) for version in sorted(versions, key=version_key)]
        assert all(one <= other for one, other in pairwise(keys))

    @pytest.mark.parametrize(
        ("version", "wanted", "same"),
        [
            ("2.1.0", "2.1.0", True), ("2.1.0", "2.1.x", True), ("2.10.0", "2.1.x", False), ("2.1.0", "latest", True),
            ("2.1.0", "", True), ("2.1.0", "2.1.1", False),
        ],
    )  # fmt: skip
    def test_what_is_asked_for(self, version: str, wanted: str, same: bool) -> None:
        assert matches(version, wanted) is same


class TestManifest:
    def test_is_read(self) -> None:
        found = read_manifest(TarPackage(package("a.b", "1.0.0", c_d="2.x")))
        assert (found.name, found.version, found.fhir_versions) == ("a.b", "1.0.0", ("4.0.1",))
        assert found.dependencies == {"c.d": "2.x"}

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"{", "package.json"),
            (b"[]", "no name"),
            (b'{"name": "../up", "version": "1"}', "no name"),
            (b'{"name": "a.b", "version": "../1"}', "no version"),
            (b'{"name": "a.b"}', "no version"),
        ],
    )
    def test_says_what_is_wrong(self, content: bytes, why: str) -> None:
        with pytest.raises(PackageError, match=why):
            read_manifest(TarPackage(archive({"package/package.json": content})))

    def test_a_package_has_one(self) -> None:
        with pytest.raises(PackageError, match=r"no package\.json"):
            read_manifest(TarPackage(archive({"package/Patient-1.json": b"{}"})))


class TestStore:
    def test_keeps_the_bytes_as_received(self, store: PackageStore) -> None:
        data = package("a.b", "1.0.0")
        assert store.add(data).path.read_bytes() == data
        assert store.add(data).key == "a.b#1.0.0"
        assert [one.key for one in store] == ["a.b#1.0.0"]

    def test_a_version_is_never_changed(self, store: PackageStore) -> None:
        first = package("a.b", "1.0.0")
        store.add(first)
        with pytest.raises(PackageError, match="other content"):
            store.add(package("a.b", "1.0.0", {"resourceType": "Patient"}))
        assert next(iter(store)).path.read_bytes() == first

    def test_what_is_no_package_is_not_kept(self, store: PackageStore) -> None:
        with pytest.raises(PackageError):
            store.add(b"nothing of the kind")
        hostile = archive({"package/package.json": b'{"name": "a.b", "version": "1.0.0"}', "../out.json": b"{}"})
        with pytest.raises(PackageError, match="leaves the package"):
            store.add(hostile)
        assert list(store) == []

    def test_the_newest_release_is_found(self, store: PackageStore) -> None:
        for version in ("1.2.0", "1.10.0", "2.0.0-ballot"):
            store.add(package("a.b", version))
        found = [store.find("a.b", wanted) for wanted in ("", "1.2.x", "2.0.0-ballot", "latest", "3.0.0")]
        assert [one and one.manifest.version for one in found] == ["1.10.0", "1.2.0", "2.0.0-ballot", "1.10.0", None]

    def test_dependencies_first_and_a_ring_ends(self, store: PackageStore) -> None:
        store.add(package("a.a", "1.0.0", b_b="1.0.0", hl7_fhir_r4_core="4.0.1"))
        store.add(package("b.b", "1.0.0", c_c="1.x", a_a="1.0.0"))
        store.add(package("c.c", "1.4.0"))
        found = store.resolve(["a.a"])
        assert [one.key for one in found.packages] == ["c.c#1.4.0", "b.b#1.0.0", "a.a#1.0.0"]
        assert found.absent == ()

    def test_another_version_stands_in_when_it_is_the_only_one_and_it_is_told(self, store: PackageStore) -> None:
        store.add(package("a.a", "1.0.0", b_b="2.0.0", c_c="1.0.0"))
        store.add(package("d.d", "1.0.0", c_c="1.0.0", a_a="1.0.0"))
        store.add(package("b.b", "1.0.0"))
        found = store.resolve(["d.d"])
        assert [one.key for one in found.packages] == ["b.b#1.0.0", "a.a#1.0.0", "d.d#1.0.0"]
        assert [(a.name, a.version, a.used, a.wanted_by) for a in found.absent] == [
            ("c.c", "1.0.0", None, ("d.d#1.0.0", "a.a#1.0.0")), ("b.b", "2.0.0", "1.0.0", ("a.a#1.0.0",))]  # fmt: skip
        store.add(package("b.b", "3.0.0"))
        assert [a.used for a in store.resolve(["a.a"]).absent if a.name == "b.b"] == [None]

    def test_what_is_not_installed_is_named(self, store: PackageStore) -> None:
        with pytest.raises(NotInstalled) as caught:
            store.resolve(["a.b@1.0.0"])
        assert caught.value.wanted == "a.b@1.0.0"

    def test_paths_and_names_together(self, store: PackageStore, tmp_path: Path) -> None:
        store.add(package("a.a", "1.0.0"))
        own = tmp_path / "own.tgz"
        own.write_bytes(package("b.b", "1.0.0"))
        paths, absent = packages_at([str(own), "a.a"], store.folder)
        assert (paths, absent) == ([store.folder / "a.a#1.0.0.tgz", own], ())
        with pytest.raises(PackageError, match="neither a file nor"):
            packages_at(["no name"], store.folder)
