"""A zip opened without trust: nothing is written to disk, every bound is checked before anything is inflated.

The directory is read by `zipfile` once its size is known to be bounded; members are inflated here, so that a size or a
checksum that lies is seen (PKWARE APPNOTE.TXT).
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from validators.messages import rule
from validators.report import Report, Severity

_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x07"
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]{1,64}(?:/[A-Za-z0-9._-]{1,64}){0,8}/?")
_LONG: Final = re.compile(r"[0-9]{13}")
_BROKEN: Final = (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, OverflowError, EOFError, OSError)
_BAD: Final = re.compile("[\x00-\x1f\x7f\\\\:]")


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """What an archive may cost, in bytes and members; a member read twice costs twice."""

    max_bytes: int = 64 * 1024 * 1024
    max_members: int = 1_000
    max_directory: int = 512 * 1024
    max_inflated: int = 64 * 1024 * 1024
    max_member: int = 33 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its name, its number in the directory, and where its bytes are."""

    info: zipfile.ZipInfo
    number: int

    @property
    def name(self) -> str:
        """The path inside the archive."""
        return self.info.filename

    @property
    def shown(self) -> str:
        """The path as a finding may show it: a name that could say who the patient is becomes its number."""
        plain = _PLAIN.fullmatch(self.name) is not None and _LONG.search(self.name) is None
        return self.name if plain else f"member[{self.number}]"


class SafeZip:
    """An opened archive: members by path, upper case, folders left out."""

    def __init__(self, data: bytes, members: list[Member], report: Report, limits: ZipLimits) -> None:
        self._data = data
        self._report = report
        self._left = limits.max_inflated
        self.members = {member.name.upper(): member for member in members}

    def read(self, member: Member) -> bytes | None:
        """The bytes of a member; None, with a finding, when they are not what the directory says."""
        data = _inflated(self._data, member.info, min(member.info.file_size, self._left))
        if isinstance(data, str):
            self._report.add(rule(data), member.shown)
            return None
        self._left -= len(data)
        return data


def open_zip(data: bytes, report: Report, limits: ZipLimits) -> SafeZip | None:
    """Open an archive; None, with a fatal finding, when it is broken, hostile or too large. Never raises."""
    if len(data) > limits.max_bytes:
        return _refuse(report, "XDM-LIMIT", "bytes")
    reason = _directory(data, limits)
    if reason is not None:
        return _refuse(report, "XDM-LIMIT" if reason in ("members", "zip64") else "XDM-ZIP", reason)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            infos = archive.infolist()
    except _BROKEN as error:
        return _refuse(report, "XDM-ZIP", type(error).__name__)
    members = [Member(info, number) for number, info in enumerate(infos, 1)]
    if len(members) > limits.max_members:
        return _refuse(report, "XDM-LIMIT", "members")
    whole = sum(info.file_size for info in infos)
    if whole > limits.max_inflated or any(info.file_size > limits.max_member for info in infos):
        return _refuse(report, "XDM-LIMIT", "inflated")
    found = list(_problems(members))
    for rule_id, member in found:
        report.add(rule(rule_id), member.shown, severity=Severity.FATAL)
    files = [member for member in members if not member.name.endswith("/")]
    return None if found else SafeZip(data, files, report, limits)


def _refuse(report: Report, rule_id: str, reason: str) -> SafeZip | None:
    report.add(rule(rule_id), "", severity=Severity.FATAL, reason=reason)
    return None


def _directory(data: bytes, limits: ZipLimits) -> str | None:
    """Why the directory is not read: before `zipfile` allocates anything for it."""
    at = data.rfind(_END, max(0, len(data) - 65_558))
    if at < 0 or at + 22 > len(data):
        return "directory"
    if data[at - 20 : at - 16] == _END_64:
        return "zip64"
    disks, first, here, count, size = struct.unpack_from("<4HL", data, at + 4)
    if disks or first or here != count:
        return "disks"
    return "members" if count > limits.max_members or size > limits.max_directory else None


def _problems(members: list[Member]) -> Iterator[tuple[str, Member]]:
    """What makes an archive unsafe or ambiguous, by its directory alone."""
    seen: set[str] = set()
    for member in members:
        info = member.info
        if _escapes(info):
            yield "XDM-PATH", member
        if _is_link(info):
            yield "XDM-LINK", member
        if info.flag_bits & 0x1:
            yield "XDM-ENCRYPTED", member
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            yield "XDM-METHOD", member
        if member.name.upper() in seen:
            yield "XDM-DUPLICATE", member
        seen.add(member.name.upper())
    end = 0
    for member in sorted(members, key=lambda m: m.info.header_offset):
        if member.info.header_offset < end:
            yield "XDM-DUPLICATE", member
        end = member.info.header_offset + 30 + member.info.compress_size


def _escapes(info: zipfile.ZipInfo) -> bool:
    """An absolute path, a drive, a backslash, a control character, or a step up."""
    original = getattr(info, "orig_filename", info.filename)
    if not original or original.startswith("/") or _BAD.search(original):
        return True
    return any(step in ("", ".", "..") for step in original.removesuffix("/").split("/"))


def _is_link(info: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(info.external_attr >> 16)
    return kind not in (0, stat.S_IFREG, stat.S_IFDIR)


def _inflated(data: bytes, info: zipfile.ZipInfo, limit: int) -> bytes | str:
    """The bytes of a member, or the rule that says why not; never more than `limit` and one are inflated."""
    if info.header_offset + _LOCAL.size > len(data):
        return "XDM-LIES"
    signature, *_, name, extra = _LOCAL.unpack_from(data, info.header_offset)
    start = info.header_offset + _LOCAL.size + name + extra
    if signature != b"PK\x03\x04" or start + info.compress_size > len(data):
        return "XDM-LIES"
    raw = memoryview(data)[start : start + info.compress_size]
    if info.compress_type == zipfile.ZIP_STORED:
        made, whole = bytes(raw[: limit + 1]), True
    else:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            made = inflater.decompress(raw, limit + 1)
        except zlib.error:
            return "XDM-LIES"
        whole = inflater.eof and not inflater.unused_data
    right = whole and len(made) == info.file_size and zlib.crc32(made) == info.CRC
    return made if right else "XDM-LIES"
