"""What XML writes and JSON cannot: a value without the form of its JSON type, and the control characters of XML 1.1."""

from __future__ import annotations

import re
from typing import Any, Final

_VERSION_11: Final = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s+version\s*=\s*(['\"])1\.1\1")
_CONTROL: Final = re.compile(rb"&#(?:x0*(?P<hex>[01]?[0-9a-fA-F])|0*(?P<dec>[0-9]|[12][0-9]|3[01]));")
_PRIVATE: Final = 0xF700
"""Private-use characters that stand for control characters between the XML parser and the values."""
_BACK: Final = {_PRIVATE + code: code for code in range(1, 0x20)}
_LEGAL: Final = (0x9, 0xA, 0xD)


class XmlText(str):
    """The text of a `value` attribute where JSON would have a number or a boolean, and the text is neither."""

    __slots__ = ()


def tamed(data: bytes) -> bytes | None:
    """An XML 1.1 document that an XML 1.0 parser reads; None for any other.

    XML 1.1 allows references to control characters (`&#x1D;`), which libxml2 refuses; `restored` brings them back.
    Lines stay where they are.
    """
    return _CONTROL.sub(_stand_in, data) if _VERSION_11.match(data) else None


def restored(value: Any) -> Any:
    """The values with the control characters that `tamed` replaced."""
    if isinstance(value, dict):
        return {key: restored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [restored(item) for item in value]
    return value.translate(_BACK) if type(value) is str else value


def same_length(data: bytes) -> bytes:
    """The same document for a reader of XML 1.0 that only looks at positions: control characters become spaces."""
    match = _VERSION_11.match(data)
    if match is None:
        return data
    head = match[0][:-2] + b"0" + match[0][-1:]
    return head + _CONTROL.sub(lambda found: b"&#32;".rjust(len(found[0])), data[match.end() :])


def _stand_in(match: re.Match[bytes]) -> bytes:
    code = int(match["hex"], 16) if match["hex"] else int(match["dec"])
    return match[0] if code in _LEGAL or code == 0 else b"&#x%X;" % (_PRIVATE + code)
