"""Files of a copy of the kit: found whatever the case of their names, never outside of it; and the cache."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from lxml import etree

from validators.caching import keep, kept


def look_up(root: Path, folder: Path, reference: str) -> tuple[Path | None, bool]:
    """The file a reference written in `folder` points at, and whether it is written as the file is named.

    The kit was made on a disk that ignores case. Nothing outside of `root` is ever found.
    """
    wanted = Path(os.path.normpath(folder / reference))
    if not wanted.is_relative_to(root):
        return None, False
    if wanted.is_file():
        return wanted, True
    found = root
    for part in wanted.relative_to(root).parts:
        if (found / part).exists():
            found = found / part
            continue
        same = _same_name(found, part)
        if same is None:
            return None, False
        found = same
    return (found, False) if found.is_file() else (None, False)


def _same_name(folder: Path, name: str) -> Path | None:
    if not folder.is_dir():
        return None
    wanted = _folded(name)
    return next((path for path in sorted(folder.iterdir()) if _folded(path.name) == wanted), None)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def read_xml(path: Path) -> etree._Element:
    """The root of an XML file of the kit; no DTD is loaded, nothing is fetched.

    Raises:
        etree.XMLSyntaxError: the file is empty or is no XML.
        OSError: the file cannot be read.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    return etree.fromstring(path.read_bytes(), parser)


class Store:
    """A folder of made files. Where it cannot be written, nothing is kept and nothing fails."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        """What was kept under the name."""
        if self._folder is None:
            return None
        return kept(self._folder / name, bytes)

    def write(self, name: str, content: bytes) -> Path | None:
        """Keep it; written beside and renamed, so that a reader never sees half a file."""
        if self._folder is None:
            return None
        return self._folder / name if keep(self._folder / name, content) else None
