"""Zip files for the tests: right ones, and ones no tool would write."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO

SUBSET = "IHE_XDM/SUBSET01"
METADATA = f"{SUBSET}/METADATA.XML"
DOCUMENT = f"{SUBSET}/DOC0001.XML"


def members(archive: bytes) -> dict[str, bytes]:
    """What is in a right archive."""
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(files: Mapping[str, bytes], **attributes: int) -> bytes:
    """An archive; attributes go to the last member's ZipInfo."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, data) in enumerate(files.items(), 1):
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in attributes.items() if number == len(files) else ():
                setattr(info, key, value)
            archive.writestr(info, data)
    return target.getvalue()


def changed(archive: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The archive with its members changed."""
    found = members(archive)
    change(found)
    return zipped(found)


def replaced(archive: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The archive with a part of one member changed."""
    found = members(archive)
    assert old in found[name], old
    return zipped(found | {name: found[name].replace(old, new, 1)})


class Raw:
    """An archive written byte by byte, so that it may lie."""

    def __init__(self) -> None:
        self.local = b""
        self.directory = b""
        self.count = 0

    def add(
        self,
        name: bytes,
        data: bytes,
        *,
        size: int | None = None,
        crc: int | None = None,
        offset: int | None = None,
        method: int = 8,
        flags: int = 0,
        mode: int = 0,
    ) -> Raw:
        """A member; what is given is written in the directory instead of the truth."""
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush() if method == 8 else data
        at = len(self.local) if offset is None else offset
        told = (zlib.crc32(data) if crc is None else crc, len(packed), len(data) if size is None else size)
        self.local += (
            struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, flags, method, 0, 33, *told, len(name), 0) + name + packed
        )
        self.directory += struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 0x031E, 20, flags, method, 0, 33, *told, len(name), 0, 0, 0, 0, mode << 16, at
        ) + name  # fmt: skip
        self.count += 1
        return self

    def bytes(self, *, count: int | None = None, before_end: bytes = b"") -> bytes:
        """The archive."""
        told = self.count if count is None else count
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, told, told, len(self.directory), len(self.local), 0)
        return self.local + self.directory + before_end + end
