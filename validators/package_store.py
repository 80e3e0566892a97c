"""Installed FHIR packages: one folder of `.tgz` files as they were received, found by name and version.

A package is named `name`, `name@version` or `name#version`; a version may end in `.x`, or be `latest`. Dependencies are
followed; one that is not installed is told, never guessed: another version of the same package stands in for it only
when it is the only one there, and that is told too. Nothing here knows HTTP.

Source: FHIR NPM package specification (package.json: name, version, dependencies, fhirVersions).
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from validators.packages import PackageError, TarPackage, open_package

BUILT_IN = frozenset({"hl7.fhir.r4.core", "hl7.fhir.r4.expansions", "hl7.terminology.r4", "hl7.fhir.uv.extensions.r4"})
"""Packages whose content the compiled R4 definitions hold, or that no check of ours reads."""
_NAME = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+", re.ASCII)
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]*", re.ASCII)
_WANTED = re.compile(rf"(?P<name>{_NAME.pattern})(?:[@#](?P<version>{_VERSION.pattern}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The `package.json` of a package."""

    name: str
    version: str
    title: str
    canonical: str
    fhir_versions: tuple[str, ...]
    dependencies: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Installed:
    """A package of the folder."""

    manifest: Manifest
    path: Path

    @property
    def key(self) -> str:
        """`name#version`."""
        return f"{self.manifest.name}#{self.manifest.version}"


@dataclass(frozen=True, slots=True)
class Absent:
    """A dependency that is not there as asked for: `used` names the version that stands in, None when none does."""

    name: str
    version: str
    wanted_by: tuple[str, ...]
    used: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """Packages in the order to load them, dependencies first, and what of them is not there as asked for."""

    packages: tuple[Installed, ...]
    absent: tuple[Absent, ...]


class NotInstalled(PackageError):
    """No installed package has this name and version; `wanted` is what was asked for."""

    def __init__(self, wanted: str) -> None:
        super().__init__(f"{wanted}: no such package is installed")
        self.wanted = wanted


def read_manifest(source: Iterable[tuple[str, bytes]]) -> Manifest:
    """The manifest of a package. Raises `PackageError` when it has none, or one that names nothing."""
    for name, content in source:
        if name == "package.json":
            return _manifest(content)
    raise PackageError("no package.json: not a FHIR package")


def _manifest(content: bytes) -> Manifest:
    try:
        found: Any = orjson.loads(content)
    except orjson.JSONDecodeError as problem:
        raise PackageError(f"package.json: {problem}") from problem
    found = found if isinstance(found, dict) else {}
    name, version = found.get("name"), found.get("version")
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise PackageError("package.json: no name of a FHIR package")
    if not (isinstance(version, str) and _VERSION.fullmatch(version)):
        raise PackageError(f"package.json of {name}: no version")
    needs = found.get("dependencies")
    fhir = found.get("fhirVersions") or found.get("fhir-version-list") or ()
    return Manifest(
        name, version, str(found.get("title") or ""), str(found.get("canonical") or ""),
        tuple(str(one) for one in fhir) if isinstance(fhir, list) else (),
        {str(k): str(v) for k, v in needs.items()} if isinstance(needs, dict) else {},
    )  # fmt: skip


def split_name(text: str) -> tuple[str, str] | None:
    """Name and version of `name[@version]`, version empty when none is asked for; None for what is no such name."""
    found = _WANTED.fullmatch(text)
    return None if found is None else (found["name"], found["version"] or "")


def version_key(version: str) -> tuple[Any, ...]:
    """An order of versions (semver 2.0.0 §11): numbers as numbers, a pre-release before its release."""
    release, _, pre = version.partition("+")[0].partition("-")
    numbers = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in release.split("."))
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split(".")) if pre else ()
    return (numbers, not pre, parts)


def matches(version: str, wanted: str) -> bool:
    """Whether a version is what is asked for: `2.1.0`, `2.1.x`, `latest`, or empty for any."""
    if wanted in ("", "latest", "current", "dev", version):
        return True
    return wanted.endswith(".x") and version.startswith(wanted[:-1])


class PackageStore:
    """The packages of one folder, `name#version.tgz` each; an absent folder holds none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __iter__(self) -> Iterator[Installed]:
        """Every package, by name, the newest version first. Raises `PackageError` on a file that is none."""
        files = sorted(self.folder.glob("*#*.tgz")) if self.folder.is_dir() else []
        found = [Installed(read_manifest(TarPackage(path)), path) for path in files]
        by_version = sorted(found, key=lambda one: version_key(one.manifest.version), reverse=True)
        return iter(sorted(by_version, key=lambda one: one.manifest.name))

    def find(self, name: str, version: str = "") -> Installed | None:
        """The newest installed version that is what is asked for; a release before any pre-release."""
        mine = [one for one in self if one.manifest.name == name and matches(one.manifest.version, version)]
        releases = [one for one in mine if "-" not in one.manifest.version]
        return next(iter(releases or mine), None)

    def add(self, data: bytes) -> Installed:
        """Keep a package as it was received; the same name and version again must be the same bytes.

        Raises:
            PackageError: not a FHIR package, or its name and version are taken by other content.
        """
        manifest = read_manifest(TarPackage(data))
        for _ in TarPackage(data):  # whole, and within the limits, before anything is written
            pass
        path = self.folder / f"{manifest.name}#{manifest.version}.tgz"
        if path.exists():
            if hashlib.sha256(path.read_bytes()).digest() != hashlib.sha256(data).digest():
                raise PackageError(f"{path.name}: installed already with other content")
            return Installed(manifest, path)
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(scratch).replace(path)
        return Installed(manifest, path)

    def absent(self, package: Installed) -> tuple[Absent, ...]:
        """What a package that may lie elsewhere depends on and is not here as asked for."""
        walk = _Walk(list(self))
        walk.take(package)
        return walk.absent

    def resolve(self, wanted: Iterable[str]) -> Resolved:
        """What to load for some names, with all they depend on.

        Raises:
            NotInstalled: one of the names themselves is not here.
            PackageError: a name that is none.
        """
        walk = _Walk(list(self))
        for text in wanted:
            name = split_name(text)
            if name is None:
                raise PackageError(f"{text}: neither a file nor the name of a package")
            found = walk.find(*name)
            if found is None:
                raise NotInstalled(text)
            walk.take(found)
        return Resolved(tuple(walk.taken.values()), walk.absent)


class _Walk:
    """Dependencies, depth first; a circle is cut where it closes."""

    def __init__(self, installed: list[Installed]) -> None:
        self._installed = installed
        self._seen: set[str] = set()
        self.taken: dict[str, Installed] = {}
        self._absent: dict[tuple[str, str], Absent] = {}

    @property
    def absent(self) -> tuple[Absent, ...]:
        return tuple(self._absent.values())

    def find(self, name: str, version: str) -> Installed | None:
        mine = [one for one in self._installed if one.manifest.name == name and matches(one.manifest.version, version)]
        return next((one for one in mine if "-" not in one.manifest.version), mine[0] if mine else None)

    def take(self, package: Installed) -> None:
        if package.key in self._seen:
            return
        self._seen.add(package.key)
        for name, version in package.manifest.dependencies.items():
            if name not in BUILT_IN:
                self._depend(package, name, version)
        self.taken[package.key] = package

    def _depend(self, package: Installed, name: str, version: str) -> None:
        found = self.find(name, version)
        if found is None:
            others = [one for one in self._installed if one.manifest.name == name]
            found = others[0] if len(others) == 1 else None
            before = self._absent.get((name, version))
            wanted_by = (*(before.wanted_by if before else ()), package.key)
            self._absent[name, version] = Absent(name, version, wanted_by, found.manifest.version if found else None)
        if found is not None:
            self.take(found)


def packages_at(texts: Iterable[str], folder: Path) -> tuple[list[Path], tuple[Absent, ...]]:
    """Files to load for what somebody named: a path as it is, a name out of the folder with its dependencies.

    Raises:
        NotInstalled: a name that is no path and not installed.
        PackageError: a path that holds no package.
    """
    given = list(texts)
    paths = [Path(text) for text in given if Path(text).exists()]
    for path in paths:
        open_package(path)
    found = PackageStore(folder).resolve(text for text in given if not Path(text).exists())
    return [*(one.path for one in found.packages), *paths], found.absent
