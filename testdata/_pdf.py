"""A minimal PDF 1.4 writer: text pages in Helvetica, enough for a level 1 document to carry a real PDF."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LINES_PER_PAGE = 54
FIRST_PAGE = 4  # after catalog, page tree and font


def pdf(lines: Sequence[str]) -> bytes:
    """A PDF that shows `lines`, 54 a page."""
    pages = [lines[at : at + LINES_PER_PAGE] for at in range(0, max(1, len(lines)), LINES_PER_PAGE)]
    kids = " ".join(f"{FIRST_PAGE + 2 * rank} 0 R" for rank in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (fr-FR) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for rank, page in enumerate(pages):
        objects += _page(FIRST_PAGE + 2 * rank, page)
    return _file(objects)


def _page(number: int, lines: Iterable[str]) -> tuple[bytes, bytes]:
    shown = b"".join(b"(" + _literal(line) + b") Tj T*\n" for line in lines)
    content = b"BT /F1 10 Tf 14 TL 56 800 Td\n" + shown + b"ET"
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
        f"/Resources << /Font << /F1 3 0 R >> >> /Contents {number + 1} 0 R >>"
    )
    return page.encode(), b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _literal(line: str) -> bytes:
    """A string between parentheses, in the font's encoding."""
    encoded = line.encode("cp1252", "replace")
    return encoded.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _file(objects: Sequence[bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, count = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % count
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
    return bytes(out)
