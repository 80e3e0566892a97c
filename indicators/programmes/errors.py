"""What a rule answers when it cannot answer.

    ValueError
      RuleError            the inputs contradict the text: `unknown_service:TSN`
    LookupError
      ParameterMissing     nobody gave a parameter: `parameter_missing:rate_over_500` (in `parameters`)

The text of each is a fixed code, so that a page, a letter and a case file can all show it.
"""

from __future__ import annotations


class RuleError(ValueError):  # its text is a fixed answer, not an accident
    """Inputs a rule refuses; reads as its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
