"""What stops an interaction beside a single refusal: everything a check found, or a patch that does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from fhir_server.fhir.http import Refusal
from validators.report import Issue

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'?")


class PatchError(Refusal):
    """A patch that cannot be read (400) or does not fit the resource (422); `location` is the place in the patch.

    Texts in quotes are left out of what is said: a path may look for an identity.
    """

    def __init__(self, rule_id: str, location: str, status: int = 422, **params: object) -> None:
        said: dict[str, object] = {name: _QUOTED.sub("'…'", str(value)) for name, value in params.items()}
        super().__init__(status, rule_id, location, None, **said)


class Unfit(Refusal):
    """A resource that cannot be read (400) or is not conformant (422), with every issue that was found."""

    def __init__(self, status: int, issues: Iterable[Issue], headers: dict[str, str] | None = None) -> None:
        self._found = tuple(issues)
        super().__init__(status, self._found[0].rule, headers=headers)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Everything that was found."""
        return self._found


_ROOT = re.compile(r"^[A-Z][A-Za-z]*")


def within(issue: Issue, entry: str) -> Issue:
    """The issue as seen from the Bundle: of an entry's resource, or of the entry where it has no place."""
    if not issue.location or issue.location.startswith("Bundle."):
        return replace(issue, location=issue.location or entry)
    return replace(issue, location=f"{entry}.resource{_ROOT.sub('', issue.location, count=1)}", line=None, column=None)
