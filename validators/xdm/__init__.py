"""XDM archives (IHE ITI XDM, the zip of an MSSanté message): opened without trust, checked, and built.

Bytes in, findings out: no HTTP, no database, no settings, nothing on disk.
"""

from __future__ import annotations

from validators.xdm._build import XdmFile, build_xdm
from validators.xdm._check import Terms, XdmDocument, XdmResult, check_xdm
from validators.xdm._zip import SafeZip, ZipLimits, open_zip

__all__ = [
    "SafeZip",
    "Terms",
    "XdmDocument",
    "XdmFile",
    "XdmResult",
    "ZipLimits",
    "build_xdm",
    "check_xdm",
    "open_zip",
]
