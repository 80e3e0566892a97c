"""What cannot be told here may be asked elsewhere: the seam to a terminology server, which knows nothing of HTTP."""

from __future__ import annotations

from typing import Protocol


class Unanswered(Exception):
    """The one who was asked cannot be reached, or is too slow; the message says why, in few words."""


class Terminology(Protocol):
    """Somebody who knows more code systems and value sets than are loaded."""

    def member(self, system: str, code: str, value_set: str = "") -> bool | None:
        """Whether a code is one of its system or, when one is named, of a value set; None: it cannot tell either.

        Raises:
            Unanswered: nothing can be asked for now.
        """
        ...
