"""The tree of an XDM medium: root files, sets, metadata and documents (IHE ITI TF-2, 3.32.4.1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from validators.messages import rule
from validators.report import Report, Severity
from validators.xdm._zip import Member, SafeZip

ROOT_FILES: Final = ("INDEX.HTM", "README.TXT")
FOLDER: Final = "IHE_XDM"
METADATA: Final = "METADATA.XML"
_SHORT: Final = re.compile(r"[A-Z0-9_]{1,8}(?:\.[A-Z0-9_]{1,3})?")
_STEP: Final = re.compile(r"[^\x00-\x1f\x7f\\/:]{1,255}")


@dataclass(frozen=True, slots=True)
class Subset:
    """One set of the medium: its folder and its metadata."""

    folder: str
    metadata: Member


def subsets(archive: SafeZip, report: Report) -> list[Subset]:
    """The sets in order of their folders; what the layout lacks is said. Names are compared in upper case."""
    for name in ROOT_FILES:
        if name not in archive.members:
            report.add(rule("XDM-ROOT-FILE"), "", name=name)
    for member in archive.members.values():
        if not all(_SHORT.fullmatch(step) for step in member.name.split("/")):
            report.add(rule("XDM-NAME"), member.shown)
    found = []
    for path, member in sorted(archive.members.items()):
        steps = path.split("/")
        if len(steps) == 3 and steps[0] == FOLDER and steps[2] == METADATA:
            found.append(Subset("/".join(steps[:2]), member))
    if not found:
        report.add(rule("XDM-SUBSET"), "", severity=Severity.FATAL)
    if len(found) > 1:
        report.add(rule("XDM-SUBSETS"), found[1].metadata.shown, count=len(found))
    return found


def file_of(subset: Subset, uri: str | None, archive: SafeZip) -> Member | None:
    """The member a URI leads to, below the folder of the set; None when it leads nowhere or out."""
    path = path_of(subset, uri)
    return archive.members.get(path) if path is not None else None


def path_of(subset: Subset, uri: str | None) -> str | None:
    """The path of a URI inside the archive; None when it is no relative path below the folder."""
    steps = uri.split("/") if uri else []
    if not steps or any(step in (".", "..") or not _STEP.fullmatch(step) for step in steps):
        return None
    return f"{subset.folder}/{'/'.join(steps)}".upper()


def unlisted(subset: Subset, listed: set[str], archive: SafeZip) -> list[Member]:
    """The files below the folder that no document entry names."""
    below = subset.folder + "/"
    known = listed | {subset.metadata.name.upper()}
    return [member for path, member in archive.members.items() if path.startswith(below) and path not in known]
