"""Text of an expression to tokens: one regular expression, in the order of the N1 grammar's lexical rules."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.limits import MAX_TEXT

_CLOCK = r"[0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
_DAY = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"

_TOKEN: Final = re.compile(
    rf"""
    (?P<blank>   [ \t\r\n]+ | //[^\r\n]* | /\*.*?\*/ )
  | (?P<datetime> @{_DAY}T(?:{_CLOCK}(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})?)? )
  | (?P<time>    @T{_CLOCK} )
  | (?P<date>    @{_DAY} )
  | (?P<number>  [0-9]+(?:\.[0-9]+)? )
  | (?P<string>  '(?:[^'\\]|\\.)*' )
  | (?P<quoted>  `(?:[^`\\]|\\.)*` )
  | (?P<variable> %(?:(?:vs|ext)-[A-Za-z0-9\-]+ | [A-Za-z_][A-Za-z0-9_]*
                     |'(?:[^'\\]|\\.)*' | `(?:[^`\\]|\\.)*` | "(?:[^"\\]|\\.)*") )
  | (?P<special> \$(?:this|index|total)\b )
  | (?P<name>    [A-Za-z_][A-Za-z0-9_]* )
  | (?P<sign>    <=|>=|!=|!~|[-+*/&|=~<>.,()\[\]{{}}] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_PLAIN: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


class Token(NamedTuple):
    """`kind` is a group of the lexical rules, or `end`; `text` is without quotes, escapes replaced."""

    kind: str
    text: str
    position: int


def tokens(text: str) -> list[Token]:
    """The tokens of an expression, blanks and comments left out, then one of kind `end`.

    Raises:
        FhirPathError: a character that starts no token, a string or comment that does not end, too long a text.
    """
    if len(text) > MAX_TEXT:
        raise FhirPathError(f"expression longer than {MAX_TEXT} characters")
    found, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or (text.startswith("/*", position) and match.lastgroup == "sign"):
            raise FhirPathError(f"unexpected {text[position : position + 10]!r}", position)
        kind = str(match.lastgroup)
        if kind != "blank":
            found.append(Token(kind, _content(kind, match.group()), position))
        position = match.end()
    found.append(Token("end", "", position))
    return found


def _content(kind: str, text: str) -> str:
    if kind in ("string", "quoted"):
        return unescape(text[1:-1])
    if kind == "variable":
        return unescape(text[2:-1]) if text[1] in "'`\"" else text[1:]
    return text


def unescape(text: str) -> str:
    """A string's content with its escapes replaced; a backslash before any other character is dropped (N1, String)."""
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    return chr(int(code[1:], 16)) if len(code) == 5 else _PLAIN.get(code, code)
