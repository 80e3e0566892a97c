"""How far an expression may go: what bounds hostile text, and hostile data under honest text."""

from __future__ import annotations

from typing import Final

MAX_TEXT: Final = 65_536
"""Characters of an expression; the longest of R4 has 800."""

MAX_NESTING: Final = 200
"""Depth of the syntax tree: a step of a path or an operator counts one, a bracket two. Closures nest as deep, and
Python's stack is shared with the walk that calls them."""

MAX_WORK: Final = 1_000_000
"""Items that one evaluation may produce in its collections: a second or two."""

MAX_STRING: Final = 4_000_000
"""Characters of a string that an expression builds."""

MAX_DIGITS: Final = 200
"""Digits of a number, in an expression or in data, and how far its exponent may be from 0; a Decimal of FHIR has 18."""

MAX_PATTERN: Final = 2_000
"""Characters of a regular expression."""
