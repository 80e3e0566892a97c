"""Regular expressions of FHIRPath in the dialect of Python's `re`."""

from __future__ import annotations

import re
from functools import lru_cache

from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.limits import MAX_PATTERN

_GROUP = re.compile(r"\\(.)|\$(?:([0-9]{1,2})|\{([A-Za-z][A-Za-z0-9]*)\})|\\", re.DOTALL)
_IN_CLASS = frozenset("[&~|")
_PROPERTIES = {"L": "^\\W\\d_", "N": "\\d", "Nd": "\\d"}
"""Unicode properties that Python can say, as the content of a character class."""


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern ready to use; `.` matches line ends (N1, matches: single line mode).

    Raises:
        FhirPathError: not a regular expression, or longer than `MAX_PATTERN`.
    """
    if len(pattern) > MAX_PATTERN:
        raise FhirPathError(f"regular expression longer than {MAX_PATTERN} characters")
    try:
        return re.compile(_translated(pattern), re.DOTALL)
    except (re.error, RecursionError, OverflowError) as problem:
        raise FhirPathError(f"regular expression {pattern[:80]!r}: {problem}") from problem


def _translated(pattern: str) -> str:
    """The pattern with what Java takes literally in a character class escaped, and properties written out."""
    out, index, inside = [], 0, False
    while index < len(pattern):
        char = pattern[index]
        if char == "\\" and index + 1 < len(pattern):
            found = re.compile(r"\\p\{(\w+)\}").match(pattern, index)
            if found and found[1] in _PROPERTIES and not inside:
                out.append(f"[{_PROPERTIES[found[1]]}]")
                index = found.end()
                continue
            out.append(pattern[index : index + 2])
            index += 2
            continue
        if inside and char in _IN_CLASS:
            out.append("\\")
        elif char == "[" and not inside:
            inside = True
            out.append(char)
            index += 1
            # A bracket or a caret right after the opening is content, not an end.
            for sign in "^]":
                if pattern.startswith(sign, index):
                    out.append(sign)
                    index += 1
            continue
        elif char == "]":
            inside = False
        out.append(char)
        index += 1
    return "".join(out)


def replacement(text: str) -> str:
    """A substitution (`$1`, `${name}`, `\\$`) as `re.sub` writes it."""
    return _GROUP.sub(_group, text)


def _group(match: re.Match[str]) -> str:
    if match[2] or match[3]:
        return f"\\g<{match[2] or match[3]}>"
    return "\\\\" if match[1] in ("\\", None) else match[1]
