"""SNOMED CT expression constraints, read just far enough to tell what cannot be one.

Source: SNOMED International, Expression Constraint Language, https://docs.snomed.org/snomed-ct-specifications/ecl.
Filters in double braces are taken as they are: only operands, operators and brackets are looked at.
"""

from __future__ import annotations

import re
from typing import Final

_FILTER: Final = re.compile(r"\{\{.*?\}\}|/\*.*?\*/", re.DOTALL)
_TOKEN: Final = re.compile(
    r"""\s*(?:
    (?P<term>\|[^|]*\|) | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<bracket>\[[^\]]*\])
  | (?P<operand>\d+(?:\.\d+)?|\*|\#[+-]?\d+(?:\.\d+)?|true\b|false\b)
  | (?P<joint>(?:and|or|minus)\b|!=|>=(?=\s*[#"])|<=(?=\s*[#"])|=|,|:|\.(?!\d)|\#)
  | (?P<prefix><<!|>>!|<<|>>|<!|>!|!!>|!!<|<|>|\^|\bR\b)
  | (?P<open>[({]) | (?P<close>[)}])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_PAIRS: Final = {")": "(", "}": "{"}


def unreadable(expression: str) -> str:
    """The rest of an expression from where it cannot be read as ECL; empty when nothing speaks against it."""
    source = _FILTER.sub(" ", expression)
    position, complete, opened = 0, False, []
    end = len(source.rstrip())
    while position < end:
        match = _TOKEN.match(source, position)
        if match is None:
            return source[position:].strip()
        kind, token = str(match.lastgroup), match[match.lastgroup or 0]
        if kind in ("operand", "string", "prefix", "open") and complete:
            return source[position:].strip()
        if kind in ("joint", "close", "term") and not complete:
            return source[position:].strip()
        if kind == "open":
            opened.append(token)
        elif kind == "close" and (not opened or opened.pop() != _PAIRS[token]):
            return source[position:].strip()
        if kind != "bracket":
            complete = kind in ("operand", "string", "close", "term")
        position = match.end()
    return "" if complete and not opened else "…"
