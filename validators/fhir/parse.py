"""JSON bytes to plain values, without losing what the sender wrote; what cannot be read becomes a located issue.

jiter sees duplicate keys and keeps `1.50` as written, which is why it reads here although orjson is faster.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

import jiter

from validators.messages import rule
from validators.report import Report

MAX_DEPTH = 200
"""Nesting that jiter refuses to pass; R4 resources stay under 40."""

_AT = re.compile(r"^(?P<what>.*) at line (?P<line>\d+) column (?P<column>\d+)$", re.DOTALL)
_DUPLICATE = re.compile(r'^Detected duplicate key "(?P<key>.*)"$', re.DOTALL)
_OTHER_MARKS = ((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32"),
                (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))  # fmt: skip


def parse_json(data: bytes, report: Report) -> object | None:
    """The JSON object in `data`; None, with an issue in the report, when there is none.

    Numbers with a fraction or exponent come as jiter's `LosslessFloat`. A UTF-8 byte order mark is passed over. Source:
    FHIR R4, JSON format (https://hl7.org/fhir/R4/json.html); RFC 8259. Never raises.
    """
    for mark, name in _OTHER_MARKS:
        if data.startswith(mark):
            _add(report, "FHIR-ENCODING", 1, 1, found=name)
            return None
    try:
        value = jiter.from_json(
            data.removeprefix(codecs.BOM_UTF8),
            allow_inf_nan=False,
            cache_mode="keys",
            catch_duplicate_keys=True,
            float_mode="lossless-float",
        )
    except ValueError as problem:
        _explain(str(problem), report)
        return None
    if not isinstance(value, dict):
        _add(report, "FHIR-JSON", 1, 1, found=type(value).__name__, expected="{ … }")
        return None
    return value


def _explain(message: str, report: Report) -> None:
    """Turn the parser's sentence into the rule it breaks."""
    match = _AT.match(message)
    what, line, column = (match["what"], int(match["line"]), int(match["column"])) if match else (message, 1, 1)
    if duplicate := _DUPLICATE.match(what):
        _add(report, "FHIR-JSON-DUPLICATE", line, column, found=duplicate["key"])
    elif "unicode" in what:
        _add(report, "FHIR-ENCODING", line, column, found=what)
    elif "recursion" in what:
        _add(report, "FHIR-DEPTH", line, column, found=what, expected=MAX_DEPTH)
    else:
        _add(report, "FHIR-JSON", line, column, found=what, expected="{ … }")


def _add(report: Report, rule_id: str, line: int, column: int, **params: Any) -> None:
    # `line` is a field of the issue; the sentence needs both numbers, hence `position`.
    report.add(rule(rule_id), line=line, position=f"{line}:{column}", column=column, **params)
