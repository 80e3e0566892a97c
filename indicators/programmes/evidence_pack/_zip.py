"""The archive itself: written the same for the same content, read without trust, in memory, by exact names."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Final

from indicators.programmes.evidence_pack._model import ALWAYS, MEMBERS, Failure

MAX_BYTES: Final = 64 * 1024 * 1024
"""Bytes of an archive, and of everything in it once inflated."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, OverflowError, EOFError, OSError,
)  # fmt: skip
_SHOWN: Final = 60


def pack(members: Mapping[str, bytes]) -> bytes:
    """A zip with names in order and fixed times; stored, since deflated bytes depend on the zlib that made them."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, members[name])
    return target.getvalue()


def unpack(data: bytes) -> tuple[dict[str, bytes], list[Failure]]:
    """The members that may be in a pack, and everything wrong with the archive. Nothing is written to disk.

    Only the names of `MEMBERS` are ever read, so that a path cannot lead anywhere; sizes are bounded before and while
    anything is inflated.
    """
    if len(data) > MAX_BYTES:
        return {}, [Failure("", "ZIP_TOO_LARGE", f"> {MAX_BYTES}")]
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _members(archive)
    except _BROKEN as error:
        return {}, [Failure("", "ZIP_UNREADABLE", type(error).__name__)]


def _members(archive: zipfile.ZipFile) -> tuple[dict[str, bytes], list[Failure]]:
    infos = archive.infolist()
    failures = [Failure("", "MEMBER_UNEXPECTED", ascii(info.filename)[:_SHOWN]) for info in infos if not _welcome(info)]
    if sum(info.file_size for info in infos) > MAX_BYTES:
        return {}, [*failures, Failure("", "ZIP_TOO_LARGE", f"> {MAX_BYTES}")]
    found: dict[str, bytes] = {}
    for info in infos:
        if not _welcome(info):
            continue
        if info.filename in found:
            failures.append(Failure(info.filename, "MEMBER_TWICE"))
            continue
        found[info.filename] = _read(archive, info, failures)
    failures += [Failure(name, "MEMBER_MISSING") for name in sorted(ALWAYS - set(found))]
    return found, failures


def _welcome(info: zipfile.ZipInfo) -> bool:
    """A member of a known name that is a plain file; zip names are compared as they are written in the archive."""
    written = getattr(info, "orig_filename", info.filename)
    kind = stat.S_IFMT(info.external_attr >> 16)
    return written == info.filename and info.filename in MEMBERS and kind in (0, stat.S_IFREG)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, failures: list[Failure]) -> bytes:
    """The bytes of a member, never more than the directory says and one."""
    try:
        with archive.open(info) as file:
            data = file.read(info.file_size + 1)
    except _BROKEN as error:
        failures.append(Failure(info.filename, "MEMBER_UNREADABLE", type(error).__name__))
        return b""
    if len(data) != info.file_size:
        failures.append(Failure(info.filename, "MEMBER_UNREADABLE", "size"))
    return data
