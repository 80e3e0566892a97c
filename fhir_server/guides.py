"""The guides judged by beside R4 and our own profiles: FHIR packages by path or name, and the walker over them.

`segur validate --package` and a server (`SEGUR_PACKAGE`) name them in the same words and load them here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validators.fhir import Walker
    from validators.package_store import Absent, Manifest
    from validators.pdsm import Pdsm


class GuideError(Exception):
    """A package is not there, or cannot be used; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Guides:
    """Packages loaded: the walker over them, what each says of itself, the dependencies that are not installed."""

    walker: Walker
    loaded: tuple[Manifest, ...]
    absent: tuple[Absent, ...]


def package_folder(option: Path | None) -> Path:
    """The folder of installed packages: the option, `SEGUR_PACKAGES`, or the user's data directory (XDG_DATA_HOME)."""
    if option is not None:
        return option
    named = os.environ.get("SEGUR_PACKAGES")
    if named:
        return Path(named)
    base = os.environ.get("XDG_DATA_HOME") or str(Path("~").expanduser() / ".local" / "share")
    return Path(base) / "segur-fhir" / "packages"


def packages_named(names: Sequence[str], folder: Path | None = None) -> tuple[list[Path], tuple[Absent, ...]]:
    """The files of packages named by path or by name, with all they depend on, and what of that is not installed.

    Raises:
        GuideError: one of the names themselves is neither a file nor installed, or the folder holds no packages.
    """
    from validators.package_store import NotInstalled, packages_at
    from validators.packages import PackageError

    try:
        return packages_at(names, package_folder(folder))
    except NotInstalled as problem:
        said = "no such file, and no such package is installed (segur packages install)"
        raise GuideError(f"{problem.wanted}: {said}") from problem
    except (PackageError, OSError) as problem:
        raise GuideError(str(problem)) from problem


def load_guides(names: Sequence[str], folder: Path | None, pdsm: Pdsm) -> Guides:
    """Packages read whole, for a process about to fork: its children share what was compiled.

    Raises:
        GuideError: a package is missing, is none, or holds a definition that makes no sense.
    """
    from validators.fhir import ProfileError
    from validators.fhir.loading import LoadingError, walker_over
    from validators.mhd import pdsm_profiles
    from validators.package_store import read_manifest
    from validators.packages import PackageError, open_package

    paths, absent = packages_named(names, folder)
    told = []
    for path in paths:
        try:
            told.append(read_manifest(open_package(path)))
        except PackageError as problem:
            raise GuideError(f"{path}: {problem}") from problem
    try:
        walker = walker_over((), paths, pdsm_profiles(pdsm))
        walker.preload()
    except (LoadingError, ProfileError, OSError) as problem:
        raise GuideError(str(problem)) from problem
    return Guides(walker, tuple(told), absent)
