"""What can go wrong with an expression: one exception, a sentence, and where it is when that is known."""

from __future__ import annotations


class FhirPathError(ValueError):
    """An expression that cannot be read, compiled or evaluated.

    `position` is the offset in the text of the expression, None for what only the data show. At compile time: syntax,
    unknown functions and types, and elements that a known type does not have. At run time: several values where one is
    wanted, operands of the wrong types, and work past the limits of `validators.fhir.fhirpath.limits`.
    """

    def __init__(self, sentence: str, position: int | None = None) -> None:
        self.sentence = sentence
        self.position = position
        super().__init__(sentence if position is None else f"{sentence} (at character {position + 1})")
