"""An XDM archive from metadata and documents: the same input gives the same bytes (IHE ITI TF-2, 3.32)."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from io import BytesIO
from typing import Final

from validators.sniffing import sniff
from validators.xdm._layout import FOLDER, METADATA
from validators.xds import DocumentEntry, Metadata, write_metadata

_SUBSET: Final = f"{FOLDER}/SUBSET01"
_TYPES: Final = {
    "application/xml": ("XML", "text/xml"), "application/pdf": ("PDF", "application/pdf"),
    "image/jpeg": ("JPG", "image/jpeg"), "image/png": ("PNG", "image/png"), "image/tiff": ("TIF", "image/tiff"),
    "text/rtf": ("RTF", "text/rtf"),
}  # fmt: skip
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest date a zip can hold: a real one would make the archive another at every run."""
_README: Final = """\
Archive IHE XDM (Cross-enterprise Document Media Interchange).

INDEX.HTM liste les documents. Les métadonnées sont dans {metadata}, les documents à côté.
A ouvrir avec un logiciel qui lit IHE XDM ; les documents sont des CDA R2.

IHE XDM archive. INDEX.HTM lists the documents; metadata are in {metadata}, documents beside them.
Made by segur-fhir.
"""
_INDEX: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML Basic 1.1//EN" "http://www.w3.org/TR/xhtml-basic/xhtml-basic11.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr">
<head><title>Archive IHE XDM</title></head>
<body>
<h1>Archive IHE XDM</h1>
<p><a href="README.TXT">README.TXT</a> - <a href="{metadata}">METADATA.XML</a></p>
<ul>
{items}
</ul>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class XdmFile:
    """A document of the archive: the id of its entry, and its bytes."""

    id: str
    data: bytes


def build_xdm(metadata: Metadata, files: Sequence[XdmFile]) -> bytes:
    """The archive of a submission set; `size`, `hash`, `URI` and `mimeType` of its entries are made here.

    Names are 8.3 in upper case (`DOC0001.XML`), in the order of the files.
    """
    contents = {file.id: file.data for file in files}
    numbers = {file.id: number for number, file in enumerate(files, 1)}
    documents = tuple(
        _described(document, contents[document.id], numbers[document.id])
        for document in metadata.documents
        if document.id in contents
    )
    held = {document.uri or "": contents[document.id] for document in documents}
    return _zipped(replace(metadata, documents=documents), held)


def _described(document: DocumentEntry, data: bytes, number: int) -> DocumentEntry:
    suffix, mime_type = _TYPES.get(sniff(data), ("BIN", document.mime_type or "application/octet-stream"))
    digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return replace(
        document, uri=f"DOC{number:04d}.{suffix}", mime_type=mime_type, size=str(len(data)), hash=digest
    )  # fmt: skip


def _zipped(metadata: Metadata, held: dict[str, bytes]) -> bytes:
    target, place = BytesIO(), f"{_SUBSET}/{METADATA}"
    items = "\n".join(_item(document) for document in metadata.documents)
    members = {
        "INDEX.HTM": _INDEX.format(metadata=place, items=items).encode(),
        "README.TXT": _README.format(metadata=place).replace("\n", "\r\n").encode(),
        place: write_metadata(metadata),
        **{f"{_SUBSET}/{name}": data for name, data in held.items()},
    }
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
            archive.writestr(info, data)
    return target.getvalue()


def _item(document: DocumentEntry) -> str:
    """A line of the index: what kind of document, never whose."""
    kind = document.type_code.display or document.type_code.code if document.type_code is not None else "Document"
    path = f"{_SUBSET}/{document.uri}"
    return f'<li><a href="{escape(path)}">{escape(document.uri or "")}</a> : {escape(kind)}</li>'
